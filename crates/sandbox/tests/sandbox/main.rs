//! The sandbox, driven by plain HTTP as an SDK would drive it. Tests share one, each with an account of its
//! own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod aws;
mod certificates;
mod cloudfront;
mod cloudfront_parts;
mod cloudwatch;
mod dynamodb;
mod events;
mod faults;
mod functions;
mod lifecycle;
mod mediaconvert;
mod messages;
mod others;
mod s3;
mod service_catalog;

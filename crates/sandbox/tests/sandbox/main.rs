//! The sandbox, driven by plain HTTP as an SDK would drive it. Tests share one, each with an account of its
//! own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aws;
mod certificates;
mod cloudfront;
mod events;
mod faults;
mod functions;
mod lifecycle;
mod mediaconvert;
mod others;
mod s3;

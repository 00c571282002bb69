//! The AWS resource kinds of `provision`: one file a kind, calling the AWS SDK directly.
//!
//! Kinds decide nothing about order, write no state and print nothing: that is the engine's and the command's.
//! To add one, write its file, add its line to [`registry`], and test it against the local AWS.

mod account;
mod attempts;
mod call;
mod calls;
mod clients;
mod cloudfront;
mod cloudwatch;
mod dns;
mod events;
mod given;
mod iam;
mod kms;
mod lambda;
mod mediaconvert;
mod names;
mod pauses;
mod reads;
mod registry;
mod service_catalog;
mod sns;
mod tags;
mod throttling;

pub mod checks;
/// Kinds of resources and data sources, a file each.
pub mod kinds;
pub mod permissions;
pub mod signing;
/// Where the states of environments are kept: S3, with locks there or in DynamoDB.
pub mod state;

pub use account::account_id;
pub use calls::{CallOutcome, FinishedCall};
pub use clients::{Aws, Reader, Writer};
pub use reads::Reading;
pub use registry::registry;

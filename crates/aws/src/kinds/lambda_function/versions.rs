//! The published versions of a function.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionConfiguration;
use provision_engine::kind::KindError;

use crate::call::Outcome;
use crate::lambda::ABSENT;

/// The version that was published last, if any was; `None` if there is no such function.
pub(super) async fn last(
    lambda: &Client,
    name: &str,
) -> Result<Option<Option<FunctionConfiguration>>, KindError> {
    let number = |version: &FunctionConfiguration| version.version()?.parse::<u64>().ok();
    let mut versions = lambda.list_versions_by_function().function_name(name).into_paginator().items().send();
    let mut last: Option<FunctionConfiguration> = None;
    while let Some(version) = versions.next().await {
        let Some(version) = version.unless(ABSENT)? else { return Ok(None) };
        if number(&version) > last.as_ref().and_then(number) {
            last = Some(version);
        }
    }
    Ok(Some(last))
}

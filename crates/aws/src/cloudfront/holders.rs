//! The distributions that use something, which CloudFront keeps as long as they do.

use aws_sdk_cloudfront::types::DistributionSummary;
use provision_engine::kind::{Departure, Holder, KindError};

use crate::call::Outcome;
use crate::clients::Reader;

/// What a behavior uses.
#[derive(Default)]
pub(crate) struct Used<'d> {
    pub(crate) cache_policy: Option<&'d str>,
    pub(crate) origin_request_policy: Option<&'d str>,
    pub(crate) response_headers_policy: Option<&'d str>,
    pub(crate) key_groups: &'d [String],
    pub(crate) functions: Vec<&'d str>,
}

/// A departure that all distributions stand against that use something in a behavior.
pub(crate) async fn of_behaviors(
    reader: &Reader,
    uses: impl Fn(&Used<'_>) -> bool,
) -> Result<Departure, KindError> {
    of(reader, |distribution| behaviors(distribution).iter().any(&uses)).await
}

/// A departure that those distributions stand against.
pub(crate) async fn of(
    reader: &Reader,
    uses: impl Fn(&DistributionSummary) -> bool,
) -> Result<Departure, KindError> {
    let mut departure = Departure::default();
    let mut pages = reader.cloudfront().list_distributions().into_paginator().items().send();
    while let Some(distribution) = pages.next().await {
        let distribution = distribution.or_fail()?;
        if uses(&distribution) {
            let ids = vec![distribution.id().to_owned()];
            departure.held_by.push(Holder { kind: "aws_cloudfront_distribution", ids });
        }
    }
    Ok(departure)
}

/// What a behavior uses: the default one and the others are of two types that answer alike.
macro_rules! used {
    ($behavior:expr) => {{
        let behavior = $behavior;
        let functions = behavior.function_associations().map(|functions| functions.items());
        Used {
            cache_policy: behavior.cache_policy_id(),
            origin_request_policy: behavior.origin_request_policy_id(),
            response_headers_policy: behavior.response_headers_policy_id(),
            key_groups: behavior.trusted_key_groups().map(|groups| groups.items()).unwrap_or_default(),
            functions: functions.unwrap_or_default().iter().map(|function| function.function_arn()).collect(),
        }
    }};
}

fn behaviors(distribution: &DistributionSummary) -> Vec<Used<'_>> {
    let ordered = distribution.cache_behaviors().map(|behaviors| behaviors.items()).unwrap_or_default();
    let ordered = ordered.iter().map(|behavior| used!(behavior));
    distribution.default_cache_behavior().map(|behavior| used!(behavior)).into_iter().chain(ordered).collect()
}

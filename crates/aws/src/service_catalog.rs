//! What the kinds of Service Catalog share: tags, errors that pass, and lists that come in pages.

use std::time::Duration;

use aws_sdk_servicecatalog::types::{ConstraintDetail, PortfolioDetail, Principal, Tag};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use provision_engine::kind::KindError;

use crate::call::{Outcome, malformed};
use crate::clients::Reader;
use crate::tags::{self, Tags};

/// There is none of that id or name.
pub(crate) const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// What was let go of a moment ago may still count as held.
pub(crate) const BUSY: &[&str] = &["ResourceInUseException"];

/// How long what was made or let go of a moment ago may not be known to be so. Short: what is mistyped is absent too.
pub(crate) const FRESH: Duration = Duration::from_secs(10);

/// Whether a failure may pass when the call is repeated: what it names was made just now. A role or user that IAM has just
/// made is an invalid parameter at first.
pub(crate) fn passes(error: &KindError) -> bool {
    const UNKNOWN: [&str; 3] = ["does not exist", "profile", "assuming the role"];
    error.is(ABSENT)
        || error.is(&["InvalidParametersException"])
            && UNKNOWN.iter().any(|words| error.message.contains(words))
}

/// Whether what holds on to something may be about to let go.
pub(crate) fn lets_go(error: &KindError) -> bool {
    error.is(BUSY)
}

/// Tags as the API takes them; `None` for none.
pub(crate) fn api_tags(tags: Tags) -> Result<Option<Vec<Tag>>, KindError> {
    let tags: Vec<Tag> = tags
        .into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(malformed)?;
    Ok((!tags.is_empty()).then_some(tags))
}

/// Tags as read.
pub(crate) fn own_tags(tags: &[Tag]) -> Tags {
    tags::own(tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())))
}

/// A text as AWS has it, which keeps one that was taken away as an empty one.
pub(crate) fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A moment, as RFC 3339 writes it.
pub(crate) fn moment(time: Option<&DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}

/// The failure to find in an answer what the API promises.
pub(crate) fn lacking(what: &str) -> KindError {
    KindError::new(format!("Service Catalog's answer lacks {what}"))
}

/// The portfolios that a product is in; `None` without the product.
pub(crate) async fn portfolios_of(
    reader: &Reader,
    product: &str,
) -> Result<Option<Vec<PortfolioDetail>>, KindError> {
    let request = reader.service_catalog().list_portfolios_for_product().product_id(product);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { return Ok(None) };
        found.extend(page.portfolio_details.unwrap_or_default());
    }
    Ok(Some(found))
}

/// Who may launch the products of a portfolio; `None` without the portfolio.
pub(crate) async fn principals_of(
    reader: &Reader,
    portfolio: &str,
) -> Result<Option<Vec<Principal>>, KindError> {
    let request = reader.service_catalog().list_principals_for_portfolio().portfolio_id(portfolio);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { return Ok(None) };
        found.extend(page.principals.unwrap_or_default());
    }
    Ok(Some(found))
}

/// The constraints in a portfolio, of one product or of all; none without the portfolio.
pub(crate) async fn constraints_of(
    reader: &Reader,
    portfolio: &str,
    product: Option<&str>,
) -> Result<Vec<ConstraintDetail>, KindError> {
    let request = reader.service_catalog().list_constraints_for_portfolio().portfolio_id(portfolio);
    let request = request.set_product_id(product.map(str::to_owned));
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { return Ok(Vec::new()) };
        found.extend(page.constraint_details.unwrap_or_default());
    }
    Ok(found)
}

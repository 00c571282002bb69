//! CloudFront Functions: what they can be, and that those in use stay.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{addressed, user_of, validation::invalid};
use crate::{
    ask::Ask,
    call::header,
    proxy::Request,
    query,
    reply::Refusal,
    xml::{self, Element},
};

/// Bytes of code that a function can have.
const MOST: usize = 10 * 1024;

/// What a function is created or changed to is one that CloudFront can run.
pub(super) async fn check(ask: &Ask<'_>, request: &Request) -> Result<(), Refusal> {
    let Some(sent) = xml::parse(request.body()) else { return Ok(()) };
    let name = sent.text_at(&["Name"]);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.len() > 64 || !name.bytes().all(is_part) {
        return Err(invalid(format!("The function name {name} is not valid.")));
    }
    let runtime = sent.text_at(&["FunctionConfig", "Runtime"]);
    if !["cloudfront-js-1.0", "cloudfront-js-2.0"].contains(&runtime) {
        return Err(invalid(format!("The function runtime {runtime} is not valid.")));
    }
    if sent.text_at(&["FunctionConfig", "Comment"]).chars().count() > 128 {
        return Err(invalid("The comment of a function has at most 128 characters."));
    }
    let code = STANDARD.decode(sent.text_at(&["FunctionCode"])).unwrap_or_default();
    if code.len() > MOST {
        let message = format!("The function has {} bytes, and can have {MOST}.", code.len());
        return Err(Refusal::new(413, "FunctionSizeLimitExceeded", message));
    }
    let stores = sent.items(&["FunctionConfig", "KeyValueStoreAssociations"]);
    if stores.len() > 1 || (!stores.is_empty() && runtime == "cloudfront-js-1.0") {
        return Err(invalid("A function takes one key value store, and cloudfront-js-1.0 none."));
    }
    for store in stores {
        let arn = store.text_at(&["KeyValueStoreARN"]);
        let name = arn.rsplit_once('/').map(|(_, name)| name).unwrap_or_default();
        let path = format!("/2020-05-31/key-value-store/{}", query::encode(name));
        let found = ask.find("cloudfront", &path).await?;
        if found.is_none_or(|found| found.text_at(&["ARN"]) != arn) {
            return Err(invalid(format!("The key value store {arn} does not exist.")));
        }
    }
    Ok(())
}

/// A function that a distribution runs cannot be deleted.
pub(super) async fn refuse_used(ask: &Ask<'_>, request: &Request) -> Result<(), Refusal> {
    // A request without a version is refused for that.
    if header(request, "if-match").is_none() {
        return Ok(());
    }
    let arn = format!("arn:aws:cloudfront::{}:function/{}", ask.account, addressed(request));
    match user_of(ask, "FunctionARN", &arn).await? {
        Some(id) => {
            let message = format!("Cannot delete function, it is in use by the distribution {id}.");
            Err(Refusal::new(409, "FunctionInUse", message))
        }
        None => Ok(()),
    }
}

/// The functions that a behavior runs are published.
pub(super) async fn check_associations(ask: &Ask<'_>, behavior: &Element) -> Result<(), Refusal> {
    let own = format!("arn:aws:cloudfront::{}:function/", ask.account);
    for association in behavior.items(&["FunctionAssociations"]) {
        let arn = association.text_at(&["FunctionARN"]);
        let live = match arn.strip_prefix(&own) {
            Some(name) => {
                let path = format!("/2020-05-31/function/{}/describe?Stage=LIVE", query::encode(name));
                ask.find("cloudfront", &path).await?
            }
            None => None,
        };
        if live.is_none() {
            let message = format!("The function {arn} does not exist, or is not published.");
            return Err(Refusal::new(400, "InvalidFunctionAssociation", message));
        }
    }
    Ok(())
}

//! What CloudFront finds wrong with a configuration.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{distributions, functions};
use crate::{
    SandboxError,
    answers::origin_access_identity::id_of_path,
    ask::Ask,
    front::Front,
    proxy::Request,
    reply::Refusal,
    rules::acm,
    xml::{self, Element},
};

/// Checks the configuration of a distribution: a new one, or the one called `id`.
pub(super) async fn check(
    front: &Front,
    ask: &Ask<'_>,
    config: &Element,
    id: Option<&str>,
) -> Result<(), Refusal> {
    check_quantities(config)?;
    check_form(config)?;
    check_references(front, ask, config).await?;
    check_logging(ask, config).await?;
    check_aliases(front, ask, config, id).await
}

/// A list's `Quantity` is the number of its `Items`, everywhere.
pub(super) fn check_quantities(element: &Element) -> Result<(), Refusal> {
    if let Some(quantity) = element.child("Quantity") {
        let items = element.items(&[]).len();
        if quantity.text.trim().parse() != Ok(items) {
            let message = format!(
                "The value of Quantity ({}) and the size of Items ({items}) don't match.",
                quantity.text
            );
            return Err(Refusal::new(400, "InconsistentQuantities", message));
        }
    }
    element.children.iter().try_for_each(check_quantities)
}

/// What can be seen without looking at anything else.
fn check_form(config: &Element) -> Result<(), Refusal> {
    for name in ["CallerReference", "Origins", "DefaultCacheBehavior", "Comment", "Enabled"] {
        if config.child(name).is_none() {
            return Err(invalid(format!("The parameter {name} is required.")));
        }
    }
    one_of(config, "PriceClass", &["PriceClass_100", "PriceClass_200", "PriceClass_All", "None"])?;
    one_of(config, "HttpVersion", &["http1.1", "http2", "http3", "http2and3"])?;
    let acl = config.text_at(&["WebACLId"]);
    let is_acl = acl.starts_with("arn:aws:wafv2:us-east-1:") || (!acl.starts_with("arn:") && acl.len() == 36);
    if !acl.is_empty() && !is_acl {
        return Err(Refusal::new(400, "InvalidWebACLId", format!("The web ACL {acl} is not valid.")));
    }
    if let Some(restriction) = config.at(&["Restrictions", "GeoRestriction"]) {
        one_of(restriction, "RestrictionType", &["none", "blacklist", "whitelist"])?;
        let free = restriction.text_at(&["RestrictionType"]) == "none";
        if free != restriction.items(&[]).is_empty() {
            let message = "A geographic restriction lists locations exactly when its type is not none.";
            return Err(Refusal::new(400, "InvalidGeoRestrictionParameter", message));
        }
        let is_country = |location: &Element| {
            location.text.len() == 2 && location.text.bytes().all(|b| b.is_ascii_uppercase())
        };
        if let Some(wrong) = restriction.items(&[]).iter().find(|location| !is_country(location)) {
            let message = format!("The location code {} is not valid.", wrong.text);
            return Err(Refusal::new(400, "InvalidLocationCode", message));
        }
    }
    check_origins(config)?;
    for behavior in behaviors(config) {
        check_behavior(config, behavior)?;
    }
    Ok(())
}

fn check_origins(config: &Element) -> Result<(), Refusal> {
    let origins = config.items(&["Origins"]);
    if origins.is_empty() {
        return Err(invalid("A distribution needs at least one origin."));
    }
    let mut ids = HashSet::new();
    for origin in origins {
        let id = origin.text_at(&["Id"]);
        if id.is_empty() || !ids.insert(id) {
            return Err(invalid(format!("The origin id \"{id}\" is empty or used twice.")));
        }
        if !origin.text_at(&["DomainName"]).contains('.') {
            let message = format!("The domain name of the origin {id} is not valid.");
            return Err(Refusal::new(400, "InvalidOrigin", message));
        }
        let kinds = ["S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig"];
        if kinds.iter().filter(|kind| origin.child(kind).is_some()).count() != 1 {
            return Err(invalid(format!("The origin {id} needs exactly one of {}.", kinds.join(", "))));
        }
        let path = origin.text_at(&["OriginPath"]);
        if !path.is_empty() && (!path.starts_with('/') || path.ends_with('/')) {
            return Err(invalid(format!(
                "The path of the origin {id} must begin and must not end with a slash."
            )));
        }
        let identity = origin.text_at(&["S3OriginConfig", "OriginAccessIdentity"]);
        if !identity.is_empty() && !origin.text_at(&["OriginAccessControlId"]).is_empty() {
            let message =
                format!("The origin {id} cannot have both an access identity and an access control.");
            return Err(Refusal::new(400, "IllegalOriginAccessConfiguration", message));
        }
    }
    for group in config.items(&["OriginGroups"]) {
        for member in group.items(&["Members"]) {
            let id = member.text_at(&["OriginId"]);
            if !ids.contains(id) {
                return Err(no_such_origin(id));
            }
        }
    }
    Ok(())
}

fn check_behavior(config: &Element, behavior: &Element) -> Result<(), Refusal> {
    let target = behavior.text_at(&["TargetOriginId"]);
    let targets = config.items(&["Origins"]).iter().chain(config.items(&["OriginGroups"]));
    if !targets.into_iter().any(|origin| origin.text_at(&["Id"]) == target) {
        return Err(no_such_origin(target));
    }
    one_of(behavior, "ViewerProtocolPolicy", &["allow-all", "https-only", "redirect-to-https"])?;
    let by_policy = !behavior.text_at(&["CachePolicyId"]).is_empty();
    let forwarded = behavior.child("ForwardedValues");
    match (by_policy, forwarded) {
        (false, None) => return Err(invalid("The parameter ForwardedValues is required.")),
        (true, Some(_)) => {
            return Err(invalid(
                "The parameter ForwardedValues cannot be used when a cache policy is associated.",
            ));
        }
        _ => {}
    }
    if by_policy && ["MinTTL", "DefaultTTL", "MaxTTL"].iter().any(|ttl| behavior.child(ttl).is_some()) {
        return Err(invalid("The TTLs cannot be set when a cache policy is associated."));
    }
    let seconds = |name| behavior.text_at(&[name]).parse::<u64>().ok();
    if let (Some(least), Some(most)) = (seconds("MinTTL"), seconds("MaxTTL"))
        && least > most
    {
        return Err(Refusal::new(400, "InvalidTTLOrder", "MinTTL must not be greater than MaxTTL."));
    }
    Ok(())
}

/// Everything that a configuration names exists.
async fn check_references(front: &Front, ask: &Ask<'_>, config: &Element) -> Result<(), Refusal> {
    for origin in config.items(&["Origins"]) {
        let control = origin.text_at(&["OriginAccessControlId"]);
        if !control.is_empty() && !exists(ask, "origin-access-control", control).await? {
            let message = format!("The origin access control {control} is not valid.");
            return Err(Refusal::new(400, "InvalidOriginAccessControl", message));
        }
        let identity = origin.text_at(&["S3OriginConfig", "OriginAccessIdentity"]);
        let known = id_of_path(identity).is_some_and(|id| {
            front.kept.with(ask.account, |kept| kept.origin_access_identities.contains_key(id))
        });
        if !identity.is_empty() && !known {
            let message = "The specified origin access identity does not exist or is not valid.";
            return Err(Refusal::new(400, "InvalidOriginAccessIdentity", message));
        }
    }
    for behavior in behaviors(config) {
        functions::check_associations(ask, behavior).await?;
        for (name, collection, code) in [
            ("CachePolicyId", "cache-policy", "NoSuchCachePolicy"),
            ("OriginRequestPolicyId", "origin-request-policy", "NoSuchOriginRequestPolicy"),
            ("ResponseHeadersPolicyId", "response-headers-policy", "NoSuchResponseHeadersPolicy"),
        ] {
            let id = behavior.text_at(&[name]);
            if !id.is_empty() && !exists(ask, collection, id).await? {
                return Err(Refusal::new(404, code, format!("The policy {id} does not exist.")));
            }
        }
        for group in behavior.items(&["TrustedKeyGroups"]) {
            if !exists(ask, "key-group", &group.text).await? {
                let message = format!("The key group {} does not exist.", group.text);
                return Err(Refusal::new(400, "TrustedKeyGroupDoesNotExist", message));
            }
        }
    }
    Ok(())
}

/// Standard logs need a bucket that still lets objects have access control lists.
async fn check_logging(ask: &Ask<'_>, config: &Element) -> Result<(), Refusal> {
    let domain = config.text_at(&["Logging", "Bucket"]);
    if config.text_at(&["Logging", "Enabled"]) != "true" {
        return Ok(());
    }
    let Some((bucket, _)) = domain.split_once(".s3.").filter(|_| domain.ends_with(".amazonaws.com")) else {
        return Err(invalid(format!(
            "The parameter Logging Bucket does not refer to a valid S3 bucket: {domain}"
        )));
    };
    let found = match ask.find("s3", &format!("/{bucket}?location")).await {
        Ok(found) => found,
        // Another account's, which cannot be looked into.
        Err(_) => return Ok(()),
    };
    if found.is_none() {
        return Err(invalid(format!(
            "The S3 bucket that you specified for CloudFront logs doesn't exist: {domain}"
        )));
    }
    let controls = ask.find("s3", &format!("/{bucket}?ownershipControls")).await?;
    let ownership = controls.as_ref().and_then(|controls| controls.descendant("ObjectOwnership"));
    if ownership.is_none_or(|ownership| ownership.text == "BucketOwnerEnforced") {
        let message = "The S3 bucket that you specified for CloudFront logs does not enable ACL access";
        return Err(invalid(format!("{message}: {domain}")));
    }
    Ok(())
}

/// Alternate names are covered by a certificate, and no other distribution has them.
async fn check_aliases(
    front: &Front,
    ask: &Ask<'_>,
    config: &Element,
    id: Option<&str>,
) -> Result<(), Refusal> {
    let aliases =
        config.items(&["Aliases"]).iter().map(|alias| alias.text.to_lowercase()).collect::<Vec<_>>();
    let certificate = config.text_at(&["ViewerCertificate", "ACMCertificateArn"]);
    if !certificate.is_empty() {
        check_certificate(front, ask, certificate, &aliases).await?;
    } else if !aliases.is_empty() && config.text_at(&["ViewerCertificate", "IAMCertificateId"]).is_empty() {
        let message = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted \
                       certificate that validates your authorization to use the domain name.";
        return Err(invalid_certificate(message));
    }
    if aliases.is_empty() {
        return Ok(());
    }
    for other in distributions(ask).await? {
        let other_id = other.text_at(&["Id"]);
        let taken =
            other.items(&["Aliases"]).iter().find(|alias| aliases.contains(&alias.text.to_lowercase()));
        if let Some(alias) = taken.filter(|_| id != Some(other_id))
            && !is_same(ask, config, other_id).await?
        {
            let message = format!(
                "One or more of the CNAMEs you provided are already associated with a different resource: {}",
                alias.text
            );
            return Err(Refusal::new(409, "CNAMEAlreadyExists", message));
        }
    }
    Ok(())
}

/// Whether `config` is to create once more the distribution that exists as `id`.
async fn is_same(ask: &Ask<'_>, config: &Element, id: &str) -> Result<bool, SandboxError> {
    let other = ask.find("cloudfront", &format!("/2020-05-31/distribution/{id}/config")).await?;
    Ok(other.is_some_and(|other| other.text_at(&["CallerReference"]) == config.text_at(&["CallerReference"])))
}

async fn check_certificate(
    front: &Front,
    ask: &Ask<'_>,
    arn: &str,
    aliases: &[String],
) -> Result<(), Refusal> {
    let unusable = || {
        invalid_certificate(
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a \
             valid certificate chain.",
        )
    };
    if arn.split(':').nth(3) != Some("us-east-1") {
        return Err(unusable());
    }
    let certificate = acm::describe(front, ask.account, arn).await?.ok_or_else(unusable)?;
    if certificate["Status"] != "ISSUED" {
        return Err(unusable());
    }
    let names = certificate["SubjectAlternativeNames"].as_array().into_iter().flatten();
    let names = names.filter_map(|name| name.as_str()).map(str::to_lowercase).collect::<Vec<_>>();
    // The domains of an imported certificate are not known here.
    if certificate["Type"] == "IMPORTED"
        || aliases.iter().all(|alias| names.iter().any(|name| covers(name, alias)))
    {
        return Ok(());
    }
    let message = "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) \
                   that you're trying to add.";
    Err(invalid_certificate(message))
}

/// Whether a certificate for `name` is good for `alias`: a wildcard stands for one label.
fn covers(name: &str, alias: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => alias == name || alias.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => name == alias,
    }
}

/// A public key is in PEM, of a kind that CloudFront takes, and its name and caller reference are new.
pub(super) async fn check_public_key(front: &Front, ask: &Ask<'_>, request: &Request) -> Result<(), Refusal> {
    let config = xml::parse(request.body())
        .ok_or_else(|| Refusal::new(400, "MalformedXML", "The XML document is malformed."))?;
    if !is_public_key(config.text_at(&["EncodedKey"])) {
        return Err(invalid("Your request contains empty/invalid/out of limits RSA Encoded Key"));
    }
    let reference = config.text_at(&["CallerReference"]);
    let repeated = front.kept.with(ask.account, |kept| kept.public_key_references.contains_key(reference));
    let list = ask.get("cloudfront", "/2020-05-31/public-key").await?;
    let name = config.text_at(&["Name"]);
    if repeated || list.items(&[]).iter().any(|key| key.text_at(&["Name"]) == name) {
        return Err(Refusal::new(409, "PublicKeyAlreadyExists", "The specified public key already exists."));
    }
    Ok(())
}

/// Whether a text is an RSA key of 2048 bits or a P-256 key in PEM.
fn is_public_key(pem: &str) -> bool {
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let body = pem
        .trim()
        .strip_prefix("-----BEGIN PUBLIC KEY-----")
        .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"));
    let Some(body) = body else { return false };
    let body = body.split_whitespace().collect::<String>();
    let Ok(key) = STANDARD.decode(body) else { return false };
    let has = |identifier: &[u8]| key.windows(identifier.len()).any(|window| window == identifier);
    // A 2048-bit key takes 294 bytes with the usual exponent, give or take that.
    key.first() == Some(&0x30) && ((has(RSA) && (290..=300).contains(&key.len())) || has(P256))
}

fn behaviors(config: &Element) -> impl Iterator<Item = &Element> {
    config.child("DefaultCacheBehavior").into_iter().chain(config.items(&["CacheBehaviors"]))
}

async fn exists(ask: &Ask<'_>, collection: &str, id: &str) -> Result<bool, SandboxError> {
    Ok(ask
        .find("cloudfront", &format!("/2020-05-31/{collection}/{}", crate::query::encode(id)))
        .await?
        .is_some())
}

/// A choice, if it is made, is one of those there are.
fn one_of(element: &Element, name: &str, choices: &[&str]) -> Result<(), Refusal> {
    match element.child(name) {
        Some(found) if !choices.contains(&found.text.as_str()) => Err(invalid(format!(
            "The parameter {name} is \"{}\" and must be one of {}.",
            found.text,
            choices.join(", ")
        ))),
        _ => Ok(()),
    }
}

pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
}

fn invalid_certificate(message: &str) -> Refusal {
    Refusal::new(400, "InvalidViewerCertificate", message)
}

fn no_such_origin(id: &str) -> Refusal {
    let message = format!("One or more of your origins or origin groups do not exist: {id}");
    Refusal::new(404, "NoSuchOrigin", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label() {
        assert!(covers("*.example.com", "a.example.com") && covers("*.example.com", "*.example.com"));
        assert!(!covers("*.example.com", "a.b.example.com") && !covers("*.example.com", "example.com"));
        assert!(covers("example.com", "example.com") && !covers("example.com", "a.example.com"));
    }

    #[test]
    fn only_a_key_in_pem_is_a_key() {
        let p256 = "-----BEGIN PUBLIC KEY-----\n\
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n\
            q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n\
            -----END PUBLIC KEY-----\n";
        assert!(is_public_key(p256));
        assert!(!is_public_key("not a key"));
        assert!(!is_public_key("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
    }
}

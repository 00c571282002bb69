//! What CloudFront finds wrong with policies that distributions share.

use super::validation::{check_quantities, invalid};
use crate::{
    proxy::Request,
    reply::Refusal,
    xml::{self, Element},
};

/// Headers that have elements of their own, and that are therefore no custom headers.
const SECURITY: [&str; 6] = [
    "content-security-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
];

/// An origin request policy lists names exactly where its behaviors ask for them.
pub(super) fn check_origin_request(request: &Request) -> Result<(), Refusal> {
    let Some(policy) = xml::parse(request.body()) else { return Ok(()) };
    check_comment(&policy)?;
    check_quantities(&policy)?;
    for (block, behavior, list) in [
        ("CookiesConfig", "CookieBehavior", "Cookies"),
        ("HeadersConfig", "HeaderBehavior", "Headers"),
        ("QueryStringsConfig", "QueryStringBehavior", "QueryStrings"),
    ] {
        let chosen = policy.text_at(&[block, behavior]);
        let lists = ["whitelist", "allExcept", "allViewerAndWhitelistCloudFront"].contains(&chosen);
        if lists == policy.items(&[block, list]).is_empty() {
            return Err(invalid(format!("The parameter {list} does not go with the {behavior} {chosen}.")));
        }
    }
    let chosen = policy.text_at(&["HeadersConfig", "HeaderBehavior"]);
    for header in policy.items(&["HeadersConfig", "Headers"]) {
        let name = header.text.to_ascii_lowercase();
        let is_allowed = match chosen {
            "whitelist" => !["authorization", "accept-encoding"].contains(&name.as_str()),
            "allViewerAndWhitelistCloudFront" => name.starts_with("cloudfront-"),
            _ => true,
        };
        if !is_allowed {
            return Err(invalid(format!(
                "The parameter Headers contains {} that is not allowed.",
                header.text
            )));
        }
    }
    Ok(())
}

/// A response headers policy sets something, and nothing twice.
pub(super) fn check_response_headers(request: &Request) -> Result<(), Refusal> {
    let Some(policy) = xml::parse(request.body()) else { return Ok(()) };
    check_comment(&policy)?;
    check_quantities(&policy)?;
    if policy.children.iter().all(|child| ["Name", "Comment"].contains(&child.name.as_str())) {
        return Err(invalid("A response headers policy needs at least one header."));
    }
    if let Some(cors) = policy.child("CorsConfig") {
        for list in ["AccessControlAllowOrigins", "AccessControlAllowHeaders", "AccessControlAllowMethods"] {
            if cors.items(&[list]).is_empty() {
                return Err(invalid(format!("The parameter {list} must list at least one item.")));
            }
        }
    }
    for item in policy.items(&["CustomHeadersConfig"]) {
        let header = item.text_at(&["Header"]);
        let name = header.to_ascii_lowercase();
        let is_security = SECURITY.contains(&name.as_str());
        if is_security || name.starts_with("access-control-") {
            let kind = if is_security { "security" } else { "CORS" };
            return Err(invalid(format!(
                "The parameter CustomHeaders contains {header} that is a {kind} header and cannot be set as custom \
                 header."
            )));
        }
    }
    let protection = policy.at(&["SecurityHeadersConfig", "XSSProtection"]);
    if protection
        .is_some_and(|it| it.text_at(&["ModeBlock"]) == "true" && !it.text_at(&["ReportUri"]).is_empty())
    {
        return Err(invalid("The parameter ReportUri cannot be set when ModeBlock is true."));
    }
    Ok(())
}

fn check_comment(policy: &Element) -> Result<(), Refusal> {
    if policy.text_at(&["Comment"]).chars().count() > 128 {
        return Err(invalid("The comment of a policy has at most 128 characters."));
    }
    Ok(())
}

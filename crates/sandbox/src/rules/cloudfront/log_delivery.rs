//! CloudFront delivers standard logs by way of an ACL, and adds itself to that of the bucket.

use hyper::Method;

use crate::{SandboxError, ask::Ask, xml::Element};

/// Canonical id of the account that delivers the logs.
const DELIVERY: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/// Lets the delivery write to the bucket that a configuration logs to, if it does and if that has not happened yet.
pub(super) async fn open(ask: &Ask<'_>, config: Option<&Element>) -> Result<(), SandboxError> {
    let logging = config.and_then(|config| config.child("Logging"));
    let Some(logging) = logging.filter(|logging| logging.text_at(&["Enabled"]) == "true") else {
        return Ok(());
    };
    let Some((bucket, _)) = logging.text_at(&["Bucket"]).split_once(".s3.") else { return Ok(()) };
    let path = format!("/{bucket}?acl");
    // Another account's bucket cannot be looked into.
    let Ok(Some(mut policy)) = ask.find("s3", &path).await else { return Ok(()) };
    if policy.descendants("ID").iter().any(|id| id.text == DELIVERY) {
        return Ok(());
    }
    let mut grantee = Element::new("Grantee").with(Element::of("ID", DELIVERY));
    grantee.attributes = vec![
        ("xmlns:xsi".to_owned(), "http://www.w3.org/2001/XMLSchema-instance".to_owned()),
        ("xsi:type".to_owned(), "CanonicalUser".to_owned()),
    ];
    let grant = Element::new("Grant").with(grantee).with(Element::of("Permission", "FULL_CONTROL"));
    let Some(grants) = policy.child_mut("AccessControlList") else { return Ok(()) };
    grants.children.push(grant);
    let reply = ask.send("s3", Method::PUT, &path, &[], policy.document().into()).await?;
    if reply.status().is_success() { Ok(()) } else { Err(SandboxError::refused(&path, &reply)) }
}

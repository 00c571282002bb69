//! What CloudFront fills in: it answers a configuration with every element, also those that were not sent.

use crate::xml::Element;

/// Fills in a `DistributionConfig`.
pub(super) fn complete(config: &mut Element) {
    for name in ["Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"] {
        add(config, empty_list(name));
    }
    for (name, text) in [
        ("DefaultRootObject", ""),
        ("Comment", ""),
        ("PriceClass", "PriceClass_All"),
        ("WebACLId", ""),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", "true"),
        ("ContinuousDeploymentPolicyId", ""),
        ("Staging", "false"),
    ] {
        add(config, Element::of(name, text));
    }
    add(config, Element::new("Logging"));
    if let Some(logging) = config.child_mut("Logging") {
        for (name, text) in
            [("Enabled", "false"), ("IncludeCookies", "false"), ("Bucket", ""), ("Prefix", "")]
        {
            add(logging, Element::of(name, text));
        }
    }
    add(config, Element::new("ViewerCertificate").with(Element::of("CloudFrontDefaultCertificate", "true")));
    let unrestricted = Element::new("GeoRestriction")
        .with(Element::of("RestrictionType", "none"))
        .with(Element::of("Quantity", "0"));
    add(config, Element::new("Restrictions").with(unrestricted));
    complete_parts(config);
}

/// Fills in the origins, behaviours, error responses and certificate that a configuration or a summary has.
pub(super) fn complete_parts(config: &mut Element) {
    items(config, "Origins").iter_mut().for_each(origin);
    items(config, "CacheBehaviors").iter_mut().for_each(behavior);
    config.child_mut("DefaultCacheBehavior").into_iter().for_each(behavior);
    for response in items(config, "CustomErrorResponses") {
        for (name, text) in [("ResponsePagePath", ""), ("ResponseCode", ""), ("ErrorCachingMinTTL", "10")] {
            add(response, Element::of(name, text));
        }
    }
    config.child_mut("ViewerCertificate").into_iter().for_each(certificate);
}

fn origin(origin: &mut Element) {
    for (name, text) in [
        ("OriginPath", ""),
        ("ConnectionAttempts", "3"),
        ("ConnectionTimeout", "10"),
        ("OriginAccessControlId", ""),
    ] {
        add(origin, Element::of(name, text));
    }
    add(origin, empty_list("CustomHeaders"));
    add(origin, Element::new("OriginShield").with(Element::of("Enabled", "false")));
    if let Some(bucket) = origin.child_mut("S3OriginConfig") {
        add(bucket, Element::of("OriginAccessIdentity", ""));
    }
    if let Some(custom) = origin.child_mut("CustomOriginConfig") {
        add(custom, Element::of("OriginReadTimeout", "30"));
        add(custom, Element::of("OriginKeepaliveTimeout", "5"));
    }
}

fn behavior(behavior: &mut Element) {
    for name in ["TrustedSigners", "TrustedKeyGroups"] {
        let nobody =
            Element::new(name).with(Element::of("Enabled", "false")).with(Element::of("Quantity", "0"));
        add(behavior, nobody);
    }
    for name in ["LambdaFunctionAssociations", "FunctionAssociations"] {
        add(behavior, empty_list(name));
    }
    for (name, text) in [("SmoothStreaming", "false"), ("Compress", "false"), ("FieldLevelEncryptionId", "")]
    {
        add(behavior, Element::of(name, text));
    }
    add(behavior, Element::new("GrpcConfig").with(Element::of("Enabled", "false")));
    add(behavior, methods("AllowedMethods"));
    if let Some(allowed) = behavior.child_mut("AllowedMethods") {
        add(allowed, methods("CachedMethods"));
        order_methods(allowed);
        allowed.child_mut("CachedMethods").into_iter().for_each(order_methods);
    }
    if behavior.child("ForwardedValues").is_some() {
        add(behavior, Element::of("DefaultTTL", "86400"));
        add(behavior, Element::of("MaxTTL", "31536000"));
    }
    if let Some(forwarded) = behavior.child_mut("ForwardedValues") {
        add(forwarded, empty_list("Headers"));
        add(forwarded, empty_list("QueryStringCacheKeys"));
    }
}

fn certificate(certificate: &mut Element) {
    let own = certificate.text_at(&["ACMCertificateArn"]).to_owned();
    let uploaded = certificate.text_at(&["IAMCertificateId"]).to_owned();
    let (source, id) = match (own.is_empty(), uploaded.is_empty()) {
        (false, _) => ("acm", own),
        (true, false) => ("iam", uploaded),
        (true, true) => ("cloudfront", String::new()),
    };
    add(certificate, Element::of("CloudFrontDefaultCertificate", (source == "cloudfront").to_string()));
    add(certificate, Element::of("MinimumProtocolVersion", "TLSv1"));
    add(certificate, Element::of("CertificateSource", source));
    if !id.is_empty() {
        add(certificate, Element::of("Certificate", id));
    }
}

fn methods(name: &str) -> Element {
    let methods = ["HEAD", "GET"].map(|method| Element::of("Method", method));
    Element::new(name).with(Element::of("Quantity", "2")).with(Element::new("Items").with_all(methods))
}

/// CloudFront answers methods in an order of its own, whatever the order in which they were sent.
fn order_methods(methods: &mut Element) {
    const ORDER: [&str; 7] = ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"];
    if let Some(items) = methods.child_mut("Items") {
        items.children.sort_by_key(|method| ORDER.iter().position(|name| *name == method.text));
    }
}

fn empty_list(name: &str) -> Element {
    Element::new(name).with(Element::of("Quantity", "0"))
}

fn items<'a>(config: &'a mut Element, list: &str) -> &'a mut [Element] {
    match config.child_mut(list).and_then(|list| list.child_mut("Items")) {
        Some(items) => &mut items.children,
        None => &mut [],
    }
}

/// Adds `child` if there is none of its name.
fn add(parent: &mut Element, child: Element) {
    if parent.child(&child.name).is_none() {
        parent.children.push(child);
    }
}

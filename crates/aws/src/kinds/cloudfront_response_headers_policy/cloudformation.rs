//! What a response headers policy is in CloudFormation.

use provision_engine::cloudformation::{Block, Counterpart, Returned};

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::CloudFront::ResponseHeadersPolicy", |policy| {
        policy.rest("ResponseHeadersPolicyConfig", config);
    })
    .with(&[
        ("id", Returned::Ref),
        (
            "arn",
            Returned::Sub(
                "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:response-headers-policy/${Ref}",
            ),
        ),
    ]);

fn config(config: &mut Block<'_>) {
    config.same(&["name"]);
    config.unless("comment", "Comment", "");
    config.block("cors_config", "CorsConfig", cors);
    config.block("custom_headers_config", "CustomHeadersConfig", |headers| {
        headers.blocks("items", "Items", |header| header.same(&["header", "override", "value"]));
    });
    config.block("remove_headers_config", "RemoveHeadersConfig", |headers| {
        headers.blocks("items", "Items", |header| header.same(&["header"]));
    });
    config.block("security_headers_config", "SecurityHeadersConfig", security);
    config.block("server_timing_headers_config", "ServerTimingHeadersConfig", |timing| {
        timing.same(&["enabled", "sampling_rate"]);
    });
}

fn cors(cors: &mut Block<'_>) {
    cors.same(&["access_control_allow_credentials", "access_control_max_age_sec", "origin_override"]);
    for (name, property) in [
        ("access_control_allow_headers", "AccessControlAllowHeaders"),
        ("access_control_allow_methods", "AccessControlAllowMethods"),
        ("access_control_allow_origins", "AccessControlAllowOrigins"),
        ("access_control_expose_headers", "AccessControlExposeHeaders"),
    ] {
        cors.block(name, property, |list| list.same(&["items"]));
    }
}

fn security(headers: &mut Block<'_>) {
    headers.block("content_security_policy", "ContentSecurityPolicy", |header| {
        header.same(&["content_security_policy", "override"]);
    });
    headers.block("content_type_options", "ContentTypeOptions", |header| header.same(&["override"]));
    headers.block("frame_options", "FrameOptions", |header| header.same(&["frame_option", "override"]));
    headers.block("referrer_policy", "ReferrerPolicy", |header| {
        header.same(&["referrer_policy", "override"]);
    });
    headers.block("strict_transport_security", "StrictTransportSecurity", |header| {
        header.same(&["access_control_max_age_sec", "include_subdomains", "override", "preload"]);
    });
    headers.block("xss_protection", "XSSProtection", |header| {
        header.same(&["mode_block", "override", "protection", "report_uri"]);
    });
}

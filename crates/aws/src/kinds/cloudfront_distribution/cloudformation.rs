//! What a distribution is in CloudFormation. What it takes where a property is left out, AWS's schema of
//! `AWS::CloudFront::Distribution` says.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

use super::hosted_zone_of;

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::CloudFront::Distribution", |distribution| {
        distribution.ours(&["retain_on_delete", "wait_for_deployment"]);
        distribution.tags();
        distribution.rest("DistributionConfig", configuration);
    })
    .with(&[
        ("id", Returned::Ref),
        ("arn", Returned::Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Ref}")),
        ("domain_name", Returned::GetAtt("DomainName")),
        ("hosted_zone_id", Returned::Known(|_| Some(hosted_zone_of("").into()))),
    ]);

fn configuration(config: &mut Block<'_>) {
    config.same(&["aliases", "anycast_ip_list_id", "continuous_deployment_policy_id"]);
    config.same(&["enabled", "http_version"]);
    config.unless("comment", "Comment", "");
    config.unless("default_root_object", "DefaultRootObject", "");
    config.unless("is_ipv6_enabled", "IPV6Enabled", false);
    config.unless("price_class", "PriceClass", "PriceClass_All");
    config.unless("staging", "Staging", false);
    config.unless("web_acl_id", "WebACLId", "");
    config.blocks("origin", "Origins", origin);
    let groups = config.take_blocks("origin_group", origin_group);
    if !groups.is_empty() {
        config.put("OriginGroups", counted(groups));
    }
    config.block("default_cache_behavior", "DefaultCacheBehavior", behavior);
    config.blocks("ordered_cache_behavior", "CacheBehaviors", |ordered| {
        ordered.same(&["path_pattern"]);
        behavior(ordered);
    });
    config.blocks("custom_error_response", "CustomErrorResponses", |response| {
        response.same(&["error_code", "response_code", "response_page_path"]);
        response.rename("error_caching_min_ttl", "ErrorCachingMinTTL");
    });
    config.block("logging_config", "Logging", |logging| {
        logging.same(&["bucket"]);
        logging.unless("prefix", "Prefix", "");
        logging.unless("include_cookies", "IncludeCookies", false);
    });
    config.block("restrictions", "Restrictions", |restrictions| {
        restrictions.block("geo_restriction", "GeoRestriction", |geo| {
            geo.same(&["restriction_type", "locations"]);
        });
    });
    config.block("viewer_certificate", "ViewerCertificate", viewer_certificate);
}

fn origin(origin: &mut Block<'_>) {
    origin.rename("origin_id", "Id");
    origin.same(&["domain_name", "origin_access_control_id"]);
    origin.unless("origin_path", "OriginPath", "");
    origin.unless("connection_attempts", "ConnectionAttempts", 3_i64);
    origin.unless("connection_timeout", "ConnectionTimeout", 10_i64);
    origin.unless("response_completion_timeout", "ResponseCompletionTimeout", 0_i64);
    origin.blocks("custom_header", "OriginCustomHeaders", |header| {
        header.rename("name", "HeaderName");
        header.rename("value", "HeaderValue");
    });
    // Of a shield that is off, AWS need not know where it would be.
    if origin.get("origin_shield").get("enabled").as_bool() == Some(true) {
        origin.block("origin_shield", "OriginShield", |shield| {
            shield.same(&["enabled", "origin_shield_region"]);
        });
    } else {
        origin.take("origin_shield");
    }
    let ways = ["custom_origin_config", "s3_origin_config", "vpc_origin_config"];
    if ways.into_iter().all(|way| origin.get(way).is_null()) {
        // A bucket has this part always; empty, it means no identity.
        origin.put("S3OriginConfig.OriginAccessIdentity", "");
    }
    origin.block("s3_origin_config", "S3OriginConfig", |bucket| bucket.same(&["origin_access_identity"]));
    origin.block("custom_origin_config", "CustomOriginConfig", |server| {
        server.rename("http_port", "HTTPPort");
        server.rename("https_port", "HTTPSPort");
        server.rename("origin_ssl_protocols", "OriginSSLProtocols");
        server.same(&["origin_protocol_policy", "ip_address_type"]);
        patience(server);
    });
    origin.block("vpc_origin_config", "VpcOriginConfig", |server| {
        server.same(&["vpc_origin_id"]);
        patience(server);
    });
}

fn patience(server: &mut Block<'_>) {
    server.unless("origin_keepalive_timeout", "OriginKeepaliveTimeout", 5_i64);
    server.unless("origin_read_timeout", "OriginReadTimeout", 30_i64);
}

fn origin_group(group: &mut Block<'_>) {
    group.rename("origin_id", "Id");
    group.block("failover_criteria", "FailoverCriteria", |criteria| match criteria.take("status_codes") {
        // What stands for a number may stand for several.
        Value::List(codes) if codes.iter().all(|code| code.as_i64().is_some()) => {
            criteria.put("StatusCodes", counted(codes));
        }
        _ => criteria.wrong("status_codes", "a template has to say how many there are: list them"),
    });
    let members = group.take_blocks("member", |member| member.same(&["origin_id"]));
    group.put("Members", counted(members));
}

/// A list in CloudFront's own form, which tells how long it is. Only a few have it in templates too.
fn counted(items: Vec<Value>) -> Value {
    table([("Quantity", Value::Number(items.len().into())), ("Items", Value::List(items))])
}

fn behavior(behavior: &mut Block<'_>) {
    behavior.same(&["target_origin_id", "viewer_protocol_policy", "allowed_methods", "cached_methods"]);
    behavior.same(&["cache_policy_id", "origin_request_policy_id", "response_headers_policy_id"]);
    behavior.same(&["trusted_key_groups", "trusted_signers"]);
    behavior.same(&["field_level_encryption_id", "realtime_log_config_arn"]);
    behavior.unless("compress", "Compress", false);
    behavior.unless("smooth_streaming", "SmoothStreaming", false);
    behavior.within("grpc_config", |grpc| grpc.unless("enabled", "GrpcConfig.Enabled", false));
    behavior.blocks("function_association", "FunctionAssociations", |function| {
        function.same(&["event_type"]);
        function.rename("function_arn", "FunctionARN");
    });
    behavior.blocks("lambda_function_association", "LambdaFunctionAssociations", |function| {
        function.same(&["event_type"]);
        function.rename("lambda_arn", "LambdaFunctionARN");
        function.unless("include_body", "IncludeBody", false);
    });
    behavior.block("forwarded_values", "ForwardedValues", |values| {
        values.same(&["query_string", "query_string_cache_keys", "headers"]);
        values.block("cookies", "Cookies", |cookies| cookies.same(&["forward", "whitelisted_names"]));
    });
    // Beside a cache policy, which has its own, none of these is said.
    behavior.unless("min_ttl", "MinTTL", 0_i64);
    behavior.rename("default_ttl", "DefaultTTL");
    behavior.rename("max_ttl", "MaxTTL");
}

fn viewer_certificate(certificate: &mut Block<'_>) {
    let default = certificate.take("cloudfront_default_certificate");
    let own = ["acm_certificate_arn", "iam_certificate_id"];
    if own.into_iter().all(|name| certificate.get(name).is_null()) {
        certificate.put("CloudFrontDefaultCertificate", default);
        // With CloudFront's own certificate AWS always takes the least.
        certificate.unless("minimum_protocol_version", "MinimumProtocolVersion", "TLSv1");
    }
    certificate.same(&["acm_certificate_arn", "iam_certificate_id", "ssl_support_method"]);
    certificate.same(&["minimum_protocol_version"]);
}

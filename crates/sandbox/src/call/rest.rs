//! Names the operations of services that speak through methods and paths.

use hyper::{HeaderMap, Method};

use crate::query;

/// The operation of `service`, or method and path where the sandbox does not know its name.
pub(super) fn operation(
    service: &str,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>();
    let rest = segments.get(1..).unwrap_or_default();
    match service {
        "s3" => s3(method, path, query, headers),
        "cloudfront" => cloudfront(method, rest, query),
        "route53" => route53(method, rest),
        "mediaconvert" => mediaconvert(method, rest),
        "lambda" => lambda(method, rest),
        _ => None,
    }
    .unwrap_or_else(|| format!("{method} {path}"))
}

fn s3(method: &Method, path: &str, query: &str, headers: &HeaderMap) -> Option<String> {
    // The SDK says it outright on calls about objects.
    if let Some(operation) = query::value(query, "x-id") {
        return Some(operation);
    }
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let bucket = segments.next().unwrap_or_default();
    let key = segments.next().unwrap_or_default();
    if bucket.is_empty() {
        return (method == Method::GET).then(|| "ListBuckets".to_owned());
    }
    let copied = headers.contains_key("x-amz-copy-source");
    let has = |name| query::has(query, name);
    if !key.is_empty() {
        let noun =
            [("tagging", "Tagging"), ("acl", "Acl"), ("retention", "Retention"), ("legal-hold", "LegalHold")]
                .into_iter()
                .find(|(name, _)| has(name))
                .map_or("", |(_, noun)| noun);
        return Some(match method.as_str() {
            "PUT" if has("uploadId") => if copied { "UploadPartCopy" } else { "UploadPart" }.to_owned(),
            "PUT" if noun.is_empty() && copied => "CopyObject".to_owned(),
            "PUT" => format!("PutObject{noun}"),
            "GET" if has("uploadId") => "ListParts".to_owned(),
            "GET" if has("attributes") => "GetObjectAttributes".to_owned(),
            "GET" => format!("GetObject{noun}"),
            "HEAD" => "HeadObject".to_owned(),
            "DELETE" if has("uploadId") => "AbortMultipartUpload".to_owned(),
            "DELETE" => format!("DeleteObject{noun}"),
            "POST" if has("uploads") => "CreateMultipartUpload".to_owned(),
            "POST" if has("uploadId") => "CompleteMultipartUpload".to_owned(),
            _ => return None,
        });
    }
    if let Some((_, noun)) = BUCKET_SETTINGS.iter().find(|(name, _)| has(name)) {
        // The one setting whose three operations do not share a noun.
        let noun = match (*noun, method) {
            ("BucketLifecycleConfiguration", &Method::DELETE) => "BucketLifecycle",
            (noun, _) => noun,
        };
        let verb = match method.as_str() {
            "PUT" => "Put",
            "GET" => "Get",
            "DELETE" => "Delete",
            _ => return None,
        };
        return Some(format!("{verb}{noun}"));
    }
    let operation = match method.as_str() {
        "PUT" => "CreateBucket",
        "DELETE" => "DeleteBucket",
        "HEAD" => "HeadBucket",
        "POST" if has("delete") => "DeleteObjects",
        "GET" if has("uploads") => "ListMultipartUploads",
        "GET" if has("versions") => "ListObjectVersions",
        "GET" if has("location") => "GetBucketLocation",
        "GET" if query::value(query, "list-type").as_deref() == Some("2") => "ListObjectsV2",
        "GET" => "ListObjects",
        _ => return None,
    };
    Some(operation.to_owned())
}

const BUCKET_SETTINGS: [(&str, &str); 21] = [
    ("accelerate", "BucketAccelerateConfiguration"),
    ("acl", "BucketAcl"),
    ("analytics", "BucketAnalyticsConfiguration"),
    ("cors", "BucketCors"),
    ("encryption", "BucketEncryption"),
    ("intelligent-tiering", "BucketIntelligentTieringConfiguration"),
    ("inventory", "BucketInventoryConfiguration"),
    ("lifecycle", "BucketLifecycleConfiguration"),
    ("logging", "BucketLogging"),
    ("metrics", "BucketMetricsConfiguration"),
    ("notification", "BucketNotificationConfiguration"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("policy", "BucketPolicy"),
    ("policyStatus", "BucketPolicyStatus"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("replication", "BucketReplication"),
    ("requestPayment", "BucketRequestPayment"),
    ("tagging", "BucketTagging"),
    ("versioning", "BucketVersioning"),
    ("website", "BucketWebsite"),
];

fn cloudfront(method: &Method, segments: &[&str], query: &str) -> Option<String> {
    let verb = method.as_str();
    let fixed = match (verb, segments) {
        ("POST", ["distribution"]) if query::has(query, "WithTags") => "CreateDistributionWithTags",
        ("POST", ["distribution", _, "invalidation"]) => "CreateInvalidation",
        ("GET", ["distribution", _, "invalidation"]) => "ListInvalidations",
        ("GET", ["distribution", _, "invalidation", _]) => "GetInvalidation",
        ("POST", ["distribution", _, "copy"]) => "CopyDistribution",
        ("PUT", ["distribution", _, "associate-alias"]) => "AssociateAlias",
        ("GET", ["tagging"]) => "ListTagsForResource",
        ("POST", ["tagging"]) if query::value(query, "Operation").as_deref() == Some("Untag") => {
            "UntagResource"
        }
        ("POST", ["tagging"]) => "TagResource",
        ("GET", ["function", _, "describe"]) => "DescribeFunction",
        ("POST", ["function", _, "publish"]) => "PublishFunction",
        ("POST", ["function", _, "test"]) => "TestFunction",
        ("POST", ["distributions", _, "monitoring-subscription"]) => "CreateMonitoringSubscription",
        ("GET", ["distributions", _, "monitoring-subscription"]) => "GetMonitoringSubscription",
        ("DELETE", ["distributions", _, "monitoring-subscription"]) => "DeleteMonitoringSubscription",
        ("GET", ["distributionsByCachePolicyId", _]) => "ListDistributionsByCachePolicyId",
        ("GET", ["distributionsByKeyGroupId", _]) => "ListDistributionsByKeyGroup",
        _ => "",
    };
    if !fixed.is_empty() {
        return Some(fixed.to_owned());
    }
    let (noun, plural, rest) = match segments {
        ["origin-access-identity", "cloudfront", rest @ ..] => {
            ("CloudFrontOriginAccessIdentity", "CloudFrontOriginAccessIdentities", rest)
        }
        ["distribution", rest @ ..] => ("Distribution", "Distributions", rest),
        ["origin-access-control", rest @ ..] => ("OriginAccessControl", "OriginAccessControls", rest),
        ["cache-policy", rest @ ..] => ("CachePolicy", "CachePolicies", rest),
        ["origin-request-policy", rest @ ..] => ("OriginRequestPolicy", "OriginRequestPolicies", rest),
        ["response-headers-policy", rest @ ..] => ("ResponseHeadersPolicy", "ResponseHeadersPolicies", rest),
        ["public-key", rest @ ..] => ("PublicKey", "PublicKeys", rest),
        ["key-group", rest @ ..] => ("KeyGroup", "KeyGroups", rest),
        ["function", rest @ ..] => ("Function", "Functions", rest),
        _ => return None,
    };
    Some(match (verb, rest) {
        ("POST", []) => format!("Create{noun}"),
        ("GET", []) => format!("List{plural}"),
        ("GET", [_]) => format!("Get{noun}"),
        ("GET", [_, "config"]) => format!("Get{noun}Config"),
        ("PUT", [_] | [_, "config"]) => format!("Update{noun}"),
        ("DELETE", [_]) => format!("Delete{noun}"),
        _ => return None,
    })
}

fn route53(method: &Method, segments: &[&str]) -> Option<String> {
    let operation = match (method.as_str(), segments) {
        ("POST", ["hostedzone"]) => "CreateHostedZone",
        ("GET", ["hostedzone"]) => "ListHostedZones",
        ("GET", ["hostedzone", _]) => "GetHostedZone",
        ("POST", ["hostedzone", _]) => "UpdateHostedZoneComment",
        ("DELETE", ["hostedzone", _]) => "DeleteHostedZone",
        ("POST", ["hostedzone", _, "rrset"]) => "ChangeResourceRecordSets",
        ("GET", ["hostedzone", _, "rrset"]) => "ListResourceRecordSets",
        ("POST", ["hostedzone", _, "associatevpc"]) => "AssociateVPCWithHostedZone",
        ("POST", ["hostedzone", _, "disassociatevpc"]) => "DisassociateVPCFromHostedZone",
        ("GET", ["hostedzonesbyname"]) => "ListHostedZonesByName",
        ("GET", ["hostedzonecount"]) => "GetHostedZoneCount",
        ("GET", ["change", _]) => "GetChange",
        ("POST", ["tags", _, _]) => "ChangeTagsForResource",
        ("GET", ["tags", _, _]) => "ListTagsForResource",
        ("POST", ["tags", _]) => "ListTagsForResources",
        ("POST", ["healthcheck"]) => "CreateHealthCheck",
        ("GET", ["healthcheck"]) => "ListHealthChecks",
        ("GET", ["healthcheck", _]) => "GetHealthCheck",
        ("POST", ["healthcheck", _]) => "UpdateHealthCheck",
        ("DELETE", ["healthcheck", _]) => "DeleteHealthCheck",
        _ => return None,
    };
    Some(operation.to_owned())
}

fn mediaconvert(method: &Method, segments: &[&str]) -> Option<String> {
    let verb = method.as_str();
    let (noun, rest) = match segments {
        ["endpoints"] if verb == "POST" => return Some("DescribeEndpoints".to_owned()),
        ["tags"] if verb == "POST" => return Some("TagResource".to_owned()),
        ["tags", ..] if verb == "PUT" => return Some("UntagResource".to_owned()),
        ["tags", ..] if verb == "GET" => return Some("ListTagsForResource".to_owned()),
        ["queues", rest @ ..] => ("Queue", rest),
        ["jobTemplates", rest @ ..] => ("JobTemplate", rest),
        ["jobs", rest @ ..] => ("Job", rest),
        ["presets", rest @ ..] => ("Preset", rest),
        _ => return None,
    };
    Some(match (verb, rest) {
        ("POST", []) => format!("Create{noun}"),
        ("GET", []) => format!("List{noun}s"),
        ("GET", [_]) => format!("Get{noun}"),
        ("PUT", [_]) => format!("Update{noun}"),
        ("DELETE", [_]) if noun == "Job" => "CancelJob".to_owned(),
        ("DELETE", [_]) => format!("Delete{noun}"),
        _ => return None,
    })
}

fn lambda(method: &Method, segments: &[&str]) -> Option<String> {
    let operation = match (method.as_str(), segments) {
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions"]) => "ListFunctions",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("GET", ["functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("POST", ["functions", _, "invocations"]) => "Invoke",
        ("POST", ["functions", _, "policy"]) => "AddPermission",
        ("GET", ["functions", _, "policy"]) => "GetPolicy",
        ("DELETE", ["functions", _, "policy", _]) => "RemovePermission",
        ("GET", ["functions", _, "concurrency"]) => "GetFunctionConcurrency",
        ("PUT", ["functions", _, "concurrency"]) => "PutFunctionConcurrency",
        ("DELETE", ["functions", _, "concurrency"]) => "DeleteFunctionConcurrency",
        ("GET", ["functions", _, "code-signing-config"]) => "GetFunctionCodeSigningConfig",
        ("PUT", ["functions", _, "code-signing-config"]) => "PutFunctionCodeSigningConfig",
        ("DELETE", ["functions", _, "code-signing-config"]) => "DeleteFunctionCodeSigningConfig",
        ("POST", ["functions", _, "aliases"]) => "CreateAlias",
        ("POST", ["functions", _, "versions"]) => "PublishVersion",
        ("GET", ["functions", _, "versions"]) => "ListVersionsByFunction",
        ("POST", ["event-source-mappings"]) => "CreateEventSourceMapping",
        ("GET", ["event-source-mappings"]) => "ListEventSourceMappings",
        ("GET", ["event-source-mappings", _]) => "GetEventSourceMapping",
        ("PUT", ["event-source-mappings", _]) => "UpdateEventSourceMapping",
        ("DELETE", ["event-source-mappings", _]) => "DeleteEventSourceMapping",
        ("GET", ["tags", _]) => "ListTags",
        ("POST", ["tags", _]) => "TagResource",
        ("DELETE", ["tags", _]) => "UntagResource",
        _ => return None,
    };
    Some(operation.to_owned())
}

//! What a request is: which operation of which service, on whose behalf, and how it is spoken.

mod rest;

use std::hash::{DefaultHasher, Hash, Hasher};

use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use crate::{accounts::Accounts, proxy::Request, query};

/// One request that the sandbox saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Counts from 1 since the sandbox started or was reset, in the order in which requests arrived.
    pub number: u64,
    /// The account on whose behalf the call was made.
    pub account: String,
    /// The region that the call was signed for; of a global service usually `us-east-1`.
    pub region: String,
    /// The name that the service signs requests under, such as `s3`, `route53` or `secretsmanager`.
    pub service: String,
    /// The operation as the service's API names it, such as `CreateBucket`.
    pub operation: String,
    /// Whether the operation changes anything, judged by its name.
    pub mutating: bool,
    /// The status of the answer, even of one that a fault kept from the caller. Absent while the call is
    /// under way, and for good if it never took effect.
    pub status: Option<u16>,
    /// A digest of what was asked: of the method, the address and the body. Calls of one operation that have
    /// the same asked the same.
    #[serde(default)]
    pub digest: u64,
    /// When the request was there, in milliseconds since the sandbox started.
    #[serde(default)]
    pub began_ms: u64,
    /// When it was answered or cut, on the same clock. What a fault delays or holds is within. Absent while the call is
    /// under way.
    #[serde(default)]
    pub ended_ms: Option<u64>,
    /// What the SDK calls the invocation that this is an attempt of: the header `amz-sdk-invocation-id`, which all
    /// attempts of one invocation share. Absent if the caller sends none.
    #[serde(default)]
    pub invocation_id: Option<String>,
}

/// A request, recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) mutating: bool,
    pub(crate) protocol: Protocol,
}

/// How a service words its requests and, what matters here, its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// XML whose root is the error itself.
    S3,
    /// `ErrorResponse` with the namespace of the service.
    RestXml,
    /// A form in, `ErrorResponse` out.
    Query,
    /// A form in, `Response` with a list of errors out.
    Ec2Query,
    /// `X-Amz-Target` in, `__type` out.
    Json,
    /// The code of an error in a header.
    RestJson,
    /// Smithy's RPC over CBOR.
    Cbor,
}

impl Identity {
    /// Recognises a request by its credential scope, target header, form, or method and path.
    pub(crate) fn of(request: &Request, accounts: &Accounts) -> Self {
        let scope = Scope::of(request);
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let target = header(request, "x-amz-target");
        let form = header(request, CONTENT_TYPE.as_str())
            .filter(|kind| kind.starts_with("application/x-www-form-urlencoded"))
            .and_then(|_| std::str::from_utf8(request.body()).ok());
        let service = scope.service.clone().unwrap_or_else(|| service_of(target, path).to_owned());

        let (operation, protocol) = if let Some((_, operation)) = path.split_once("/operation/")
            && header(request, "smithy-protocol") == Some("rpc-v2-cbor")
        {
            (operation.to_owned(), Protocol::Cbor)
        } else if let Some(target) = target {
            (target.rsplit('.').next().unwrap_or(target).to_owned(), Protocol::Json)
        } else if let Some(action) =
            form.and_then(|form| query::value(form, "Action")).or_else(|| query::value(query, "Action"))
        {
            (action, if service == "ec2" { Protocol::Ec2Query } else { Protocol::Query })
        } else {
            let protocol = match service.as_str() {
                "s3" => Protocol::S3,
                "cloudfront" | "route53" => Protocol::RestXml,
                _ => Protocol::RestJson,
            };
            (rest::operation(&service, request.method(), path, query, request.headers()), protocol)
        };
        Self {
            account: accounts.of_key(scope.access_key.as_deref()),
            region: scope.region.unwrap_or_else(|| crate::REGION.to_owned()),
            service,
            mutating: is_mutating(&operation),
            operation,
            protocol,
        }
    }

    /// Whether this is `operation` of `service`.
    pub(crate) fn is(&self, service: &str, operation: &str) -> bool {
        self.service == service && self.operation == operation
    }
}

/// A digest of what a request asks, however it is signed.
pub(crate) fn digest(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.method(), request.uri(), request.body(), header(request, "x-amz-target")).hash(&mut hasher);
    hasher.finish()
}

/// The value of a header, if it is text.
pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The access key that a request was signed with.
pub(crate) fn access_key(request: &Request) -> Option<String> {
    Scope::of(request).access_key
}

/// The credential scope that a request was signed with, in a header or, when presigned, in the query.
#[derive(Default)]
struct Scope {
    access_key: Option<String>,
    region: Option<String>,
    service: Option<String>,
}

impl Scope {
    fn of(request: &Request) -> Self {
        let credential = header(request, AUTHORIZATION.as_str())
            .and_then(|authorization| authorization.split_once("Credential="))
            .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or(rest).to_owned())
            .or_else(|| query::value(request.uri().query().unwrap_or_default(), "X-Amz-Credential"));
        let Some(credential) = credential else { return Self::default() };
        match credential.split('/').collect::<Vec<_>>()[..] {
            [access_key, _date, region, service, "aws4_request"] => Self {
                access_key: Some(access_key.to_owned()),
                region: Some(region.to_owned()),
                service: Some(service.to_owned()),
            },
            // SigV4a signs for a set of regions, which a header names.
            [access_key, _date, service, "aws4_request"] => Self {
                access_key: Some(access_key.to_owned()),
                region: header(request, "x-amz-region-set").map(str::to_owned),
                service: Some(service.to_owned()),
            },
            _ => Self::default(),
        }
    }
}

/// The service of a request that is not signed.
fn service_of(target: Option<&str>, path: &str) -> &'static str {
    const TARGETS: [(&str, &str); 9] = [
        ("TrentService", "kms"),
        ("secretsmanager", "secretsmanager"),
        ("Logs_20140328", "logs"),
        ("CertificateManager", "acm"),
        ("DynamoDB_20120810", "dynamodb"),
        ("AmazonSQS", "sqs"),
        ("AWSEvents", "events"),
        ("AmazonSSM", "ssm"),
        ("AWS242ServiceCatalogService", "servicecatalog"),
    ];
    const PATHS: [(&str, &str); 4] = [
        ("/2020-05-31/", "cloudfront"),
        ("/2013-04-01/", "route53"),
        ("/2017-08-29/", "mediaconvert"),
        ("/2015-03-31/", "lambda"),
    ];
    let by_target =
        TARGETS.iter().find(|(prefix, _)| target.is_some_and(|target| target.starts_with(prefix)));
    let by_path = PATHS.iter().find(|(prefix, _)| path.starts_with(prefix));
    by_target.or(by_path).map_or("s3", |(_, service)| service)
}

/// Whether an operation changes anything, judged by the first word of its name.
fn is_mutating(operation: &str) -> bool {
    const READS: [&str; 21] = [
        "Get", "List", "Describe", "Head", "BatchGet", "Select", "Query", "Scan", "Search", "Filter",
        "Lookup", "Simulate", "Test", "Validate", "Check", "Estimate", "Assume", "Decode", "Generate",
        "Verify", "Options",
    ];
    const CRYPTOGRAPHY: [&str; 4] = ["Encrypt", "Decrypt", "ReEncrypt", "Sign"];
    !READS.iter().any(|word| operation.starts_with(word)) && !CRYPTOGRAPHY.contains(&operation)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use hyper::body::Bytes;

    use super::*;

    fn identify(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static str) -> Identity {
        let mut builder = hyper::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        Identity::of(&builder.body(Bytes::from(body)).unwrap(), &Accounts::new("123456789012"))
    }

    #[test]
    fn requests_are_recognised_whatever_protocol_they_speak() {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let role = identify("POST", "/", &form, "Action=CreateRole&Version=2010-05-08");
        assert_eq!(
            (role.operation.as_str(), role.protocol, role.mutating),
            ("CreateRole", Protocol::Query, true)
        );

        let signed = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/kms/aws4_request, SignedHeaders=host";
        let key = identify(
            "POST",
            "/",
            &[("authorization", signed), ("x-amz-target", "TrentService.DescribeKey")],
            "{}",
        );
        assert_eq!((key.account.as_str(), key.region.as_str()), ("111122223333", "eu-west-1"));
        assert!(key.is("kms", "DescribeKey") && !key.mutating && key.protocol == Protocol::Json);

        let alarm = identify(
            "POST",
            "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm",
            &[("smithy-protocol", "rpc-v2-cbor")],
            "",
        );
        assert_eq!((alarm.operation.as_str(), alarm.protocol), ("PutMetricAlarm", Protocol::Cbor));
    }

    #[test]
    fn rest_requests_are_recognised_by_method_and_path() {
        for (method, uri, service, operation) in [
            ("PUT", "/bucket", "s3", "CreateBucket"),
            ("PUT", "/bucket/", "s3", "CreateBucket"),
            ("GET", "/", "s3", "ListBuckets"),
            ("GET", "/bucket?list-type=2", "s3", "ListObjectsV2"),
            ("PUT", "/bucket?versioning", "s3", "PutBucketVersioning"),
            ("PUT", "/bucket?lifecycle", "s3", "PutBucketLifecycleConfiguration"),
            ("DELETE", "/bucket?lifecycle", "s3", "DeleteBucketLifecycle"),
            ("GET", "/bucket?publicAccessBlock", "s3", "GetPublicAccessBlock"),
            ("GET", "/bucket/a/b", "s3", "GetObject"),
            ("HEAD", "/bucket", "s3", "HeadBucket"),
            ("POST", "/bucket?delete", "s3", "DeleteObjects"),
            ("POST", "/2020-05-31/distribution?WithTags", "cloudfront", "CreateDistributionWithTags"),
            ("PUT", "/2020-05-31/distribution/E1/config", "cloudfront", "UpdateDistribution"),
            ("GET", "/2020-05-31/distribution/E1/config", "cloudfront", "GetDistributionConfig"),
            ("GET", "/2020-05-31/cache-policy?Type=managed", "cloudfront", "ListCachePolicies"),
            ("DELETE", "/2020-05-31/public-key/K1", "cloudfront", "DeletePublicKey"),
            (
                "POST",
                "/2020-05-31/origin-access-identity/cloudfront",
                "cloudfront",
                "CreateCloudFrontOriginAccessIdentity",
            ),
            ("POST", "/2020-05-31/tagging?Operation=Untag&Resource=x", "cloudfront", "UntagResource"),
            ("POST", "/2013-04-01/hostedzone/Z1/rrset/", "route53", "ChangeResourceRecordSets"),
            ("GET", "/2013-04-01/hostedzone/Z1", "route53", "GetHostedZone"),
            ("POST", "/2017-08-29/jobTemplates", "mediaconvert", "CreateJobTemplate"),
            ("PUT", "/2017-08-29/tags/arn%3Aaws", "mediaconvert", "UntagResource"),
        ] {
            let found = identify(method, uri, &[], "");
            assert_eq!(
                (found.service.as_str(), found.operation.as_str()),
                (service, operation),
                "{method} {uri}"
            );
        }
    }
}

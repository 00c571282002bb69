//! Answers in the words of each protocol.

use hyper::{StatusCode, body::Bytes, header::CONTENT_TYPE};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{SandboxError, call::Protocol, cbor, proxy::Reply, xml::Element};

/// The namespace of CloudFront's documents.
pub(crate) const CLOUDFRONT_NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";
/// The namespace of Route 53's documents.
pub(crate) const ROUTE53_NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// The namespace of IAM's documents.
pub(crate) const IAM_NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// An error that AWS would answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// What `service` answers when it is called too often.
    pub(crate) fn throttled(service: &str) -> Self {
        let (status, code) = match service {
            "s3" => (503, "SlowDown"),
            "cloudfront" | "route53" | "iam" | "sts" | "monitoring" | "sqs" => (400, "Throttling"),
            "sns" => (400, "Throttled"),
            "mediaconvert" | "lambda" => (429, "TooManyRequestsException"),
            _ => (400, "ThrottlingException"),
        };
        let message = if service == "s3" { "Please reduce your request rate." } else { "Rate exceeded" };
        Self::new(status, code, message)
    }

    /// What `service` answers when something went wrong on its side: the call may have taken effect or not.
    pub(crate) fn failed(service: &str) -> Self {
        let code = match service {
            "s3" | "cloudfront" | "route53" => "InternalError",
            "iam" => "ServiceFailure",
            "kms" => "KMSInternalException",
            "secretsmanager" => "InternalServiceError",
            "mediaconvert" => "InternalServerErrorException",
            _ => "InternalFailure",
        };
        Self::new(500, code, "We encountered an internal error. Please try again.")
    }

    /// What `service` answers when it takes no calls for a while.
    pub(crate) fn unavailable(service: &str) -> Self {
        let code = if service == "logs" { "ServiceUnavailableException" } else { "ServiceUnavailable" };
        Self::new(503, code, "Service is unable to handle the request.")
    }

    /// The error as `service` words it.
    pub(crate) fn reply(&self, protocol: Protocol, service: &str) -> Reply {
        let Self { status, code, message } = self;
        let id = Uuid::new_v4().to_string();
        let kind = if *status < 500 { "Sender" } else { "Receiver" };
        let error = |name: &str| {
            Element::new(name)
                .with(Element::of("Code", code.as_str()))
                .with(Element::of("Message", message.as_str()))
        };
        match protocol {
            Protocol::S3 => xml(*status, &error("Error").with(Element::of("RequestId", id))),
            Protocol::RestXml | Protocol::Query => {
                let mut root = Element::new("ErrorResponse");
                let namespace = match service {
                    "cloudfront" => CLOUDFRONT_NAMESPACE,
                    "route53" => ROUTE53_NAMESPACE,
                    "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
                    "sns" => "http://sns.amazonaws.com/doc/2010-03-31/",
                    _ => IAM_NAMESPACE,
                };
                root.attributes.push(("xmlns".to_owned(), namespace.to_owned()));
                let mut inner = error("Error");
                inner.children.insert(0, Element::of("Type", kind));
                xml(*status, &root.with(inner).with(Element::of("RequestId", id)))
            }
            Protocol::Ec2Query => {
                let errors = Element::new("Errors").with(error("Error"));
                xml(*status, &Element::new("Response").with(errors).with(Element::of("RequestID", id)))
            }
            Protocol::Json => {
                let mut reply = json(*status, &json!({ "__type": code, "message": message }));
                set(&mut reply, CONTENT_TYPE.as_str(), "application/x-amz-json-1.1");
                set(&mut reply, "x-amzn-errortype", code);
                if service == "sqs" {
                    set(&mut reply, "x-amzn-query-error", &format!("{};{kind}", query_code(code)));
                }
                reply
            }
            Protocol::RestJson => {
                let mut reply = json(*status, &json!({ "message": message }));
                set(&mut reply, "x-amzn-errortype", code);
                reply
            }
            Protocol::Cbor => {
                let mut reply = cbor(*status, &json!({ "__type": code, "message": message }));
                set(&mut reply, "x-amzn-query-error", &format!("{code};{kind}"));
                reply
            }
        }
    }
}

/// The code that an error of SQS had when SQS took forms, which its clients still go by.
fn query_code(code: &str) -> String {
    match code {
        "QueueDeletedRecently" => format!("AWS.SimpleQueueService.{code}"),
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "QueueNameExists" => "QueueAlreadyExists".to_owned(),
        other => other.to_owned(),
    }
}

/// The emulator failed the front itself: to the caller, an error of the service.
impl From<SandboxError> for Refusal {
    fn from(error: SandboxError) -> Self {
        Self::new(500, "InternalFailure", error.to_string())
    }
}

/// An answer in JSON.
pub(crate) fn json(status: u16, value: &Value) -> Reply {
    let mut reply = bytes(status, value.to_string());
    set(&mut reply, CONTENT_TYPE.as_str(), "application/json");
    reply
}

/// An answer in Smithy's RPC over CBOR.
pub(crate) fn cbor(status: u16, value: &Value) -> Reply {
    let mut reply = bytes(status, cbor::encode(value));
    set(&mut reply, CONTENT_TYPE.as_str(), "application/cbor");
    set(&mut reply, "smithy-protocol", "rpc-v2-cbor");
    reply
}

/// An answer in XML.
pub(crate) fn xml(status: u16, root: &Element) -> Reply {
    let mut reply = bytes(status, root.document());
    set(&mut reply, CONTENT_TYPE.as_str(), "text/xml");
    reply
}

/// An answer with a body, or none if it is empty.
pub(crate) fn bytes(status: u16, body: impl Into<Bytes>) -> Reply {
    let mut reply = Reply::new(body.into());
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut reply, "x-amzn-requestid", &Uuid::new_v4().to_string());
    reply
}

/// Sets a header, unless its value cannot stand in one.
pub(crate) fn set(reply: &mut Reply, name: &str, value: &str) {
    let name = hyper::header::HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, hyper::header::HeaderValue::from_str(value)) {
        reply.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn errors_are_worded_by_protocol() {
        let refusal = Refusal::new(409, "Conflict", "a < b");
        let text =
            |protocol, service| String::from_utf8(refusal.reply(protocol, service).body().to_vec()).unwrap();
        assert!(text(Protocol::S3, "s3").contains("<Error><Code>Conflict</Code><Message>a &lt; b</Message>"));
        assert!(
            text(Protocol::RestXml, "cloudfront").contains("<Error><Type>Sender</Type><Code>Conflict</Code>")
        );
        assert!(text(Protocol::Json, "kms").contains("\"__type\":\"Conflict\""));
        let rest = refusal.reply(Protocol::RestJson, "mediaconvert");
        assert_eq!(
            (rest.status().as_u16(), &rest.headers()["x-amzn-errortype"]),
            (409, &"Conflict".parse().unwrap())
        );
        let cbor = refusal.reply(Protocol::Cbor, "monitoring");
        let told = cbor::decode(cbor.body()).unwrap();
        assert_eq!(told, json!({ "__type": "Conflict", "message": "a < b" }));
        assert_eq!(cbor.headers()["x-amzn-query-error"], "Conflict;Sender");
    }
}

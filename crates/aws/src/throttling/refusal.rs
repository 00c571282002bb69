//! Whether an answer says that a service is called too often, in the words of each protocol.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// The codes with which services throttle, by their API references, and S3, SNS and SQS where KMS throttles them.
///
/// Not the quotas that bear a similar name, such as `LimitExceededException`: time does not help there. Nor
/// `PriorRequestNotComplete`, with which Route 53 refuses a second change of the same zone, however slow the first.
const CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "KMS.ThrottlingException",
    "KMSThrottling",
    "KmsThrottled",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Whether a service has refused a call because it is called too often. Such a call has not taken effect.
pub(crate) fn is_throttled(reply: &HttpResponse) -> bool {
    let status = reply.status();
    (status.is_client_error() || status.is_server_error())
        && code(reply).is_some_and(|code| CODES.contains(&code))
}

/// The code of an error.
fn code(reply: &HttpResponse) -> Option<&str> {
    // `x-amzn-query-error` has the code under which a service's errors went before it spoke JSON or CBOR.
    if let Some(code) = reply.headers().get("x-amzn-errortype") {
        return Some(bare(code));
    }
    let body = reply.body().bytes()?;
    match body.trim_ascii_start().first()? {
        b'<' => between(body, b"<Code>", b"</Code>").map(str::trim),
        b'{' => ["\"__type\"", "\"code\""].iter().find_map(|name| {
            let rest = after(body, name.as_bytes())?.trim_ascii_start().strip_prefix(b":")?;
            between(rest.trim_ascii_start().strip_prefix(b"\"")?, b"", b"\"").map(bare)
        }),
        // A map in CBOR, where texts follow their lengths.
        _ => match after(body, b"f__type")? {
            [head @ 0x60..=0x77, rest @ ..] => text(rest.get(..usize::from(head - 0x60))?).map(bare),
            [0x78, length, rest @ ..] => text(rest.get(..usize::from(*length))?).map(bare),
            _ => None,
        },
    }
}

/// A code without its namespace (`com.amazonaws.sqs#…`) and what may come after it (`…:http://…`).
fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code)
}

fn between<'a>(body: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a str> {
    let rest = after(body, start)?;
    text(&rest[..position(rest, end)?])
}

fn after<'a>(body: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    body.get(position(body, what)? + what.len()..)
}

fn position(body: &[u8], what: &[u8]) -> Option<usize> {
    if what.is_empty() {
        return Some(0);
    }
    body.windows(what.len()).position(|window| window == what)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &[u8]) -> HttpResponse {
        let mut reply = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        for (name, value) in headers {
            reply.headers_mut().insert(*name, *value);
        }
        reply
    }

    fn says(status: u16, body: &str) -> bool {
        is_throttled(&reply(status, &[], body.as_bytes()))
    }

    #[test]
    fn it_is_said_in_xml() {
        let iam = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
            <Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        assert!(says(400, iam));
        let s3 = "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>";
        assert!(says(503, s3));
        assert!(!says(400, &iam.replace("Throttling", "NoSuchEntity")));
        assert!(!says(200, iam), "only an error is one");
        assert!(!says(503, "<html>Service Unavailable</html>"));
    }

    #[test]
    fn it_is_said_in_json() {
        assert!(says(400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#));
        assert!(says(400, r#" { "message": "x", "__type" : "com.amazonaws.sqs#RequestThrottled" }"#));
        assert!(says(429, r#"{"code":"TooManyRequestsException"}"#));
        assert!(!says(400, r#"{"__type":"LimitExceededException","message":"ThrottlingException"}"#));
        assert!(!says(400, r#"{"__type":7}"#));
        let lambda = reply(429, &[("x-amzn-errortype", "TooManyRequestsException:http://internal/")], b"{}");
        assert!(is_throttled(&lambda));
    }

    #[test]
    fn it_is_said_in_cbor() {
        let said = |code: &str| {
            let length = u8::try_from(code.len()).unwrap();
            let head = if length < 24 { vec![0x60 + length] } else { vec![0x78, length] };
            let body = [b"\xa1f__type".as_slice(), &head, code.as_bytes()].concat();
            is_throttled(&reply(400, &[("smithy-protocol", "rpc-v2-cbor")], &body))
        };
        assert!(said("Throttling") && said("com.amazonaws.cloudwatch#ThrottlingException"));
        assert!(!said("ResourceNotFound") && !said("com.amazonaws.cloudwatch#ResourceNotFound"));
    }

    #[test]
    fn what_is_cut_short_says_nothing() {
        let whole = b"\xa1f__typejThrottling";
        assert!(is_throttled(&reply(400, &[], whole)));
        for length in 0..whole.len() {
            assert!(!is_throttled(&reply(400, &[], &whole[..length])), "{length}");
        }
        for body in ["", "<", "<Code>Throttling", "{", "{\"__type\":\"Throttling"] {
            assert!(!says(400, body), "{body}");
        }
    }
}

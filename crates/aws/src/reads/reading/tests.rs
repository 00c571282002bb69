//! What a reading remembers, and what it does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

/// Answers each request with its number, after a while, and with a status that its path says. A body is
/// the code of a refusal.
#[derive(Clone, Debug, Default)]
struct Service(Arc<AtomicUsize>);

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let status: u16 = request.uri().rsplit('/').next().unwrap().parse().unwrap();
        let code = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let status = StatusCode::try_from(status).unwrap();
            let body = serde_json::json!({ "__type": code, "number": number.to_string() });
            let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
            response.headers_mut().append("x-number", number.to_string());
            Ok(response)
        })
    }
}

struct Client {
    connector: RememberingConnector,
    sent: Arc<AtomicUsize>,
}

impl Client {
    fn new() -> Self {
        let service = Service::default();
        let sent = service.0.clone();
        let connector = SharedHttpConnector::new(service);
        Self { connector: RememberingConnector { connector, remembered: Arc::default() }, sent }
    }

    fn reading(&self) -> Reading {
        self.connector.remembered.begin()
    }

    async fn ask(&self, request: HttpRequest) -> String {
        let response = self.connector.call(request).await.unwrap();
        let header = response.headers().get("x-number").unwrap().to_owned();
        let body = ByteStream::new(response.into_body()).collect().await.unwrap().to_vec();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(header, body["number"], "headers and body are those of one reply");
        header
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

fn request(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_uri(format!("https://iam.amazonaws.com/{status}")).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, *value);
    }
    request
}

fn signed(invocation: &'static str, scope: &'static str) -> HttpRequest {
    let headers =
        [("amz-sdk-invocation-id", invocation), ("authorization", scope), ("x-amz-date", invocation)];
    request(200, &headers, "Action=GetRole")
}

#[tokio::test]
async fn the_same_question_is_asked_once_while_nothing_is_changed() {
    let client = Client::new();
    let reading = client.reading();
    let ask = |invocation| client.ask(signed(invocation, "AWS4 Credential=A/1/us-east-1/iam, Signature=1"));
    let (one, two) = futures::join!(ask("1"), ask("2"));
    assert_eq!((one.as_str(), two.as_str(), ask("3").await.as_str()), ("1", "1", "1"));
    assert_eq!(client.sent(), 1);

    // Another is alive when the first ends.
    let other = client.reading();
    drop(reading);
    assert_eq!(ask("4").await, "1");
    drop(other);
    assert_eq!((ask("5").await.as_str(), ask("6").await.as_str()), ("2", "3"), "now each is asked");
    let _reading = client.reading();
    assert_eq!(ask("7").await, "4", "and nothing is known from before");
}

#[tokio::test]
async fn another_question_is_another_question() {
    let client = Client::new();
    let _reading = client.reading();
    let scope = "AWS4 Credential=A/1/us-east-1/iam, Signature=1";
    let requests = [
        signed("1", scope),
        signed("1", "AWS4 Credential=A/1/eu-west-1/iam, Signature=1"),
        signed("1", "AWS4 Credential=B/1/us-east-1/iam, Signature=1"),
        request(200, &[], "Action=GetRole"),
        request(200, &[], "Action=GetUser"),
        request(200, &[("x-amz-target", "Logs.DescribeLogGroups")], ""),
        request(200, &[("x-amz-target", "Logs.ListTagsForResource")], ""),
        request(404, &[], ""),
    ];
    let mut answers = Vec::new();
    for request in requests {
        answers.push(client.ask(request).await);
    }
    assert_eq!(answers, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(client.ask(request(404, &[], "")).await, "8", "that there is none is an answer");
    let absent = "com.amazonaws.kms#NotFoundException";
    assert_eq!(client.ask(request(400, &[], absent)).await, client.ask(request(400, &[], absent)).await);
}

#[tokio::test]
async fn a_failure_is_nobody_elses() {
    let client = Client::new();
    let _reading = client.reading();
    for status in [400, 403, 429, 500, 503] {
        let before = client.sent();
        let ask = || client.ask(request(status, &[], "ThrottlingException"));
        let (one, two) = futures::join!(ask(), ask());
        assert_ne!(one, two, "{status}");
        assert_eq!(client.sent(), before + 2, "{status}");
    }
}

#[tokio::test]
async fn what_is_repeated_is_asked_anew() {
    let client = Client::new();
    let _reading = client.reading();
    let ask = || client.ask(request(200, &[], ""));
    assert_eq!((ask().await.as_str(), anew(ask()).await.as_str()), ("1", "2"));
}

#[tokio::test]
async fn whoever_asks_and_goes_leaves_the_question_to_the_others() {
    let client = Client::new();
    let _reading = client.reading();
    let ask = || client.ask(request(200, &[], ""));
    let mut first = Box::pin(ask());
    assert!(futures::poll!(first.as_mut()).is_pending());
    let second = async {
        drop(first);
        ask().await
    };
    assert_eq!(second.await, "2");
}

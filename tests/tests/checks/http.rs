//! Requests, and what must be answered.

use crate::environment::{BUCKET, apply, finding, shown, verify, world};
use crate::server::{Answer, Server};

fn answer(request: &crate::server::Request, _before: usize) -> Answer {
    match request.target.as_str() {
        "/index.m3u8" => (
            200,
            vec!["Content-Type: application/vnd.apple.mpegurl", "X-Cache: Miss from cloudfront"],
            "#EXTM3U\n#EXT-X-VERSION:3\n".to_owned(),
        ),
        "/private" => (403, vec![], "<Error><Code>MissingKey</Code></Error>".to_owned()),
        "/moved" => (301, vec!["Location: /index.m3u8"], String::new()),
        "/echo" => (201, vec![], format!("{} {}", request.method, request.body)),
        _ => (404, vec![], String::new()),
    }
}

#[test]
fn answers_are_as_they_must_be_or_it_is_said_how_they_are_not() {
    let server = Server::new(answer);
    let url = &server.url;
    let world = world(&format!(
        r#"{BUCKET}
[check.manifest]
description = "The manifest is there"

[check.manifest.http]
url = "{url}/index.m3u8"
expect_headers = {{ content-type = "mpegurl", X-Cache = "" }}
expect_body_contains = "\n#EXT-X-VERSION:"
attempts = 1

[check.denied]
description = "Who has no cookies is denied"
http = {{ url = "{url}/private", expect_status = [403], expect_body_contains = "MissingKey" }}

[check.moved]
description = "Redirects are seen, and not followed"
http = {{ url = "{url}/moved", method = "HEAD", expect_status = [301, 308], expect_headers = {{ location = "/index" }} }}

[check.sent]
description = "What is sent arrives"
http = {{ url = "{url}/echo", method = "PUT", headers = {{ X-Who = "me" }}, body = "ü", expect_status = [201], expect_body_contains = "PUT ü" }}

[check.open]
description = "What should be denied is not"
http = {{ url = "{url}/index.m3u8", expect_status = [401, 403], attempts = 1 }}

[check.header]
description = "A header is another"
http = {{ url = "{url}/index.m3u8", expect_headers = {{ x-cache = "Hit" }}, attempts = 1 }}

[check.lacking]
description = "A header is missing"
severity = "warning"
http = {{ url = "{url}/index.m3u8", expect_headers = {{ x-amz-cf-id = "" }}, attempts = 1 }}

[check.body]
description = "Something is missing"
http = {{ url = "{url}/private", expect_status = [403], expect_body_contains = "MissingPolicy", attempts = 1 }}

[check.several]
description = "The second of two is missing"
http = [{{ url = "{url}/index.m3u8" }}, {{ url = "{url}/nothing", attempts = 1 }}, {{ url = "{url}/never" }}]

[check.dead]
description = "Nobody is there"
http = {{ url = "http://127.0.0.1:9/", attempts = 1, timeout = 2 }}

[check.edge]
description = "The edge answers"
http = {{ url = "https://d111111abcdef8.cloudfront.net/index.m3u8" }}

[check.domain]
description = "The domain leads to the edge"
http = [{{ url = "{url}/index.m3u8" }}, {{ url = "https://cdn.storytime.example/index.m3u8" }}]
"#
    ));
    apply(&world);
    let output = verify(&world, &[]);
    assert_eq!(output.code, Some(1), "{output}");
    let text = shown(&world, &output);
    let emulator = regex::Regex::new(r"\(http://127\.0\.0\.1:PORT\)").unwrap();
    insta::assert_snapshot!(emulator.replace_all(&text, "(EMULATOR)"));
    let requests = server.requests();
    let sent = requests.iter().find(|request| request.target == "/echo").unwrap();
    assert_eq!((sent.header("x-who"), sent.body.as_str()), (Some("me"), "ü"));
    assert!(requests.iter().all(|request| request.target != "/never"), "nothing is tried after a failure");
}

#[test]
fn what_is_not_so_yet_is_tried_again() {
    let server = Server::new(|_, before| match before {
        0 => (503, vec![], String::new()),
        1 => (200, vec![], "not yet".to_owned()),
        _ => (200, vec![], "ready".to_owned()),
    });
    let url = &server.url;
    let world = world(&format!(
        "{BUCKET}[check.ready]\ndescription = \"It becomes ready\"\nhttp = {{ url = \"{url}/\", expect_body_contains = \"ready\" }}\n"
    ));
    apply(&world);
    assert_eq!(finding(&world, "ready"), ("passed".to_owned(), vec![format!("GET {url}/ answered 200")]));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn who_does_not_answer_in_time_has_not_answered() {
    let server = Server::new(|_, _| {
        std::thread::sleep(std::time::Duration::from_secs(3));
        (200, vec![], String::new())
    });
    let url = &server.url;
    let world = world(&format!(
        "{BUCKET}[check.slow]\ndescription = \"It is slow\"\nhttp = {{ url = \"{url}/\", timeout = 1, attempts = 1 }}\n"
    ));
    apply(&world);
    let (result, reasons) = finding(&world, "slow");
    assert_eq!(result, "failed");
    assert!(reasons[0].starts_with(&format!("GET {url}/ was not answered: timeout")), "{reasons:?}");
}

#[test]
fn what_is_secret_in_a_request_is_not_shown() {
    let server = Server::new(|request, _| (200, vec![], request.target.clone()));
    let url = &server.url;
    let world = world(&format!(
        "{BUCKET}[variable.word]\ndefault = \"hunter2\"\nsensitive = true\n[check.a]\ndescription = \"A\"\nhttp = {{ url = \"{url}/${{var.word}}\", attempts = 1, expect_body_contains = \"x${{var.word}}\" }}\n[check.b]\ndescription = \"B\"\nhttp = {{ url = \"https://${{var.word}}.example\" }}\n"
    ));
    apply(&world);
    let output = verify(&world, &[]);
    assert!(!format!("{output}").contains("hunter2"), "{output}");
    assert_eq!(server.requests()[0].target, "/hunter2");
    let (result, reasons) = finding(&world, "a");
    assert_eq!(
        (result.as_str(), &reasons[0][..]),
        ("failed", "the GET request answered 200 without the text that must be in it")
    );
}

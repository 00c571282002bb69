//! Requests that are signed for CloudFront, with a key from Secrets Manager.

use provision_tests::World;

use crate::environment::{apply, finding, world};
use crate::server::{Request, Server};

/// A key pair whose private half is in a secret, labelled or not.
const KEY: &str = r#"
[resource.tls_private_key.pair]
algorithm = "RSA"
rsa_bits = 2048

[resource.aws_secretsmanager_secret.key]
name = "${env.project}/key"
recovery_window_in_days = 0

[resource.aws_secretsmanager_secret_version.key]
secret_id = "${aws_secretsmanager_secret.key.id}"
secret_string = "${tls_private_key.pair.private_key_pem}"
"#;

fn server() -> Server {
    Server::new(|request, _| {
        let cookies = request.header("cookie").unwrap_or_default();
        let is_signed = [request.target.as_str(), cookies].iter().any(|text| text.contains("Signature="));
        (if is_signed { 200 } else { 403 }, vec![], String::new())
    })
}

fn checked(server: &Server, url: &str, signed_by: &str) -> World {
    let url = format!("{}{url}", server.url);
    let world = world(&format!(
        "{KEY}[check.plays]\ndescription = \"Who is let in is let in\"\n[[check.plays.http]]\nurl = \"{url}\"\nexpect_status = [403]\n[[check.plays.http]]\nurl = \"{url}\"\nattempts = 1\n[check.plays.http.signed_by]\nsecret = \"${{aws_secretsmanager_secret.key.name}}\"\n{signed_by}\n"
    ));
    apply(&world);
    world
}

/// The last request that was sent, where the check has passed.
fn signed(world: &World, server: &Server) -> Request {
    let (result, reasons) = finding(world, "plays");
    assert_eq!(result, "passed", "{reasons:?}");
    assert!(reasons.iter().all(|reason| !reason.contains("Signature")), "{reasons:?}");
    server.requests().pop().unwrap()
}

#[test]
fn urls_are_signed() {
    let server = server();
    let world = checked(&server, "/books/17/index.m3u8?a=b", "key_pair_id = \"K1\"");
    let target = signed(&world, &server).target;
    assert!(target.starts_with("/books/17/index.m3u8?a=b&Expires="), "{target}");
    assert!(target.ends_with("&Key-Pair-Id=K1"), "{target}");
}

#[test]
fn cookies_are_signed() {
    let server = server();
    let world = checked(
        &server,
        "/books/17",
        "key_pair_id = \"K1\"\nwith = \"cookies\"\nresource = \"http://*/books/*\"",
    );
    let request = signed(&world, &server);
    assert_eq!(request.target, "/books/17");
    let cookies = request.header("cookie").unwrap();
    assert!(cookies.starts_with("CloudFront-Policy="), "{cookies}");
    assert!(
        cookies.contains("; CloudFront-Signature=") && cookies.ends_with("; CloudFront-Key-Pair-Id=K1"),
        "{cookies}"
    );
}

#[test]
fn the_secret_itself_can_say_which_key_it_is() {
    let server = server();
    let world = checked(&server, "/a", "");
    let why = "its secret does not say which public key it belongs to: set `key_pair_id`";
    let url = format!("GET {}/a cannot be signed: {why}", server.url);
    assert_eq!(finding(&world, "plays"), ("failed".to_owned(), vec![url]));
    crate::sign::label(&world, &format!("{}/key", world.project()), "K2LABEL");
    assert!(signed(&world, &server).target.ends_with("&Key-Pair-Id=K2LABEL"));
}

#[test]
fn a_secret_without_a_key_fails_the_check() {
    let server = server();
    let world = checked(&server, "/a", "key_pair_id = \"K1\"");
    let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
    let id = format!("{}/key", world.project());
    world.wait(secrets.put_secret_value().secret_id(&id).secret_string("hunter2").send()).unwrap();
    let (result, reasons) = finding(&world, "plays");
    assert_eq!(result, "failed");
    assert!(
        reasons[0].contains("there is no private key in it") && !reasons[0].contains("hunter2"),
        "{reasons:?}"
    );
}

//! Whose account it is, and what is said first when the credentials or the network are missing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use provision_aws::{Aws, account_id};

use crate::lab::Lab;

#[tokio::test]
async fn is_that_of_the_credentials() {
    let lab = Lab::new().await;
    let account = account_id(&Aws::with_config(lab.sdk.clone())).await.unwrap();
    assert!(account.len() == 12 && account.starts_with("1000000"), "{account}");
}

/// Run by the tests below in a process of its own, whose environment is what matters. Prints what is said.
#[tokio::test]
#[ignore = "has to be run in an environment made for it"]
async fn in_this_environment() {
    let start = Instant::now();
    let aws = Aws::new();
    aws.set_region("eu-central-1");
    let error = account_id(&aws).await.unwrap_err();
    let quick = start.elapsed() < Duration::from_secs(20);
    println!("said: {error} | {} | within 20 s: {quick}", error.hint.as_deref().unwrap_or_default());
}

/// What is said with nothing in the environment but `variables`.
fn said_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "account::in_this_environment", "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", "/nonexistent")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    output.split("said: ").nth(1).unwrap_or(&output).lines().next().unwrap_or_default().to_owned()
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "secret")];

#[test]
fn needs_credentials() {
    // The metadata service of EC2 refuses, or does not answer: as on a machine without a network, and on one behind
    // a firewall.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for metadata in ["127.0.0.1:9".to_owned(), silent.local_addr().unwrap().to_string()] {
        let said = said_with(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &format!("http://{metadata}"))]);
        assert!(
            said.starts_with("no AWS credentials were found | set AWS_PROFILE, or AWS_ACCESS_KEY_ID"),
            "{said}"
        );
        assert!(said.ends_with("within 20 s: true"), "{said}");
    }
    let said = said_with(&[("AWS_PROFILE", "nobody"), ("AWS_EC2_METADATA_DISABLED", "true")]);
    assert!(said.starts_with("no AWS credentials were found, and AWS_PROFILE is nobody | "), "{said}");
}

#[test]
fn needs_credentials_that_work() {
    let said = said_with(&[
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/none"),
    ]);
    assert!(said.starts_with("the AWS credentials cannot be used: "), "{said}");
}

#[test]
fn needs_the_network() {
    let said = said_with(&[KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]);
    assert!(said.starts_with("AWS could not be reached: "), "{said}");
    assert!(said.contains(" | check the network, or AWS_ENDPOINT_URL"), "{said}");
}

#[test]
fn needs_aws_at_the_other_end() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in other.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ =
                stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    let said = said_with(&[KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", &format!("http://{address}"))]);
    assert!(
        said.starts_with("what answers in place of AWS is something else | check AWS_ENDPOINT_URL"),
        "{said}"
    );
}

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value as Json, json};

use super::*;
use crate::checks::{Web, WebReply, WebRequest};
use crate::clients::Aws;

/// S3 and MediaConvert, as far as one job concerns them.
#[derive(Default)]
struct Fake {
    /// What the job says when it is looked at, one after the other; the last for ever.
    looks: Vec<Json>,
    /// The keys that are there before the job, and those that it writes.
    before: Vec<&'static str>,
    written: Vec<&'static str>,
    /// What was asked: method, path and query, body.
    asked: Vec<(String, String, String)>,
}

impl Fake {
    fn answer(&mut self, method: &str, target: &str, body: &str) -> String {
        self.asked.push((method.to_owned(), target.to_owned(), body.to_owned()));
        match (method, target) {
            ("POST", "/2017-08-29/jobs") => {
                self.before.append(&mut self.written);
                json!({ "job": { "id": "1-a" } }).to_string()
            }
            ("GET", target) if target.starts_with("/2017-08-29/jobs/1-a") => {
                let look = if self.looks.len() > 1 { self.looks.remove(0) } else { self.looks[0].clone() };
                json!({ "job": look }).to_string()
            }
            ("DELETE", target) if target.starts_with("/2017-08-29/jobs/1-a") => "{}".to_owned(),
            ("GET", target) if target.contains("list-type=2") => {
                let keys = self.before.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>"));
                format!("<ListBucketResult>{}</ListBucketResult>", keys.collect::<String>())
            }
            ("POST", target) if target.contains("delete") => "<DeleteResult/>".to_owned(),
            _ => "<Error><Code>NotImplemented</Code></Error>".to_owned(),
        }
    }

    fn asked(&self, method: &str, part: &str) -> Vec<String> {
        let those = self.asked.iter().filter(|(known, target, _)| known == method && target.contains(part));
        those.map(|(_, _, body)| body.clone()).collect()
    }
}

fn serve(fake: Arc<Mutex<Fake>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (method, target, body) = read(&mut stream);
            let reply = fake.lock().unwrap().answer(&method, &target, &body);
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", reply.len());
            stream.write_all((head + &reply).as_bytes()).unwrap();
        }
    });
    address
}

fn read(stream: &mut TcpStream) -> (String, String, String) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines
        .iter()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let mut words = lines[0].split(' ').map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap(), String::from_utf8(body).unwrap())
}

/// Nobody asks anything else.
struct NoWeb;

impl Web for NoWeb {
    fn send(&self, _request: WebRequest) -> BoxFuture<'_, Result<WebReply, String>> {
        async { Err("there is no network".to_owned()) }.boxed()
    }
}

async fn transcode(fake: Fake, timeout: u64) -> (Result<String, String>, Fake) {
    let fake = Arc::new(Mutex::new(fake));
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(serve(fake.clone()))
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let job = MediaConvertJob {
        role: "arn:aws:iam::111122223333:role/convert".to_owned(),
        queue: Some("arn:aws:mediaconvert:us-east-1:111122223333:queues/q".to_owned()),
        job_template: "hls".to_owned(),
        input: "s3://masters/sample.mp4".to_owned(),
        destination: "s3://out/books/check/index".to_owned(),
        expect_keys: vec!["books/check/index.m3u8".to_owned(), "books/check/index_360p_00001.ts".to_owned()],
        timeout,
        region: None,
    };
    let probing = Probing::new(Arc::new(Aws::with_config(sdk)), Arc::new(NoWeb));
    let outcome = probing.transcode(&job).await;
    let fake = std::mem::take(&mut *fake.lock().unwrap());
    (outcome, fake)
}

fn complete() -> Vec<Json> {
    vec![json!({ "status": "PROGRESSING" }), json!({ "status": "COMPLETE" })]
}

const WRITTEN: [&str; 3] =
    ["books/check/index.m3u8", "books/check/index_360p.m3u8", "books/check/index_360p_00001.ts"];

#[tokio::test]
async fn a_job_is_waited_for_and_what_it_wrote_is_removed() {
    let (outcome, fake) =
        transcode(Fake { looks: complete(), written: WRITTEN.to_vec(), ..Fake::default() }, 60).await;
    assert_eq!(outcome, Ok("the job 1-a wrote 3 objects to s3://out/books/check/".to_owned()));
    let made: Json = serde_json::from_str(&fake.asked("POST", "/jobs")[0]).unwrap();
    assert_eq!(made["jobTemplate"], "hls");
    assert_eq!(made["settings"]["inputs"][0]["fileInput"], "s3://masters/sample.mp4");
    let group = &made["settings"]["outputGroups"][0]["outputGroupSettings"];
    assert_eq!(group["type"], "HLS_GROUP_SETTINGS");
    assert_eq!(group["hlsGroupSettings"]["destination"], "s3://out/books/check/index");
    let removed = fake.asked("POST", "delete");
    assert!(WRITTEN.iter().all(|key| removed[0].contains(&format!("<Key>{key}</Key>"))), "{removed:?}");
}

#[tokio::test]
async fn a_job_that_fails_or_writes_too_little_fails_the_check() {
    let looks = vec![json!({ "status": "ERROR", "errorMessage": "no such input" })];
    let (outcome, fake) =
        transcode(Fake { looks, written: WRITTEN[..1].to_vec(), ..Fake::default() }, 60).await;
    assert_eq!(outcome, Err("the job 1-a has failed: no such input".to_owned()));
    assert_eq!(fake.asked("POST", "delete").len(), 1, "what it wrote is removed all the same");
    let (outcome, _) =
        transcode(Fake { looks: complete(), written: WRITTEN[..2].to_vec(), ..Fake::default() }, 60).await;
    assert_eq!(
        outcome,
        Err("the job 1-a is complete, and there is no books/check/index_360p_00001.ts in out".to_owned())
    );
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_canceled() {
    let looks = vec![json!({ "status": "SUBMITTED" })];
    let (outcome, fake) = transcode(Fake { looks, ..Fake::default() }, 1).await;
    assert_eq!(outcome, Err("the job 1-a was not complete after 1 s".to_owned()));
    assert_eq!(fake.asked("DELETE", "/jobs/1-a").len(), 1);
    assert_eq!(fake.asked("POST", "delete").len(), 0, "there is nothing to remove");
}

#[tokio::test]
async fn nothing_is_written_where_there_is_something() {
    let (outcome, fake) =
        transcode(Fake { before: vec!["books/check/mine.ts"], ..Fake::default() }, 60).await;
    assert_eq!(
        outcome,
        Err("there is something under the destination already, s3://out/books/check/mine.ts".to_owned())
    );
    assert_eq!(fake.asked("POST", "/"), [""; 0]);
}

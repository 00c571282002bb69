//! Trying what checks want tried: objects of S3, jobs of MediaConvert, requests that may have to be signed.
//!
//! An emulator has no edge locations, no DNS and no encoders. What it cannot answer is skipped, and never passed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use provision_engine::checklist::{Attempt, Check, Outcome, Prober};

use crate::clients::Aws;

mod http;
mod media_convert_job;
mod s3;

/// Tries what checks want tried.
pub struct Probing {
    aws: Arc<Aws>,
    web: Arc<dyn Web>,
}

/// Who sends HTTP requests that are not the AWS SDK's.
pub trait Web: Send + Sync {
    /// Sends one, follows no redirect, and gives the answer whatever its status, or says why there is none.
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebReply, String>>;
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct WebRequest {
    /// Its method.
    pub method: String,
    /// Its URL.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// What it brings along.
    pub body: Option<Vec<u8>>,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct WebReply {
    /// Its status.
    pub status: u16,
    /// Its headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, or the first megabyte of it.
    pub body: Vec<u8>,
}

impl Probing {
    /// Tries with clients from `aws`; other requests are sent by `web`.
    pub fn new(aws: Arc<Aws>, web: Arc<dyn Web>) -> Self {
        Self { aws, web }
    }

    /// The outcomes of all probes of a check, up to one that fails. Objects that were put are removed, whatever came of
    /// the others.
    async fn outcomes(&self, check: &Check) -> Vec<Outcome> {
        let (mut outcomes, mut placed) = (Vec::new(), Vec::new());
        for probe in &check.probes {
            let outcome = match &probe.attempt {
                Attempt::S3(object) => {
                    let (outcome, left) = self.object(object, probe.sensitive).await;
                    placed.extend(left);
                    outcome
                }
                Attempt::MediaConvertJob(job) => self.job(job).await,
                Attempt::Http(request) => self.request(request, probe.sensitive).await,
            };
            let has_failed = matches!(outcome, Outcome::Failed(_));
            outcomes.push(outcome);
            if has_failed {
                break;
            }
        }
        for object in placed {
            outcomes.extend(object.remove().await.err().map(Outcome::Failed));
        }
        outcomes
    }
}

impl Prober for Probing {
    fn probe<'a>(&'a self, check: &'a Check) -> BoxFuture<'a, Vec<Outcome>> {
        self.outcomes(check).boxed()
    }
}

/// The host of a URL, without its port.
fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine.
fn is_this_machine(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_urls() {
        for (url, expected) in [
            ("https://cdn.example.com/a:b", "cdn.example.com"),
            ("http://127.0.0.1:8080/a", "127.0.0.1"),
            ("http://[::1]:80?a", "::1"),
            ("http://user:word@localhost", "localhost"),
            ("https://cdn.example.com#@localhost", "cdn.example.com"),
        ] {
            assert_eq!(host(url), expected);
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for name in ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_this_machine(name), "{name}");
        }
        for name in ["localhost.example.com", "192.0.2.1", "d1.cloudfront.net", "::2", ""] {
            assert!(!is_this_machine(name), "{name}");
        }
    }
}

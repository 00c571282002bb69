//! Requests, and what must be answered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use provision_engine::checklist::{HttpRequest, Outcome, SignedBy};

use super::{Probing, WebReply, WebRequest, host, is_this_machine};
use crate::signing::{Address, HashAlgorithm, Policy, Signer, SigningError, Terms, stored_key};

/// How long a signature holds, in seconds.
const VALIDITY: i64 = 600;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

impl Probing {
    /// Sends a request until it is answered as it must be, or has been tried as often as it may be. `sensitive`: whether
    /// nothing of it is shown.
    pub(super) async fn request(&self, request: &HttpRequest, sensitive: bool) -> Outcome {
        let what = match sensitive {
            true => format!("the {} request", request.method),
            false => format!("{} {}", request.method, request.url),
        };
        if let Some(why) = self.unanswerable(&request.url).await {
            return Outcome::Skipped(match sensitive {
                true => {
                    format!("{what} was not sent: its host is not on this machine, and AWS is an emulator")
                }
                false => format!("{what} was not sent: {why}"),
            });
        }
        let signed = match self.signed(request).await {
            Ok(signed) => signed,
            Err(why) => return Outcome::Failed(format!("{what} cannot be signed: {why}")),
        };
        let mut pause = Duration::from_secs(1);
        let mut attempt = 1;
        loop {
            let trouble = match self.web.send(signed.clone()).await {
                Ok(reply) => match trouble(request, &reply, sensitive) {
                    None => return Outcome::Passed(format!("{what} answered {}", reply.status)),
                    Some(trouble) => trouble,
                },
                Err(why) => format!("was not answered: {why}"),
            };
            if attempt >= request.attempts {
                return Outcome::Failed(format!("{what} {trouble}"));
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Why nobody here can answer for a URL, if so.
    async fn unanswerable(&self, url: &str) -> Option<String> {
        let emulator = self.aws.emulator().await?;
        let host = host(url);
        if is_this_machine(host) || host.eq_ignore_ascii_case(super::host(&emulator)) {
            return None;
        }
        let lacks = match host.ends_with(".cloudfront.net") {
            true => "has no edge locations",
            false => "answers for no domain",
        };
        Some(format!("AWS is an emulator here ({emulator}), which {lacks}"))
    }

    /// The request as it is sent.
    async fn signed(&self, request: &HttpRequest) -> Result<WebRequest, String> {
        let mut sent = WebRequest {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone().into_iter().collect(),
            body: request.body.clone().map(String::into_bytes),
            timeout: Duration::from_secs(request.timeout),
        };
        let Some(signed_by) = &request.signed_by else { return Ok(sent) };
        let signer = self.signer(signed_by).await?;
        let address = Address::parse(&request.url).map_err(said)?;
        let policy = policy(&address, signed_by).map_err(said)?;
        if signed_by.with == "cookies" {
            let cookies = signer.cookies(&policy).map_err(said)?;
            let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            sent.headers.push(("Cookie".to_owned(), pairs.join("; ")));
            sent.url = address.to_string();
        } else {
            sent.url = signer.url(&address, &policy).map_err(said)?;
        }
        Ok(sent)
    }

    async fn signer(&self, signed_by: &SignedBy) -> Result<Signer, String> {
        let stored = stored_key(&self.aws, &signed_by.secret).await.map_err(|error| error.to_string())?;
        let Some(id) = signed_by.key_pair_id.as_ref().or(stored.key_pair_id.as_ref()) else {
            return Err(
                "its secret does not say which public key it belongs to: set `key_pair_id`".to_owned()
            );
        };
        Signer::new(&stored.pem, id, HashAlgorithm::Sha1).map_err(said)
    }
}

fn said(error: SigningError) -> String {
    error.to_string()
}

fn policy(address: &Address, signed_by: &SignedBy) -> Result<Policy, SigningError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let expires = i64::try_from(now).unwrap_or_default().saturating_add(VALIDITY);
    match &signed_by.resource {
        None if !address.is_pattern() => Policy::canned(address, expires),
        resource => {
            let resource = resource.clone().unwrap_or_else(|| address.to_string());
            Policy::custom(&Terms { resource, expires, ..Terms::default() })
        }
    }
}

/// In what an answer is not as it must be, if it is not.
fn trouble(request: &HttpRequest, reply: &WebReply, sensitive: bool) -> Option<String> {
    if !request.expect_status.contains(&reply.status) {
        let expected: Vec<String> = request.expect_status.iter().map(ToString::to_string).collect();
        return Some(format!("answered {}, not {}", reply.status, expected.join(" or ")));
    }
    for (name, expected) in &request.expect_headers {
        let values = reply.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        if values.is_empty() {
            return Some(format!("answered {} without the header {name}", reply.status));
        }
        if !values.iter().any(|value| value.contains(expected.as_str())) {
            return Some(match sensitive {
                true => format!("answered {} with another {name}", reply.status),
                false => format!(
                    "answered {} with {name}: {}, which has no `{expected}`",
                    reply.status,
                    values.join(", ")
                ),
            });
        }
    }
    let expected = request.expect_body_contains.as_deref()?;
    if !String::from_utf8_lossy(&reply.body).contains(expected) {
        return Some(match sensitive {
            true => format!("answered {} without the text that must be in it", reply.status),
            false => format!("answered {} without `{expected}` in it", reply.status),
        });
    }
    None
}

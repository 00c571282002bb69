//! ACM as AWS has it: a certificate is issued once the records that prove the domain are there.
//!
//! ministack keeps the certificates and issues them at once; the front keeps what ministack drops, and
//! answers from both.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};

use crate::{
    SandboxError,
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
    rules::{cloudfront, route53},
};

/// For so long the same idempotency token means the same certificate.
const TOKEN_LIFE: Duration = Duration::from_secs(60 * 60);
/// How long a certificate is valid.
const VALIDITY: f64 = 395.0 * 24.0 * 60.0 * 60.0;

/// What ministack does not keep of a certificate that was requested.
#[derive(Clone, Debug)]
pub(crate) struct Requested {
    token: Option<String>,
    domains: Value,
    region: String,
    at: Instant,
    method: String,
    key_algorithm: String,
    options: Value,
    /// Seconds since 1970; absent while the proof is missing.
    issued_at: Option<f64>,
}

/// The answer to a request that was made before, under the same token.
pub(crate) fn repeated(front: &Front, request: &Request, identity: &Identity) -> Option<Reply> {
    if !identity.is("acm", "RequestCertificate") {
        return None;
    }
    let body = body(request);
    let token = body.get("IdempotencyToken")?.as_str()?;
    let domains = domains(&body);
    front.kept.with(&identity.account, |kept| {
        let found = kept.certificates.iter().find(|(_, requested)| {
            requested.token.as_deref() == Some(token)
                && requested.domains == domains
                && requested.region == identity.region
                && requested.at.elapsed() < TOKEN_LIFE
        });
        found.map(|(arn, _)| json_1_1(&json!({ "CertificateArn": arn })))
    })
}

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let body = body(request);
    match identity.operation.as_str() {
        "RequestCertificate" => {
            let word = |token: &str| {
                (1..=32).contains(&token.len())
                    && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            };
            match body.get("IdempotencyToken").and_then(Value::as_str) {
                Some(token) if !word(token) => Err(Refusal::new(
                    400,
                    "ValidationException",
                    "1 validation error detected: Value at 'idempotencyToken' failed to satisfy constraint: Member must \
                     satisfy regular expression pattern: \\w+ and have length less than or equal to 32",
                )),
                _ => Ok(()),
            }
        }
        "DeleteCertificate" => {
            let arn = body.get("CertificateArn").and_then(Value::as_str).unwrap_or_default();
            if users(&front.ask(&identity.account, &identity.region), arn).await?.is_empty() {
                return Ok(());
            }
            let message = format!("Certificate {arn} in account {} is in use.", identity.account);
            Err(Refusal::new(400, "ResourceInUseException", message))
        }
        _ => Ok(()),
    }
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    reply: Reply,
) -> Result<Reply, Refusal> {
    if !reply.status().is_success() {
        return Ok(reply);
    }
    let body = body(request);
    let arn = body.get("CertificateArn").and_then(Value::as_str).unwrap_or_default();
    match identity.operation.as_str() {
        "RequestCertificate" => {
            let answer = serde_json::from_slice::<Value>(reply.body()).unwrap_or_default();
            if let Some(arn) = answer["CertificateArn"].as_str() {
                remember(front, identity, arn, &body);
            }
            Ok(reply)
        }
        "DescribeCertificate" => match describe(front, &identity.account, arn).await? {
            Some(certificate) => Ok(json_1_1(&json!({ "Certificate": certificate }))),
            None => Ok(reply),
        },
        "ListCertificates" => list(front, identity, &body).await,
        "UpdateCertificateOptions" => {
            front.kept.with(&identity.account, |kept| {
                let options = body.get("Options").and_then(Value::as_object);
                if let (Some(requested), Some(options)) = (kept.certificates.get_mut(arn), options) {
                    for (name, value) in options {
                        requested.options[name] = value.clone();
                    }
                }
            });
            Ok(reply)
        }
        "DeleteCertificate" => {
            front.kept.with(&identity.account, |kept| kept.certificates.remove(arn));
            Ok(reply)
        }
        _ => Ok(reply),
    }
}

fn remember(front: &Front, identity: &Identity, arn: &str, body: &Map<String, Value>) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut options = json!({ "CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED" });
    for (name, value) in body.get("Options").and_then(Value::as_object).into_iter().flatten() {
        options[name] = value.clone();
    }
    let requested = Requested {
        token: text("IdempotencyToken"),
        domains: domains(body),
        region: identity.region.clone(),
        at: Instant::now(),
        method: text("ValidationMethod").unwrap_or_else(|| "EMAIL".to_owned()),
        key_algorithm: text("KeyAlgorithm").unwrap_or_else(|| "RSA_2048".to_owned()),
        options,
        issued_at: None,
    };
    front.kept.with(&identity.account, |kept| kept.certificates.insert(arn.to_owned(), requested));
}

/// What AWS says of a certificate; none if there is no such certificate.
pub(crate) async fn describe(front: &Front, account: &str, arn: &str) -> Result<Option<Value>, Refusal> {
    let region = arn.split(':').nth(3).unwrap_or(crate::REGION);
    let ask = front.ask(account, region);
    let question = json!({ "CertificateArn": arn });
    let Ok(mut answer) = ask.call("acm", "CertificateManager.DescribeCertificate", &question).await else {
        return Ok(None);
    };
    let mut certificate = answer["Certificate"].take();
    let users = users(&ask, arn).await?;
    certificate["RenewalEligibility"] = json!(if users.is_empty() { "INELIGIBLE" } else { "ELIGIBLE" });
    certificate["InUseBy"] = json!(users);
    if let Some(fields) = certificate.as_object_mut() {
        fields.remove("Tags");
    }
    let Some(mut requested) = front.kept.with(account, |kept| kept.certificates.get(arn).cloned()) else {
        return Ok(Some(certificate));
    };

    let names = certificate["SubjectAlternativeNames"].as_array().cloned().unwrap_or_default();
    let mut validations = Vec::new();
    let mut proven = requested.method == "DNS";
    for domain in names.iter().filter_map(Value::as_str) {
        let mut validation = json!({
            "DomainName": domain,
            "ValidationDomain": domain,
            "ValidationMethod": requested.method,
        });
        let mut success = requested.issued_at.is_some();
        if requested.method == "DNS" {
            let record = Proof::of(account, domain);
            success = success || record.exists(&ask).await?;
            validation["ResourceRecord"] =
                json!({ "Name": record.name, "Type": "CNAME", "Value": record.value });
        } else {
            let base = domain.trim_start_matches("*.");
            validation["ValidationEmails"] = json!([format!("admin@{base}"), format!("postmaster@{base}")]);
        }
        validation["ValidationStatus"] = json!(if success { "SUCCESS" } else { "PENDING_VALIDATION" });
        proven = proven && success;
        validations.push(validation);
    }
    if proven && requested.issued_at.is_none() {
        requested.issued_at = Some(now());
        front.kept.with(account, |kept| {
            if let Some(kept) = kept.certificates.get_mut(arn) {
                kept.issued_at = requested.issued_at;
            }
        });
    }
    requested.describe(&mut certificate, validations);
    Ok(Some(certificate))
}

impl Requested {
    /// Puts what is known of the request into what ministack says.
    fn describe(&self, certificate: &mut Value, validations: Vec<Value>) {
        certificate["DomainValidationOptions"] = Value::Array(validations);
        certificate["KeyAlgorithm"] = json!(self.key_algorithm);
        certificate["Options"] = self.options.clone();
        certificate["Subject"] =
            json!(format!("CN={}", certificate["DomainName"].as_str().unwrap_or_default()));
        certificate["Issuer"] = json!("Amazon");
        if self.key_algorithm.starts_with("EC_") {
            certificate["SignatureAlgorithm"] = json!("SHA256WITHECDSA");
        }
        match self.issued_at {
            Some(issued) => {
                certificate["Status"] = json!("ISSUED");
                certificate["IssuedAt"] = json!(issued);
                certificate["NotBefore"] = json!(issued);
                certificate["NotAfter"] = json!(issued + VALIDITY);
            }
            None => {
                certificate["Status"] = json!("PENDING_VALIDATION");
                if let Some(fields) = certificate.as_object_mut() {
                    fields.retain(|name, _| !["IssuedAt", "NotBefore", "NotAfter"].contains(&name.as_str()));
                }
            }
        }
    }
}

/// The certificates of a region, filtered and paged as asked.
async fn list(front: &Front, identity: &Identity, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    let all = ask.call("acm", "CertificateManager.ListCertificates", &json!({})).await?;
    let includes = body.get("Includes").cloned().unwrap_or_default();
    let statuses = body.get("CertificateStatuses").and_then(Value::as_array);
    let key_types = includes["keyTypes"].as_array();
    let mut summaries = Vec::new();
    for arn in arns(&all) {
        let Some(certificate) = describe(front, &identity.account, &arn).await? else { continue };
        let key_type = &certificate["KeyAlgorithm"];
        let wanted = match key_types {
            Some(types) => types.contains(key_type),
            // Certificates with other keys are listed only if they are asked for.
            None => key_type == "RSA_2048" || key_type == "RSA_1024",
        };
        if wanted && statuses.is_none_or(|statuses| statuses.contains(&certificate["Status"])) {
            summaries.push(summary(&certificate));
        }
    }
    let start = match body.get("NextToken").and_then(Value::as_str) {
        Some(token) => token.parse::<usize>().map_err(|_| {
            Refusal::new(400, "ValidationException", "The token that you specified is not valid.")
        })?,
        None => 0,
    };
    let size = body
        .get("MaxItems")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(100);
    let more = start + size < summaries.len();
    let page = summaries.into_iter().skip(start).take(size).collect::<Vec<_>>();
    let mut answer = json!({ "CertificateSummaryList": page });
    if more {
        answer["NextToken"] = json!((start + size).to_string());
    }
    Ok(json_1_1(&answer))
}

/// The ARNs in an answer to `ListCertificates`.
pub(crate) fn arns(list: &Value) -> Vec<String> {
    let summaries = list["CertificateSummaryList"].as_array().into_iter().flatten();
    summaries.filter_map(|summary| summary["CertificateArn"].as_str()).map(str::to_owned).collect()
}

fn summary(certificate: &Value) -> Value {
    let mut summary = json!({
        "SubjectAlternativeNameSummaries": certificate["SubjectAlternativeNames"],
        "HasAdditionalSubjectAlternativeNames": false,
        "InUse": certificate["InUseBy"].as_array().is_some_and(|users| !users.is_empty()),
    });
    for name in [
        "CertificateArn",
        "DomainName",
        "Status",
        "Type",
        "KeyAlgorithm",
        "RenewalEligibility",
        "NotBefore",
        "NotAfter",
        "CreatedAt",
        "IssuedAt",
    ] {
        if let Some(value) = certificate.get(name) {
            summary[name] = value.clone();
        }
    }
    summary
}

/// The ARNs of the distributions that use a certificate.
async fn users(ask: &Ask<'_>, arn: &str) -> Result<Vec<String>, SandboxError> {
    let distributions = cloudfront::distributions(ask).await?;
    let using = distributions
        .iter()
        .filter(|summary| summary.text_at(&["ViewerCertificate", "ACMCertificateArn"]) == arn);
    Ok(using.map(|summary| summary.text_at(&["ARN"]).to_owned()).collect())
}

/// The record that proves who owns a domain: the same for every certificate of an account, and for a
/// domain and its wildcard.
struct Proof {
    name: String,
    value: String,
}

impl Proof {
    fn of(account: &str, domain: &str) -> Self {
        let base = domain.strip_prefix("*.").unwrap_or(domain).to_lowercase();
        Self {
            name: format!("_{}.{base}.", digest(&(account, &base, "name"))),
            value: format!("_{}.sandboxsbx.acm-validations.aws.", digest(&(account, &base, "value"))),
        }
    }

    /// Whether the record stands in a public zone of the account.
    async fn exists(&self, ask: &Ask<'_>) -> Result<bool, SandboxError> {
        for zone in route53::zones(ask).await? {
            let in_zone = self.name.ends_with(&format!(".{}", zone.text_at(&["Name"])));
            if in_zone
                && zone.text_at(&["Config", "PrivateZone"]) != "true"
                && self.stands_in(ask, zone.text_at(&["Id"])).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn stands_in(&self, ask: &Ask<'_>, zone: &str) -> Result<bool, SandboxError> {
        let id = zone.trim_start_matches("/hostedzone/");
        let path = format!("/2013-04-01/hostedzone/{id}/rrset?name={}&type=CNAME&maxitems=1", self.name);
        let records = ask.get("route53", &path).await?;
        let record = records.child("ResourceRecordSets").and_then(|records| records.children.first());
        Ok(record.is_some_and(|record| {
            let same = |one: &str, other: &str| {
                one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
            };
            record.text_at(&["Type"]) == "CNAME"
                && same(record.text_at(&["Name"]), &self.name)
                && record.descendants("Value").iter().any(|value| same(&value.text, &self.value))
        }))
    }
}

/// Thirty-two hexadecimal digits that depend on `value` alone.
fn digest(value: &impl Hash) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, value).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(1), half(2))
}

/// The domains that a request is for.
fn domains(body: &Map<String, Value>) -> Value {
    let name = |name: &str| body.get(name).cloned().unwrap_or_default();
    json!([name("DomainName"), name("SubjectAlternativeNames")])
}

fn body(request: &Request) -> Map<String, Value> {
    serde_json::from_slice(request.body()).unwrap_or_default()
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn json_1_1(value: &Value) -> Reply {
    let mut reply = reply::json(200, value);
    reply::set(&mut reply, "content-type", "application/x-amz-json-1.1");
    reply
}

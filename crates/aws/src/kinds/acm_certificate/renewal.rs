//! Renewing a certificate before its time: `early_renewal_duration`, in Go's form (`2160h`) or that of ISO 8601
//! (`P90D`), as Terraform takes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_acm::Client;
use aws_sdk_acm::types::{CertificateDetail, RenewalEligibility, RenewalStatus};
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PENDING, describe, written};
use crate::call::{Outcome, repeat_while};

/// A renewal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct RenewalSummary {
    /// How far it is.
    renewal_status: String,
    /// Why it failed.
    renewal_status_reason: Option<String>,
    /// When that changed (RFC 3339).
    updated_at: Option<String>,
}

impl RenewalSummary {
    pub(super) fn read(summary: &aws_sdk_acm::types::RenewalSummary) -> Self {
        Self {
            renewal_status: summary.renewal_status.as_str().to_owned(),
            renewal_status_reason: summary.renewal_status_reason().map(|reason| reason.as_str().to_owned()),
            updated_at: written(&summary.updated_at),
        }
    }
}

/// How long an update waits for a renewal, which goes on without it.
const RENEWAL: Duration = Duration::from_secs(60);

/// Whether it is time to renew, so long before the end.
pub(super) fn is_due(detail: &CertificateDetail, early: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match (detail.not_after(), parse(early)) {
        (Some(end), Some(early)) if detail.renewal_eligibility() == Some(&RenewalEligibility::Eligible) => {
            u64::try_from(end.secs()).unwrap_or_default().saturating_sub(early.as_secs()) < now
        }
        _ => false,
    }
}

/// Renews it, and waits for that for a while.
pub(super) async fn renew(acm: &Client, arn: &str) -> Result<(), KindError> {
    match acm.renew_certificate().certificate_arn(arn).send().await.or_fail() {
        // An attempt whose reply was lost has begun it.
        Err(error) if error.is_undecided() && error.is(&["RequestInProgressException"]) => {}
        outcome => drop(outcome?),
    }
    let renewed = repeat_while(
        |error| error.is(&[PENDING]),
        RENEWAL,
        || async {
            let detail = describe(acm, arn).await?;
            let summary = detail.as_ref().and_then(CertificateDetail::renewal_summary);
            match summary.map(|summary| &summary.renewal_status) {
                Some(RenewalStatus::Failed) => {
                    let reason = summary.and_then(|summary| summary.renewal_status_reason());
                    let reason = reason.map_or("no reason given", |reason| reason.as_str());
                    Err(KindError::new(format!("ACM cannot renew the certificate: {reason}")))
                }
                Some(RenewalStatus::Success) => Ok(()),
                _ => Err(KindError { code: Some(PENDING.to_owned()), ..KindError::new("not renewed yet") }),
            }
        },
    );
    match renewed.await {
        Err(error) if error.is(&[PENDING]) => Ok(()),
        outcome => outcome,
    }
}

/// What a read adds to a span when its time has come, so that it differs from what is configured.
const DUE: &str = " (it is time)";

/// The span, with the mark or without it.
pub(super) fn marked(text: &str, due: bool) -> String {
    let span = text.trim_end_matches(DUE);
    if due { format!("{span}{DUE}") } else { span.to_owned() }
}

/// The span that a text says, marked or not.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim_end_matches(DUE);
    match text.strip_prefix('P') {
        Some(period) => iso(period),
        None => go(text),
    }
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

fn go(text: &str) -> Option<Duration> {
    sum(text, |unit| match unit {
        "ns" => Some(1e-9),
        "us" | "µs" | "μs" => Some(1e-6),
        "ms" => Some(1e-3),
        "s" => Some(1.0),
        "m" => Some(MINUTE),
        "h" => Some(HOUR),
        _ => None,
    })
}

fn iso(period: &str) -> Option<Duration> {
    let (date, time) = period.split_once('T').unwrap_or((period, ""));
    let days = sum(date, |unit| match unit {
        "Y" => Some(365.0 * DAY),
        "M" => Some(30.0 * DAY),
        "W" => Some(7.0 * DAY),
        "D" => Some(DAY),
        _ => None,
    });
    let seconds = sum(time, |unit| match unit {
        "H" => Some(HOUR),
        "M" => Some(MINUTE),
        "S" => Some(1.0),
        _ => None,
    });
    match (days, seconds) {
        (Some(days), Some(seconds)) => Some(days + seconds),
        (Some(span), None) if !period.contains('T') => Some(span),
        (None, Some(span)) if date.is_empty() => Some(span),
        _ => None,
    }
}

/// The sum of numbers with units; `None` if there are none, or a unit is not known.
fn sum(text: &str, seconds: impl Fn(&str) -> Option<f64>) -> Option<Duration> {
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|character| !is_number(character))?);
        let (unit, after) = after.split_at(after.find(is_number).unwrap_or(after.len()));
        total += number.parse::<f64>().ok()? * seconds(unit)?;
        rest = after;
    }
    if text.is_empty() { None } else { Duration::try_from_secs_f64(total).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_understood() {
        let days = |days: u64| Some(Duration::from_secs(days * 86_400));
        assert_eq!(parse("2160h"), days(90));
        assert_eq!(parse("P90D"), days(90));
        assert_eq!(parse("P1Y2M3D"), days(365 + 60 + 3));
        assert_eq!(parse("PT36H"), Some(Duration::from_secs(36 * 3600)));
        assert_eq!(parse("P1DT12H"), Some(Duration::from_secs(36 * 3600)));
        assert_eq!(parse("1h30m0.5s"), Some(Duration::from_millis(5_400_500)));
        for wrong in ["", "P", "PT", "90", "90d", "P90", "P1H", "D", "P1DT"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn marks_come_and_go() {
        assert_eq!(parse(&marked("P90D", true)), parse("P90D"));
        assert_eq!(marked(&marked("P90D", true), true), marked("P90D", true));
        assert_eq!(marked(&marked("P90D", true), false), "P90D");
    }

    #[test]
    fn renewals_are_due_so_long_before_the_end() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let ends_in = |days: u64, eligibility: RenewalEligibility| {
            let end = i64::try_from(now + days * 86_400).unwrap_or_default();
            CertificateDetail::builder()
                .not_after(aws_smithy_types::DateTime::from_secs(end))
                .renewal_eligibility(eligibility)
                .build()
        };
        assert!(is_due(&ends_in(89, RenewalEligibility::Eligible), "P90D"));
        assert!(!is_due(&ends_in(91, RenewalEligibility::Eligible), "P90D"));
        assert!(!is_due(&ends_in(89, RenewalEligibility::Ineligible), "P90D"));
        assert!(!is_due(&CertificateDetail::builder().build(), "P90D"), "it is not issued");
    }
}

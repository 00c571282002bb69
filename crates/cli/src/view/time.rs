//! The time, as people and logs write it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The moment, as RFC 3339 in UTC: `2026-01-31T12:00:00Z`.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

//! The time, as people and logs write it.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The moment, as RFC 3339 in UTC: `2026-01-31T12:00:00Z`.
pub(crate) fn now() -> String {
    written(OffsetDateTime::now_utc())
}

/// A moment in seconds of Unix time, likewise; absent if no calendar has it.
pub(crate) fn at(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok().map(written)
}

fn written(moment: OffsetDateTime) -> String {
    moment.replace_nanosecond(0).unwrap_or(moment).format(&Rfc3339).unwrap_or_default()
}

/// A duration for people: `0.4s`, `42s`, `3m05s`, `1h02m`.
pub(crate) fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        _ => whole_seconds(duration),
    }
}

/// The same without parts of a second, for what is redrawn each second: `4s`.
pub(crate) fn whole_seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_for_people() {
        let texts: Vec<String> = [0.04, 1.25, 42.9, 185.0, 3720.0]
            .map(|seconds| duration(Duration::from_secs_f64(seconds)))
            .into();
        assert_eq!(texts, ["0.0s", "1.2s", "42s", "3m05s", "1h02m"]);
    }

    #[test]
    fn a_moment_is_in_utc() {
        assert_eq!(at(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(at(i64::MAX), None);
    }
}

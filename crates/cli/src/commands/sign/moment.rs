//! Times as people give them: so long from now, or a point in time.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const HOW: &str = "write it as 90s, 30m, 1h, 7d, 2030-01-31T12:00:00Z, or seconds since 1970";

/// A time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// So many seconds from now.
    In(i64),
    /// So many seconds after 1970, UTC.
    At(i64),
}

impl Moment {
    /// In seconds since 1970, where `now` is that too.
    pub(super) fn seconds(self, now: i64) -> i64 {
        match self {
            Self::In(seconds) => now.saturating_add(seconds),
            Self::At(seconds) => seconds,
        }
    }
}

/// Now, in seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Reads a time.
pub(super) fn read(text: &str) -> Result<Moment, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "" => return number.parse().map(Moment::At).map_err(|_| HOW.to_owned()),
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => {
            let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| HOW.to_owned())?;
            return Ok(Moment::At(time.unix_timestamp()));
        }
    };
    let number: i64 = number.parse().map_err(|_| HOW.to_owned())?;
    number.checked_mul(seconds).map(Moment::In).ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let read = |text| read(text).ok();
        assert_eq!(read("90s"), Some(Moment::In(90)));
        assert_eq!(read("30m"), Some(Moment::In(1800)));
        assert_eq!(read("1h"), Some(Moment::In(3600)));
        assert_eq!(read("7d"), Some(Moment::In(604_800)));
        assert_eq!(read("2000000000"), Some(Moment::At(2_000_000_000)));
        assert_eq!(read("2030-01-31T12:00:00Z"), Some(Moment::At(1_896_091_200)));
        assert_eq!(read("2030-01-31T12:00:00.5+01:00"), Some(Moment::At(1_896_087_600)));
        for wrong in [
            "",
            "h",
            "-1h",
            "1w",
            "1.5h",
            "tomorrow",
            "2030-01-31",
            "99999999999999999999",
            "9223372036854775807d",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_duration_begins_now() {
        assert_eq!(Moment::In(60).seconds(100), 160);
        assert_eq!(Moment::At(60).seconds(100), 60);
        assert_eq!(Moment::In(i64::MAX).seconds(100), i64::MAX);
    }
}

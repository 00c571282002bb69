//! Functions on timestamps, which are text as RFC 3339 has it.

use std::iter::Peekable;
use std::str::Chars;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{Arguments, Function};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("formatdate", &["format", "time"], format_date, "A timestamp in another form."),
    Function::new(
        "timeadd",
        &["timestamp", "duration"],
        time_add,
        "A timestamp and a duration such as `1h30m` added.",
    ),
    Function::new(
        "timecmp",
        &["timestamp_a", "timestamp_b"],
        time_compare,
        "-1, 0 or 1: which of the two is earlier.",
    ),
];

fn timestamp(arguments: &Arguments<'_>, position: usize) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(&arguments.text(position)?, &Rfc3339).map_err(|_| {
        arguments.invalid(position, "this is no timestamp as RFC 3339 has it, such as 2026-01-31T12:00:00Z")
    })
}

fn time_add(arguments: &Arguments<'_>) -> Result<Value, String> {
    let timestamp = timestamp(arguments, 0)?;
    let duration = duration(&arguments.text(1)?).ok_or_else(|| {
        arguments
            .invalid(1, "this is no duration, which is made of numbers and the units h, m, s, ms, us, ns")
    })?;
    // RFC 3339 has years of four digits.
    let sum = timestamp.checked_add(duration).filter(|sum| sum.year() >= 0);
    let sum = sum.ok_or("the result is not in the years from 0 to 9999")?;
    // Terraform drops the fraction of the second.
    format_as(&sum, "YYYY-MM-DD'T'hh:mm:ssZ").map(Value::from)
}

fn time_compare(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(match timestamp(arguments, 0)?.cmp(&timestamp(arguments, 1)?) {
        std::cmp::Ordering::Less => -1_i64,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }))
}

/// Parses `-1h30m`, `1.5h` or `0`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters =
            tail.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.into() };
        // A digit beyond the eighteenth is far below a nanosecond.
        let fraction = fraction.get(..18).unwrap_or(fraction);
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        let fraction: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        nanoseconds = nanoseconds.checked_add(whole * unit + fraction * unit / scale)?;
        rest = tail;
    }
    let nanoseconds = i64::try_from(nanoseconds).ok()?;
    Some(Duration::nanoseconds(if negative { -nanoseconds } else { nanoseconds }))
}

fn format_date(arguments: &Arguments<'_>) -> Result<Value, String> {
    let timestamp = timestamp(arguments, 1)?;
    format_as(&timestamp, &arguments.text(0)?)
        .map(Value::from)
        .map_err(|message| arguments.invalid(0, message))
}

fn format_as(time: &OffsetDateTime, format: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => literal(&mut characters, &mut text)?,
            letter if letter.is_ascii_alphabetic() => {
                let mut length = 1;
                while characters.next_if_eq(&letter).is_some() {
                    length += 1;
                }
                text.push_str(&verb(time, letter, length)?);
            }
            other => text.push(other),
        }
    }
    Ok(text)
}

/// What stands between quotes, in which two are one, and after the first of them.
fn literal(characters: &mut Peekable<Chars<'_>>, text: &mut String) -> Result<(), String> {
    if characters.next_if_eq(&'\'').is_some() {
        text.push('\'');
        return Ok(());
    }
    loop {
        match characters.next() {
            None => return Err("a quote is not closed".to_owned()),
            Some('\'') if characters.next_if_eq(&'\'').is_none() => return Ok(()),
            Some(character) => text.push(character),
        }
    }
}

fn verb(time: &OffsetDateTime, letter: char, length: usize) -> Result<String, String> {
    let hour_of_twelve = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if time.hour() < 12 { "AM" } else { "PM" };
    let number = |number: u8| if length == 1 { number.to_string() } else { format!("{number:02}") };
    let short = |name: String| name.chars().take(3).collect::<String>();
    let offset = |separator: &str| {
        let (hours, minutes, _) = time.offset().as_hms();
        let sign = if time.offset().is_negative() { '-' } else { '+' };
        format!("{sign}{:02}{separator}{:02}", hours.abs(), minutes.abs())
    };
    Ok(match (letter, length) {
        ('Y', 2) => format!("{:02}", time.year().rem_euclid(100)),
        ('Y', 4) => format!("{:04}", time.year()),
        ('M', 1 | 2) => number(time.month().into()),
        ('M', 3) => short(time.month().to_string()),
        ('M', 4) => time.month().to_string(),
        ('D', 1 | 2) => number(time.day()),
        ('E', 3) => short(time.weekday().to_string()),
        ('E', 4) => time.weekday().to_string(),
        ('h', 1 | 2) => number(time.hour()),
        ('H', 1 | 2) => number(hour_of_twelve),
        ('A', 2) => half.to_owned(),
        ('a', 2) => half.to_lowercase(),
        ('m', 1 | 2) => number(time.minute()),
        ('s', 1 | 2) => number(time.second()),
        ('Z', 1) if time.offset().is_utc() => "Z".to_owned(),
        ('Z', 3) if time.offset().is_utc() => "UTC".to_owned(),
        ('Z', 3 | 4) => offset(""),
        ('Z', 1 | 5) => offset(":"),
        _ => {
            let verb = letter.to_string().repeat(length.min(8));
            return Err(format!(
                "`{verb}` stands for no part of a time; letters to keep go between single quotes"
            ));
        }
    })
}

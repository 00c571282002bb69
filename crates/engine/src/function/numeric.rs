//! Functions on numbers. Whole numbers stay whole as long as they fit 64 bits.

use super::{Arguments, Function};
use crate::value::{Number, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &["num"], abs, "A number without its sign."),
    Function::new("ceil", &["num"], ceil, "The least whole number that is not less."),
    Function::new("floor", &["num"], floor, "The greatest whole number that is not greater."),
    Function::new("log", &["num", "base"], log, "The logarithm of a number to a base."),
    Function::new("max", &["numbers"], max, "The greatest of the numbers.").variadic(),
    Function::new("min", &["numbers"], min, "The least of the numbers.").variadic(),
    Function::new(
        "parseint",
        &["number", "base"],
        parse_int,
        "The whole number that some text spells in a base.",
    ),
    Function::new("pow", &["num", "power"], pow, "A number raised to a power."),
    Function::new("signum", &["num"], signum, "The sign of a number: -1, 0 or 1."),
    Function::new("sum", &["list"], sum, "The sum of the numbers in a list."),
];

/// A number that is one: neither infinite nor undefined.
pub(super) fn finite(float: f64) -> Result<Value, String> {
    match Value::from(float) {
        Value::Null if float.is_nan() => Err("the result is not defined".to_owned()),
        Value::Null => Err("the result is too large".to_owned()),
        number => Ok(number),
    }
}

/// A whole number as exactly as a value can hold it.
fn whole(integer: i128) -> Value {
    i64::try_from(integer)
        .map(Value::from)
        .or_else(|_| u64::try_from(integer).map(|integer| Value::Number(integer.into())))
        .unwrap_or_else(|_| Value::from(integer as f64))
}

/// The number as an integer, if it is kept as one.
pub(super) fn integral(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn abs(arguments: &Arguments<'_>) -> Result<Value, String> {
    match integral(&arguments.number(0)?) {
        Some(integer) => Ok(whole(integer.abs())),
        None => finite(arguments.float(0)?.abs()),
    }
}

fn rounded(arguments: &Arguments<'_>, round: fn(f64) -> f64) -> Result<Value, String> {
    let number = arguments.number(0)?;
    match integral(&number) {
        Some(_) => Ok(Value::Number(number)),
        None => finite(round(arguments.float(0)?)),
    }
}

fn ceil(arguments: &Arguments<'_>) -> Result<Value, String> {
    rounded(arguments, f64::ceil)
}

fn floor(arguments: &Arguments<'_>) -> Result<Value, String> {
    rounded(arguments, f64::floor)
}

fn log(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (number, base) = (arguments.float(0)?, arguments.float(1)?);
    if number <= 0.0 {
        return Err(arguments.invalid(0, "must be greater than zero"));
    }
    if base <= 0.0 || base == 1.0 {
        return Err(arguments.invalid(1, "must be greater than zero and not one"));
    }
    // These two are exact where a quotient of logarithms is not: log(1000, 10) is 3.
    finite(match base {
        2.0 => number.log2(),
        10.0 => number.log10(),
        base => number.ln() / base.ln(),
    })
}

fn extreme(arguments: &Arguments<'_>, greatest: bool) -> Result<Value, String> {
    let mut best: Option<Value> = None;
    for position in 0..arguments.rest(0).len() {
        let number = Value::Number(arguments.number(position)?);
        best = match best {
            Some(best) if super::order::compare(&number, &best).is_gt() != greatest => Some(best),
            _ => Some(number),
        };
    }
    best.ok_or_else(|| "at least one number is required".to_owned())
}

fn max(arguments: &Arguments<'_>) -> Result<Value, String> {
    extreme(arguments, true)
}

fn min(arguments: &Arguments<'_>) -> Result<Value, String> {
    extreme(arguments, false)
}

fn parse_int(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, base) = (arguments.text(0)?, arguments.integer(1)?);
    if !(2..=62).contains(&base) {
        return Err(arguments.invalid(1, "must be from 2 to 62"));
    }
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let unreadable = || arguments.invalid(0, format!("is no whole number in base {base}"));
    if digits.is_empty() {
        return Err(unreadable());
    }
    let mut magnitude: i128 = 0;
    for digit in digits {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => return Err(unreadable()),
        };
        if i64::from(digit) >= base {
            return Err(unreadable());
        }
        magnitude = magnitude * i128::from(base) + i128::from(digit);
        if magnitude > i128::from(u64::MAX) {
            return Err(arguments.invalid(0, "does not fit 64 bits"));
        }
    }
    match if negative { -magnitude } else { magnitude } {
        integer if integer < i128::from(i64::MIN) => Err(arguments.invalid(0, "does not fit 64 bits")),
        integer => Ok(whole(integer)),
    }
}

fn pow(arguments: &Arguments<'_>) -> Result<Value, String> {
    let exact = integral(&arguments.number(0)?)
        .zip(integral(&arguments.number(1)?).and_then(|power| u32::try_from(power).ok()))
        .and_then(|(number, power)| number.checked_pow(power));
    match exact {
        Some(integer) => Ok(whole(integer)),
        None => finite(arguments.float(0)?.powf(arguments.float(1)?)),
    }
}

fn signum(arguments: &Arguments<'_>) -> Result<Value, String> {
    let number = arguments.float(0)?;
    Ok(Value::from(i64::from(number > 0.0) - i64::from(number < 0.0)))
}

fn sum(arguments: &Arguments<'_>) -> Result<Value, String> {
    let numbers = arguments.numbers(0)?;
    if numbers.is_empty() {
        return Err(arguments.invalid(0, "an empty list has no sum"));
    }
    match numbers.iter().map(integral).collect::<Option<Vec<i128>>>() {
        Some(integers) => Ok(whole(integers.iter().sum())),
        None => finite(numbers.iter().filter_map(Number::as_f64).sum()),
    }
}

//! `format` and `formatlist`: text made of a format and of values for its verbs.

use std::iter::Peekable;
use std::str::CharIndices;

use super::conversion::{as_bool, as_number, as_text};
use super::numeric::integral;
use super::string::WIDEST;
use super::{Arguments, json};
use crate::value::Value;

/// One `%…` of a format.
#[derive(Default)]
struct Verb {
    /// As it is written, for messages.
    text: String,
    mode: char,
    argument: Option<usize>,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

pub(super) fn format(arguments: &Arguments<'_>) -> Result<Value, String> {
    let values: Vec<&Value> = arguments.rest(1).iter().collect();
    formatted(&arguments.text(0)?, &values).map(Value::from)
}

pub(super) fn format_list(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (format, values) = (arguments.text(0)?, arguments.rest(1));
    let mut length = None;
    for (position, value) in values.iter().enumerate() {
        if let Value::List(items) = value
            && *length.get_or_insert(items.len()) != items.len()
        {
            return Err(format!(
                "the lists must have the same length, and argument {} has {} elements where those before it have {}",
                position + 2,
                items.len(),
                length.unwrap_or_default()
            ));
        }
    }
    let row = |index: usize| -> Result<Value, String> {
        let row: Vec<&Value> = values
            .iter()
            .map(|value| match value {
                Value::List(items) => items.get(index).unwrap_or(&Value::Null),
                single => single,
            })
            .collect();
        if !row.iter().all(|value| value.is_wholly_known()) {
            return Ok(Value::Unknown);
        }
        match row.iter().find_map(|value| super::withheld(value)) {
            Some(withheld) => Ok(withheld),
            None => formatted(&format, &row)
                .map(Value::from)
                .map_err(|message| format!("element {index}: {message}")),
        }
    };
    (0..length.unwrap_or(1)).map(row).collect::<Result<_, _>>().map(Value::List)
}

fn formatted(format: &str, values: &[&Value]) -> Result<String, String> {
    let mut text = String::new();
    let mut used = 0;
    let mut next = 0;
    let mut characters = format.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if characters.next_if(|(_, next)| *next == '%').is_some() {
            text.push('%');
            continue;
        }
        let verb = parse_verb(format, offset, &mut characters)?;
        let position = verb.argument.unwrap_or(next);
        let Some(value) = values.get(position) else {
            return Err(format!(
                "not enough arguments for `{}` at {offset}: it needs argument {} of {}",
                verb.text,
                position + 1,
                values.len()
            ));
        };
        next = position + 1;
        used = used.max(next);
        text.push_str(
            &verb
                .apply(value)
                .map_err(|message| format!("unsupported value for `{}` at {offset}: {message}", verb.text))?,
        );
    }
    match values.len() {
        given if given > used && used == 0 => Err("too many arguments: the format has no verbs".to_owned()),
        given if given > used => Err(format!("too many arguments: the format uses only {used} of {given}")),
        _ => Ok(text),
    }
}

/// Parses what follows a `%`: flags, width, precision, index of the argument and mode.
fn parse_verb(
    format: &str,
    offset: usize,
    characters: &mut Peekable<CharIndices<'_>>,
) -> Result<Verb, String> {
    let unterminated = || format!("unterminated verb at {offset}");
    let mut verb = Verb::default();
    while let Some((_, flag)) = characters.next_if(|(_, next)| "0#+- ".contains(*next)) {
        match flag {
            '0' => verb.zero = true,
            '#' => verb.sharp = true,
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            _ => verb.space = true,
        }
    }
    verb.width = number(characters)?;
    if characters.next_if(|(_, next)| *next == '.').is_some() {
        let precision = number(characters)?;
        verb.precision =
            Some(precision.ok_or_else(|| format!("the verb at {offset} has no number after its dot"))?);
    }
    if characters.next_if(|(_, next)| *next == '[').is_some() {
        let index = number(characters)?.filter(|index| *index > 0);
        let index =
            index.ok_or_else(|| format!("the verb at {offset} has no index from 1 in its brackets"))?;
        characters.next_if(|(_, next)| *next == ']').ok_or_else(unterminated)?;
        verb.argument = Some(index - 1);
    }
    let (end, mode) = characters.next().ok_or_else(unterminated)?;
    verb.mode = mode;
    verb.text = format.get(offset..end + mode.len_utf8()).unwrap_or_default().to_owned();
    if "vtbdoxXeEfFgGsq".contains(mode) {
        Ok(verb)
    } else {
        Err(format!("unsupported verb `{}` at {offset}; to have a percent sign, write %%", verb.text))
    }
}

fn number(characters: &mut Peekable<CharIndices<'_>>) -> Result<Option<usize>, String> {
    let mut number = None;
    while let Some((_, digit)) = characters.next_if(|(_, next)| next.is_ascii_digit()) {
        let digit = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or_default();
        let longer = number.unwrap_or(0) * 10 + digit;
        if longer > WIDEST {
            return Err(format!("a width, precision or index in the format is greater than {WIDEST}"));
        }
        number = Some(longer);
    }
    Ok(number)
}

impl Verb {
    fn apply(&self, value: &Value) -> Result<String, String> {
        match self.mode {
            'v' => self.plain(value),
            _ if value.is_null() => Err("null cannot be formatted".to_owned()),
            't' => as_bool(value).map(|boolean| boolean.to_string()),
            's' => as_text(value).map(|text| self.pad(self.truncated(&text))),
            'q' => as_text(value).map(|text| self.pad(json::quoted(&self.truncated(&text)))),
            'b' | 'd' | 'o' | 'x' | 'X' => {
                let number = integral(&as_number(value)?).ok_or("a whole number is required")?;
                Ok(self.integer(number))
            }
            _ => Ok(self.float(as_number(value)?.as_f64().unwrap_or(f64::NAN))),
        }
    }

    /// `%v`: text as it is, a number as `%g`, all else as JSON.
    fn plain(&self, value: &Value) -> Result<String, String> {
        Ok(self.pad(match value {
            Value::String(text) if !self.sharp => text.clone(),
            Value::Number(number) if !self.sharp => general(number.as_f64().unwrap_or(f64::NAN), None),
            other => json::encode(other)?,
        }))
    }

    fn truncated(&self, text: &str) -> String {
        // A precision of zero truncates nothing, as in Terraform.
        match self.precision {
            Some(length) if length > 0 => text.chars().take(length).collect(),
            _ => text.to_owned(),
        }
    }

    fn pad(&self, text: String) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        match (self.minus, self.zero) {
            (true, zero) => text + &(if zero { "0" } else { " " }).repeat(missing),
            (false, zero) => (if zero { "0" } else { " " }).repeat(missing) + &text,
        }
    }

    fn integer(&self, number: i128) -> String {
        let magnitude = number.unsigned_abs();
        let (prefix, digits) = match self.mode {
            'b' => ("0b", format!("{magnitude:b}")),
            'o' => ("0", format!("{magnitude:o}")),
            'x' => ("0x", format!("{magnitude:x}")),
            'X' => ("0X", format!("{magnitude:X}")),
            _ => ("", magnitude.to_string()),
        };
        let digits = match self.precision {
            Some(0) if magnitude == 0 => String::new(),
            Some(least) => "0".repeat(least.saturating_sub(digits.len())) + &digits,
            None => digits,
        };
        let prefix = if self.sharp { prefix } else { "" };
        self.signed(number < 0, prefix, digits, self.precision.is_none())
    }

    fn float(&self, number: f64) -> String {
        let magnitude = number.abs();
        let digits = match self.mode {
            'e' | 'E' => scientific(&format!("{magnitude:.*e}", self.precision.unwrap_or(6))),
            'f' | 'F' => format!("{magnitude:.*}", self.precision.unwrap_or(6)),
            _ => general(magnitude, self.precision),
        };
        let digits = if self.mode.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
        self.signed(number.is_sign_negative(), "", digits, true)
    }

    /// Sign, prefix and digits in the field's width, with zeros between the prefix and the digits if it says so.
    fn signed(&self, negative: bool, prefix: &str, digits: String, zeros: bool) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        };
        let length = sign.len() + prefix.len() + digits.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        if self.minus {
            return format!("{sign}{prefix}{digits}{}", " ".repeat(missing));
        }
        if self.zero && zeros {
            return format!("{sign}{prefix}{}{digits}", "0".repeat(missing));
        }
        format!("{}{sign}{prefix}{digits}", " ".repeat(missing))
    }
}

/// Rust's `1.5e3` as C writes it: `1.5e+03`.
fn scientific(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: with an exponent if it is less than -4 or does not fit the precision. Without a precision there are as
/// many digits as the number needs, and an exponent from a million on, as in Terraform.
fn general(number: f64, precision: Option<usize>) -> String {
    let exponential = match precision {
        Some(precision) => format!("{number:.*e}", precision.max(1) - 1),
        None => format!("{number:e}"),
    };
    let (mantissa, exponent) = exponential.split_once('e').unwrap_or((&exponential, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let most = precision.map_or(6, |precision| i32::try_from(precision.max(1)).unwrap_or(i32::MAX));
    if exponent < -4 || exponent >= most {
        return scientific(&format!("{mantissa}e{exponent}"));
    }
    let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let decimals = usize::try_from(i64::try_from(fraction).unwrap_or(0) - i64::from(exponent)).unwrap_or(0);
    let rounded: f64 = format!("{mantissa}e{exponent}").parse().unwrap_or(number);
    format!("{rounded:.decimals$}")
}

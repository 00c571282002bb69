//! Functions that encode and decode text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Arguments, Function, json};
use crate::value::{Map, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64decode", &["str"], base64_decode, "The text that some base64 stands for."),
    Function::new("base64encode", &["str"], base64_encode, "Text in base64."),
    Function::new("csvdecode", &["str"], csv_decode, "A list of maps, one for each row after the header."),
    Function::new("jsondecode", &["str"], json_decode, "The value that some JSON stands for."),
    Function::new("jsonencode", &["val"], json_encode, "A value as JSON, with `<`, `>` and `&` escaped."),
    Function::new("urlencode", &["str"], url_encode, "Text as it can stand in the query of a URL."),
];

fn base64_decode(arguments: &Arguments<'_>) -> Result<Value, String> {
    let bytes = STANDARD
        .decode(arguments.text(0)?.as_bytes())
        .map_err(|_| arguments.invalid(0, "this is no base64"))?;
    String::from_utf8(bytes)
        .map(Value::String)
        .map_err(|_| arguments.invalid(0, "what it stands for is no UTF-8 text"))
}

fn base64_encode(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(STANDARD.encode(arguments.text(0)?.as_bytes())))
}

fn csv_decode(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0)?;
    let invalid = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => arguments
                .invalid(0, format!("line {line} has {len} fields, and the header has {expected_len}")),
            _ => arguments.invalid(0, format!("line {line} is no CSV")),
        }
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(invalid)?.clone();
    if header.is_empty() {
        return Err(arguments.invalid(0, "the line with the names of the columns is missing"));
    }
    let mut names: Vec<&str> = header.iter().collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [left, right] if left == right)) {
        return Err(arguments.invalid(0, "two columns have the same name"));
    }
    let rows = reader.records().map(|record| {
        let record = record.map_err(invalid)?;
        let row = header.iter().zip(record.iter()).map(|(name, field)| (name.to_owned(), Value::from(field)));
        Ok(Value::Map(row.collect::<Map>()))
    });
    rows.collect::<Result<_, _>>().map(Value::List)
}

fn json_decode(arguments: &Arguments<'_>) -> Result<Value, String> {
    json::decode(&arguments.text(0)?).map_err(|message| arguments.invalid(0, message))
}

fn json_encode(arguments: &Arguments<'_>) -> Result<Value, String> {
    json::encode(arguments.value(0)).map(Value::from)
}

fn url_encode(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut encoded = String::new();
    for byte in arguments.text(0)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(Value::from(encoded))
}

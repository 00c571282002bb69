//! Values of records, as they are configured and as Route 53 has them. Texts differ: Route 53 has them in quotes, cut
//! into strings of at most 255 characters.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use crate::dns;

/// The longest character string of the DNS, in bytes.
const LONGEST: usize = 255;

/// A value as Route 53 takes it.
pub(super) fn write(kind: &str, value: &str) -> String {
    if !is_text(kind) {
        return value.to_owned();
    }
    let quoted = quoted(value);
    match strings(&quoted) {
        Some(strings) => {
            let cut: Vec<String> = strings
                .iter()
                .flat_map(|string| {
                    let pieces = pieces(string);
                    if pieces.is_empty() { vec![String::new()] } else { pieces }
                })
                .map(|piece| format!("\"{piece}\""))
                .collect();
            cut.join(" ")
        }
        // AWS says what is wrong with it.
        None => quoted,
    }
}

/// A value in a template. Parts of it may stand for what only CloudFormation will know, and have no length yet: such a
/// text is not cut.
pub(super) fn for_template(kind: &str, value: &str) -> String {
    if is_text(kind) && !value.is_ascii() { quoted(value) } else { write(kind, value) }
}

/// A value as it is configured: as in `prior` if that is the same to the DNS.
pub(super) fn read(kind: &str, value: &str, prior: &BTreeSet<String>) -> String {
    let meaning = meaning(kind, value);
    let same = prior.iter().find(|known| self::meaning(kind, &write(kind, known)) == meaning);
    match same {
        Some(known) => known.clone(),
        None if is_text(kind) => unquoted(value).to_owned(),
        None => value.to_owned(),
    }
}

fn is_text(kind: &str) -> bool {
    matches!(kind, "TXT" | "SPF")
}

/// What a value means, whatever its spelling.
fn meaning(kind: &str, value: &str) -> Vec<u8> {
    match kind {
        "TXT" | "SPF" => match strings(value) {
            Some(strings) => strings.iter().flatten().flat_map(|unit| unescaped(unit)).collect(),
            None => value.as_bytes().to_vec(),
        },
        "AAAA" => match value.parse::<Ipv6Addr>() {
            Ok(address) => address.octets().to_vec(),
            Err(_) => value.as_bytes().to_vec(),
        },
        "CNAME" | "MX" | "NS" | "PTR" | "SRV" => dns::plain(value).into_bytes(),
        _ => value.as_bytes().to_vec(),
    }
}

fn quoted(value: &str) -> String {
    if unquoted(value).len() == value.len() { format!("\"{value}\"") } else { value.to_owned() }
}

/// Without the quotes at both ends, if they are there.
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

/// The character strings of a text, each as its characters and escape sequences; `None` if it is malformed.
fn strings(text: &str) -> Option<Vec<Vec<&str>>> {
    let mut strings = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        rest = rest.strip_prefix('"')?;
        let mut units = Vec::new();
        loop {
            let length = match rest.as_bytes() {
                [] => return None,
                [b'"', ..] => break,
                [b'\\', b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', ..] => 4,
                [b'\\', ..] => 1 + rest.chars().nth(1)?.len_utf8(),
                _ => rest.chars().next()?.len_utf8(),
            };
            let (unit, after) = rest.split_at(length);
            units.push(unit);
            rest = after;
        }
        strings.push(units);
        rest = rest.get(1..)?.trim_start();
    }
    Some(strings)
}

/// The bytes that a character or an escape sequence stands for.
fn unescaped(unit: &str) -> Vec<u8> {
    match unit.strip_prefix('\\') {
        None => unit.as_bytes().to_vec(),
        Some(escaped) => match u8::from_str_radix(escaped, 8) {
            Ok(byte) if escaped.len() == 3 => vec![byte],
            _ => escaped.as_bytes().to_vec(),
        },
    }
}

/// A character string, cut where it gets too long.
fn pieces(units: &[&str]) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut room = 0;
    for unit in units {
        let size = unescaped(unit).len();
        match pieces.last_mut() {
            Some(piece) if size <= room => piece.push_str(unit),
            _ => {
                pieces.push((*unit).to_owned());
                room = LONGEST;
            }
        }
        room -= size.min(room);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn texts_get_quotes() {
        assert_eq!(write("TXT", "v=spf1 -all"), r#""v=spf1 -all""#);
        assert_eq!(write("TXT", r#"x=" "foo"#), r#""x=" "foo""#);
        assert_eq!(write("TXT", r#""quoted already""#), r#""quoted already""#);
        assert_eq!(write("TXT", r#"say \"hi\""#), r#""say \"hi\"""#);
        assert_eq!(write("TXT", ""), r#""""#);
        assert_eq!(write("A", "192.0.2.1"), "192.0.2.1");
        assert_eq!(write("TXT", r#"un"balanced"#), r#""un"balanced""#);
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "k".repeat(600);
        let wire = write("TXT", &long);
        let lengths: Vec<usize> = wire.split(' ').map(|piece| piece.len() - 2).collect();
        assert_eq!(lengths, [255, 255, 90]);
        assert_eq!(read("TXT", &wire, &set(&[&long])), long, "and read as they were written");
        let escapes = r"\052".repeat(255);
        assert_eq!(write("TXT", &escapes), format!("\"{escapes}\""), "an escape sequence is one character");
    }

    #[test]
    fn what_is_not_known_is_not_cut() {
        let long = "\u{e000}".repeat(LONGEST);
        assert_eq!(for_template("TXT", &long), format!("\"{long}\""));
        assert_eq!(for_template("TXT", &"k".repeat(300)), write("TXT", &"k".repeat(300)));
        assert_eq!(for_template("CNAME", &long), long);
    }

    #[test]
    fn values_are_read_as_they_are_configured() {
        assert_eq!(read("TXT", r#""v=spf1 -all""#, &set(&[])), "v=spf1 -all");
        assert_eq!(read("TXT", r#""a" "b""#, &set(&[])), r#"a" "b"#);
        assert_eq!(read("TXT", r#""\052""#, &set(&["*"])), "*");
        assert_eq!(read("CNAME", "Example.com.", &set(&["example.com"])), "example.com");
        assert_eq!(read("AAAA", "2001:db8::1", &set(&["2001:0db8:0:0:0:0:0:1"])), "2001:0db8:0:0:0:0:0:1");
        assert_eq!(read("A", "192.0.2.1", &set(&["192.0.2.2"])), "192.0.2.1");
    }
}

//! CBOR as Smithy's RPC protocol uses it (RFC 8949), to and from what JSON can say.

use serde_json::{Map, Value, json};

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const OTHER: u8 = 7;
/// The tag of a point in time, in seconds since 1970.
const TIME: u64 = 1;
/// What ends an item that did not say its length.
const BREAK: u8 = 0xff;
/// How deep items may stand in one another.
const DEPTH: usize = 64;

/// What the bytes say; nothing if they are no CBOR. Of a tagged item the tag is left out: a point in time is a number.
pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { rest: bytes };
    let value = reader.item(DEPTH)?;
    reader.rest.is_empty().then_some(value)
}

/// The value in CBOR. A number under a name that ends with `Timestamp` is a point in time: so are they all named in
/// CloudWatch, the one service that speaks CBOR.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(OTHER << 5 | 22),
        Value::Bool(false) => bytes.push(OTHER << 5 | 20),
        Value::Bool(true) => bytes.push(OTHER << 5 | 21),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => head(UNSIGNED, number, bytes),
            // -1 is written as 0.
            (None, Some(number)) => head(NEGATIVE, number.unsigned_abs() - 1, bytes),
            (None, None) => {
                bytes.push(OTHER << 5 | 27);
                bytes.extend(number.as_f64().unwrap_or_default().to_be_bytes());
            }
        },
        Value::String(text) => write_text(text, bytes),
        Value::Array(items) => {
            head(ARRAY, items.len() as u64, bytes);
            items.iter().for_each(|item| write(item, bytes));
        }
        Value::Object(map) => {
            head(MAP, map.len() as u64, bytes);
            for (name, item) in map {
                write_text(name, bytes);
                if name.ends_with("Timestamp") && item.is_number() {
                    head(TAG, TIME, bytes);
                }
                write(item, bytes);
            }
        }
    }
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    head(TEXT, text.len() as u64, bytes);
    bytes.extend(text.bytes());
}

/// The start of an item: its major type, and its argument in as many bytes as that takes.
fn head(major: u8, argument: u64, bytes: &mut Vec<u8>) {
    let major = major << 5;
    match (u8::try_from(argument), u16::try_from(argument), u32::try_from(argument)) {
        (Ok(short), ..) if short < 24 => bytes.push(major | short),
        (Ok(one), ..) => bytes.extend([major | 24, one]),
        (_, Ok(two), _) => {
            bytes.push(major | 25);
            bytes.extend(two.to_be_bytes());
        }
        (.., Ok(four)) => {
            bytes.push(major | 26);
            bytes.extend(four.to_be_bytes());
        }
        _ => {
            bytes.push(major | 27);
            bytes.extend(argument.to_be_bytes());
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn item(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let [first] = self.take::<1>()?;
        let (major, info) = (first >> 5, first & 0b1_1111);
        if major == OTHER {
            return self.other(info);
        }
        let argument = self.argument(info)?;
        match major {
            UNSIGNED => Some(json!(argument?)),
            NEGATIVE => Some(json!(-1 - i64::try_from(argument?).ok()?)),
            BYTES | TEXT => self.text(argument).map(Value::String),
            ARRAY => {
                let mut items = Vec::new();
                while !self.ends(argument, items.len()) {
                    items.push(self.item(depth)?);
                }
                Some(Value::Array(items))
            }
            MAP => {
                let mut map = Map::new();
                let mut entries = 0;
                while !self.ends(argument, entries) {
                    let Value::String(name) = self.item(depth)? else { return None };
                    map.insert(name, self.item(depth)?);
                    entries += 1;
                }
                Some(Value::Object(map))
            }
            _ => self.item(depth),
        }
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    /// The argument of a head; inside none for a length that is not said.
    fn argument(&mut self, info: u8) -> Option<Option<u64>> {
        Some(match info {
            0..24 => Some(info.into()),
            24 => Some(self.take::<1>()?[0].into()),
            25 => Some(u16::from_be_bytes(self.take()?).into()),
            26 => Some(u32::from_be_bytes(self.take()?).into()),
            27 => Some(u64::from_be_bytes(self.take()?)),
            31 => None,
            _ => return None,
        })
    }

    /// Whether that many items are all there are; takes the end of those whose number was not said.
    fn ends(&mut self, number: Option<u64>, read: usize) -> bool {
        match number {
            Some(number) => read as u64 >= number,
            None if self.rest.first() == Some(&BREAK) => {
                self.rest = &self.rest[1..];
                true
            }
            None => false,
        }
    }

    /// A text of that many bytes, or one in pieces.
    fn text(&mut self, length: Option<u64>) -> Option<String> {
        if let Some(length) = length {
            let (text, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
            self.rest = rest;
            return String::from_utf8(text.to_vec()).ok();
        }
        let mut whole = String::new();
        while !self.ends(None, 0) {
            let Value::String(piece) = self.item(1)? else { return None };
            whole.push_str(&piece);
        }
        Some(whole)
    }

    fn other(&mut self, info: u8) -> Option<Value> {
        Some(match info {
            20 => json!(false),
            21 => json!(true),
            22 | 23 => Value::Null,
            25 => json!(half(u16::from_be_bytes(self.take()?))),
            26 => json!(f32::from_be_bytes(self.take()?)),
            27 => json!(f64::from_be_bytes(self.take()?)),
            _ => return None,
        })
    }
}

/// A number of sixteen bits: one of sign, five of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0b1_1111);
    let fraction = f64::from(bits & 0b11_1111_1111);
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let value = json!({
            "text": "ä".repeat(300),
            "numbers": [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_296_u64, -1, -500, 0.5],
            "truths": [true, false, null],
            "empty": { "map": {}, "list": [] },
            "StateUpdatedTimestamp": 1_700_000_000,
        });
        assert_eq!(decode(&encode(&value)), Some(value));
        assert_eq!(encode(&json!({ "a": "b" })), [0xa1, 0x61, b'a', 0x61, b'b']);
        assert_eq!(encode(&json!({ "ATimestamp": 7 }))[12..], [0xc1, 0x07], "a point in time is tagged");
    }

    #[test]
    fn lengths_need_not_be_said_and_numbers_can_be_short() {
        let indefinite =
            [0xbf, 0x61, b'a', 0x9f, 0x01, 0x20, 0xff, 0x61, b'b', 0x7f, 0x61, b'x', 0x61, b'y', 0xff, 0xff];
        assert_eq!(decode(&indefinite), Some(json!({ "a": [1, -1], "b": "xy" })));
        assert_eq!(decode(&[0xf9, 0x3e, 0x00]), Some(json!(1.5)));
        assert_eq!(decode(&[0xf9, 0xc0, 0x00]), Some(json!(-2.0)));
        assert_eq!(decode(&[0xfa, 0x3f, 0x80, 0, 0]), Some(json!(1.0)));
    }

    #[test]
    fn what_is_no_cbor_says_nothing() {
        let deep = [0x81; 1000];
        for bytes in
            [&[][..], &[0x62, b'a'], &[0x01, 0x02], &[0xff], &[0xbf, 0x01, 0x01, 0xff], &[0xfc], &deep]
        {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}

//! Names and values in query strings, forms and paths.

/// The value of `name` in a query string or a form body; empty when it stands there without a value.
pub(crate) fn value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key) == name).then(|| decode(value))
    })
}

/// Whether `name` stands in the query string, with a value or without.
pub(crate) fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|pair| decode(pair.split_once('=').map_or(pair, |(key, _)| key)) == name)
}

/// Undoes percent encoding, and `+` for a space.
pub(crate) fn decode(text: &str) -> String {
    percent_decode(&text.replace('+', " "))
}

/// Undoes percent encoding, as in a path, where `+` is itself.
pub(crate) fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes all but the unreserved characters of RFC 3986, so for any part of a path or query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_and_decoded() {
        assert_eq!(value("Action=CreateRole&RoleName=a%2Bb+c", "RoleName").as_deref(), Some("a+b c"));
        assert_eq!(value("versioning", "versioning").as_deref(), Some(""));
        assert_eq!(value("a=1", "b"), None);
        assert!(has("list-type=2&delimiter=%2F", "delimiter"));
        assert_eq!(percent_decode("arn%3Aaws+x%"), "arn:aws+x%");
        assert_eq!(encode("a/b c~"), "a%2Fb%20c~");
    }
}

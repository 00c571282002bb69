//! Domain names, as people write them and as Route 53 answers them.

/// The name in small letters, without the dot at its end, and with the characters that Route 53 answers in octal
/// (`\052` for `*`). An escaped dot is part of a label, and stays as it is.
pub(crate) fn plain(name: &str) -> String {
    let mut rest = name.strip_suffix('.').unwrap_or(name);
    let mut plain = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        if let Some(character) = rest.strip_prefix('\\').and_then(octal) {
            plain.push(character.to_ascii_lowercase());
            rest = &rest[4..];
        } else {
            plain.push(first.to_ascii_lowercase());
            rest = &rest[first.len_utf8()..];
        }
    }
    plain
}

/// The character that three octal digits at the beginning stand for, if it can be written without escaping it.
fn octal(digits: &str) -> Option<char> {
    let code = u8::from_str_radix(digits.get(..3)?, 8).ok()?;
    (code.is_ascii_graphic() && code != b'.' && code != b'\\').then_some(char::from(code))
}

/// The whole name of a record: `www` in the zone `example.com` is `www.example.com`, and nothing is the zone itself.
/// A name with a dot at its end is whole already.
pub(crate) fn complete(name: &str, zone: &str) -> String {
    let (short, zone) = (plain(name), plain(zone));
    if short.is_empty() {
        zone
    } else if name.ends_with('.') || short == zone || short.ends_with(&format!(".{zone}")) {
        short
    } else {
        format!("{short}.{zone}")
    }
}

/// Whether two names are the same to the DNS.
pub(crate) fn same(left: &str, right: &str) -> bool {
    plain(left) == plain(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(plain(r"\052.Example.COM."), "*.example.com");
        assert_eq!(plain(r"a\056b.example.com"), r"a\056b.example.com");
        assert_eq!(plain(r"bücher.example.com\"), r"bücher.example.com\");
        assert_eq!(plain("."), "");
    }

    #[test]
    fn names_are_completed() {
        assert_eq!(complete("www", "example.com."), "www.example.com");
        assert_eq!(complete("", "example.com"), "example.com");
        assert_eq!(complete("WWW.example.com", "example.com"), "www.example.com");
        assert_eq!(complete("notexample.com", "example.com"), "notexample.com.example.com");
        assert_eq!(complete("_a.example.org.", "example.com"), "_a.example.org");
    }
}

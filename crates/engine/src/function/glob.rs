//! The patterns of `fileset`, as regular expressions.

use regex::Regex;

/// The regular expression for a pattern: `*` and `?` match within one part of a path, `**` as a whole part any
/// number of parts, `[a-z]` and `[^a-z]` one character, `{a,b}` either, and a backslash takes the next character
/// as it is.
///
/// # Errors
/// What is not closed in the pattern.
pub(super) fn glob(pattern: &str) -> Result<Regex, String> {
    let mut expression = String::from("^");
    let mut characters = pattern.chars().peekable();
    let mut alternatives = 0_usize;
    let mut part_begins = true;
    while let Some(character) = characters.next() {
        let at_start_of_part = std::mem::replace(&mut part_begins, character == '/');
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => match characters.peek() {
                Some('/') if at_start_of_part => {
                    characters.next();
                    part_begins = true;
                    expression.push_str("(?:[^/]+/)*");
                }
                None if at_start_of_part => expression.push_str(".*"),
                _ => expression.push_str("[^/]*"),
            },
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => class(&mut characters, &mut expression)?,
            '{' => {
                alternatives += 1;
                expression.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                expression.push(')');
            }
            ',' if alternatives > 0 => expression.push('|'),
            '\\' => {
                let escaped = characters.next().ok_or("there is nothing after the backslash")?;
                expression.push_str(&regex::escape(&escaped.to_string()));
            }
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    if alternatives > 0 {
        return Err("a brace is not closed".to_owned());
    }
    expression.push('$');
    Regex::new(&expression).map_err(|_| "this is no pattern".to_owned())
}

/// A class of characters, after its opening bracket.
fn class(characters: &mut impl Iterator<Item = char>, expression: &mut String) -> Result<(), String> {
    let unclosed = || "a bracket is not closed".to_owned();
    let mut class = String::from("[");
    let mut next = characters.next().ok_or_else(unclosed)?;
    if next == '^' || next == '!' {
        class.push('^');
        next = characters.next().ok_or_else(unclosed)?;
    }
    let mut empty = true;
    while next != ']' || empty {
        match next {
            '-' => class.push('-'),
            '\\' => class.push_str(&regex::escape(&characters.next().ok_or_else(unclosed)?.to_string())),
            other => class.push_str(&regex::escape(&other.to_string())),
        }
        empty = false;
        next = characters.next().ok_or_else(unclosed)?;
    }
    class.push(']');
    expression.push_str(&class);
    Ok(())
}

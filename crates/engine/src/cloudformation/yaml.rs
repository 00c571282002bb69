//! YAML, as far as templates need it: written so that people can read it, and that every reader reads the same.

use std::fmt::Write as _;

use crate::value::{Number, Value};

/// A piece of YAML.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    /// Null, a boolean or a number.
    Plain(String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping, in this order.
    Map(Vec<(String, Yaml)>),
    /// Something with a tag, such as `!Ref`.
    Tag(&'static str, Box<Yaml>),
}

impl Yaml {
    /// Text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Something with a tag.
    pub(super) fn tag(tag: &'static str, inner: Self) -> Self {
        Self::Tag(tag, Box::new(inner))
    }

    /// `!Ref`
    pub(super) fn reference(name: impl Into<String>) -> Self {
        Self::tag("Ref", Self::text(name))
    }

    /// A value as it is.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Bool(boolean) => Self::Plain(boolean.to_string()),
            Value::Number(number) => Self::Plain(plain(number)),
            Value::String(text) => Self::text(text.as_str()),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Map(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect())
            }
            Value::Null | Value::Unknown | Value::Withheld(_) => Self::Plain("null".to_owned()),
        }
    }

    /// A document that is this.
    pub(super) fn document(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text.trim_start_matches('\n').to_owned() + "\n"
    }

    /// Writes this after a key, a dash or a tag, without a line break at its end.
    fn write(&self, text: &mut String, depth: usize) {
        let indentation = "  ".repeat(depth);
        match self {
            Self::Plain(plain) => push(text, plain),
            Self::Text(content) if is_block(content) => {
                push(text, if content.ends_with('\n') { "|" } else { "|-" });
                for line in content.strip_suffix('\n').unwrap_or(content).split('\n') {
                    text.push('\n');
                    if !line.is_empty() {
                        text.push_str(&indentation);
                        text.push_str(line);
                    }
                }
            }
            Self::Text(content) => push(text, &scalar(content)),
            Self::List(items) if items.is_empty() => push(text, "[]"),
            Self::Map(entries) if entries.is_empty() => push(text, "{}"),
            Self::List(items) => {
                for item in items {
                    let _ = write!(text, "\n{indentation}-");
                    item.write_item(text, depth + 1);
                }
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    let _ = write!(text, "\n{indentation}{}:", scalar(key));
                    value.write(text, depth + 1);
                }
            }
            Self::Tag(tag, inner) => {
                push(text, &format!("!{tag}"));
                inner.write(text, depth);
            }
        }
    }

    /// Writes this after a dash: the first entry of a mapping stands on the same line.
    fn write_item(&self, text: &mut String, depth: usize) {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                let mut inner = String::new();
                self.write(&mut inner, depth);
                // The line break and the indentation of the first key become the blank after the dash.
                text.push(' ');
                text.push_str(inner.trim_start_matches(['\n', ' ']));
            }
            other => other.write(text, depth),
        }
    }
}

fn push(text: &mut String, part: &str) {
    if !text.is_empty() && !text.ends_with(['\n', ' ']) {
        text.push(' ');
    }
    text.push_str(part);
}

/// A number without an exponent.
fn plain(number: &Number) -> String {
    number.to_string()
}

/// Whether a text is better read as a block of lines. One with characters that only quotes can show is not.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.chars().all(|character| character == '\n' || !character.is_control())
}

/// A text on one line: without quotes only where no reader can take it for anything else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-./:*@+".contains(character))
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    let is_sentence = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "_-./*@+ (),;$".contains(character))
        && !text.ends_with(' ')
        && !text.contains("  ")
        && text.contains(' ');
    if is_plain || is_sentence {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        // JSON's quotes are YAML's.
        return Value::from(text).to_json().to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_could_be_read_as_something_else_are_quoted() {
        for text in [
            "",
            "true",
            "No",
            "012",
            "1.5",
            "2012-10-17",
            "a: b",
            "# no",
            "*",
            "!x",
            "ends:",
            " x",
            "${A}",
            "it's",
        ] {
            let written = scalar(text);
            assert!(written.starts_with('\'') || written.starts_with('"'), "{written}");
        }
        assert_eq!(scalar("it's"), "'it''s'");
        assert_eq!(scalar("AWS::S3::Bucket"), "AWS::S3::Bucket");
        assert_eq!(scalar("Days for which it is kept"), "Days for which it is kept");
        assert_eq!(scalar("a\tb"), "\"a\\tb\"");
    }

    #[test]
    fn lists_and_maps_are_indented_and_tags_stand_before_them() {
        let document = Yaml::Map(vec![
            (
                "A".to_owned(),
                Yaml::List(vec![
                    Yaml::Map(vec![
                        ("Key".to_owned(), Yaml::text("a")),
                        ("Value".to_owned(), Yaml::reference("X")),
                    ]),
                    Yaml::tag(
                        "If",
                        Yaml::List(vec![
                            Yaml::text("C"),
                            Yaml::List(vec![Yaml::text("x")]),
                            Yaml::reference("AWS::NoValue"),
                        ]),
                    ),
                ]),
            ),
            (
                "B".to_owned(),
                Yaml::tag(
                    "If",
                    Yaml::List(vec![
                        Yaml::text("C"),
                        Yaml::Map(vec![("K".to_owned(), Yaml::text("v"))]),
                        Yaml::text("lines\nof text"),
                    ]),
                ),
            ),
            ("C".to_owned(), Yaml::Map(Vec::new())),
        ]);
        let expected = "\
A:
  - Key: a
    Value: !Ref X
  - !If
    - C
    -
      - x
    - !Ref AWS::NoValue
B: !If
  - C
  - K: v
  - |-
    lines
    of text
C: {}
";
        assert_eq!(document.document(), expected);
    }
}

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::format;
use crate::source::SourceFile;

fn formatted(text: &str) -> String {
    let file = Arc::new(SourceFile { path: PathBuf::from("x.toml"), text: text.to_owned() });
    format(&file).unwrap_or_else(|diagnostics| panic!("{diagnostics}: {text}"))
}

#[test]
fn white_space_is_put_in_order() {
    let text = r#"

  # what it is
  [ a . "b c" ]   # header
x=1 # one
yyyy   =  "a  b"      # two


# own   


w = [ 1,2, # c1
  3   # c2
  ]
v = [
  [1,
  2], {a=1,b = [
   3,

   # hey
   4 ] }
]
u={a=1,b={c=2},   d   . e = 4}
s = { a = [ 1, ], b = [{ x=1 }, { y=2 },
   { x=3 } ] }
t = [ ]
ttt = [ # why
  1
  , 2
  # end
]
m = """
   keep
  this"""    # c
date = 1979-05-27 07:32:00
[[l]]
k='''${[
  1 ]}'''
   # trailing


"#;
    insta::assert_snapshot!(formatted(text));
}

#[test]
fn tables_over_several_lines_are_too() {
    insta::assert_snapshot!(formatted("a = {\n b=1, # one\n\n\n  c = [2,\n3] }\n"));
}

#[test]
fn what_is_no_toml_is_refused() {
    let file = Arc::new(SourceFile { path: PathBuf::from("x.toml"), text: "a = \n".to_owned() });
    assert!(format(&file).is_err());
}

/// What separates tokens where a line must not end, where it may, and where one must.
fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", "\t ", "   "])
}

fn gap() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", "\n", " # \"a\" [\n", "\n\n\n\t#b  \n", "\r\n  "])
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\n", "  \n", "# c\n", " # d = [\n\n\n", "\r\n# e\n"])
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{3,6}", "\"[a-z #=.]{3,6}\"", "[a-z]{3} ?\\. ?[a-z]{3}"]
}

fn value() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "1",
        "-2.5",
        "1e3",
        "true",
        "\"a # b\"",
        "'[ c'",
        "\"\"\"\n  x = \\\n  y\n\"\"\"",
        "'''z\n\n'''",
        "1979-05-27 07:32:00",
        "2020-01-01",
        "0xff",
        "inf",
        "\"${var.a}\"",
    ]);
    scalar.prop_map(str::to_owned).prop_recursive(3, 24, 4, |inner| {
        let element =
            (gap(), inner.clone(), gap()).prop_map(|(before, value, after)| [before, &value, after].concat());
        let list = (prop::collection::vec(element, 0..4), prop::bool::ANY, gap()).prop_map(
            |(elements, comma, end)| {
                let comma = if comma && !elements.is_empty() { "," } else { "" };
                format!("[{}{comma}{end}]", elements.join(","))
            },
        );
        let entry = (gap(), space(), inner, gap());
        let table = prop::collection::vec(entry, 0..4).prop_map(|entries| {
            let entry = |(at, (before, space, value, after)): (usize, &(&str, &str, String, &str))| {
                format!("{before}k{at}{space}={space}{value}{after}")
            };
            let entries: Vec<String> = entries.iter().enumerate().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        });
        prop_oneof![list, table]
    })
}

fn document() -> impl Strategy<Value = String> {
    let entry = (key(), space(), value(), space(), line_end())
        .prop_map(|(key, space, value, end, line)| format!("{space}{key}{space}={end}{value}{end}{line}"));
    let header =
        (key(), space(), line_end(), prop::bool::ANY).prop_map(|(key, space, line, many)| match many {
            true => format!("{space}[[{space}{key}{space}]]{line}"),
            false => format!("[{space}{key}]{space}{line}"),
        });
    prop::collection::vec(prop_oneof![3 => entry, 1 => header], 0..8).prop_map(|lines| lines.concat())
}

fn comments(text: &str) -> Vec<String> {
    let tokens = toml_parser::Source::new(text).lex();
    let comments = tokens.filter(|token| token.kind() == toml_parser::lexer::TokenKind::Comment);
    comments.map(|token| text[token.span().start()..token.span().end()].trim_end().to_owned()).collect()
}

proptest! {
    #[test]
    fn neither_meaning_nor_comments_change_and_nothing_is_left_to_do(text in document()) {
        let Ok(meaning) = text.parse::<toml::Table>() else { return Ok(()) };
        let formatted = formatted(&text);
        prop_assert_eq!(formatted.parse::<toml::Table>().map_err(|error| error.to_string()), Ok(meaning), "{}", formatted);
        prop_assert_eq!(comments(&formatted), comments(&text));
        prop_assert_eq!(super::tests::formatted(&formatted), formatted.as_str());
        prop_assert!(!formatted.lines().any(|line| line.ends_with([' ', '\t'])) || formatted.contains("\"\"\""));
    }
}

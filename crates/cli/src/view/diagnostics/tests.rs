use std::sync::Arc;

use provision_engine::source::{Diagnostic, Diagnostics, Place, SourceFile};

use super::{error, write};
use crate::view::{Style, drawn};

const PLAIN: Style = Style { colour: false, width: 80 };

fn file(path: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile { path: path.into(), text: text.to_owned() })
}

fn place(file: &Arc<SourceFile>, text: &str) -> Place {
    let start = file.text.find(text).unwrap_or_default();
    Place { file: file.clone(), start, end: start + text.len() }
}

fn environment() -> Arc<SourceFile> {
    file(
        "envs/dev.toml",
        "[env]\nname = \"dev\"\n\n[resource.aws_s3_bucket.master]\nbucket = \"müster\"\nversionning = { enabled = true }\n",
    )
}

#[test]
fn a_place_is_underlined_and_the_hint_is_below() {
    let file = environment();
    let diagnostic = Diagnostic::at(&place(&file, "versionning"), "unknown key `versionning`")
        .with_hint("did you mean `versioning`?");
    insta::assert_snapshot!(drawn(|out| write(&diagnostic.into(), out, PLAIN)));
}

#[test]
fn several_problems_are_counted() {
    let (environment, module) =
        (environment(), file("modules/cdn/module.toml", "[variable.a]\ntype = \"x\"\n"));
    let diagnostics = Diagnostics(vec![
        Diagnostic::at(&place(&environment, "\"dev\""), "two environments have this name")
            .with_related(&place(&environment, "[env]"), "in this block")
            .with_related(&place(&module, "\"x\""), "and here"),
        Diagnostic::at(&place(&module, "\"x\"\n"), "there is no type `x`"),
        Diagnostic::new("no credentials\nanswer of the service: denied").with_hint("set AWS_PROFILE"),
    ]);
    insta::assert_snapshot!(drawn(|out| write(&diagnostics, out, PLAIN)));
    let one_file = Diagnostics(diagnostics.0.into_iter().rev().take(2).collect());
    let text = drawn(|out| write(&one_file, out, PLAIN));
    assert!(text.ends_with("error: 2 problems in modules/cdn/module.toml\n"), "{text}");
}

#[test]
fn a_place_outside_of_the_text_is_no_reason_to_fail() {
    let file = environment();
    for (start, end) in [(0, 0), (1000, 2000), (40, 20), (62, 63), (6, 500), (107, 108)] {
        let place = Place { file: file.clone(), start, end };
        let text = drawn(|out| write(&Diagnostic::at(&place, "m").into(), out, PLAIN));
        assert!(text.starts_with("error: m\n"), "{text}");
    }
    let empty = Place { file: super::tests::file("e.toml", ""), start: 0, end: 0 };
    assert!(drawn(|out| write(&Diagnostic::at(&empty, "m").into(), out, PLAIN)).contains("e.toml:1:1"));
}

#[test]
fn a_long_line_is_shortened_around_the_place() {
    let text = format!("a = \"{}\" + wrong + \"{}\"\n", "x".repeat(200), "y".repeat(200));
    let place = place(&file("a.toml", &text), "wrong");
    insta::assert_snapshot!(drawn(|out| write(&Diagnostic::at(&place, "unknown name").into(), out, PLAIN)));
}

#[test]
fn colours() {
    let file = environment();
    let diagnostic = Diagnostic::at(&place(&file, "versionning"), "unknown key").with_hint("h");
    let style = Style { colour: true, width: 80 };
    let coloured = drawn(|out| write(&diagnostic.clone().into(), out, style));
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(console::strip_ansi_codes(&coloured), drawn(|out| write(&diagnostic.into(), out, PLAIN)));
    let coloured = drawn(|out| error("a\u{1b}[2Jb", Some("do"), out, style));
    assert_eq!(console::strip_ansi_codes(&coloured), "error: a\u{fffd}[2Jb\n  help: do\n");
}

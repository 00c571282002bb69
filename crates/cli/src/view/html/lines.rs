//! Lines that a terminal shows, in a page: the same words, with tones as classes.

use std::fmt::Write as _;

use super::Escaped;
use crate::view::text::{Line, Tone};

/// The lines, the least indented of them at the left.
pub(super) fn code(lines: &[Line]) -> String {
    let indent = lines.iter().map(Line::indent).min().unwrap_or_default();
    let mut html = String::from("<pre class=\"code\">");
    for line in lines {
        // Writing into memory does not fail.
        let _ = write!(html, "<span class=\"line{}\">", mark(line));
        html.push_str(&" ".repeat(line.indent() - indent));
        html.push_str(&parts(line));
        html.push_str("</span>");
    }
    html + "</pre>\n"
}

/// A line without its indent, with its remark.
pub(super) fn parts(line: &Line) -> String {
    let mut html = String::new();
    let remark = line.note().map(|(tone, note)| (*tone, format!("  {note}")));
    for (tone, text) in line.parts().iter().cloned().chain(remark) {
        let _ = match class(tone) {
            "" => write!(html, "{}", Escaped(&text)),
            class => write!(html, "<span class=\"{class}\">{}</span>", Escaped(&text)),
        };
    }
    html
}

/// What a line says of a value: that it comes, goes, or changes here and not further inside.
fn mark(line: &Line) -> &'static str {
    let has_arrow = || line.parts().iter().any(|(tone, text)| *tone == Tone::Notice && text.trim() == "->");
    match line.parts().first() {
        Some((Tone::Good, mark)) if mark.trim() == "+" => " added",
        Some((Tone::Bad, mark)) if mark.trim() == "-" => " removed",
        _ if has_arrow() => " changed",
        _ => "",
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Strong => "t-strong",
        Tone::Faint => "t-faint",
        Tone::Good => "t-good",
        Tone::Notice => "t-notice",
        Tone::Bad => "t-bad",
        Tone::Alarm => "t-alarm",
        Tone::Read => "t-read",
    }
}

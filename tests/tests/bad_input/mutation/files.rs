//! Files that are strange as a whole.

use super::{Mutation, Source, keys, line, references};

pub(super) fn bytes(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    let ends = source.text().match_indices('\n').map(|(at, _)| at);
    for at in ends.step_by(7) {
        for wrong in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xe2\x82"] {
            let mut mutation = source.edit("no UTF-8", at..at, "");
            mutation.bytes.splice(at..at, wrong.iter().copied());
            mutation.lines = [line(source.text(), at)].into();
            made.push(mutation.saying("not in UTF-8"));
        }
        for wrong in ["\0", "\u{7}", "\u{1b}[31m"] {
            made.push(source.edit("a character that cannot be", at..at, wrong));
        }
    }
    made
}

/// One in so many of those mistakes, in a file that is written another way.
fn written(source: &Source<'_>, sort: &'static str, write: impl Fn(&mut Mutation)) -> Vec<Mutation> {
    let mut made = keys::misspelled_arguments(source);
    made.extend(references::misspelled_names(source));
    for mutation in &mut made {
        mutation.sort = sort;
        write(mutation);
    }
    made
}

pub(super) fn line_ends(source: &Source<'_>) -> Vec<Mutation> {
    written(source, "a mistake between line ends of Windows", |mutation| {
        let text = String::from_utf8_lossy(&mutation.bytes).replace('\n', "\r\n");
        mutation.bytes = text.into_bytes();
    })
}

pub(super) fn byte_order_marks(source: &Source<'_>) -> Vec<Mutation> {
    written(source, "a mistake after a byte order mark", |mutation| {
        mutation.bytes.splice(0..0, "\u{feff}".bytes());
    })
}

pub(super) fn long_lines(source: &Source<'_>) -> Vec<Mutation> {
    let long = "x".repeat(200_000);
    let list = "\"x\", ".repeat(20_000);
    let add = |text: &str, says: &str| source.append("a mistake in a long line", text).saying(says);
    let mut made = vec![
        add(&format!("[output.zonk]\nvalue = \"{long}${{var.zonk}}\"\n"), "there is no variable `zonk`"),
        add(&format!("[output.zonk]\nvalue = [{list}zonk]\n"), ""),
        add(&format!("[output.zonk]\n{long} = 1\nvalue = 1\n"), "unknown key"),
        add(&format!("[output.zonk]\nvalue = \"${{{long}}}\"\n"), "there is nothing named"),
    ];
    for mutation in &mut made {
        let last = *mutation.lines.iter().max().unwrap();
        mutation.lines = (last - 2..=last).collect();
    }
    made
}

pub(super) fn depths(source: &Source<'_>) -> Vec<Mutation> {
    const DEEP: usize = 20_000;
    let add = |value: String, says: &str| {
        source.append("something that is too deep", &format!("[output.zonk]\nvalue = {value}\n")).saying(says)
    };
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(DEEP), close.repeat(DEEP));
    vec![
        add(nested("[", "]"), ""),
        add(nested("{ a = ", " }"), ""),
        add("[".repeat(DEEP), ""),
        add(format!("'${{{}}}'", nested("(", ")")), "nested too deeply"),
        add(format!("'${{{}}}'", nested("[", "]")), "nested too deeply"),
        add(format!("'${{{}}}'", nested("upper(", ")")), "nested too deeply"),
        add(format!("'${{{}1}}'", "!".repeat(DEEP)), "nested too deeply"),
        add(format!("'${{{}1}}'", "true ? 1 : ".repeat(DEEP)), "nested too deeply"),
        add(format!("'{}x{}'", "%{ if true }".repeat(DEEP), "%{ endif }".repeat(DEEP)), "nested too deeply"),
        add(format!("'${{{}}}'", nested(r#""${"#, r#"}""#)), "nested too deeply"),
    ]
}

//! What an export does not say, and what has to be given to it.

use std::io::{self, Write};

use super::Style;
use super::text::{Line, Tone, wrapped, write_lines};

/// Draws it; nothing, if it says all. `left_out`: addresses, each with the reason; `secrets`: the names of variables.
pub(crate) fn write(
    left_out: &[(String, String)],
    secrets: &[String],
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mut lines = Vec::new();
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            let title = wrapped(title, style.width).into_iter();
            lines.extend(title.map(|text| Line::default().and(Tone::Notice, text)));
            lines.extend(items.into_iter().map(|item| Line::indented(4).and(Tone::Plain, item).whole()));
        }
    };
    list("Left out:", left_out.iter().map(|(address, why)| format!("{address}: {why}")).collect());
    list("Variables that secrets have to be given by:", secrets.to_vec());
    write_lines(&lines, out, style)
}

//! What has changed in a file, as a unified diff, which `patch` takes too.

use std::io::{self, Write};

use provision_engine::source::SourceFile;
use similar::TextDiff;

use super::Style;
use super::text::{Tone, visible};

/// Draws what makes `after` of a file; nothing if that is what it is.
pub(crate) fn write(file: &SourceFile, after: &str, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let path = file.path.display().to_string();
    let diff =
        TextDiff::from_lines(file.text.as_str(), after).unified_diff().header(&path, &path).to_string();
    for line in diff.lines() {
        let tone = match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => Tone::Strong,
            Some(b'+') => Tone::Good,
            Some(b'-') => Tone::Bad,
            Some(b'@') => Tone::Read,
            _ => Tone::Plain,
        };
        // A tabulator is what many of these are about.
        let line: Vec<String> = line.split('\t').map(visible).collect();
        writeln!(out, "{}", tone.paint(&line.join("\t"), style))?;
    }
    Ok(())
}

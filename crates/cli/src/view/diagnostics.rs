//! What is wrong with files, in the manner of rustc: the message, the place, the line with the place underlined, and
//! what to do.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use provision_engine::source::{Diagnostic, Diagnostics, Place, SourceFile};

use super::Style;
use super::text::{counted, visible};

/// Draws all that is wrong, and how much that is.
pub(crate) fn write(diagnostics: &Diagnostics, out: &mut dyn Write, style: Style) -> io::Result<()> {
    for (position, diagnostic) in diagnostics.0.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        write_one(diagnostic, out, style)?;
    }
    if diagnostics.0.len() > 1 {
        writeln!(out)?;
        let files: BTreeSet<_> = diagnostics
            .0
            .iter()
            .filter_map(|diagnostic| diagnostic.place.as_ref())
            .map(|place| place.file.path.display().to_string())
            .collect();
        let problems = counted(diagnostics.0.len(), "problem");
        let message = match (files.len(), files.first()) {
            (1, Some(file)) => format!("{problems} in {file}"),
            (0, _) | (_, None) => problems,
            (count, _) => format!("{problems} in {}", counted(count, "file")),
        };
        error(&message, None, out, style)?;
    }
    Ok(())
}

/// Draws an error that has no place in a file.
pub(crate) fn error(message: &str, hint: Option<&str>, out: &mut dyn Write, style: Style) -> io::Result<()> {
    titled(&Level::ERROR, message, hint, out, style)
}

/// Draws what is no error, and may become one.
pub(crate) fn warning(
    message: &str,
    hint: Option<&str>,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    titled(&Level::WARNING, message, hint, out, style)
}

fn titled(
    level: &Level<'_>,
    message: &str,
    hint: Option<&str>,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    // What follows the first line of a message, such as what a cloud answered, is as it is.
    let mut lines = message.lines();
    let title = visible(lines.next().unwrap_or_default());
    writeln!(out, "{}", renderer(style).render(&[Group::with_title(level.clone().primary_title(title))]))?;
    for line in lines {
        writeln!(out, "  {}", visible(line))?;
    }
    if let Some(hint) = hint {
        let title = Level::HELP.secondary_title(visible(hint));
        writeln!(out, "  {}", renderer(style).render(&[Group::with_title(title)]))?;
    }
    Ok(())
}

fn write_one(diagnostic: &Diagnostic, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let Some(place) = &diagnostic.place else {
        error(&diagnostic.message, diagnostic.hint.as_deref(), out, style)?;
        return diagnostic.related.iter().try_for_each(|(place, label)| {
            let group = Group::with_title(Level::NOTE.secondary_title(label.as_str()))
                .element(snippet(&place.file).annotation(AnnotationKind::Primary.span(span(place))));
            writeln!(out, "{}", renderer(style).render(&[group]))
        });
    };
    let mut snippets =
        vec![(&place.file, snippet(&place.file).annotation(AnnotationKind::Primary.span(span(place))))];
    for (related, label) in &diagnostic.related {
        let annotation = AnnotationKind::Context.span(span(related)).label(label.as_str());
        match snippets.iter_mut().find(|(file, _)| Arc::ptr_eq(file, &related.file) || **file == related.file)
        {
            Some((_, found)) => *found = found.clone().annotation(annotation),
            None => snippets.push((&related.file, snippet(&related.file).annotation(annotation))),
        }
    }
    let mut group = Group::with_title(Level::ERROR.primary_title(diagnostic.message.as_str()))
        .elements(snippets.into_iter().map(|(_, snippet)| snippet));
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    writeln!(out, "{}", renderer(style).render(&[group]))
}

fn snippet(file: &SourceFile) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(file.text.as_str()).path(file.path.display().to_string())
}

/// The part of a place that is underlined: no more than its first line, and within the file whatever it says.
fn span(place: &Place) -> Range<usize> {
    let text = &place.file.text;
    let start = text.floor_char_boundary(place.start.min(text.len()));
    let end = text.ceil_char_boundary(place.end.clamp(start, text.len()));
    let first_line = text[start..end].split(['\r', '\n']).next().map_or(0, str::len);
    start..start + first_line
}

fn renderer(style: Style) -> Renderer {
    // Lines of source are shortened around what is underlined even where the width is without bound.
    const WIDEST: usize = 160;
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(style.width.min(WIDEST))
}

#[cfg(test)]
mod tests;

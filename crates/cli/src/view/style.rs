//! How things are drawn: in colour or not, and how wide.

use std::io;

/// How something is drawn on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether in colour.
    pub(crate) colour: bool,
    /// How many columns there are.
    pub(crate) width: usize,
}

impl Style {
    /// The width of what no terminal shows: a log or a pipe keeps all of a line.
    pub(crate) const UNBOUNDED: usize = usize::MAX;

    /// How to draw on a stream: in colour on a terminal, unless `NO_COLOR` or `CLICOLOR_FORCE` say otherwise, and as
    /// wide as that. `COLUMNS` gives a width to what is no terminal.
    pub(crate) fn of<S: anstream::stream::RawStream>(stream: &S) -> Self {
        let colour = anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never;
        let width = if stream.is_terminal() {
            console::Term::stdout().size_checked().or_else(|| console::Term::stderr().size_checked())
        } else {
            None
        };
        let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
        let width = width.map(|(_, columns)| usize::from(columns)).or_else(columns);
        Self { colour, width: width.filter(|width| *width > 0).unwrap_or(Self::UNBOUNDED) }
    }
}

impl Style {
    /// How to draw on standard error.
    pub(crate) fn of_stderr() -> Self {
        Self::of(&std::io::stderr())
    }

    /// How to draw on standard output.
    pub(crate) fn of_stdout() -> Self {
        Self::of(&std::io::stdout())
    }
}

/// Something that can be drawn whole.
pub(crate) fn drawn(draw: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut drawn = Vec::new();
    // Writing into memory does not fail.
    let _ = draw(&mut drawn);
    String::from_utf8_lossy(&drawn).into_owned()
}

//! The foot of a terminal: lines that are drawn again and again in the same place, below what stays.

use std::io::{self, Write};

use crate::view::Style;
use crate::view::text::{Line, drawn_lines, width};

/// What a terminal is told: to show all that follows at once, where it can, so that nothing flickers.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// The foot of a terminal. The cursor is left on the line below it, so that whatever else is written, and what a person
/// types, is there too, and goes with the next drawing.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    size: fn() -> Option<Size>,
    /// How many columns each line takes that is there now.
    shown: Vec<usize>,
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Screen {
    /// The foot of the terminal that this writes to, whose size is asked for each time.
    pub(super) fn new(out: Box<dyn Write + Send>, size: fn() -> Option<Size>) -> Self {
        Self { out, size, shown: Vec::new() }
    }

    /// The foot of the terminal that standard error is.
    pub(super) fn of_stderr() -> Self {
        // Cursor movements have to pass where colours may not.
        let out = anstream::AutoStream::always(io::stderr());
        Self::new(Box::new(out), || {
            let (rows, columns) = console::Term::stderr().size_checked()?;
            Some(Size { columns: usize::from(columns), rows: usize::from(rows) })
        })
    }

    /// How large the terminal is now; a usual size if it does not say.
    pub(super) fn size(&self) -> Size {
        let size = (self.size)().filter(|size| size.columns > 0 && size.rows > 0);
        size.unwrap_or(Size { columns: 80, rows: 24 })
    }

    /// Draws the lines in the place of those that are there. `above` stays, above them.
    pub(super) fn draw(&mut self, above: &str, lines: &[Line], colour: bool) {
        if above.is_empty() && lines.is_empty() && self.shown.is_empty() {
            return;
        }
        let size = self.size();
        // A line that fills the last column leaves terminals at odds about where the cursor is.
        let style = Style { colour, width: size.columns.saturating_sub(1).max(1) };
        let drawn = drawn_lines(lines, style);
        let mut text = format!("{BEGIN}{}", self.to_the_top(size));
        for line in above.lines().chain(drawn.lines()) {
            // Over what was there, and only then away with its rest: where nothing has changed, nothing flickers.
            text.push_str(line);
            text.push_str("\x1b[K\r\n");
        }
        text.push_str("\x1b[J");
        text.push_str(END);
        self.shown = drawn.lines().map(width).collect();
        self.write(&text);
    }

    /// Takes the lines away.
    pub(super) fn clear(&mut self) {
        if !self.shown.is_empty() {
            let text = format!("{}\x1b[J", self.to_the_top(self.size()));
            self.shown.clear();
            self.write(&text);
        }
    }

    /// Moves the cursor to where the first line begins. A terminal that was made narrower since has broken the lines
    /// that it had no more room for.
    fn to_the_top(&self, size: Size) -> String {
        let rows: usize = self.shown.iter().map(|width| width.div_ceil(size.columns).max(1)).sum();
        match rows {
            0 => "\r".to_owned(),
            rows => format!("\r\x1b[{rows}A"),
        }
    }

    fn write(&mut self, text: &str) {
        // A terminal that has gone away is no reason to stop.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

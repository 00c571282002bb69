//! Lines made of parts that each have a tone. What a part says and what colour it has meet only when the line is
//! written, so a line can be measured and cut without a thought for colour codes.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Ansi};

use super::{Style, drawn};

/// What a part of a line is, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// A name that the eye should find.
    Strong,
    /// What is there for completeness.
    Faint,
    /// What comes, or went well.
    Good,
    /// What changes, or is to be noted.
    Notice,
    /// What goes, or went wrong.
    Bad,
    /// What destroys.
    Alarm,
    /// What is only read.
    Read,
}

impl Tone {
    fn ansi(self) -> Ansi {
        match self {
            Self::Plain => Ansi::new(),
            Self::Strong => Ansi::new().bold(),
            Self::Faint => Ansi::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Notice => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Alarm => AnsiColor::Red.on_default().bold(),
            Self::Read => AnsiColor::Cyan.on_default(),
        }
    }

    /// A text in this tone.
    pub(crate) fn paint(self, text: &str, style: Style) -> String {
        drawn(|out| self.write(text, out, style))
    }

    /// Writes a text in this tone.
    fn write(self, text: &str, out: &mut dyn Write, style: Style) -> io::Result<()> {
        match (style.colour, self) {
            (false, _) | (_, Self::Plain) => out.write_all(text.as_bytes()),
            (true, _) => {
                let ansi = self.ansi();
                write!(out, "{ansi}{text}{ansi:#}")
            }
        }
    }
}

/// A line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    indent: usize,
    parts: Vec<(Tone, String)>,
    note: Option<(Tone, String)>,
    /// Whether it is never cut, because it is there to be copied.
    whole: bool,
}

impl Line {
    /// An empty line with so many columns before it.
    pub(crate) fn indented(indent: usize) -> Self {
        Self { indent, ..Self::default() }
    }

    /// The same with more text.
    pub(crate) fn and(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        let text = visible(text.as_ref());
        if !text.is_empty() {
            self.parts.push((tone, text));
        }
        self
    }

    /// The same with a remark at its end, which is not cut off; it goes below if there is no room.
    pub(crate) fn with_note(mut self, tone: Tone, note: impl AsRef<str>) -> Self {
        self.note = Some((tone, format!("# {}", visible(note.as_ref()))));
        self
    }

    /// The same, never cut.
    pub(crate) fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// How many columns are before it.
    pub(crate) fn indent(&self) -> usize {
        self.indent
    }

    /// Its parts, each with its tone.
    pub(crate) fn parts(&self) -> &[(Tone, String)] {
        &self.parts
    }

    /// The remark at its end, with its `#`.
    pub(crate) fn note(&self) -> Option<&(Tone, String)> {
        self.note.as_ref()
    }

    /// Its last part.
    pub(crate) fn end(&self) -> &str {
        self.parts.last().map_or("", |(_, text)| text)
    }

    /// How many columns it takes, without its note.
    pub(crate) fn width(&self) -> usize {
        self.indent + self.parts.iter().map(|(_, text)| width(text)).sum::<usize>()
    }

    /// Writes it within the style's width.
    pub(crate) fn write(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        let note = self.note.as_ref().map_or(0, |(_, note)| width(note) + 2);
        let fits = self.width().saturating_add(note) <= style.width;
        let below = !fits && (self.whole || note * 2 > style.width);
        let room = match (self.whole, below) {
            (true, _) => usize::MAX,
            (false, true) => style.width,
            (false, false) => style.width.saturating_sub(note),
        };
        write!(out, "{:1$}", "", self.indent)?;
        let mut left = room.saturating_sub(self.indent);
        let mut rest: usize = self.parts.iter().map(|(_, text)| width(text)).sum();
        for (tone, text) in &self.parts {
            let wide = width(text);
            // The mark of the cut has to fit too, unless nothing follows.
            if wide > left || (wide == left && rest > wide) {
                tone.write(&cut(text, left), out, style)?;
                break;
            }
            tone.write(text, out, style)?;
            left -= wide;
            rest -= wide;
        }
        match &self.note {
            Some((tone, note)) if below => {
                writeln!(out)?;
                let indent = self.indent + 6;
                let note = note.trim_start_matches("# ");
                for line in wrapped(note, style.width.saturating_sub(indent + 2)) {
                    writeln!(out, "{:indent$}{}", "", tone.paint(&format!("# {line}"), style))?;
                }
            }
            Some((tone, note)) => writeln!(out, "  {}", tone.paint(note, style))?,
            None => writeln!(out)?,
        }
        Ok(())
    }
}

/// Writes lines.
pub(crate) fn write_lines(lines: &[Line], out: &mut dyn Write, style: Style) -> io::Result<()> {
    lines.iter().try_for_each(|line| line.write(out, style))
}

/// Lines as text.
pub(crate) fn drawn_lines(lines: &[Line], style: Style) -> String {
    drawn(|out| write_lines(lines, out, style))
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    if is_simple(text) { text.len() } else { console::measure_text_width(text) }
}

/// Whether each byte of a text is a character that takes one column, as is nearly always so.
fn is_simple(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A text cut to so many columns; `…` is where something is missing.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut left = columns - 1;
    for character in text.chars() {
        let wide = width(character.encode_utf8(&mut [0; 4]));
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(character);
    }
    // Half of an escaped quote would look like the end of a text.
    let kept = kept.trim_end_matches('\\');
    format!("{kept}…")
}

/// A text in lines of at most so many columns, broken between words.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text that cannot do anything to a terminal: names and messages come from files and from the network.
pub(crate) fn visible(text: &str) -> String {
    if is_simple(text) {
        return text.to_owned();
    }
    text.chars().map(|character| if is_unseen(character) { '\u{fffd}' } else { character }).collect()
}

/// Whether a character controls what is drawn, rather than being drawn.
pub(crate) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1 resource`, `2 resources`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

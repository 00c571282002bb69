//! A line that is typed on a terminal, with what was typed before at hand.

use std::io::{self, Write};

use console::{Key, Term};

use super::text::width;

/// Asks for lines.
pub(crate) struct Prompt {
    terminal: Term,
    sign: &'static str,
    line: Line,
}

/// A line while it is typed.
#[derive(Debug, Default)]
struct Line {
    text: Vec<char>,
    /// Before which of the characters something is inserted.
    cursor: usize,
    history: Vec<String>,
    /// Which of the history is shown; behind its end, what is being typed.
    shown: usize,
    /// What was being typed when the history was gone into.
    draft: Vec<char>,
}

/// What a key has come to.
#[derive(Debug, PartialEq, Eq)]
enum Pressed {
    /// The line goes on.
    Nothing,
    /// It is done.
    Done,
    /// There is no more.
    End,
}

impl Prompt {
    /// `sign` stands before each line.
    pub(crate) fn new(sign: &'static str) -> Self {
        Self { terminal: Term::stdout(), sign, line: Line::default() }
    }

    /// The next line; none after Ctrl-D.
    pub(crate) fn read(&mut self) -> io::Result<Option<String>> {
        loop {
            self.draw()?;
            match self.line.press(&self.terminal.read_key_raw()?) {
                Pressed::Nothing => {}
                Pressed::Done => {
                    self.terminal.write_line("")?;
                    return Ok(Some(self.line.take()));
                }
                Pressed::End => {
                    self.terminal.write_line("")?;
                    return Ok(None);
                }
            }
        }
    }

    /// Draws the part of the line that has room around the cursor.
    fn draw(&mut self) -> io::Result<()> {
        let columns = usize::from(self.terminal.size().1).saturating_sub(width(self.sign) + 1).max(1);
        let (shown, before) = self.line.window(columns);
        self.terminal.clear_line()?;
        write!(self.terminal, "{}{shown}", self.sign)?;
        self.terminal.move_cursor_left(width(&shown) - before)?;
        self.terminal.flush()
    }
}

impl Line {
    fn press(&mut self, key: &Key) -> Pressed {
        match key {
            Key::Enter => return Pressed::Done,
            Key::CtrlC if self.text.is_empty() => return Pressed::End,
            Key::CtrlC => self.show(self.history.len(), Vec::new()),
            Key::Char('\u{4}') if self.text.is_empty() => return Pressed::End,
            Key::ArrowLeft => self.cursor = self.cursor.saturating_sub(1),
            Key::ArrowRight => self.cursor = (self.cursor + 1).min(self.text.len()),
            Key::Home | Key::Char('\u{1}') => self.cursor = 0,
            Key::End | Key::Char('\u{5}') => self.cursor = self.text.len(),
            Key::ArrowUp => self.go_back(),
            Key::ArrowDown => self.go_forth(),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Key::Del | Key::Char('\u{4}') if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
            }
            // As shells have it: Ctrl-U takes away what is before the cursor, Ctrl-K what is after, Ctrl-W a word.
            Key::Char('\u{15}') => self.cut(0),
            Key::Char('\u{b}') => self.text.truncate(self.cursor),
            Key::Char('\u{17}') => {
                let before = &self.text[..self.cursor];
                let word = before.iter().rposition(|character| *character != ' ').unwrap_or(0);
                let begin = before[..word].iter().rposition(|character| *character == ' ');
                self.cut(begin.map_or(0, |space| space + 1));
            }
            Key::Char(character) if !character.is_control() => {
                self.text.insert(self.cursor, *character);
                self.cursor += 1;
            }
            _ => {}
        }
        Pressed::Nothing
    }

    /// Takes away what is between a character and the cursor.
    fn cut(&mut self, begin: usize) {
        self.text.drain(begin..self.cursor);
        self.cursor = begin;
    }

    fn go_back(&mut self) {
        if self.shown == 0 {
            return;
        }
        if self.shown == self.history.len() {
            self.draft = self.text.clone();
        }
        let earlier = self.history[self.shown - 1].chars().collect();
        self.show(self.shown - 1, earlier);
    }

    fn go_forth(&mut self) {
        match self.history.get(self.shown + 1) {
            Some(later) => self.show(self.shown + 1, later.chars().collect()),
            None if self.shown < self.history.len() => {
                let draft = std::mem::take(&mut self.draft);
                self.show(self.history.len(), draft);
            }
            None => {}
        }
    }

    fn show(&mut self, shown: usize, text: Vec<char>) {
        self.shown = shown;
        self.cursor = text.len();
        self.text = text;
    }

    /// The line, which is history then.
    fn take(&mut self) -> String {
        let line: String = self.text.iter().collect();
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
        }
        self.draft.clear();
        self.show(self.history.len(), Vec::new());
        line
    }

    /// What fits into so many columns and has the cursor in it, and how many columns are before that.
    fn window(&self, columns: usize) -> (String, usize) {
        let wide = |character: &char| width(character.encode_utf8(&mut [0; 4]));
        let mut begin = self.cursor;
        let mut before = 0;
        while begin > 0 && before + wide(&self.text[begin - 1]) <= columns {
            begin -= 1;
            before += wide(&self.text[begin]);
        }
        let mut end = self.cursor;
        let mut all = before;
        while end < self.text.len() && all + wide(&self.text[end]) <= columns {
            all += wide(&self.text[end]);
            end += 1;
        }
        (self.text[begin..end].iter().collect(), before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses keys, and says what the line is then; `|` is the cursor.
    fn typed(line: &mut Line, keys: &[Key]) -> String {
        for key in keys {
            assert_eq!(line.press(key), Pressed::Nothing);
        }
        let mut text: String = line.text[..line.cursor].iter().collect();
        text.push('|');
        text.extend(&line.text[line.cursor..]);
        text
    }

    fn text(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn a_line_can_be_changed_where_the_cursor_is() {
        let mut line = Line::default();
        assert_eq!(typed(&mut line, &text("var.days")), "var.days|");
        assert_eq!(typed(&mut line, &[Key::ArrowLeft, Key::ArrowLeft, Key::Backspace]), "var.d|ys");
        assert_eq!(typed(&mut line, &text("é")), "var.dé|ys");
        assert_eq!(typed(&mut line, &[Key::Home, Key::Del]), "|ar.déys");
        assert_eq!(typed(&mut line, &[Key::End, Key::Char('\u{15}')]), "|");
        assert_eq!(typed(&mut line, &[text("one two  "), vec![Key::Char('\u{17}')]].concat()), "one |");
        assert_eq!(typed(&mut line, &[Key::ArrowLeft, Key::ArrowLeft, Key::Char('\u{b}')]), "on|");
        assert_eq!(typed(&mut line, &[Key::CtrlC]), "|");
        assert_eq!(line.press(&Key::CtrlC), Pressed::End);
        assert_eq!(line.press(&Key::Char('\u{4}')), Pressed::End);
    }

    #[test]
    fn what_was_typed_before_is_at_hand() {
        let mut line = Line::default();
        for earlier in ["one", "two", "two", " "] {
            typed(&mut line, &text(earlier));
            assert_eq!(line.press(&Key::Enter), Pressed::Done);
            assert_eq!(line.take(), earlier);
        }
        typed(&mut line, &text("dra"));
        assert_eq!(typed(&mut line, &[Key::ArrowUp]), "two|");
        assert_eq!(typed(&mut line, &[Key::ArrowUp, Key::ArrowUp]), "one|");
        assert_eq!(typed(&mut line, &[Key::ArrowDown]), "two|");
        assert_eq!(typed(&mut line, &[Key::ArrowDown, Key::ArrowDown]), "dra|");
    }

    #[test]
    fn a_long_line_is_shown_around_the_cursor() {
        let mut line = Line::default();
        typed(&mut line, &text("0123456789"));
        assert_eq!(line.window(4), ("6789".to_owned(), 4));
        assert_eq!(line.window(20), ("0123456789".to_owned(), 10));
        typed(&mut line, &[Key::Home, Key::ArrowRight]);
        assert_eq!(line.window(4), ("0123".to_owned(), 1));
    }
}

//! The form that files are written in. Only white space and the commas before closing brackets are changed, so neither
//! the meaning nor a comment can be.
//!
//! It is the form of taplo, which formats TOML in editors, under the settings in `.taplo.toml`: four columns a level,
//! one element a line where a list is broken at all, and no line broken or joined that its author has not.

use std::sync::Arc;

use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use crate::config::tree;
use crate::source::{Diagnostics, SourceFile};

/// The columns of a level.
const INDENT: &str = "    ";

/// The text of a file in that form; what is wrong with it, if it is no TOML.
pub fn format(file: &Arc<SourceFile>) -> Result<String, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    // What is wrong with expressions does not matter here.
    if tree::parse(file, &mut diagnostics).is_none() {
        return Err(diagnostics);
    }
    let tokens = Source::new(&file.text).lex().into_vec();
    let mut formatter = Formatter { text: &file.text, tokens: &tokens, at: 0, out: String::new() };
    formatter.document();
    Ok(formatter.out)
}

/// Goes through the tokens of a file that is valid.
struct Formatter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    out: String,
}

impl<'a> Formatter<'a> {
    fn document(&mut self) {
        loop {
            let newlines = self.skip_space();
            if self.kind() == TokenKind::Eof {
                return;
            }
            if newlines > 1 && !self.out.is_empty() {
                self.out.push('\n');
            }
            match self.kind() {
                TokenKind::Comment => self.comment(),
                TokenKind::LeftSquareBracket => self.key(),
                _ => self.entry(0),
            }
            self.skip_white_space();
            if self.kind() == TokenKind::Comment {
                self.out.push(' ');
                self.comment();
            }
            self.out.push('\n');
        }
    }

    /// `key = value`, on a line of that depth.
    fn entry(&mut self, depth: usize) {
        self.key();
        self.out.push_str(" = ");
        // The equals sign.
        self.at += 1;
        self.skip_white_space();
        self.value(depth);
    }

    /// What stands before the equals sign, or a whole header.
    fn key(&mut self) {
        while !matches!(
            self.kind(),
            TokenKind::Equals | TokenKind::Newline | TokenKind::Comment | TokenKind::Eof
        ) {
            let token = self.take();
            self.out.push_str(token.trim_matches([' ', '\t']));
        }
    }

    fn value(&mut self, depth: usize) {
        match self.kind() {
            TokenKind::LeftSquareBracket => self.brackets(depth, TokenKind::RightSquareBracket),
            TokenKind::LeftCurlyBracket => self.brackets(depth, TokenKind::RightCurlyBracket),
            _ => self.scalar(),
        }
    }

    /// A number or a date can be several tokens, with a space between date and time.
    fn scalar(&mut self) {
        let begin = self.out.len();
        while !matches!(
            self.kind(),
            TokenKind::Comma
                | TokenKind::RightSquareBracket
                | TokenKind::RightCurlyBracket
                | TokenKind::Comment
                | TokenKind::Newline
                | TokenKind::Eof
        ) {
            let token = self.take();
            self.out.push_str(token);
        }
        let end = self.out[begin..].trim_end_matches([' ', '\t']).len();
        self.out.truncate(begin + end);
    }

    /// A list or an inline table that begins on a line of that depth.
    fn brackets(&mut self, depth: usize, close: TokenKind) {
        let is_list = close == TokenKind::RightSquareBracket;
        let is_broken = self.is_broken(is_list);
        let opening = self.take();
        self.out.push_str(opening);
        let mut is_first = true;
        let mut newlines = 0;
        loop {
            newlines += self.skip_space();
            match self.kind() {
                TokenKind::Comma => {
                    self.at += 1;
                    continue;
                }
                kind if kind == close || kind == TokenKind::Eof => break,
                // What follows on a line is of what stands there.
                TokenKind::Comment if newlines == 0 => self.out.push(' '),
                _ if is_broken => {
                    let is_apart = newlines > 1 && !is_first;
                    self.out.push_str(if is_apart { "\n\n" } else { "\n" });
                    self.out.push_str(&INDENT.repeat(depth + 1));
                }
                _ if is_first && is_list => {}
                _ if is_first => self.out.push(' '),
                _ => self.out.push_str(", "),
            }
            (is_first, newlines) = (false, 0);
            let inner = if is_broken { depth + 1 } else { depth };
            match (self.kind(), is_list) {
                (TokenKind::Comment, _) => {
                    self.comment();
                    continue;
                }
                (_, true) => self.value(inner),
                (_, false) => self.entry(inner),
            }
            if is_broken {
                self.out.push(',');
            }
        }
        match (is_first, is_broken, is_list) {
            (false, true, _) => {
                self.out.push('\n');
                self.out.push_str(&INDENT.repeat(depth));
            }
            (false, false, false) => self.out.push(' '),
            _ => {}
        }
        let closing = self.take();
        self.out.push_str(closing);
    }

    /// Whether what begins here goes over several lines: a list if anything in it does, a table if a line ends between
    /// its entries.
    fn is_broken(&self, is_list: bool) -> bool {
        let mut depth = 0_usize;
        for token in &self.tokens[self.at..] {
            match token.kind() {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket if depth <= 1 => return false,
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => depth -= 1,
                TokenKind::Newline if is_list || depth == 1 => return true,
                _ => {}
            }
        }
        false
    }

    fn comment(&mut self) {
        let comment = self.take();
        self.out.push_str(comment.trim_end());
    }

    fn skip_white_space(&mut self) {
        while self.kind() == TokenKind::Whitespace {
            self.at += 1;
        }
    }

    /// Skips the ends of lines too, and tells how many there were.
    fn skip_space(&mut self) -> usize {
        let mut newlines = 0;
        loop {
            match self.kind() {
                TokenKind::Whitespace => {}
                TokenKind::Newline => newlines += 1,
                _ => return newlines,
            }
            self.at += 1;
        }
    }

    fn kind(&self) -> TokenKind {
        self.tokens.get(self.at).map_or(TokenKind::Eof, Token::kind)
    }

    /// The text of a token, which is behind then.
    fn take(&mut self) -> &'a str {
        let span = self.tokens.get(self.at).map(|token| token.span());
        self.at += 1;
        span.and_then(|span| self.text.get(span.start()..span.end())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

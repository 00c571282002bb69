//! Symbols: pieces of text that stand for what is known only where a template is carried out.
//!
//! A symbol is a number between two of Unicode's noncharacters, which no text has that is exchanged. It passes through
//! whatever copies or joins text; what would look into it has to refuse it.

/// The beginning of a symbol.
const BEGIN: char = '\u{FDD0}';
/// The end of a symbol.
const END: char = '\u{FDD1}';

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text as it is.
    Text(&'t str),
    /// The symbol of that number.
    Symbol(usize),
}

/// The symbol of that number.
pub(crate) fn symbol(number: usize) -> String {
    format!("{BEGIN}{number}{END}")
}

/// Whether a text has a symbol in it.
pub(crate) fn has_symbol(text: &str) -> bool {
    text.contains(BEGIN)
}

/// The number of the symbol that a text is, if it is one and nothing else.
pub(crate) fn as_symbol(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    inner.parse().ok()
}

/// The parts of a text, in order.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        let (before, after) = (&rest[..at], &rest[at + BEGIN.len_utf8()..]);
        let number = after.find(END).and_then(|end| Some((end, after[..end].parse().ok()?)));
        let Some((end, number)) = number else { break };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Symbol(number));
        rest = &after[end + END.len_utf8()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_at_its_symbols() {
        let text = format!("arn:{}:{}", symbol(3), symbol(14));
        assert_eq!(
            pieces(&text),
            [Piece::Text("arn:"), Piece::Symbol(3), Piece::Text(":"), Piece::Symbol(14)]
        );
        assert!(has_symbol(&text));
        assert_eq!(as_symbol(&text), None);
        assert_eq!(as_symbol(&symbol(7)), Some(7));
        assert_eq!(pieces("plain"), [Piece::Text("plain")]);
        assert!(pieces("").is_empty());
    }
}

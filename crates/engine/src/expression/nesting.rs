//! How deep expressions are nested. The parser and the evaluation go into what they find, and a stack has an end: what no
//! person has written is refused before that.

/// How many brackets, strings and templates can be in one another.
const DEEPEST: usize = 64;

/// How many operators can be in a row: each is nested in the next.
const LONGEST: usize = 512;

/// What a character is part of.
enum Part {
    /// Text, with expressions in it; whether it ends with a quote.
    Template { quoted: bool },
    /// An expression, or a bracket in one, and how many operators there have been in it.
    Expression { operators: usize },
}

/// The byte at which a template is nested too deeply, if it is.
pub(crate) fn too_deep_in_template(text: &str) -> Option<usize> {
    too_deep(text, Part::Template { quoted: false })
}

/// The byte at which an expression is nested too deeply, if it is.
pub(crate) fn too_deep_in_expression(text: &str) -> Option<usize> {
    too_deep(text, Part::Expression { operators: 0 })
}

fn too_deep(text: &str, whole: Part) -> Option<usize> {
    // Each level takes a byte, as does each operator: most texts are too short to be too deep.
    if text.len() < DEEPEST {
        return None;
    }
    let mut parts = vec![whole];
    // Directives have an end of their own, far away: they are counted where they begin.
    let mut directives = 0_usize;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match (parts.last_mut()?, character) {
            (Part::Template { .. }, '$' | '%') if next == Some('{') => {
                characters.next();
                if character == '%' {
                    let directive = text[at + 2..].trim_start_matches(['~', ' ', '\t', '\r', '\n']);
                    if directive.starts_with("end") {
                        directives = directives.saturating_sub(1);
                    } else if directive.starts_with("if") || directive.starts_with("for") {
                        directives += 1;
                    }
                }
                parts.push(Part::Expression { operators: 0 });
            }
            (Part::Template { .. }, '$' | '%') if next == Some(character) => {
                characters.next();
                // `$${` is text.
                characters.next_if(|(_, next)| *next == '{');
            }
            (Part::Template { quoted: true }, '\\') => drop(characters.next()),
            (Part::Template { quoted: true }, '"') => drop(parts.pop()),
            (Part::Template { .. }, _) => {}
            (Part::Expression { .. }, '"') => parts.push(Part::Template { quoted: true }),
            (Part::Expression { .. }, '(' | '[' | '{') => parts.push(Part::Expression { operators: 0 }),
            (Part::Expression { .. }, ')' | ']' | '}') => {
                if parts.len() > 1 {
                    parts.pop();
                }
            }
            (Part::Expression { operators }, ',' | '\n') => *operators = 0,
            (
                Part::Expression { operators },
                '!' | '-' | '+' | '*' | '/' | '%' | '?' | '<' | '>' | '=' | '&' | '|' | '.',
            ) => {
                *operators += 1;
                if *operators > LONGEST {
                    return Some(at);
                }
            }
            (Part::Expression { .. }, _) => {}
        }
        if parts.len() + directives > DEEPEST {
            return Some(at);
        }
    }
    None
}

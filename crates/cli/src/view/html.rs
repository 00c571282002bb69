//! Pages that are one file: their styles and scripts are in them, and their policy lets nothing else in. They work from
//! a disk, with no network.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::text::is_unseen;

mod lines;
mod review;

pub(crate) use review::Review;

/// What all pages have in common, and what a graph needs in any of them.
pub(super) const STYLE: &str = include_str!("html/assets/page.css");
pub(super) const GRAPH_STYLE: &str = include_str!("html/assets/graph.css");
pub(super) const GRAPH_SCRIPT: &str = include_str!("html/assets/graph.js");

/// A page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) styles: &'a [&'a str],
    pub(super) scripts: &'a [&'a str],
    /// The content of the body, in which every text is escaped.
    pub(super) body: &'a str,
}

impl Page<'_> {
    /// The page as text. Of styles and scripts, the browser runs those of these digests and no others: whatever a
    /// name or a value may bring in is text.
    pub(super) fn write(&self) -> String {
        let (style, script) = (self.styles.concat(), self.scripts.concat());
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            digest(&style),
            digest(&script)
        );
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"provision {version}\">\n\
             <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}<script>{script}</script>\n\
             </body>\n</html>\n",
            version = env!("CARGO_PKG_VERSION"),
            title = Escaped(self.title),
            body = self.body,
        )
    }
}

/// The source expression of an inline style or script.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// A text as it can stand in an element, or between the quotes of an attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                '\n' => formatter.write_char('\n')?,
                unseen if is_unseen(unseen) => formatter.write_char('\u{fffd}')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

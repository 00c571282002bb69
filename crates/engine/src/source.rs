//! Where things stand in configuration files, and what is wrong with them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that was read.
#[derive(PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, as a person would name it: relative to the working directory where that is shorter.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Reads a file. Without a place, what is wrong is that it cannot be read at all.
    pub fn read(path: &Path) -> Result<Arc<Self>, Diagnostic> {
        let bytes = std::fs::read(path)
            .map_err(|error| Diagnostic::new(format!("{} cannot be read: {error}", path.display())))?;
        let path = path.to_owned();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Arc::new(Self { path, text })),
            Err(error) => {
                let start = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let place = Place { start, end: start + 1, file: Arc::new(Self { path, text }) };
                Err(Diagnostic::at(&place, "this is no text: the file is not in UTF-8")
                    .with_hint("save it in UTF-8"))
            }
        }
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path.display())
    }
}

/// A place in a file: bytes from `start` to `end`.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Place {
    /// The line and column of the place's beginning, counted from one, in characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = self.file.text.get(..self.start).unwrap_or(&self.file.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The file and the line, as in `envs/dev.toml:12`.
    pub fn file_and_line(&self) -> String {
        format!("{}:{}", self.file.path.display(), self.line_and_column().0)
    }

    /// The text at the place.
    pub fn text(&self) -> &str {
        self.file.text.get(self.start..self.end).unwrap_or_default()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_and_column();
        write!(formatter, "{}:{line}:{column}", self.file.path.display())
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<Place>,
    /// What to do.
    pub hint: Option<String>,
    /// Other places that have to do with it, each with what it has.
    pub related: Vec<(Place, String)>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), place: Some(place.clone()), hint: None, related: Vec::new() }
    }

    /// An error of no place.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, hint: None, related: Vec::new() }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with another place that has to do with it.
    pub fn with_related(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.related.push((place.clone(), label.into()));
        self
    }
}

/// All that is wrong, in the order of the files' lines.
#[derive(Debug, Clone, Default, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one, unless it is there already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Nothing, or all that is wrong in the order of the files' lines.
    pub fn into_result(mut self) -> Result<(), Self> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.sort();
        Err(self)
    }

    /// Puts them in the order of the files' lines.
    pub fn sort(&mut self) {
        self.0.sort_by_cached_key(|diagnostic| {
            diagnostic.place.as_ref().map(|place| (place.file.path.clone(), place.start))
        });
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, diagnostic) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(formatter)?;
            }
            if let Some(place) = &diagnostic.place {
                write!(formatter, "{place:?}: ")?;
            }
            write!(formatter, "{}", diagnostic.message)?;
            if let Some(hint) = &diagnostic.hint {
                write!(formatter, " ({hint})")?;
            }
        }
        Ok(())
    }
}

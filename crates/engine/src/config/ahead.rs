//! What a configuration will need is made on another thread while it is read: the files of modules are parsed, and the
//! schemas of kinds made. That is most of what a small environment takes.
//!
//! Whatever is needed before it has been made here is made by whoever needs it. What is needed last is made first, so that
//! two who go through the same do not meet before the middle. And where they meet, neither sleeps: who is woken on a virtual
//! machine finds that the processor it slept on is asleep too, is put behind whoever woke it, and waits for longer than
//! all of this takes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::load::{MODULE_FILE, normal};
use super::tree::Node;
use crate::kind::Registry;
use crate::source::{Diagnostic, Diagnostics, SourceFile};

/// A file that was read and parsed. Without a tree, the diagnostics say why.
pub(super) struct Parsed {
    pub(super) file: Arc<SourceFile>,
    pub(super) tree: Option<Node>,
    pub(super) diagnostics: Diagnostics,
}

/// Files that are parsed once, by whoever comes first.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Begun>);

/// What somebody has begun with.
#[derive(Default)]
struct Begun {
    /// The files, and where they come from if they are parsed ahead.
    files: HashMap<PathBuf, Option<Receiver<Result<Parsed, Diagnostic>>>>,
    /// What was read by others, and not looked at yet.
    read: Vec<Arc<SourceFile>>,
}

impl Parsed {
    /// Parses a file.
    pub(super) fn of(file: Arc<SourceFile>) -> Self {
        let mut diagnostics = Diagnostics::default();
        let tree = super::tree::parse(&file, &mut diagnostics);
        Self { file, tree, diagnostics }
    }
}

impl Shelf {
    /// A file, parsed.
    pub(super) fn take(&self, path: &Path) -> Result<Parsed, Diagnostic> {
        let begun = self.begun().files.insert(path.to_owned(), None).flatten();
        begun.and_then(|parsed| received(&parsed)).unwrap_or_else(|| {
            let file = SourceFile::read(path)?;
            self.begun().read.push(file.clone());
            Ok(Parsed::of(file))
        })
    }

    /// Parses a file, for whoever takes it. Gives nothing if somebody has begun with it, or it cannot be read.
    fn put(&self, path: &Path) -> Option<Arc<SourceFile>> {
        let (parsed, takes) = channel();
        {
            let files = &mut self.begun().files;
            if files.contains_key(path) {
                return None;
            }
            files.insert(path.to_owned(), Some(takes));
        }
        let outcome = SourceFile::read(path).map(Parsed::of);
        let file = outcome.as_ref().ok().map(|parsed| parsed.file.clone());
        // Nobody may need it.
        let _ = parsed.send(outcome);
        file
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes, as soon as it is there; nothing if it never will be.
fn received<T>(receiver: &Receiver<T>) -> Option<T> {
    loop {
        match receiver.try_recv() {
            Ok(received) => return Some(received),
            Err(TryRecvError::Empty) => std::thread::yield_now(),
            Err(TryRecvError::Disconnected) => return None,
        }
    }
}

/// Makes ready what a file needs, and the modules that it uses.
pub(super) fn make_ready(registry: &Registry, shelf: &Shelf, file: Arc<SourceFile>) {
    let mut files = vec![file];
    while let Some(file) = files.pop().or_else(|| shelf.begun().read.pop()) {
        let directory = file.path.parent().unwrap_or(Path::new(""));
        let modules = sources(&file.text);
        let paths = modules.iter().map(|source| normal(&directory.join(source)).join(MODULE_FILE));
        let parsed: Vec<_> = paths.rev().filter_map(|path| shelf.put(&path)).collect();
        make_schemas(registry, &file.text);
        files.extend(parsed.into_iter().rev());
    }
}

/// Makes the schemas of the kinds that are named at the beginning of a table.
fn make_schemas(registry: &Registry, text: &str) {
    let mut last = "";
    for line in text.lines().rev() {
        let Some((section, kind)) = kind_of(line).filter(|(_, kind)| *kind != last) else { continue };
        last = kind;
        match section {
            "data" => drop(registry.data(kind).map(|kind| kind.schema())),
            _ => drop(registry.kind(kind).map(|kind| kind.schema())),
        }
    }
}

/// The section and the kind in `[resource.aws_s3_bucket.master]`.
fn kind_of(line: &str) -> Option<(&str, &str)> {
    let (section, rest) = line.strip_prefix('[')?.split_once('.')?;
    let (kind, _) = rest.split_once('.')?;
    matches!(section, "resource" | "data").then_some((section, kind))
}

/// The sources of the modules that a file calls, as far as they can be told without parsing.
fn sources(text: &str) -> Vec<&str> {
    let mut is_call = false;
    let mut sources = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_call = line.starts_with("[module.");
        } else if is_call {
            sources.extend(source_of(line));
        }
    }
    sources
}

/// The directory in `source = "../modules/storytime"`.
fn source_of(line: &str) -> Option<&str> {
    let value = line.strip_prefix("source")?.trim_start().strip_prefix('=')?.trim_start();
    let (source, _) = value.strip_prefix('"')?.split_once('"')?;
    Some(source)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Shelf, kind_of, sources};

    #[test]
    fn the_kind_of_a_table_is_found_without_parsing() {
        assert_eq!(kind_of("[resource.aws_s3_bucket.master]"), Some(("resource", "aws_s3_bucket")));
        assert_eq!(kind_of("[data.aws_s3_bucket.master.lifecycle]"), Some(("data", "aws_s3_bucket")));
        assert_eq!(kind_of("[module.storytime.x]"), None);
        assert_eq!(kind_of("bucket = \"[resource.a.b]\""), None);
    }

    #[test]
    fn the_modules_of_a_file_are_found_without_parsing() {
        let text = "[module.first]\nsource = \"../one\"\nname = \"x\"\n\n[resource.aws_s3_object.page]\n\
                    source = \"page.html\"\n\n[module.second]\nname = \"y\"\nsource=\"two\" # the other\n";
        assert_eq!(sources(text), ["../one", "two"]);
    }

    #[test]
    fn a_file_is_parsed_by_whoever_comes_first() {
        let directory = tempfile::tempdir().unwrap();
        let [first, second] = ["first.toml", "second.toml"].map(|name| directory.path().join(name));
        std::fs::write(&first, "a = 1\n").unwrap();
        std::fs::write(&second, "b = \n").unwrap();
        let shelf = Shelf::default();
        assert!(shelf.put(&first).is_some());
        assert!(shelf.put(&first).is_none(), "it is there");
        let parsed = shelf.take(&first).unwrap();
        assert!(parsed.tree.unwrap().table().unwrap().contains_key("a"));
        let parsed = shelf.take(&second).unwrap();
        assert!(parsed.tree.is_none() && !parsed.diagnostics.0.is_empty());
        assert!(shelf.put(&second).is_none(), "somebody has begun with it");
        // What was given away is parsed again.
        assert!(shelf.take(&first).unwrap().tree.is_some());
        assert!(shelf.take(&directory.path().join("third.toml")).is_err());
        let read: Vec<_> = shelf.begun().read.iter().map(|file| file.path.clone()).collect();
        assert_eq!(read, [second, first]);
    }
}

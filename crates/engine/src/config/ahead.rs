//! What a configuration will need is made on another thread while it is read: the files of modules are parsed, and the
//! schemas of kinds made. That is most of what a small environment takes.
//!
//! Whatever is needed before it has been made here is made by whoever needs it. What is needed last is made first, so that
//! two who go through the same do not meet before the middle. Who needs a file that the other parses goes on with the modules
//! that it uses. And where nothing is left to do, neither sleeps: who is woken on a virtual machine finds that the processor
//! it slept on is asleep too, is put behind whoever woke it, and waits for longer than all of this takes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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
    files: HashMap<PathBuf, Option<Ahead>>,
    /// What was read by others, and not looked at yet.
    read: Vec<Arc<SourceFile>>,
}

/// A file that somebody parses for others.
struct Ahead {
    file: Arc<SourceFile>,
    parsed: Receiver<Parsed>,
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
        if let Some(parsed) = begun.and_then(|ahead| self.received(&ahead)) {
            return Ok(parsed);
        }
        let file = SourceFile::read(path)?;
        self.begun().read.push(file.clone());
        Ok(Parsed::of(file))
    }

    /// What another parses, as soon as it is there; nothing if it never will be.
    fn received(&self, ahead: &Ahead) -> Option<Parsed> {
        let mut modules = None;
        loop {
            match ahead.parsed.try_recv() {
                Ok(parsed) => return Some(parsed),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {
                    let modules = modules.get_or_insert_with(|| modules_of(&ahead.file).into_iter());
                    match modules.next() {
                        Some(path) => {
                            let file = self.put(&path);
                            self.begun().read.extend(file);
                        }
                        None => std::thread::yield_now(),
                    }
                }
            }
        }
    }

    /// Parses a file, for whoever takes it. Gives nothing if somebody has begun with it; or if it cannot be read, which
    /// whoever takes it will find too.
    fn put(&self, path: &Path) -> Option<Arc<SourceFile>> {
        if self.begun().files.contains_key(path) {
            return None;
        }
        let file = SourceFile::read(path).ok()?;
        let (sender, parsed) = channel();
        match self.begun().files.entry(path.to_owned()) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(vacant) => vacant.insert(Some(Ahead { file: file.clone(), parsed })),
        };
        // Nobody may need it.
        let _ = sender.send(Parsed::of(file.clone()));
        Some(file)
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes ready what a file needs, and the modules that it uses.
pub(super) fn make_ready(registry: &Registry, shelf: &Shelf, file: Arc<SourceFile>) {
    let mut files = vec![file];
    while let Some(file) = files.pop().or_else(|| shelf.begun().read.pop()) {
        let parsed: Vec<_> = modules_of(&file).iter().rev().filter_map(|path| shelf.put(path)).collect();
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

/// The files of the modules that a file calls.
fn modules_of(file: &SourceFile) -> Vec<PathBuf> {
    let directory = file.path.parent().unwrap_or(Path::new(""));
    sources(&file.text).iter().map(|source| normal(&directory.join(source)).join(MODULE_FILE)).collect()
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

    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    use super::{Ahead, MODULE_FILE, Parsed, Shelf, SourceFile, kind_of, sources};

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

    #[test]
    fn who_waits_for_a_file_parses_the_modules_that_it_uses() {
        let directory = tempfile::tempdir().unwrap();
        let [outer, inner] = ["outer", "inner"].map(|name| directory.path().join(name).join(MODULE_FILE));
        for (path, text) in [(&outer, "[module.inner]\nsource = \"../inner\"\n"), (&inner, "a = 1\n")] {
            std::fs::create_dir(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let shelf = Shelf::default();
        let file = SourceFile::read(&outer).unwrap();
        let (sender, parsed) = channel();
        shelf.begun().files.insert(outer.clone(), Some(Ahead { file: file.clone(), parsed }));
        std::thread::scope(|scope| {
            // Gone with this, should it fail: nobody waits for what will not come.
            let sender = sender;
            let taken = scope.spawn(|| shelf.take(&outer).unwrap());
            let begin = Instant::now();
            while shelf.begun().read.is_empty() {
                assert!(begin.elapsed() < Duration::from_secs(60), "the inner one is parsed meanwhile");
                std::thread::yield_now();
            }
            sender.send(Parsed::of(file)).unwrap();
            assert!(taken.join().unwrap().tree.is_some());
        });
        assert!(shelf.put(&inner).is_none(), "it is there");
        assert!(shelf.take(&inner).unwrap().tree.unwrap().table().unwrap().contains_key("a"));
    }
}

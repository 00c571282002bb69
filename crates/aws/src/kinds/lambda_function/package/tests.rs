#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;

use provision_engine::function::Files;
use zip::ZipArchive;

use super::*;

/// Files that are nowhere on a disk.
pub(in crate::kinds::lambda_function) struct Tree(
    pub(in crate::kinds::lambda_function) Vec<(&'static str, &'static [u8])>,
);

impl Files for Tree {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, content)| content.to_vec()).ok_or_else(|| format!("{path} cannot be read"))
    }

    fn exists(&self, path: &str) -> bool {
        self.read(path).is_ok()
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        let inside = format!("{directory}/");
        Ok(self.0.iter().filter_map(|(name, _)| name.strip_prefix(&inside)).map(str::to_owned).collect())
    }

    fn template(&self, _source: &str, _variables: &Map) -> Result<Value, String> {
        Err("there are no templates here".to_owned())
    }

    fn environment_variable(&self, _name: &str) -> Option<String> {
        None
    }
}

fn tree() -> Tree {
    Tree(vec![
        ("function/report.py", b"def handler(event, context):\n    return event\n"),
        ("function/__pycache__/report.cpython-311.pyc", b"\x00"),
        ("function/.git/HEAD", b"ref: refs/heads/main\n"),
        ("function/library/sizes.py", b"KILO = 1024\n"),
        ("made.zip", b"PK"),
    ])
}

fn configuration(arguments: &[(&str, Value)]) -> Value {
    Value::Map(arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn packaged_as(arguments: &[(&str, Value)], files: &Tree) -> Value {
    let mut configuration = configuration(arguments);
    assert_eq!(read(&mut configuration, files), []);
    configuration
}

fn names(archive: &ZipArchive<Cursor<&Vec<u8>>>) -> Vec<String> {
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

#[test]
fn holds_the_source_and_nothing_else() {
    let packaged = packaged_as(&[("source_dir", "function".into())], &tree());
    let package = base64::decode(packaged.get(PACKAGE).as_str().unwrap()).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(&package)).unwrap();
    assert_eq!(names(&archive), ["library/sizes.py", "report.py"]);
    let mut file = archive.by_name("report.py").unwrap();
    assert_eq!(file.unix_mode(), Some(0o100_755));
    let mut content = String::new();
    file.read_to_string(&mut content).unwrap();
    assert!(content.starts_with("def handler"), "{content}");
    assert!(packaged.get("source_dir").is_null(), "the path is gone");
}

#[test]
fn is_the_same_wherever_the_source_lies_and_whatever_lies_beside_it() {
    // Written down, so that a change of how packages are made is noticed: it would change every function once.
    const DIGEST_OF_TREE: &str = "Rs2zrH6SE4t+pnzjQ90DStITe4BqkwgMS9PqDHdHOX8=";
    let here = packaged_as(&[("source_dir", "function".into())], &tree());
    assert_eq!(here.get(DIGEST).as_str(), Some(DIGEST_OF_TREE));
    let moved = Tree(vec![
        ("elsewhere/library/sizes.py", b"KILO = 1024\n"),
        ("elsewhere/report.py", b"def handler(event, context):\n    return event\n"),
    ]);
    assert_eq!(packaged_as(&[("source_dir", "elsewhere".into())], &moved), here);
    let changed = Tree(vec![
        ("elsewhere/library/sizes.py", b"KILO = 1000\n"),
        ("elsewhere/report.py", b"def handler(event, context):\n    return event\n"),
    ]);
    assert_ne!(packaged_as(&[("source_dir", "elsewhere".into())], &changed), here);
}

#[test]
fn can_be_one_file_or_made_elsewhere() {
    let single = packaged_as(&[("source_file", "function/report.py".into())], &tree());
    let package = base64::decode(single.get(PACKAGE).as_str().unwrap()).unwrap();
    let archive = ZipArchive::new(Cursor::new(&package)).unwrap();
    assert_eq!(names(&archive), ["report.py"]);

    let made = packaged_as(&[("filename", "made.zip".into())], &tree());
    assert_eq!(made.get(PACKAGE).as_str(), Some("UEs="));
    let given = packaged_as(&[(PACKAGE, "UEs=".into())], &tree());
    assert_eq!(given, made);
    let digest = made.get(DIGEST).clone();
    assert_eq!(packaged_as(&[("filename", "made.zip".into()), (DIGEST, digest)], &tree()), made);
}

#[test]
fn is_unknown_as_long_as_its_source_is() {
    let packaged = packaged_as(&[("source_dir", Value::Unknown)], &tree());
    assert!(packaged.get(PACKAGE).is_unknown() && packaged.get(DIGEST).is_unknown());
}

#[test]
fn says_what_is_wrong_with_the_source() {
    for (arguments, at, message) in [
        (vec![("source_file", "missing.py".into())], "source_file", "missing.py cannot be read"),
        (vec![("source_dir", "empty".into())], "source_dir", "there is nothing in empty to package"),
        (vec![(PACKAGE, "?".into())], PACKAGE, "this is no base64"),
        (
            vec![("filename", "made.zip".into()), (DIGEST, "another".into())],
            DIGEST,
            "the package of `filename` has another digest",
        ),
        (
            vec![("source_dir", "function".into()), ("s3_bucket", "packages".into())],
            "s3_bucket",
            "`source_dir` and `s3_bucket` exclude each other",
        ),
    ] {
        let problems = read(&mut configuration(&arguments), &tree());
        assert_eq!(problems.len(), 1, "{arguments:?}");
        assert_eq!(problems[0].path.to_string(), at);
        assert!(problems[0].message.starts_with(message), "{}", problems[0].message);
    }
}

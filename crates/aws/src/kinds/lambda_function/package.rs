//! What a function runs: the zip made of its source, the same bytes on every machine.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use aws_smithy_types::base64;
use provision_engine::digest::sha256_base64;
use provision_engine::function::Files;
use provision_engine::schema::Problem;
use provision_engine::value::{Map, Value};
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::DIGEST;
use crate::given::Given;

/// The package, in base64.
const PACKAGE: &str = "zip_file";
/// The arguments that name files.
const FILES: [&str; 3] = ["filename", "source_dir", "source_file"];
/// All arguments that say where the code is.
const SOURCES: [&str; 6] = ["filename", "source_dir", "source_file", PACKAGE, "image_uri", "s3_bucket"];
/// The most bytes that Lambda takes directly. From the quotas of AWS Lambda.
const LIMIT: usize = 50 * 1024 * 1024;

/// Puts the package and its digest in place of the path of the source. What remains is the same wherever the source
/// lies, so that neither the state nor a plan knows of a place on one machine.
pub(super) fn read(configuration: &mut Value, files: &dyn Files) -> Vec<Problem> {
    let several: Vec<&str> = SOURCES.into_iter().filter(|name| Given(configuration).has(name)).collect();
    if let [first, second, ..] = several[..] {
        return vec![
            Problem::new(second, format!("`{first}` and `{second}` exclude each other"))
                .with_hint("keep one of them"),
        ];
    }
    let Value::Map(arguments) = configuration else { return Vec::new() };
    let given = FILES.into_iter().find_map(|name| {
        let path = arguments.remove(name).unwrap_or_default();
        (!path.is_null()).then_some((name, path))
    });
    let package = match &given {
        None => match arguments.get(PACKAGE).map(|package| package.as_str().map(base64::decode)) {
            Some(Some(Ok(package))) => Ok(package),
            Some(Some(Err(_))) => {
                return vec![
                    Problem::new(PACKAGE, "this is no base64")
                        .with_hint("use `filebase64(\"…\")`, or `filename`"),
                ];
            }
            _ => return Vec::new(),
        },
        Some((name, path)) => match path.as_str() {
            Some(path) => packaged(name, path, files),
            // Not known yet: neither is what is there.
            None => {
                arguments.insert(PACKAGE.to_owned(), Value::Unknown);
                arguments.insert(DIGEST.to_owned(), Value::Unknown);
                return Vec::new();
            }
        },
    };
    let source = given.map_or(PACKAGE, |(name, _)| name);
    let problem = match package {
        Ok(package) if package.len() > LIMIT => {
            Problem::new(source, format!("the package has {} bytes, and Lambda takes {LIMIT}", package.len()))
                .with_hint("put it into a bucket, and name it with `s3_bucket` and `s3_key`")
        }
        Ok(package) => return put(arguments, source, &package),
        Err(message) => Problem::new(source, message).with_hint("paths start at the directory of the module"),
    };
    arguments.insert(PACKAGE.to_owned(), Value::Unknown);
    vec![problem]
}

fn put(arguments: &mut Map, source: &str, package: &[u8]) -> Vec<Problem> {
    let digest = sha256_base64(package);
    let given = arguments.insert(DIGEST.to_owned(), Value::from(digest.as_str())).unwrap_or_default();
    arguments.insert(PACKAGE.to_owned(), Value::from(base64::encode(package)));
    match given.as_str() {
        Some(given) if given != digest => vec![
            Problem::new(DIGEST, format!("the package of `{source}` has another digest: {digest}"))
                .with_hint("leave it out: it is computed"),
        ],
        _ => Vec::new(),
    }
}

fn packaged(argument: &str, path: &str, files: &dyn Files) -> Result<Vec<u8>, String> {
    if argument == "filename" {
        return files.read(path);
    }
    zip(&entries(argument, path, files)?).map_err(|error| format!("the package cannot be made: {error}"))
}

/// The files of a package and what is in them, by their names in it: of a `source_file`, or of a `source_dir`.
pub(super) fn entries(
    argument: &str,
    path: &str,
    files: &dyn Files,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut entries = BTreeMap::new();
    if argument == "source_file" {
        let name = path.rsplit('/').next().unwrap_or(path);
        entries.insert(name.to_owned(), files.read(path)?);
    } else {
        for name in files.list(path)?.into_iter().filter(|name| !is_left_out(name)) {
            let content = files.read(&format!("{path}/{name}"))?;
            entries.insert(name, content);
        }
    }
    if entries.is_empty() {
        return Err(format!("there is nothing in {path} to package"));
    }
    Ok(entries)
}

/// Whether a file is none of the source: what interpreters, editors and version control leave beside it.
fn is_left_out(name: &str) -> bool {
    const LEFT_OUT: [&str; 13] = [
        "__pycache__",
        ".DS_Store",
        ".git",
        ".gitattributes",
        ".gitignore",
        ".gitkeep",
        ".hg",
        ".idea",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".vscode",
    ];
    name.split('/').any(|part| LEFT_OUT.contains(&part)) || name.ends_with(".pyc")
}

/// Files in the order of their names, all of one age and with the same permissions: Lambda's own user must be able to
/// read them, and to run those that are programs.
fn zip(entries: &BTreeMap<String, Vec<u8>>) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755)
        .system(System::Unix);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(name, options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
pub(super) mod tests;

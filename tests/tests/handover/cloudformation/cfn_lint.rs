//! cfn-lint, which holds templates against AWS's schemas of all resources, from the package registry.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value as Json;

const REQUIREMENTS: [&str; 1] = ["cfn-lint==1.58.0"];

/// The Python that has it, installed once.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.provision/cfn-lint");
        provision_sandbox::python_environment(&directory, &REQUIREMENTS).unwrap()
    })
}

/// Fails if it finds an error or a warning in one of these files.
pub(super) fn assert_finds_nothing(templates: &[PathBuf]) {
    let program = python().with_file_name("cfn-lint");
    let output = Command::new(program).args(["--format", "parseable"]).args(templates).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success() && text.is_empty(), "{text}");
}

/// A template as it reads it, with the long names of functions.
pub(super) fn read(template: &Path) -> Json {
    let script = include_str!("template.py");
    let output = Command::new(python()).args(["-c", script]).arg(template).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

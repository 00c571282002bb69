//! taplo, which editors of TOML use, from the package registry.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const REQUIREMENTS: [&str; 1] = ["taplo==0.9.3"];

/// The program, installed once.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.provision/taplo");
        let python = provision_sandbox::python_environment(&directory, &REQUIREMENTS).unwrap();
        // As an absolute path: it runs elsewhere.
        python.with_file_name("taplo").canonicalize().unwrap()
    })
}

/// Runs it in a directory.
pub(crate) fn taplo(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(["--colors", "never"]).args(arguments).current_dir(directory).env("RUST_LOG", "warn");
    command.output().unwrap()
}

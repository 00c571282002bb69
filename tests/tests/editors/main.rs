//! What makes files pleasant to write: schemas for editors, a form, completions, a manual, and a console.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::Stdio;

use provision_tests::{Output, World};

mod completions;
mod console;
mod fmt;
mod manual;
mod schema;
mod taplo;

/// The widths of terminals at which screens are looked at.
const WIDTHS: [&str; 2] = ["80", "140"];

/// Runs the binary with something on its standard input, on a screen of so many columns.
fn with_input(world: &World, arguments: &[&str], input: &str, columns: &str) -> Output {
    let mut command = world.command();
    command.args(arguments).env("COLUMNS", columns);
    let mut run =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = run.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

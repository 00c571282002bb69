//! The binary says what it can do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

fn provision(argument: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_provision")).arg(argument).output().unwrap()
}

#[test]
fn the_help_lists_every_command() {
    let output = provision("--help");
    let help = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\nOptions:").unwrap();
    let commands: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        commands,
        [
            "validate",
            "plan",
            "apply",
            "destroy",
            "refresh",
            "rotate",
            "verify",
            "import",
            "migrate",
            "export",
            "output",
            "show",
            "graph",
            "state",
            "unlock",
            "bootstrap",
            "console",
            "fmt",
            "schema",
            "completions",
            "man",
            "sign",
            "sandbox",
            "demo"
        ]
    );
}

#[test]
fn the_version_is_that_of_the_workspace() {
    let output = provision("--version");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        concat!("provision ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

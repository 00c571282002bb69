//! The place for what was measured: docs/performance.md.

use std::process::Command;

use crate::engines::{repository, terraform_version};
use crate::report::Section;

/// Between these lines.
const BEGIN: &str = "<!-- measured: written by `just bench` -->";
const END: &str = "<!-- end of what was measured -->";

pub(crate) fn write(sections: &[Section], runs: usize) {
    let path = repository().join("docs/performance.md");
    let text = std::fs::read_to_string(&path).expect("there is docs/performance.md");
    let (before, rest) = text.split_once(BEGIN).expect("it has a place for what was measured");
    let (_, after) = rest.split_once(END).expect("that has an end");
    let tables: Vec<String> = sections.iter().map(Section::markdown).collect();
    let measured = format!("{}\n\n{}", machine(runs), tables.join("\n"));
    std::fs::write(path, format!("{before}{BEGIN}\n\n{measured}\n{END}{after}")).expect("it can be written");
}

/// What it was measured on, and with.
fn machine(runs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "Medians of {runs} runs, on {cores} cores of {} ({}), with {}, Terraform {} and provision at {}.",
        processor(),
        std::env::consts::OS,
        said_by("rustc", &["--version"]),
        terraform_version(),
        said_by("git", &["describe", "--always", "--dirty"]),
    )
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    model.unwrap_or("an unnamed processor").trim().to_owned()
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(repository()).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.unwrap_or_else(|_| format!("no {program}"))
}

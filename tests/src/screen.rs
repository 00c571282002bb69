//! What a person sees of a run.

use regex::Regex;

use crate::World;

impl World {
    /// What a command that changes nothing shows on a narrow terminal and on a wide one, without colour: its output, and
    /// then what it says beside it. Names that are made up for this world have others that do not change.
    pub fn screens(&self, arguments: &[&str]) -> String {
        let screens = [80, 140].map(|columns| {
            let mut command = self.command();
            let output = command.args(arguments).env("COLUMNS", columns.to_string()).output().unwrap();
            let text = |bytes: &[u8]| self.steady(&String::from_utf8_lossy(bytes));
            let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
            for screen in [&stdout, &stderr] {
                assert!(!screen.contains('\u{1b}'), "there is no colour: {screen:?}");
            }
            let beside = if stderr.is_empty() { String::new() } else { format!("--- beside it\n{stderr}") };
            format!("=== {columns} columns\n{stdout}{beside}")
        });
        screens.concat()
    }

    /// A text in which nothing is this world's alone.
    pub fn steady(&self, text: &str) -> String {
        let directory = self.directory().display().to_string();
        let port = Regex::new(r"127\.0\.0\.1:\d+").unwrap();
        let text = port.replace_all(text, "127.0.0.1:40000");
        text.replace(self.project(), "story-00000000")
            .replace(self.account(), "210987654321")
            .replace(&directory, ".")
    }
}

//! A terminal that a story runs the binary in: it is resized, typed at, and looked at.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::World;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What runs a command in a pseudo-terminal: the standard library cannot, and Python's can.
const PROGRAM: &str = include_str!("terminal.py");

/// A terminal with a run of the binary in it. Dropping it ends that.
pub struct Terminal {
    child: Child,
    orders: ChildStdin,
    screen: Arc<Mutex<avt::Terminal>>,
}

impl World {
    /// Starts the binary in a terminal of so many columns and rows.
    pub fn terminal(&self, columns: usize, rows: usize, arguments: &[&str]) -> Terminal {
        let binary = self.command();
        let mut command = self.command_like("python3");
        command
            .args(["-c", PROGRAM, &columns.to_string(), &rows.to_string()])
            .arg(binary.get_program())
            .args(arguments)
            .env("TERM", "xterm-256color")
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("python3 starts");
        let (orders, shown) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let screen = avt::Terminal::with_scrollback(columns, rows, None).expect("a terminal of that size");
        let screen = Arc::new(Mutex::new(screen));
        let fed = screen.clone();
        std::thread::spawn(move || feed(shown, &fed));
        Terminal { child, orders, screen }
    }
}

impl Terminal {
    /// All lines that are or were on the screen, without blanks at their ends, down to the last that is not empty. One
    /// that goes on in the next row is one.
    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().text().join("\n").trim_end().to_owned()
    }

    /// Waits until the screen satisfies the condition.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let begin = Instant::now();
        while !condition(&self.text()) {
            assert!(begin.elapsed() < PATIENCE, "{what}, after {PATIENCE:?}:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes it larger or smaller.
    pub fn resize(&mut self, columns: usize, rows: usize) {
        self.screen.lock().unwrap().resize(columns, rows);
        writeln!(self.orders, "size {columns} {rows}").expect("the terminal is there");
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        writeln!(self.orders, "keys \\x03").expect("the terminal is there");
    }

    /// Waits for the end of the run; gives its exit code, and what the terminal then shows.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let begin = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < PATIENCE, "the run ends, after {PATIENCE:?}:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
        let code = self.child.wait().unwrap().code();
        // The reader has the other end of what is shown until nothing is left of it.
        while Arc::strong_count(&self.screen) > 1 {
            std::thread::sleep(Duration::from_millis(5));
        }
        (code, self.text())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Shows what comes, a character never in two halves.
fn feed(mut shown: impl Read, screen: &Mutex<avt::Terminal>) {
    let (mut buffer, mut left) = ([0; 4096], Vec::new());
    while let Ok(read @ 1..) = shown.read(&mut buffer) {
        left.extend_from_slice(&buffer[..read]);
        let whole = match std::str::from_utf8(&left) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        screen.lock().unwrap().feed(std::str::from_utf8(&left[..whole]).unwrap());
        left.drain(..whole);
    }
}

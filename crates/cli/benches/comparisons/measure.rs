//! What a run of a command costs: wall time and peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

/// Runs its arguments as a command, and prints what the system says that it has used. The peak memory of one child is
/// something that Rust has no safe call for, and python3 is needed for the local AWS anyway.
const PROGRAM: &str = "
import json, os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
memory = usage.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
if status != 0:
    sys.exit(1)
print(json.dumps({'seconds': seconds, 'memory': memory}))
";

/// What a run has cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// The most memory that it had at a time, in bytes.
    pub(crate) memory: u64,
}

/// Runs a command in a directory, which must succeed.
pub(crate) fn run(directory: &Path, program: &str, arguments: &[&str]) -> Cost {
    #[derive(Deserialize)]
    struct Used {
        seconds: f64,
        memory: u64,
    }
    let output = Command::new("python3")
        .args(["-c", PROGRAM, program])
        .args(arguments)
        .current_dir(directory)
        // Neither is to ask the network for news, nor to look for anything outside of the directory.
        .env("CHECKPOINT_DISABLE", "1")
        .env("PROVISION_DIRECTORY", directory)
        .stdin(Stdio::null())
        .output()
        .expect("python3 runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} ends well: {errors}");
    let used: Used = serde_json::from_slice(&output.stdout).expect("it says what the command has used");
    Cost { wall: Duration::from_secs_f64(used.seconds), memory: used.memory }
}

/// The median of time and that of memory.
pub(crate) fn median(costs: &[Cost]) -> Cost {
    let middle = costs.len() / 2;
    let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
    let mut memories: Vec<u64> = costs.iter().map(|cost| cost.memory).collect();
    walls.sort();
    memories.sort_unstable();
    Cost { wall: walls[middle], memory: memories[middle] }
}

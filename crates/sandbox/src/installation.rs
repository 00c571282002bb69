//! Python virtual environments, such as the one that ministack runs in: made on first use, shared by every process that
//! uses the same directory.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::SandboxError;

/// What `pip` installs. `cbor2` is what lets ministack read the protocol that the Rust SDK speaks to
/// CloudWatch; `boto3` is what AWS Lambda has for functions in Python, which run in this environment.
pub(crate) const REQUIREMENTS: [&str; 3] = ["ministack[full]==1.5.33", "cbor2==6.2.1", "boto3==1.43.106"];

/// Returns the Python interpreter of an environment with these packages, after making the environment if it is not there
/// yet. Programs of the packages are beside it.
///
/// Blocks: on the network when it installs, and on a file lock while another process does.
pub fn python_environment(directory: &Path, requirements: &[&str]) -> Result<PathBuf, SandboxError> {
    let environment = directory.join("venv");
    let python = environment.join("bin").join("python");
    fs::create_dir_all(directory).map_err(|source| SandboxError::file(directory, source))?;

    let lock_path = directory.join("lock");
    let lock = File::create(&lock_path).map_err(|source| SandboxError::file(&lock_path, source))?;
    lock.lock().map_err(|source| SandboxError::file(&lock_path, source))?;

    // Written last, so that an installation that was interrupted, or one of another version, is redone.
    let marker = environment.join("provision-sandbox");
    let wanted = requirements.join("\n");
    // The interpreter is a link to the machine's own, which an upgrade can take away.
    if python.exists() && fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }

    if environment.exists() {
        fs::remove_dir_all(&environment).map_err(|source| SandboxError::file(&environment, source))?;
    }
    tracing::info!(directory = %directory.display(), "making a Python environment");
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    tracing::info!(packages = %requirements.join(", "), "installing (once, about a minute for the local AWS)");
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(requirements))?;
    fs::write(&marker, wanted).map_err(|source| SandboxError::file(&marker, source))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), SandboxError> {
    let described = format!("{command:?}");
    let output = command
        .output()
        .map_err(|source| SandboxError::Command { command: described.clone(), output: source.to_string() })?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(SandboxError::Command { command: described, output: String::from_utf8_lossy(&text).into_owned() })
}

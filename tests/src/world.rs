//! A world of a story's own: a project directory, an account of the local AWS, and the binary.

use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use provision_sandbox::{Control, Resource};
use regex::Regex;
use tempfile::TempDir;

use crate::local_aws::{LocalAws, local_aws, strict_aws};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A directory with copies of `envs/` and `modules/`, and an account that is empty at first.
///
/// Stories are plain functions: what is asynchronous is waited for with [`World::wait`].
pub struct World {
    directory: TempDir,
    project: String,
    account: String,
    variables: Vec<(String, String)>,
    /// Which AWS it is on.
    aws: &'static LocalAws,
    /// Whether AWS is the emulator itself.
    on_the_emulator: bool,
    runs: AtomicU32,
}

/// What a run of the binary has come to.
#[derive(Debug)]
pub struct Output {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

/// A run of the binary that may still be under way. Dropping it kills it.
pub struct Run {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl World {
    /// A new world. The `project` of its environments is a name that nobody else has: names of buckets are one
    /// space for all accounts.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        Self::on(local_aws())
    }

    /// The same, on an AWS that lets users do what their policies allow, and nothing else. The story itself is the root
    /// user of its account, who may do anything.
    pub fn strict() -> Self {
        Self::on(strict_aws())
    }

    fn on(aws: &'static LocalAws) -> Self {
        let directory = TempDir::with_prefix("provision-").unwrap();
        let random = uuid::Uuid::new_v4().as_u128();
        let project = format!("story-{:08x}", random >> 96);
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in ["envs", "modules"] {
            copy(&workspace.join(part), &directory.path().join(part), &project);
        }
        let account = format!("2{:011}", random % 100_000_000_000);
        let (variables, runs) = (Vec::new(), AtomicU32::new(0));
        Self { directory, project, account, variables, aws, on_the_emulator: false, runs }
    }

    /// The same world, where the binary sees one more environment variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same world, on the emulator itself: an AWS that is laxer, and lacks some things. What exists there is not
    /// known to [`World::resources`].
    #[must_use]
    pub fn on_the_emulator(self) -> Self {
        Self { on_the_emulator: true, ..self }
    }

    fn endpoint(&self) -> &'static str {
        if self.on_the_emulator { &self.aws.emulator } else { &self.aws.endpoint }
    }

    /// The project directory, which is the working directory of each run.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The `project` of the environments.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The number of the account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.directory().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file of the project.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.directory().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Changes a file of the project: each `from`, of which there must be one, becomes `to`.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has `{from}`");
        self.write(path, &text.replace(from, to));
    }

    /// Runs the binary, and waits until it has ended.
    pub fn provision(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait()
    }

    /// Runs the binary, and fails if that fails.
    pub fn succeed(&self, arguments: &[&str]) -> Output {
        let output = self.provision(arguments);
        assert_eq!(output.code, Some(0), "provision {} ends well: {output}", arguments.join(" "));
        output
    }

    /// Starts the binary. What it writes goes to files in `output/`.
    pub fn spawn(&self, arguments: &[&str]) -> Run {
        self.start(self.command(), arguments)
    }

    pub(crate) fn start(&self, mut command: Command, arguments: &[&str]) -> Run {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let outputs = self.directory().join("output");
        fs::create_dir_all(&outputs).unwrap();
        let (stdout, stderr) =
            (outputs.join(format!("{run:03}.stdout")), outputs.join(format!("{run:03}.stderr")));
        let child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .expect("the binary starts");
        Run { child, stdout, stderr }
    }

    /// The binary in this world, for runs that need something special.
    pub fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command.current_dir(self.directory());
        // Nothing of whoever runs the tests: neither an account nor settings of the command.
        for (name, _) in std::env::vars_os() {
            if ["AWS_", "PROVISION_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .env("PROVISION_DIRECTORY", self.directory())
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            // What the local AWS checks presigned URLs with; it believes any other signature.
            .env("AWS_SECRET_ACCESS_KEY", "sandbox")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The local AWS as far as this account is concerned.
    pub fn control(&self) -> Control {
        Control::new(&self.aws.endpoint).of_account(&self.account)
    }

    /// All that exists in the account, but for where states are.
    pub fn resources(&self) -> Vec<Resource> {
        let control = self.control();
        let mut resources =
            self.wait(async move { control.resources().await }).expect("the local AWS lists what exists");
        let (bucket, table) = (self.state_bucket(), self.lock_table());
        let is_of_states = |id: &str| id == table || id.split('/').next() == Some(bucket.as_str());
        resources.retain(|resource| !is_of_states(&resource.id));
        resources
    }

    /// A configuration with which an SDK speaks to the account.
    pub fn sdk(&self) -> SdkConfig {
        let credentials = Credentials::new(&self.account, "secret", None, None, "a story");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.endpoint())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build()
    }

    /// Waits for what is asynchronous.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.aws.wait(future)
    }
}

impl Run {
    /// The number of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> Output {
        let begin = Instant::now();
        while !self.has_ended() {
            if begin.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("the run has not ended after {PATIENCE:?}: {}", self.output(None));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let code = self.child.wait().unwrap().code();
        self.output(code)
    }

    /// Stops it, as a machine that goes to sleep does.
    #[cfg(unix)]
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    #[cfg(unix)]
    pub fn wake(&self) {
        self.signal("CONT");
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.process().to_string()).status();
        assert!(sent.unwrap().success(), "SIG{signal} is sent");
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) -> Output {
        self.child.kill().unwrap();
        let code = self.child.wait().unwrap().code();
        self.output(code)
    }

    /// What it has written to its standard error so far.
    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    fn output(&self, code: Option<i32>) -> Output {
        Output { code, stdout: fs::read_to_string(&self.stdout).unwrap(), stderr: self.stderr() }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "exit {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// The binary beside this test's executable.
fn binary() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let profile = executable.parent().and_then(Path::parent).expect("a test is in target/<profile>/deps");
    let binary = profile.join(format!("provision{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p provision-cli` (`cargo test --workspace` does)",
        binary.display()
    );
    binary
}

/// Copies a directory of TOML files, of which those that name a project get this one.
fn copy(from: &Path, to: &Path, project: &str) {
    fs::create_dir_all(to).unwrap();
    let name = Regex::new(r#"(?m)^project = ".*?""#).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to, project);
        } else if from.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&from).unwrap();
            fs::write(to, name.replace_all(&text, format!("project = \"{project}\"")).as_bytes()).unwrap();
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

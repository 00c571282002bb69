//! The emulator: ministack as a child process that cannot outlive this one.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, ChildStdout, Command},
};

use crate::{ACCOUNT, REGION, SECRET, SandboxError, proxy::Upstream};

/// A cold start imports a hundred Python modules; on a busy machine with a cold disk that takes a while.
const START_TIME: Duration = Duration::from_secs(60);

/// Runs ministack and ends when its standard input does.
const PROGRAM: &str = include_str!("ministack.py");

/// A running ministack. Dropping it ends the process.
pub(crate) struct Ministack {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Ministack {
    /// Starts ministack with `python` and waits until it answers.
    ///
    /// `front` is where the functions that it runs find AWS.
    pub(crate) async fn start(
        python: &Path,
        front: SocketAddr,
        authenticate: bool,
    ) -> Result<Self, SandboxError> {
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM]).env_clear();
        // The caller's own AWS settings must not leak in; an interpreter needs no more than these.
        for name in ["PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("LOG_LEVEL", "WARNING")
            .env("AUTH", if authenticate { "true" } else { "false" })
            // The account of every access key that is not itself a number of twelve digits.
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            // Functions run as processes of their own, with this interpreter and its boto3, and speak to the front as
            // anybody else does.
            .env("LAMBDA_EXECUTOR", "local")
            .env("AWS_ENDPOINT_URL", format!("http://{front}"))
            .env("PERSIST_STATE", "0")
            .env("S3_PERSIST", "0")
            // It knows a few of the policies that AWS manages; any other is to exist, too.
            .env("MINISTACK_AUTOCREATE_AWS_MANAGED", "1")
            .env("SFTP_ENABLED", "0")
            .env("IOT_MTLS_ENABLED", "0")
            // It would start, and at boot remove, containers of the machine's Docker daemon.
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A Ctrl-C in the terminal is for the engine, which still needs AWS to finish what is in flight.
        #[cfg(unix)]
        command.process_group(0);

        let mut child = command.spawn().map_err(|source| SandboxError::Command {
            command: "ministack".to_owned(),
            output: source.to_string(),
        })?;
        let log = Log::default();
        if let Some(errors) = child.stderr.take() {
            log.follow(errors);
        }
        let started = async {
            let address = match child.stdout.take() {
                Some(output) => port_line(output, &log).await,
                None => None,
            };
            let address = address?;
            Upstream::new(address).healthy().await;
            Some(address)
        };
        match tokio::time::timeout(START_TIME, started).await {
            Ok(Some(address)) => Ok(Self { child, address }),
            Ok(None) => Err(SandboxError::Start { log: log.text() }),
            Err(_) => Err(SandboxError::Unhealthy { seconds: START_TIME.as_secs(), log: log.text() }),
        }
    }

    /// Ends the process and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        // Closing its standard input lets it clean up after itself; killing it is for when it hangs.
        drop(self.child.stdin.take());
        if tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await.is_err()
            && let Err(error) = self.child.kill().await
        {
            tracing::warn!(%error, "could not end ministack");
        }
    }
}

/// Reads the line in which the program tells its port, then goes on reading in the background.
async fn port_line(output: ChildStdout, log: &Log) -> Option<SocketAddr> {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(port) = line.strip_prefix("PORT ").and_then(|port| port.trim().parse::<u16>().ok()) {
            log.follow(lines.into_inner());
            return Some(SocketAddr::from(([127, 0, 0, 1], port)));
        }
        log.add(line);
    }
    None
}

/// The last lines that ministack wrote, to be shown if it does not start.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    const LINES: usize = 60;

    fn follow(&self, output: impl AsyncRead + Unpin + Send + 'static) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                log.add(line);
            }
        });
    }

    fn add(&self, line: String) {
        tracing::debug!(target: "ministack", "{line}");
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == Self::LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

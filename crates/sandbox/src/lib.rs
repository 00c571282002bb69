//! A local AWS for the demo and the tests of provision.
//!
//! It is ministack, an emulator that runs as a child process, behind
//! a front of the project's own on one loopback port. The front answers what the emulator lacks, adds rules
//! of AWS that an engine must respect, misbehaves when a test asks for it, and lists the calls that it saw
//! and the resources that exist.
//!
//! Accounts are apart from one another: an access key of twelve digits is its own account, so tests can
//! share one sandbox, each with an account of its own.

mod accounts;
mod answers;
mod ask;
mod authorization;
mod call;
mod call_log;
mod cbor;
mod control;
mod error;
mod faults;
mod front;
mod installation;
mod inventory;
mod kept;
mod ministack;
mod proxy;
mod query;
mod reply;
mod rules;
mod xml;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};

pub use crate::{
    authorization::Need,
    call::Call,
    control::Control,
    error::SandboxError,
    faults::{Effect, Fault},
    installation::python_environment,
    inventory::Resource,
};
use crate::{front::Front, ministack::Ministack, proxy::Upstream};

/// The account that the sandbox's own credentials belong to.
const ACCOUNT: &str = "123456789012";
/// The secret of the sandbox's own credentials.
const SECRET: &str = "sandbox";
/// The region of the sandbox's environment, and of requests that name none.
const REGION: &str = "us-east-1";

/// How a sandbox is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The loopback port to listen on; absent for any that is free.
    pub port: Option<u16>,
    /// Where the emulator is installed, for instance `.provision/sandbox` in the project. Any number of
    /// sandboxes can share it.
    pub directory: PathBuf,
    /// How long a CloudFront distribution stays `InProgress` after each change. 400 ms by default.
    pub deploy_time: Duration,
    /// Whether signatures are checked and IAM policies enforced. They are not by default, and never for an
    /// access key that is an account's number: that is the account's root user.
    pub authenticate: bool,
}

impl Options {
    /// The defaults, with the emulator installed in `directory`.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            port: None,
            directory: directory.into(),
            deploy_time: Duration::from_millis(400),
            authenticate: false,
        }
    }
}

/// A running local AWS. It ends when this is dropped, and when the process dies, by whatever death.
pub struct Sandbox {
    front: Arc<Front>,
    server: JoinHandle<()>,
    ministack: Option<Ministack>,
}

impl Sandbox {
    /// Starts a local AWS, after installing the emulator if `options.directory` does not have it yet.
    ///
    /// The installation needs python3 and the network, takes about a minute, and happens once, whatever
    /// number of processes start at the same time.
    ///
    /// # Errors
    ///
    /// When the emulator cannot be installed or does not start, or the port is taken.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        let port = options.port.unwrap_or_default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|source| SandboxError::Port { port, source })?;
        let address = listener.local_addr().map_err(|source| SandboxError::Port { port, source })?;

        let directory = options.directory.clone();
        let install = move || installation::python_environment(&directory, &installation::REQUIREMENTS);
        let installed = tokio::task::spawn_blocking(install).await;
        let python = installed.map_err(SandboxError::control)??;
        let ministack = Ministack::start(&python, address, options.authenticate).await?;

        let upstream = Upstream::new(ministack.address);
        let front = Front::new(address, upstream, ACCOUNT, options.deploy_time, options.authenticate);
        let front = Arc::new(front);
        let server = tokio::spawn(front.clone().serve(listener));
        Ok(Self { front, server, ministack: Some(ministack) })
    }

    /// The URL to give to an SDK.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.front.address)
    }

    /// The URL of the emulator itself, behind the front: without rules and answers of AWS that it lacks. None once the
    /// sandbox is being stopped.
    #[must_use]
    pub fn emulator(&self) -> Option<String> {
        self.ministack.as_ref().map(|ministack| format!("http://{}", ministack.address))
    }

    /// The environment variables that point an AWS SDK at this sandbox, and away from the real AWS.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        environment(self.front.address)
    }

    /// Everything that exists in the sandbox's own account.
    ///
    /// # Errors
    ///
    /// When the emulator does not answer.
    pub async fn resources(&self) -> Result<Vec<Resource>, SandboxError> {
        self.resources_of(ACCOUNT).await
    }

    /// Everything that exists in `account`, a number of twelve digits.
    ///
    /// # Errors
    ///
    /// When the emulator does not answer.
    pub async fn resources_of(&self, account: &str) -> Result<Vec<Resource>, SandboxError> {
        inventory::resources(&self.front, account).await
    }

    /// Empties every account, ends all faults, and forgets the calls.
    ///
    /// # Errors
    ///
    /// When the emulator does not answer.
    pub async fn reset(&self) -> Result<(), SandboxError> {
        self.front.reset().await
    }

    /// The calls of all accounts since the start or the last reset, in the order in which they arrived.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.front.calls(None)
    }

    /// What the users and roles of `account` have needed so far to be allowed, where policies are enforced.
    #[must_use]
    pub fn needs(&self, account: &str) -> Vec<Need> {
        self.front.authorization.needs(account)
    }

    /// Adds a fault to those in force.
    pub fn inject(&self, fault: Fault) {
        self.front.faults.inject(fault);
    }

    /// Ends all faults and lets go of the calls that they hold.
    pub fn clear_faults(&self) {
        self.front.faults.clear(None);
    }

    /// How many calls are held at present.
    #[must_use]
    pub fn held(&self) -> usize {
        self.front.faults.held(None)
    }

    /// Waits until a call is held.
    ///
    /// # Errors
    ///
    /// When that has not happened after `timeout`.
    pub async fn wait_until_held(&self, timeout: Duration) -> Result<(), SandboxError> {
        tokio::time::timeout(timeout, self.front.faults.until_held())
            .await
            .map_err(|_| SandboxError::NotHeld { timeout })
    }

    /// Ends the sandbox, and waits until the emulator is gone.
    pub async fn stop(mut self) {
        self.server.abort();
        if let Some(ministack) = self.ministack.take() {
            ministack.stop().await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn environment(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", ACCOUNT.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        // Nothing of the real account, if there is one on this machine.
        ("AWS_SESSION_TOKEN", String::new()),
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false".to_owned()),
    ]
}

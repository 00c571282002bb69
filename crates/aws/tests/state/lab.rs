//! A place to try stores in: the local AWS, and an account of the test's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use futures::FutureExt;
use provision_aws::Aws;
use provision_aws::state::{StateLocation, bootstrap, open};
use provision_engine::event::Clock;
use provision_engine::state::store::Store;
use provision_sandbox::{Call, Fault, Options, Sandbox};

/// An account on the local AWS that no other test uses.
pub(crate) struct Lab {
    sandbox: Arc<Sandbox>,
    pub(crate) account: String,
    /// For looking at the AWS side, and for changing it behind our back.
    pub(crate) sdk: SdkConfig,
    pub(crate) aws: Aws,
}

/// A local AWS, started once for all tests on a thread that outlives them.
fn start(authenticate: bool) -> Arc<Sandbox> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.provision/sandbox");
            let options = Options { authenticate, ..Options::new(directory) };
            let sandbox = Arc::new(Sandbox::start(options).await.expect("the local AWS starts"));
            sender.send(sandbox).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("the local AWS starts")
}

impl Lab {
    /// The root user of a new account, in us-east-1.
    pub(crate) async fn new() -> Self {
        static SANDBOX: OnceLock<Arc<Sandbox>> = OnceLock::new();
        Self::on(&SANDBOX, false).await
    }

    /// The same on a local AWS that checks signatures, and lets other users do what they are allowed alone.
    pub(crate) async fn strict() -> Self {
        static SANDBOX: OnceLock<Arc<Sandbox>> = OnceLock::new();
        Self::on(&SANDBOX, true).await
    }

    async fn on(sandbox: &'static OnceLock<Arc<Sandbox>>, authenticate: bool) -> Self {
        static ACCOUNTS: AtomicU64 = AtomicU64::new(200_000_000_001);
        let account = ACCOUNTS.fetch_add(1, Ordering::Relaxed).to_string();
        let sandbox =
            tokio::task::spawn_blocking(move || sandbox.get_or_init(|| start(authenticate)).clone());
        Self::with(sandbox.await.unwrap(), &account, Credentials::new(&account, "secret", None, None, "lab"))
            .await
    }

    async fn with(sandbox: Arc<Sandbox>, account: &str, credentials: Credentials) -> Self {
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(sandbox.endpoint())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .load()
            .await;
        Self { sandbox, account: account.to_owned(), aws: Aws::with_config(sdk.clone()), sdk }
    }

    /// The same account, seen by another of its users.
    pub(crate) async fn user(&self, key: &str, secret: &str) -> Self {
        let credentials = Credentials::new(key, secret, None, None, "lab");
        Self::with(self.sandbox.clone(), &self.account, credentials).await
    }

    /// The same account, seen in a session of one of its roles.
    pub(crate) async fn session(&self, session: &aws_sdk_sts::types::Credentials) -> Self {
        let (key, secret) = (&session.access_key_id, &session.secret_access_key);
        let credentials = Credentials::new(key, secret, Some(session.session_token.clone()), None, "lab");
        Self::with(self.sandbox.clone(), &self.account, credentials).await
    }

    /// Another account on the same local AWS.
    pub(crate) async fn neighbour(&self) -> Self {
        let account = (self.account.parse::<u64>().unwrap() + 50_000_000_000).to_string();
        Self::with(self.sandbox.clone(), &account, Credentials::new(&account, "secret", None, None, "lab"))
            .await
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(self.s3_builder().build())
    }

    pub(crate) fn s3_builder(&self) -> aws_sdk_s3::config::Builder {
        aws_sdk_s3::config::Builder::from(&self.sdk).force_path_style(true)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk)
    }

    /// A name that no other test uses: those of buckets are shared by all accounts.
    pub(crate) fn location(&self) -> StateLocation {
        StateLocation { bucket: format!("states-{}", self.account), ..StateLocation::default() }
    }

    /// The same with a table of locks.
    pub(crate) fn location_with_table(&self) -> StateLocation {
        StateLocation { lock_table: Some("state-locks".to_owned()), ..self.location() }
    }

    /// A store, after making its place.
    pub(crate) async fn store(&self, location: &StateLocation) -> Arc<dyn Store> {
        bootstrap(&self.aws, location, &BTreeMap::new()).await.expect("bootstrap");
        open(&self.aws, location, BTreeMap::new()).await.expect("open")
    }

    /// Adds a fault for the calls of this account alone.
    pub(crate) fn inject(&self, fault: Fault) {
        self.sandbox.inject(Fault { account: Some(self.account.clone()), ..fault });
    }

    /// How many calls of this account were to change something.
    pub(crate) fn writes(&self) -> u32 {
        let calls = self.sandbox.calls();
        let writes = calls.iter().filter(|call| call.account == self.account && call.mutating).count();
        writes.try_into().unwrap()
    }

    /// What this account has called of an operation.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call> {
        let mut calls = self.sandbox.calls();
        calls.retain(|call| call.account == self.account && call.operation == operation);
        calls
    }
}

/// The clock of this machine.
pub(crate) struct RealTime;

impl Clock for RealTime {
    fn now(&self) -> i64 {
        i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
    }

    fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

//! The local AWS that all stories of a test process share, each in an account of its own.

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use provision_sandbox::{Options, Sandbox};
use tokio::runtime::{Handle, Runtime};

/// A local AWS, and the runtime that it runs on.
pub(crate) struct LocalAws {
    pub(crate) endpoint: String,
    /// The emulator behind it.
    pub(crate) emulator: String,
    runtime: Handle,
}

/// The local AWS, started once, on a thread that lives as long as the process.
pub(crate) fn local_aws() -> &'static LocalAws {
    static LOCAL_AWS: OnceLock<LocalAws> = OnceLock::new();
    LOCAL_AWS.get_or_init(|| start(false))
}

/// One that enforces policies, started once in the same way.
pub(crate) fn strict_aws() -> &'static LocalAws {
    static STRICT_AWS: OnceLock<LocalAws> = OnceLock::new();
    STRICT_AWS.get_or_init(|| start(true))
}

fn start(authenticate: bool) -> LocalAws {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime starts");
        let handle = runtime.handle().clone();
        runtime.block_on(async {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.provision/sandbox");
            let deploy_time = Duration::from_millis(50);
            let options = Options { deploy_time, authenticate, ..Options::new(directory) };
            let sandbox = Sandbox::start(options).await.expect("the local AWS starts");
            let emulator = sandbox.emulator().expect("the local AWS runs");
            let local_aws = LocalAws { endpoint: sandbox.endpoint(), emulator, runtime: handle };
            sender.send(local_aws).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("the local AWS starts")
}

impl LocalAws {
    /// Waits for a future, from a thread that is in no runtime.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

//! A place to try a kind in: the local AWS, an account of the test's own, and one resource.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use provision_aws::{Aws, registry};
use provision_engine::diff::{self, Diff};
use provision_engine::digest::DigestKey;
use provision_engine::function::Files;
use provision_engine::kind::{Created, KindError, Registry, ResourceKind, Token};
use provision_engine::value::{Map, Value};
use provision_sandbox::{Control, Fault, Options, Sandbox};
use serde_json::Value as Json;

/// An account on the local AWS that no other test uses.
pub(crate) struct Lab {
    registry: Registry,
    account: String,
    /// For looking at the AWS side, and for changing it behind the kind's back.
    pub(crate) sdk: SdkConfig,
}

/// The local AWS, started once for all tests on a thread that outlives them.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Arc<Sandbox>> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.provision/sandbox");
                let sandbox = Sandbox::start(Options::new(directory)).await.expect("the local AWS starts");
                let sandbox = Arc::new(sandbox);
                sender.send(sandbox.clone()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().expect("the local AWS starts")
    })
}

impl Lab {
    /// A new account in us-east-1.
    pub(crate) async fn new() -> Self {
        static ACCOUNTS: AtomicU64 = AtomicU64::new(100_000_000_001);
        let account = ACCOUNTS.fetch_add(1, Ordering::Relaxed).to_string();
        let endpoint = tokio::task::spawn_blocking(|| sandbox().endpoint()).await.unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(aws_sdk_sts::config::SharedCredentialsProvider::new(
                aws_sdk_sts::config::Credentials::new(&account, "secret", None, None, "lab"),
            ))
            // As many attempts as in a run, and less time between them.
            .retry_config(
                RetryConfig::standard().with_max_attempts(6).with_initial_backoff(Duration::from_millis(20)),
            )
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self { registry: registry(&Arc::new(Aws::with_config(sdk.clone()))), account, sdk }
    }

    /// Goes on in another region.
    pub(crate) fn move_to(&mut self, region: &'static str) {
        self.sdk = self.sdk.to_builder().region(Region::new(region)).build();
        self.registry = registry(&Arc::new(Aws::with_config(self.sdk.clone())));
    }

    /// Adds a fault for the calls of this account alone.
    pub(crate) fn inject(&self, fault: Fault) {
        sandbox().inject(Fault { account: Some(self.account.clone()), ..fault });
    }

    /// The local AWS as far as this account is concerned.
    pub(crate) fn control(&self) -> Control {
        Control::new(sandbox().endpoint()).of_account(&self.account)
    }

    /// The number of the account.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// The names of all kinds.
    pub(crate) fn kinds(&self) -> BTreeSet<&'static str> {
        self.registry.kinds().map(ResourceKind::name).collect()
    }

    /// A resource of that kind, not created yet.
    pub(crate) fn resource(&self, kind: &str) -> Resource<'_> {
        Resource {
            kind: self.registry.kind(kind).unwrap_or_else(|| panic!("{kind} is registered")),
            digest_key: DigestKey::from_random(b"lab"),
            id: String::new(),
            attributes: Value::Null,
        }
    }

    /// What a data source answers.
    pub(crate) async fn data(&self, kind: &str, configuration: Json) -> Result<Value, String> {
        let data = self.registry.data(kind).unwrap_or_else(|| panic!("{kind} is registered"));
        let (configuration, problems) = data.schema().check(&Value::from_json(configuration));
        assert_eq!(problems, [], "{kind} accepts the configuration");
        data.read(None, &configuration).await.map_err(|error| error.to_string())
    }

    /// The messages with which a kind refuses a configuration, before any call.
    pub(crate) fn problems(&self, kind: &str, configuration: Json) -> Vec<String> {
        let kind = self.registry.kind(kind).unwrap_or_else(|| panic!("{kind} is registered"));
        let (mut checked, mut problems) = kind.schema().check(&Value::from_json(configuration));
        problems.extend(kind.read_files(&mut checked, &Disk));
        problems.extend(kind.validate(&checked));
        problems.into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
    }
}

/// One resource through its life. Every step asserts that a plan after it finds nothing to do.
pub(crate) struct Resource<'a> {
    kind: &'a dyn ResourceKind,
    digest_key: DigestKey,
    /// Its id, once it is created.
    pub(crate) id: String,
    /// What was last read.
    pub(crate) attributes: Value,
}

impl Resource<'_> {
    /// Creates it, finds it again as a run after a crash would, and asserts that nothing is left to do.
    pub(crate) async fn create(&mut self, configuration: Json) -> &Value {
        let desired = self.checked(configuration);
        let token = Token(uuid::Uuid::new_v4().to_string());
        assert_eq!(
            self.kind.find(None, &token, &desired).await.unwrap(),
            None,
            "nothing is there before the create"
        );
        self.kind.ensure_free(None, &token, &desired).await.expect("its place is free");
        match self.kind.create(None, &token, &desired).await.expect("create") {
            Created::Complete { id } => self.id = id,
            Created::Known { id, attributes } => {
                self.id = id;
                self.attributes = attributes;
            }
            Created::Bare { id, attributes } => {
                let bare = diff::diff(self.kind.schema(), &attributes, &desired, &self.digest_key);
                if !bare.is_empty() {
                    self.kind
                        .update(None, &id, &attributes, &bare.after)
                        .await
                        .expect("the update after the create");
                }
                self.id = id;
            }
        }
        let found = self.kind.find(None, &token, &desired).await.unwrap();
        assert_eq!(found.as_deref(), Some(self.id.as_str()), "what was created is found again");
        self.settle(&desired).await
    }

    /// The failure of a create that AWS refuses.
    pub(crate) async fn create_fails(&self, configuration: Json) -> String {
        let desired = self.checked(configuration);
        let token = Token(uuid::Uuid::new_v4().to_string());
        let created = async {
            self.kind.ensure_free(None, &token, &desired).await?;
            self.kind.create(None, &token, &desired).await
        };
        created.await.expect_err("the create is refused").to_string()
    }

    /// Changes it in place to another configuration; fails if that would be no change, or a replacement.
    pub(crate) async fn update(&mut self, configuration: Json) -> &Value {
        let desired = self.checked(configuration);
        let diff = self.diff(&desired);
        assert!(!diff.is_empty(), "the configuration differs");
        assert_eq!(diff.replace_because(), [], "it can be changed in place");
        let mut after = diff.after.clone();
        // As in a run: what only the apply can tell is not there yet.
        drop_unknown(&mut after);
        self.kind.update(None, &self.id, &self.attributes, &after).await.expect("update");
        self.kind.update(None, &self.id, &self.attributes, &after).await.expect("an update can be repeated");
        self.settle(&desired).await
    }

    /// The failure of a change in place.
    pub(crate) async fn update_fails(&self, configuration: Json) -> KindError {
        let mut after = self.diff(&self.checked(configuration)).after;
        drop_unknown(&mut after);
        self.kind.update(None, &self.id, &self.attributes, &after).await.expect_err("the change is refused")
    }

    /// Asserts that the configuration is no change.
    pub(crate) fn unchanged(&self, configuration: Json) {
        assert_eq!(self.diff(&self.checked(configuration)).changes, []);
    }

    /// Asserts that the configuration demands a replacement because of these arguments.
    pub(crate) fn replaces(&self, configuration: Json, because: &[&str]) {
        let diff = self.diff(&self.checked(configuration));
        let paths: Vec<String> = diff.replace_because().iter().map(ToString::to_string).collect();
        assert_eq!(paths, because, "what forces a replacement");
    }

    /// After a change from outside: asserts that reading finds these arguments drifted, and repairs them.
    pub(crate) async fn repair_drift(&mut self, configuration: Json, drifted: &[&str]) {
        let desired = self.checked(configuration);
        let read = self.read().await;
        let found: Vec<String> =
            diff::drift(self.kind.schema(), &self.attributes, &read, &desired, &self.digest_key)
                .iter()
                .map(ToString::to_string)
                .collect();
        assert_eq!(found, drifted, "what drifted");
        self.attributes = read;
        let diff = self.diff(&desired);
        assert!(!diff.is_empty(), "drift is a difference");
        self.kind.update(None, &self.id, &self.attributes, &diff.after).await.expect("repair");
        self.settle(&desired).await;
    }

    /// After a change from outside that is none of its business: asserts that reading finds nothing to do.
    pub(crate) async fn minds_nothing(&mut self, configuration: Json) {
        let desired = self.checked(configuration);
        let read = self.read().await;
        let drift = diff::drift(self.kind.schema(), &self.attributes, &read, &desired, &self.digest_key);
        assert_eq!(drift, [], "nothing drifted");
        self.attributes = read;
        assert_eq!(self.diff(&desired).changes, [], "there is nothing to do");
    }

    /// Deletes it, asserts that it is gone, and that deleting what is gone is no error.
    pub(crate) async fn delete(self) {
        self.kind.delete(None, &self.id, &self.attributes).await.expect("delete");
        let read = self.kind.read(None, &self.id, &self.attributes).await.expect("read after the delete");
        assert!(read.is_none(), "nothing is left after the delete");
        self.kind.delete(None, &self.id, &self.attributes).await.expect("deleting what is gone is success");
    }

    /// The failure of a delete that AWS refuses.
    pub(crate) async fn delete_fails(&self) -> String {
        self.kind
            .delete(None, &self.id, &self.attributes)
            .await
            .expect_err("the delete is refused")
            .to_string()
    }

    /// What it is now, if it is there, or why that is not known.
    pub(crate) async fn reread(&self) -> Result<Option<Value>, KindError> {
        self.kind.read(None, &self.id, &self.attributes).await
    }

    async fn settle(&mut self, desired: &Value) -> &Value {
        // The state knows the arguments that AWS does not keep.
        self.attributes = diff::diff(self.kind.schema(), &self.attributes, desired, &self.digest_key).after;
        drop_unknown(&mut self.attributes);
        self.attributes = self.digest_key.redact(self.kind.schema(), &self.attributes, &[], "lab");
        self.attributes = self.read().await;
        let diff = self.diff(desired);
        assert_eq!(diff.changes, [], "a plan right after finds nothing to do");
        &self.attributes
    }

    async fn read(&self) -> Value {
        self.kind.read(None, &self.id, &self.attributes).await.expect("read").expect("it is there")
    }

    fn diff(&self, desired: &Value) -> Diff {
        diff::diff(self.kind.schema(), &self.attributes, desired, &self.digest_key)
    }

    fn checked(&self, configuration: Json) -> Value {
        let (mut checked, mut problems) = self.kind.schema().check(&Value::from_json(configuration));
        problems.extend(self.kind.read_files(&mut checked, &Disk));
        problems.extend(self.kind.validate(&checked));
        assert_eq!(problems, [], "{} accepts the configuration", self.kind.name());
        checked
    }
}

/// The files of this machine, by their whole paths.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| format!("{path} cannot be read: {error}"))
    }

    fn exists(&self, path: &str) -> bool {
        Path::new(path).is_file()
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        let entries =
            std::fs::read_dir(directory).map_err(|error| format!("{directory} cannot be read: {error}"))?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    fn template(&self, _source: &str, _variables: &Map) -> Result<Value, String> {
        Err("there are no templates here".to_owned())
    }

    fn environment_variable(&self, _name: &str) -> Option<String> {
        None
    }
}

fn drop_unknown(value: &mut Value) {
    match value {
        Value::Unknown => *value = Value::Null,
        Value::List(items) => items.iter_mut().for_each(drop_unknown),
        Value::Map(map) => map.values_mut().for_each(drop_unknown),
        _ => {}
    }
}

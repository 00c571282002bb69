//! States in S3, looked at from S3's side.

use aws_sdk_s3::Client;
use serde_json::Value;

use crate::World;

/// What an object of the bucket of states was.
#[derive(Debug, Clone)]
pub struct ObjectVersion {
    /// Its key.
    pub key: String,
    /// What it held.
    pub text: String,
}

impl World {
    /// The same world, where the states of these environments are in S3, in a bucket that `provision bootstrap` has
    /// made, under leases of a second. `table`: whether the locks are in DynamoDB.
    #[must_use]
    pub fn with_state_in_s3(self, environments: &[&str], table: bool) -> Self {
        let lock = match table {
            true => format!("lock = \"dynamodb\"\nlock_table = \"{}\"\n", self.lock_table()),
            false => String::new(),
        };
        let bucket = self.state_bucket();
        for environment in environments {
            let text = self.read(environment);
            let state = format!("\n[state]\nbackend = \"s3\"\nbucket = \"{bucket}\"\nlock_lease = 1\n{lock}");
            self.write(environment, &(text + &state));
        }
        let output = self.succeed(&["bootstrap", environments[0]]);
        assert!(output.stdout.contains(": made"), "{output}");
        self
    }

    /// The bucket of states in S3.
    pub fn state_bucket(&self) -> String {
        format!("{}-states", self.project())
    }

    /// The table of locks in DynamoDB.
    pub fn lock_table(&self) -> String {
        format!("{}-locks", self.project())
    }

    /// A client of S3 that an emulator understands.
    pub fn s3(&self) -> Client {
        let configuration = aws_sdk_s3::config::Builder::from(&self.sdk()).force_path_style(true).build();
        Client::from_conf(configuration)
    }

    /// What the objects of the bucket of states have been whose keys begin so, for each key the oldest first.
    pub fn state_versions(&self, prefix: &str) -> Vec<ObjectVersion> {
        let (s3, bucket) = (self.s3(), self.state_bucket());
        self.wait(async {
            let mut versions = Vec::new();
            for (key, id) in list(&s3, &bucket, prefix).await.into_iter().rev() {
                let object = s3.get_object().bucket(&bucket).key(&key).version_id(id).send().await.unwrap();
                let bytes = object.body.collect().await.unwrap().to_vec();
                versions.push(ObjectVersion { key, text: String::from_utf8(bytes).unwrap() });
            }
            versions
        })
    }

    /// Every state of an environment that was ever written to S3.
    pub fn states(&self, environment: &str) -> Vec<Value> {
        let key = format!("{}/{environment}.json", self.project());
        let versions = self.state_versions(&key).into_iter().filter(|version| version.key == key);
        versions.map(|version| serde_json::from_str(&version.text).unwrap()).collect()
    }

    /// An object of the bucket of states, if there is one.
    pub fn state_object(&self, key: &str) -> Option<Value> {
        let (s3, bucket) = (self.s3(), self.state_bucket());
        self.wait(async {
            let object = s3.get_object().bucket(bucket).key(key).send().await.ok()?;
            let bytes = object.body.collect().await.unwrap().to_vec();
            Some(serde_json::from_slice(&bytes).unwrap())
        })
    }
}

/// The keys and ids of all versions whose key begins so, the newest first.
async fn list(s3: &Client, bucket: &str, prefix: &str) -> Vec<(String, String)> {
    let (mut found, mut key_marker, mut version_marker) = (Vec::new(), None, None);
    loop {
        let list = s3.list_object_versions().bucket(bucket).prefix(prefix);
        let list = list.set_key_marker(key_marker).set_version_id_marker(version_marker);
        let page = list.send().await.unwrap();
        found.extend(page.versions().iter().map(|version| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            (text(version.key()), text(version.version_id()))
        }));
        if page.is_truncated() != Some(true) {
            return found;
        }
        key_marker = page.next_key_marker().map(str::to_owned);
        version_marker = page.next_version_id_marker().map(str::to_owned);
    }
}

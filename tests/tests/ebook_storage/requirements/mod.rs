//! What `ebook-storage.md`, the specification, asks for. Each assertion cites the lines that it stands for.

use std::collections::BTreeMap;

use provision_tests::World;
use serde_json::Value as Json;

use crate::cloud::Cloud;

mod access;
mod buckets;
mod keys;
mod monitoring;
mod outputs;
mod tags;

/// An environment as it is meant to be.
#[derive(Clone)]
pub(crate) struct Expected<'a> {
    pub(crate) project: &'a str,
    /// Line 262.
    pub(crate) environment: &'a str,
    /// The account that it is in.
    pub(crate) account: &'a str,
    /// Line 268: whether the key was made.
    pub(crate) own_key: bool,
    /// Line 269.
    pub(crate) logging: bool,
    /// Line 354.
    pub(crate) previous_versions_days: i32,
    /// How long the log of requests is kept.
    pub(crate) access_log_days: i32,
}

/// Fails unless the specification holds on AWS.
pub(crate) fn assert_met(world: &World, cloud: &Cloud, expected: &Expected<'_>) {
    let path = format!("envs/ebook-storage/{}.toml", expected.environment);
    let outputs: Json = serde_json::from_str(&world.succeed(&["output", &path, "--json"]).stdout).unwrap();
    let outputs: BTreeMap<String, Json> = outputs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, output)| (name.clone(), output["value"].clone()))
        .collect();
    world.wait(async {
        let key = keys::assert_met(cloud, expected).await;
        buckets::assert_met(cloud, expected, &key).await;
        access::assert_met(cloud, expected, &key).await;
        monitoring::assert_met(cloud, expected, &key).await;
        tags::assert_met(cloud, expected).await;
        outputs::assert_met(expected, &key, &outputs);
    });
}

impl Expected<'_> {
    fn bucket(&self) -> String {
        format!("{}-storage-{}", self.project, self.environment)
    }

    fn logging_bucket(&self) -> String {
        format!("{}-storage-logs-{}", self.project, self.environment)
    }

    fn access_role(&self) -> String {
        format!("eBook-S3Access-{}", self.environment)
    }

    fn monitoring_role(&self) -> String {
        format!("eBook-StorageMonitoring-{}", self.environment)
    }

    fn function(&self) -> String {
        format!("eBook-StorageMonitoring-{}", self.environment)
    }

    fn rule(&self) -> String {
        format!("eBook-StorageMonitoring-Schedule-{}", self.environment)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:us-east-1:{}:{resource}", self.account)
    }

    fn topic(&self) -> String {
        self.arn("sns", &format!("eBook-Alerts-{}", self.environment))
    }

    fn role_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }
}

//! What `storytime.md`, the specification, asks for. Each assertion cites the section and line that it stands for.

use std::collections::BTreeMap;

use provision_tests::World;
use serde_json::Value as Json;

use crate::cloud::Cloud;

mod buckets;
mod distribution;
mod domain;
mod keys;
mod outputs;
mod permissions;
mod secret;
mod transcoding;

/// An environment as it is meant to be.
pub(crate) struct Expected<'a> {
    /// §2, line 75.
    pub(crate) project: &'a str,
    /// §2, line 76.
    pub(crate) environment: &'a str,
    /// §2, line 74.
    pub(crate) region: &'a str,
    /// The account that it is in.
    pub(crate) account: &'a str,
    /// §3.1, line 101.
    pub(crate) admin_origins: &'a [&'a str],
    /// §3.1, line 96.
    pub(crate) glacier_after_days: i32,
    /// §2, lines 77 and 78.
    pub(crate) domain: Option<&'a Domain<'a>>,
    /// §7, line 215: whether the secret has the private key from here.
    pub(crate) private_key_is_stored: bool,
}

/// A domain of one's own.
pub(crate) struct Domain<'a> {
    pub(crate) name: &'a str,
    /// The zone that it is in.
    pub(crate) zone: &'a str,
    /// The certificate, if it was given.
    pub(crate) certificate: Option<&'a str>,
}

/// Fails unless the specification holds on AWS.
pub(crate) fn assert_met(world: &World, cloud: &Cloud, expected: &Expected<'_>) {
    let path = format!("envs/{}.toml", expected.environment);
    let outputs: Json = serde_json::from_str(&world.succeed(&["output", &path, "--json"]).stdout).unwrap();
    let outputs: BTreeMap<String, Json> = outputs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, output)| (name.clone(), output["value"].clone()))
        .collect();
    world.wait(async {
        buckets::assert_met(cloud, expected).await;
        distribution::assert_met(cloud, expected).await;
        keys::assert_met(cloud, expected).await;
        permissions::assert_met(cloud, expected).await;
        transcoding::assert_met(cloud, expected).await;
        secret::assert_met(cloud, expected).await;
        domain::assert_met(cloud, expected).await;
        outputs::assert_met(cloud, expected, &outputs).await;
    });
}

impl Expected<'_> {
    fn master_bucket(&self) -> String {
        format!("{}-master-uploads-{}", self.project, self.environment)
    }

    fn output_bucket(&self) -> String {
        format!("{}-hls-outputs-{}", self.project, self.environment)
    }

    fn secret_name(&self) -> String {
        format!("{}/{}/cloudfront_private_key", self.project, self.environment)
    }

    fn role_name(&self) -> String {
        format!("{}-{}-mediaconvert", self.project, self.environment)
    }

    fn rails_policy(&self) -> String {
        format!("arn:aws:iam::{}:policy/{}-{}-rails", self.account, self.project, self.environment)
    }
}

//! What `ebook-delivery.md`, the specification, asks for. Each assertion cites the section and line that it stands for.
//!
//! Where the specification says "OAI", an origin access control does the same if the books are encrypted with KMS: an
//! identity cannot read those.

use std::collections::BTreeMap;

use provision_tests::{Signer, World};
use serde_json::Value as Json;

use crate::cloud::Cloud;

mod delivery;
mod domain;
mod monitoring;
mod outputs;
mod permissions;
mod storage;

/// An environment as it is meant to be.
pub(crate) struct Expected<'a> {
    pub(crate) project: &'a str,
    /// Template Structure, line 69.
    pub(crate) environment: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// Template Structure, line 70.
    pub(crate) domain: Option<&'a str>,
    /// Template Structure, line 71: the zone that was given.
    pub(crate) zone: Option<&'a str>,
    pub(crate) access: Access<'a>,
}

/// How CloudFront reads the books, and how they are encrypted.
#[derive(Clone, Copy)]
pub(crate) enum Access<'a> {
    /// By an origin access control, what KMS has encrypted.
    Control {
        /// Template Structure, line 72: the ARN of the key that was given.
        given_key: Option<&'a str>,
    },
    /// By an origin access identity, what S3 has encrypted.
    Identity,
}

/// Fails unless the specification holds on AWS.
pub(crate) fn assert_met(world: &World, cloud: &Cloud, expected: &Expected<'_>) {
    let path = format!("envs/ebook-delivery/{}.toml", expected.environment);
    let outputs: Json = serde_json::from_str(&world.succeed(&["output", &path, "--json"]).stdout).unwrap();
    let outputs: BTreeMap<String, Json> = outputs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, output)| (name.clone(), output["value"].clone()))
        .collect();
    world.wait(async {
        storage::assert_met(cloud, expected).await;
        delivery::assert_met(cloud, expected).await;
        domain::assert_met(cloud, expected).await;
        monitoring::assert_met(cloud, expected).await;
        permissions::assert_met(cloud, expected).await;
        outputs::assert_met(cloud, expected, &outputs).await;
    });
    // In the region that the secret is in.
    if expected.region == "us-east-1" {
        let signature = world.wait(Signer::new(world, expected.secret()).sign());
        let cited =
            "High-level Flow, line 51: the publisher's backend can sign, and the distribution trusts it";
        assert_eq!(outputs["key_pair_id"], signature.key_pair_id.as_str(), "{cited}");
    }
}

impl Expected<'_> {
    /// Beginning of names.
    fn name(&self) -> String {
        format!("{}-{}", self.project, self.environment)
    }

    /// Components, line 56. The rest of the name makes it one that nobody else in the world has.
    fn bucket(&self) -> String {
        format!("ebooks-storage-{}-{}", self.environment, self.account)
    }

    fn log_bucket(&self) -> String {
        format!("{}-logs", self.bucket())
    }

    fn secret(&self) -> String {
        format!("{}/{}/signing_private_key", self.project, self.environment)
    }
}

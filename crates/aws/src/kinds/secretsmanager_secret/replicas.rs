//! The copies of a secret in other regions.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicaRegionType, ReplicationStatusType};
use provision_engine::kind::KindError;

use super::{ABSENT, Replica, Secret, describe, set};
use crate::call::Outcome;

impl Secret {
    /// Removes the copies that are too many or have another key, and adds those that are missing.
    pub(super) async fn replicate(&self, secrets: &Client, id: &str) -> Result<(), KindError> {
        let there = describe(secrets, id).await?.map(|secret| copies(&secret)).unwrap_or_default();
        let wanted = |copy: &Replica| {
            self.replica.iter().any(|wanted| {
                wanted.region == copy.region
                    && (wanted.kms_key_id.is_none() || wanted.kms_key_id == copy.kms_key_id)
            })
        };
        let (stay, go): (Vec<&Replica>, Vec<&Replica>) = there.iter().partition(|copy| wanted(copy));
        remove(secrets, id, go.iter().map(|copy| copy.region.clone()).collect()).await?;
        let add: Vec<ReplicaRegionType> = self
            .replica
            .iter()
            .filter(|wanted| !stay.iter().any(|copy| copy.region == wanted.region))
            .map(|wanted| {
                ReplicaRegionType::builder()
                    .region(&wanted.region)
                    .set_kms_key_id(wanted.kms_key_id.clone())
                    .build()
            })
            .collect();
        if !add.is_empty() {
            secrets
                .replicate_secret_to_regions()
                .secret_id(id)
                .set_add_replica_regions(Some(add))
                .force_overwrite_replica_secret(self.force_overwrite_replica_secret)
                .send()
                .await
                .or_fail()?;
        }
        Ok(())
    }
}

/// The copies in other regions.
pub(super) fn copies(secret: &DescribeSecretOutput) -> Vec<Replica> {
    let copy = |status: &ReplicationStatusType| {
        Some(Replica { region: status.region()?.to_owned(), kms_key_id: set(status.kms_key_id()) })
    };
    secret.replication_status().iter().filter_map(copy).collect()
}

/// Removes the copies in these regions.
pub(super) async fn remove(secrets: &Client, id: &str, regions: Vec<String>) -> Result<(), KindError> {
    if !regions.is_empty() {
        secrets
            .remove_regions_from_replication()
            .secret_id(id)
            .set_remove_replica_regions(Some(regions))
            .send()
            .await
            .unless(ABSENT)?;
    }
    Ok(())
}

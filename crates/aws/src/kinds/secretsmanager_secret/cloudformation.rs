//! A secret as `AWS::SecretsManager::Secret`. Its value comes from `aws_secretsmanager_secret_version`.

use provision_engine::cloudformation::{Block, Counterpart, Returned};

pub(super) const COUNTERPART: Counterpart = Counterpart::resource("AWS::SecretsManager::Secret", secret)
    .with(&[("id", Returned::Ref), ("arn", Returned::Ref)]);

fn secret(secret: &mut Block<'_>) {
    secret.same(&["name", "description", "kms_key_id"]);
    secret.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
    secret.refuse("policy", "write it as an aws_secretsmanager_secret_policy");
    if secret.get("recovery_window_in_days").as_i64() == Some(0) {
        secret.ours(&["recovery_window_in_days"]);
    }
    secret.note(
        "recovery_window_in_days",
        "CloudFormation deletes a secret for good and at once, without a recovery window",
    );
    secret.blocks("replica", "ReplicaRegions", |replica| replica.same(&["region", "kms_key_id"]));
    secret.ours(&["force_overwrite_replica_secret"]);
    secret.tags();
}

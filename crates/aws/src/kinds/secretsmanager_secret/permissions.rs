//! What a secret needs to be permitted.

use provision_engine::permission::{Act, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let named = || format!("secret:{}*", arn::name(&of, "name", "name_prefix").trim_end_matches('*'));
    let secret = of.id.map_or_else(|| arn::regional("secretsmanager", &named()), str::to_owned);
    let describe = ["secretsmanager:DescribeSecret"];
    let is_updated = of.act == Act::Update && (of.differs("description") || of.differs("kms_key_id"));
    let (sets_policy, replicates) = (of.sets(&["policy"]), of.sets(&["replica"]));
    let drops_copies = of.act == Act::Update || (of.act == Act::Delete && of.has("replica"));
    of.needs()
        .on(&[Act::Find, Act::Create, Act::Delete], &secret, &describe)
        .read(&secret, &["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"])
        .create(&secret, &["secretsmanager:CreateSecret"])
        .when(is_updated, &secret, &["secretsmanager:UpdateSecret"])
        .when(sets_policy && of.has("policy"), &secret, &["secretsmanager:PutResourcePolicy"])
        .when(sets_policy && !of.has("policy"), &secret, &["secretsmanager:DeleteResourcePolicy"])
        .when(replicates, &secret, &describe)
        .when(replicates && of.has("replica"), &secret, &["secretsmanager:ReplicateSecretToRegions"])
        .when(
            drops_copies && (replicates || of.act == Act::Delete),
            &secret,
            &["secretsmanager:RemoveRegionsFromReplication"],
        )
        .tagging(&secret, "secretsmanager:TagResource", "secretsmanager:UntagResource")
        .delete(&secret, &["secretsmanager:DeleteSecret"])
        .done()
}

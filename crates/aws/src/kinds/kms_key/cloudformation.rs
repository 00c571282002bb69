//! A key as `AWS::KMS::Key`.

use provision_engine::cloudformation::{Block, Counterpart, Returned};

pub(super) const COUNTERPART: Counterpart = Counterpart::resource("AWS::KMS::Key", key).with(&[
    ("id", Returned::Ref),
    ("key_id", Returned::Ref),
    ("arn", Returned::GetAtt("Arn")),
]);

fn key(key: &mut Block<'_>) {
    key.unless("description", "Description", "");
    // From the enumerations of the type's schema.
    if key.get("key_usage").as_str() == Some("ENCAPSULATE_DECAPSULATE") {
        key.wrong("key_usage", "CloudFormation has no keys for ENCAPSULATE_DECAPSULATE");
    }
    let spec = key.get("customer_master_key_spec").as_str().unwrap_or_default().to_owned();
    if spec.starts_with("ML_KEM") {
        key.wrong("customer_master_key_spec", format!("CloudFormation has no keys of the type {spec}"));
    }
    key.unless("key_usage", "KeyUsage", "ENCRYPT_DECRYPT");
    key.unless("customer_master_key_spec", "KeySpec", "SYMMETRIC_DEFAULT");
    key.refuse("custom_key_store_id", "CloudFormation makes keys in KMS's own store alone");
    key.refuse("xks_key_id", "CloudFormation makes keys in KMS's own store alone");
    key.unless("multi_region", "MultiRegion", false);
    key.document("policy", "KeyPolicy");
    key.unless("bypass_policy_lockout_safety_check", "BypassPolicyLockoutSafetyCheck", false);
    key.unless("deletion_window_in_days", "PendingWindowInDays", 30);
    key.unless("is_enabled", "Enabled", true);
    key.unless("enable_key_rotation", "EnableKeyRotation", false);
    key.same(&["rotation_period_in_days"]);
    key.tags();
}

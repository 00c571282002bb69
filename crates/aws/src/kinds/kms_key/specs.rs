//! Which keys there can be: what fits together of material, usage, store and rotation.

use provision_engine::schema::Problem;
use provision_engine::value::Value;

use crate::iam;

/// How many characters a key policy can have.
const POLICY_LIMIT: usize = 32_768;

/// What a key of that material can be used for.
fn usages(spec: &str) -> &'static [&'static str] {
    match spec.split('_').next() {
        Some("RSA") => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        Some("HMAC") => &["GENERATE_VERIFY_MAC"],
        Some("SM2") => &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
        Some("ECC") if spec.starts_with("ECC_NIST_P") => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        Some("ECC") => &["SIGN_VERIFY"],
        Some("ML") if spec.starts_with("ML_KEM") => &["ENCAPSULATE_DECAPSULATE"],
        Some("ML") => &["SIGN_VERIFY"],
        _ => &["ENCRYPT_DECRYPT"],
    }
}

/// What does not fit together.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = iam::policy_problems(configuration.get("policy"), "policy", POLICY_LIMIT);
    let spec = configuration.get("customer_master_key_spec");
    let spec = if spec.is_null() { Some("SYMMETRIC_DEFAULT") } else { spec.as_str() };
    let usage = configuration.get("key_usage");
    let usage = if usage.is_null() { Some("ENCRYPT_DECRYPT") } else { usage.as_str() };
    if let (Some(spec), Some(usage)) = (spec, usage)
        && !usages(spec).contains(&usage)
    {
        problems.push(
            Problem::new("key_usage", format!("a key of {spec} cannot be used for {usage}"))
                .with_hint(format!("write {}", usages(spec).join(" or "))),
        );
    }

    let has_store = !configuration.get("custom_key_store_id").is_null();
    if !configuration.get("xks_key_id").is_null() && !has_store {
        problems.push(
            Problem::new("xks_key_id", "an external key belongs to a custom key store")
                .with_hint("add `custom_key_store_id`"),
        );
    }
    if has_store && spec.is_some_and(|spec| spec != "SYMMETRIC_DEFAULT") {
        problems.push(Problem::new(
            "customer_master_key_spec",
            "a custom key store keeps keys of SYMMETRIC_DEFAULT only",
        ));
    }
    if has_store && configuration.get("multi_region").as_bool() == Some(true) {
        problems.push(Problem::new("multi_region", "a key in a custom key store belongs to one region"));
    }

    let rotation = configuration.get("enable_key_rotation");
    if rotation.as_bool() == Some(true) && (has_store || spec.is_some_and(|spec| spec != "SYMMETRIC_DEFAULT"))
    {
        problems.push(Problem::new(
            "enable_key_rotation",
            "only keys of SYMMETRIC_DEFAULT outside of custom key stores are rotated",
        ));
    }
    if !configuration.get("rotation_period_in_days").is_null()
        && !rotation.is_unknown()
        && rotation.as_bool() != Some(true)
    {
        problems.push(
            Problem::new("rotation_period_in_days", "there is no rotation to have a period")
                .with_hint("add `enable_key_rotation = true`"),
        );
    }
    problems
}

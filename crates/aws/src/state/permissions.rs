//! What a run needs to be permitted to read and write its state.

use provision_engine::permission::Permission;
use provision_engine::value::Value;

use super::StateLocation;
use crate::permissions::arn;

/// What a plan and the run that carries it out need of the state under `key`, with the lock and the history beside it;
/// `is_there`: whether there is one.
/// To look at what the state was before needs more: docs/state.md says what. Where a role is assumed for the state, that
/// is all that the caller needs.
pub fn permissions(location: &StateLocation, key: &str, is_there: bool) -> Vec<Permission> {
    if let Some(role) = &location.role_arn {
        return vec![Permission::new("sts:AssumeRole", role.as_str())];
    }
    let objects = arn::s3(&format!("{}/{key}*", location.bucket));
    let on_objects: &[&str] = match location.lock_table {
        Some(_) => &["s3:GetObject", "s3:PutObject"],
        // With the object that is the lock.
        None => &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    };
    let mut needed: Vec<Permission> =
        on_objects.iter().map(|action| Permission::new(*action, objects.as_str())).collect();
    // Without leave to list a bucket, nobody is told that there is no such object: no lock, or no state yet.
    if location.lock_table.is_none() || !is_there {
        needed.push(Permission::new("s3:ListBucket", arn::s3(&location.bucket)));
    }
    let here = |resource: String| match &location.region {
        Some(region) => resource.replace("${Region}", region),
        None => resource,
    };
    if let Some(table) = &location.lock_table {
        let table = here(arn::regional("dynamodb", &format!("table/{table}")));
        let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"];
        needed.extend(actions.map(|action| Permission::new(action, table.as_str())));
    }
    if let Some(key) = &location.kms_key_id {
        let key = here(arn::key(&Value::from(key.as_str())));
        let actions = ["kms:GenerateDataKey", "kms:Decrypt"];
        needed.extend(actions.map(|action| Permission::new(action, key.as_str())));
    }
    needed
}

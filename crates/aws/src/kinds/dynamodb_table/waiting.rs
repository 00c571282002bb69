//! Waiting for a table: it is made, changed and deleted in the background.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{IndexStatus, SseStatus, TableDescription, TableStatus};
use provision_engine::kind::KindError;

use super::ABSENT;
use crate::call::Outcome;
pub(super) use crate::pauses::PATIENCE;
use crate::pauses::Pauses;

/// The table, also while it is on its way out.
async fn describe(client: &Client, name: &str) -> Result<Option<TableDescription>, KindError> {
    let answer = client.describe_table().table_name(name).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.table))
}

/// The table, unless it is on its way out.
pub(super) async fn existing(client: &Client, name: &str) -> Result<Option<TableDescription>, KindError> {
    let table = describe(client, name).await?;
    Ok(table.filter(|table| table.table_status() != Some(&TableStatus::Deleting)))
}

/// The table, once nothing is being done with it or an index of it.
pub(super) async fn until_active(client: &Client, name: &str) -> Result<TableDescription, KindError> {
    let mut pauses = Pauses::default();
    loop {
        // One that was made a moment ago may not be seen yet.
        match describe(client, name).await? {
            Some(table) if is_active(&table) => return Ok(table),
            Some(table) if table.table_status() == Some(&TableStatus::InaccessibleEncryptionCredentials) => {
                return Err(KindError::new(format!("the key that encrypts the table {name} cannot be used"))
                    .with_hint("enable the key in KMS, and let DynamoDB use it"));
            }
            table => {
                let status = table.and_then(|table| table.table_status);
                let status = status.as_ref().map_or("not there", TableStatus::as_str);
                pauses.wait(&format!("the table {name} is still {status}")).await?;
            }
        }
    }
}

fn is_active(table: &TableDescription) -> bool {
    let encryption = table.sse_description().and_then(|encryption| encryption.status());
    table.table_status() == Some(&TableStatus::Active)
        && table
            .global_secondary_indexes()
            .iter()
            .all(|index| index.index_status() == Some(&IndexStatus::Active))
        && matches!(encryption, None | Some(SseStatus::Enabled | SseStatus::Disabled))
}

/// Returns once there is no table of that name that is on its way out.
pub(super) async fn until_gone(client: &Client, name: &str) -> Result<(), KindError> {
    let mut pauses = Pauses::default();
    loop {
        match describe(client, name).await? {
            Some(table) if table.table_status() == Some(&TableStatus::Deleting) => {
                pauses.wait(&format!("the table {name} is still being deleted")).await?;
            }
            _ => return Ok(()),
        }
    }
}

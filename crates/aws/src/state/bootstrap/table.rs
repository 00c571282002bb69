//! The table of locks.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableDescription,
    TableStatus, Tag,
};
use provision_engine::kind::KindError;

use super::super::dynamodb::KEY;
use super::Prepared;
use crate::call::{Outcome, malformed};

/// How long a table takes to be made, at most; a few seconds are usual.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn prepare(
    client: &Client,
    table: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Prepared, KindError> {
    let is_new = describe(client, table).await?.is_none();
    if is_new {
        create(client, table, tags).await?;
    }
    let description = active(client, table).await?;
    check_key(table, &description)?;
    let mut changed = Vec::new();
    if !description.deletion_protection_enabled.unwrap_or_default() {
        client.update_table().table_name(table).deletion_protection_enabled(true).send().await.or_fail()?;
        active(client, table).await?;
        changed.push("deletion_protection_enabled".to_owned());
    }
    if !is_new && retag(client, &description, tags).await? {
        changed.push("tags".to_owned());
    }
    Ok(Prepared::new(format!("DynamoDB table {table}"), is_new, changed))
}

async fn describe(client: &Client, table: &str) -> Result<Option<TableDescription>, KindError> {
    let answer =
        client.describe_table().table_name(table).send().await.unless(&["ResourceNotFoundException"])?;
    Ok(answer.and_then(|answer| answer.table))
}

async fn create(client: &Client, table: &str, tags: &BTreeMap<String, String>) -> Result<(), KindError> {
    let attribute = AttributeDefinition::builder()
        .attribute_name(KEY)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .map_err(malformed)?;
    let key =
        KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build().map_err(malformed)?;
    let tags = (!tags.is_empty()).then(|| to_aws(tags.iter())).transpose()?;
    // In use is what a repetition is told whose first reply was lost, or who was second.
    client
        .create_table()
        .table_name(table)
        .attribute_definitions(attribute)
        .key_schema(key)
        .billing_mode(BillingMode::PayPerRequest)
        .deletion_protection_enabled(true)
        .set_tags(tags)
        .send()
        .await
        .unless(&["ResourceInUseException"])?;
    Ok(())
}

/// The table once it can be used.
async fn active(client: &Client, table: &str) -> Result<TableDescription, KindError> {
    let begun = tokio::time::Instant::now();
    loop {
        // One that was made a moment ago may not be seen yet.
        let description = describe(client, table).await?;
        let status = description.as_ref().and_then(|description| description.table_status.clone());
        match description {
            Some(description) if status == Some(TableStatus::Active) => return Ok(description),
            _ if begun.elapsed() >= PATIENCE => {
                let status = status.as_ref().map_or("not there", TableStatus::as_str);
                return Err(KindError::new(format!("the table \"{table}\" is still {status}"))
                    .with_hint("run it again in a while"));
            }
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn check_key(table: &str, description: &TableDescription) -> Result<(), KindError> {
    let keys = description.key_schema();
    let is_text = description.attribute_definitions().iter().any(|attribute| {
        attribute.attribute_name() == KEY && *attribute.attribute_type() == ScalarAttributeType::S
    });
    if is_text && matches!(keys, [key] if key.attribute_name() == KEY) {
        return Ok(());
    }
    Err(KindError::new(format!("the table \"{table}\" is not one of locks: its key is not the text {KEY}"))
        .with_hint("name another table in [state]"))
}

/// Says whether any tag was missing.
async fn retag(
    client: &Client,
    description: &TableDescription,
    tags: &BTreeMap<String, String>,
) -> Result<bool, KindError> {
    let Some(arn) = description.table_arn() else { return Ok(false) };
    if tags.is_empty() {
        return Ok(false);
    }
    let mut has = BTreeMap::new();
    let mut next = None;
    loop {
        let page =
            client.list_tags_of_resource().resource_arn(arn).set_next_token(next).send().await.or_fail()?;
        has.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    let missing = to_aws(tags.iter().filter(|(name, value)| has.get(*name) != Some(value)))?;
    if missing.is_empty() {
        return Ok(false);
    }
    client.tag_resource().resource_arn(arn).set_tags(Some(missing)).send().await.or_fail()?;
    Ok(true)
}

fn to_aws<'a>(tags: impl Iterator<Item = (&'a String, &'a String)>) -> Result<Vec<Tag>, KindError> {
    tags.map(|(name, value)| Tag::builder().key(name).value(value).build().map_err(malformed)).collect()
}

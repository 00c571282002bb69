//! Changes of a table: what is missing of it is done one thing after the other, as DynamoDB demands.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, StreamSpecification,
    TableClass, TableDescription, TimeToLiveSpecification,
};
use provision_engine::kind::KindError;

use super::indexes::GlobalIndex;
use super::settings::{Encryption, OnDemandThroughput, Recovery, TimeToLive};
use super::{Attribute, BUSY, IN_USE, Table, api_tags, class_of, is_provisioned, throughput, waiting};
use crate::call::{Outcome, malformed, repeat_while};
use crate::tags;

/// Makes the table what it is to be, whatever it is now.
pub(super) async fn make(
    wanted: &Table,
    client: &Client,
    name: &str,
    prior: &Table,
) -> Result<(), KindError> {
    let change = Change { client, name, wanted };
    let table = waiting::until_active(client, name).await?;
    change.check_types(&table)?;
    if wanted.deletion_protection_enabled != table.deletion_protection_enabled.unwrap_or_default() {
        let request = change.request();
        change.send(request.deletion_protection_enabled(wanted.deletion_protection_enabled)).await?;
    }
    if wanted.table_class != class_of(&table) {
        let class = TableClass::from(wanted.table_class.as_str());
        change.send(change.request().table_class(class)).await?;
    }
    // First what has to go: with it out of the way, all that is left of the old can be paid for as the new.
    let table = change.delete_indexes(table).await?;
    let table = change.pay(table).await?;
    let table = change.create_indexes(table).await?;
    change.stream(&table).await?;
    change.encrypt(&table).await?;
    change.expire().await?;
    change.recover().await?;
    change.tag(&table, prior).await
}

struct Change<'a> {
    client: &'a Client,
    name: &'a str,
    wanted: &'a Table,
}

impl Change<'_> {
    fn request(&self) -> UpdateTableFluentBuilder {
        self.client.update_table().table_name(self.name)
    }

    /// Sends a change, and waits until it is made.
    async fn send(&self, request: UpdateTableFluentBuilder) -> Result<TableDescription, KindError> {
        // Somebody else may be changing the table, or many of them.
        let passes = |error: &KindError| error.is(IN_USE) || error.is(BUSY);
        let patience = Duration::from_secs(60);
        repeat_while(passes, patience, || async { request.clone().send().await.or_fail() }).await?;
        waiting::until_active(self.client, self.name).await
    }

    /// Nothing changes the type of an attribute while it is a key of something.
    fn check_types(&self, table: &TableDescription) -> Result<(), KindError> {
        let current: Vec<Attribute> = table.attribute_definitions().iter().map(Attribute::read).collect();
        for attribute in &self.wanted.attribute {
            let is_other =
                |other: &&Attribute| other.name == attribute.name && other.r#type != attribute.r#type;
            if let Some(other) = current.iter().find(is_other) {
                return Err(KindError::new(format!(
                    "the attribute {} is of the type {} in this table, and cannot become {}",
                    attribute.name, other.r#type, attribute.r#type
                ))
                .with_hint(
                    "use another attribute, or replace the table with `--replace`: its items are lost then",
                )
                .unsent());
            }
        }
        Ok(())
    }

    fn indexes(table: &TableDescription) -> Vec<GlobalIndex> {
        let is_provisioned = is_provisioned(table);
        table
            .global_secondary_indexes()
            .iter()
            .map(|index| GlobalIndex::read(index, is_provisioned))
            .collect()
    }

    async fn delete_indexes(&self, mut table: TableDescription) -> Result<TableDescription, KindError> {
        for index in Self::indexes(&table) {
            let stays = |wanted: &GlobalIndex| wanted.name == index.name && wanted.is_alike(&index);
            if self.wanted.global_secondary_index.iter().any(stays) {
                continue;
            }
            let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(index.name);
            let update = GlobalSecondaryIndexUpdate::builder().delete(delete.build().map_err(malformed)?);
            table = self.send(self.request().global_secondary_index_updates(update.build())).await?;
        }
        Ok(table)
    }

    /// How requests are paid for, and how many there can be.
    async fn pay(&self, mut table: TableDescription) -> Result<TableDescription, KindError> {
        let wanted = self.wanted;
        let was_provisioned = is_provisioned(&table);
        let mode = BillingMode::from(wanted.billing_mode.as_str());
        let is_switched = (mode == BillingMode::Provisioned) != was_provisioned;
        let current = table.provisioned_throughput().filter(|_| was_provisioned);
        let current = (
            current.and_then(|capacity| capacity.read_capacity_units),
            current.and_then(|capacity| capacity.write_capacity_units),
        );
        let is_sized_anew = (wanted.read_capacity, wanted.write_capacity) != current;
        let capacity = throughput(wanted.read_capacity, wanted.write_capacity)?.filter(|_| is_sized_anew);
        let mut updates = Vec::new();
        for index in Self::indexes(&table) {
            let same = wanted.global_secondary_index.iter().find(|other| other.name == index.name);
            if let Some(change) = same.map(|wanted| wanted.change(&index)).transpose()?.flatten() {
                updates.push(GlobalSecondaryIndexUpdate::builder().update(change).build());
            }
        }
        if is_switched || capacity.is_some() || !updates.is_empty() {
            let request = self
                .request()
                .set_billing_mode(is_switched.then_some(mode))
                .set_provisioned_throughput(capacity)
                .set_global_secondary_index_updates((!updates.is_empty()).then_some(updates));
            table = self.send(request).await?;
        }
        let limit = OnDemandThroughput::read(table.on_demand_throughput());
        if !is_provisioned(&table)
            && limit
                != wanted.on_demand_throughput.clone().filter(|own| *own != OnDemandThroughput::default())
        {
            let limit = wanted.on_demand_throughput.clone().unwrap_or_default().sdk();
            table = self.send(self.request().on_demand_throughput(limit)).await?;
        }
        Ok(table)
    }

    async fn create_indexes(&self, mut table: TableDescription) -> Result<TableDescription, KindError> {
        for index in &self.wanted.global_secondary_index {
            if Self::indexes(&table).iter().any(|current| current.name == index.name) {
                continue;
            }
            // Of the keys, those that are used by then: AWS wants no others.
            let mut used: Vec<&str> =
                table.attribute_definitions().iter().map(|attribute| attribute.attribute_name()).collect();
            used.push(&index.hash_key);
            used.extend(index.range_key.as_deref());
            let definitions = self.wanted.attribute.iter().filter(|own| used.contains(&own.name.as_str()));
            let definitions = definitions.map(Attribute::sdk).collect::<Result<Vec<_>, _>>()?;
            let create = GlobalSecondaryIndexUpdate::builder().create(index.creation()?).build();
            let request = self.request().set_attribute_definitions(Some(definitions));
            table = self.send(request.global_secondary_index_updates(create)).await?;
        }
        Ok(table)
    }

    async fn stream(&self, table: &TableDescription) -> Result<(), KindError> {
        let current = table.stream_specification().filter(|stream| stream.stream_enabled);
        let wanted = self.wanted.stream().transpose()?;
        if current == wanted.as_ref() {
            return Ok(());
        }
        // What a stream tells cannot be changed: another takes its place.
        if current.is_some() {
            let none = StreamSpecification::builder().stream_enabled(false).build().map_err(malformed)?;
            self.send(self.request().stream_specification(none)).await?;
        }
        if let Some(stream) = wanted {
            self.send(self.request().stream_specification(stream)).await?;
        }
        Ok(())
    }

    async fn encrypt(&self, table: &TableDescription) -> Result<(), KindError> {
        let current = Encryption::read(table, None).unwrap_or_default();
        let wanted = self.wanted.server_side_encryption.clone().unwrap_or_default();
        let is_same_key = wanted.kms_key_arn.is_none() || wanted.kms_key_arn == current.kms_key_arn;
        if wanted.enabled == current.enabled && (!wanted.enabled || is_same_key) {
            return Ok(());
        }
        self.send(self.request().sse_specification(wanted.sdk())).await?;
        Ok(())
    }

    async fn expire(&self) -> Result<(), KindError> {
        let current = TimeToLive::read(self.client, self.name, None).await?.flatten();
        let wanted = self.wanted.ttl.clone().filter(|wanted| wanted.enabled);
        if current == wanted {
            return Ok(());
        }
        // By one attribute at a time.
        let off = current.map(|current| TimeToLive { enabled: false, ..current });
        for change in [off, wanted].into_iter().flatten() {
            let change = TimeToLiveSpecification::builder()
                .enabled(change.enabled)
                .attribute_name(change.attribute_name.unwrap_or_default())
                .build()
                .map_err(malformed)?;
            let request = self.client.update_time_to_live().table_name(self.name);
            request.time_to_live_specification(change).send().await.or_fail().map_err(too_often)?;
        }
        Ok(())
    }

    async fn recover(&self) -> Result<(), KindError> {
        let current = Recovery::read(self.client, self.name, None).await?.flatten().unwrap_or_default();
        let wanted = self.wanted.point_in_time_recovery.clone().unwrap_or_default();
        let is_as_long = wanted.recovery_period_in_days.is_none()
            || wanted.recovery_period_in_days == current.recovery_period_in_days;
        if wanted.enabled == current.enabled && (!wanted.enabled || is_as_long) {
            return Ok(());
        }
        let request = self.client.update_continuous_backups().table_name(self.name);
        let request = request.point_in_time_recovery_specification(wanted.sdk()?);
        // Of a table that was made a moment ago there are no backups yet.
        let passes = |error: &KindError| error.is(&["ContinuousBackupsUnavailableException"]);
        let patience = Duration::from_secs(5 * 60);
        repeat_while(passes, patience, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }

    async fn tag(&self, table: &TableDescription, prior: &Table) -> Result<(), KindError> {
        let (set, remove) = tags::changes(&prior.tags, &self.wanted.tags);
        let arn = table.table_arn().unwrap_or_default();
        let passes = |error: &KindError| error.is(IN_USE) || error.is(BUSY);
        let patience = Duration::from_secs(60);
        if !set.is_empty() {
            let request = self.client.tag_resource().resource_arn(arn).set_tags(Some(api_tags(set)?));
            repeat_while(passes, patience, || async { request.clone().send().await.or_fail() }).await?;
        }
        if !remove.is_empty() {
            let request = self.client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove));
            repeat_while(passes, patience, || async { request.clone().send().await.or_fail() }).await?;
        }
        Ok(())
    }
}

/// Says what to do if the expiry of a table was changed not long ago.
fn too_often(error: KindError) -> KindError {
    if error.message.contains("within a fixed interval") {
        return error.with_hint(
            "DynamoDB takes one change of this an hour, and another attribute takes two: run the same command again in \
             an hour",
        );
    }
    error
}

//! `aws_dynamodb_table`: what a table is. How it is changed is in [`changes`].

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProvisionedThroughput, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableClass, TableDescription, Tag,
};
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, create_named, look_again, malformed, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::reads::with_arn;
use crate::tags::{self, Tags};

mod changes;
mod cloudformation;
mod indexes;
mod settings;
mod validate;
mod waiting;

use indexes::{GlobalIndex, LocalIndex};
use settings::{Encryption, OnDemandThroughput, Recovery, TimeToLive};

/// A DynamoDB table. From the DynamoDB API (`CreateTable`); its id is its name.
///
/// Not covered: replicas in other regions (`replica`, `global_table_witness`), warm throughput, and tables that begin
/// as a copy of something (`import_table`, `restore_…`).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Name, unique in the region.
    #[schemars(
        length(min = 3, max = 255),
        regex(pattern = r"^[a-zA-Z0-9_.-]+$"),
        extend("forces_replacement" = true)
    )]
    name: String,
    /// The attributes that are keys of the table or of an index. Others are not declared.
    #[schemars(extend("uniqueItems" = true))]
    attribute: Vec<Attribute>,
    /// Attribute by which items are spread over partitions.
    #[schemars(length(min = 1, max = 255), extend("forces_replacement" = true))]
    hash_key: String,
    /// Attribute by which the items of one `hash_key` are sorted.
    #[schemars(length(min = 1, max = 255), extend("forces_replacement" = true))]
    range_key: Option<String>,
    /// Whether requests are paid as they come, or a capacity by the hour.
    #[schemars(extend("enum" = ["PAY_PER_REQUEST", "PROVISIONED"]))]
    #[serde(default = "provisioned")]
    billing_mode: String,
    /// Read units a second that are provisioned.
    #[schemars(range(min = 1))]
    read_capacity: Option<i64>,
    /// Write units a second that are provisioned.
    #[schemars(range(min = 1))]
    write_capacity: Option<i64>,
    /// The most units a second that are paid as they come; absent: no limit.
    on_demand_throughput: Option<OnDemandThroughput>,
    /// Indexes with keys of their own. They are made and deleted one after the other.
    #[schemars(length(max = 20), extend("uniqueItems" = true))]
    #[serde(default)]
    global_secondary_index: Vec<GlobalIndex>,
    /// Indexes that sort the items of one `hash_key` by another attribute. They are as old as the table.
    #[schemars(length(max = 5), extend("uniqueItems" = true, "forces_replacement" = true))]
    #[serde(default)]
    local_secondary_index: Vec<LocalIndex>,
    /// Whether and by which attribute items expire.
    ttl: Option<TimeToLive>,
    /// Whether the table can be restored to any second of the last days.
    point_in_time_recovery: Option<Recovery>,
    /// Whether a key in KMS encrypts the table; absent: one that DynamoDB owns.
    server_side_encryption: Option<Encryption>,
    /// Whether changes of items can be read as a stream.
    #[serde(default)]
    stream_enabled: bool,
    /// What a stream tells of an item that has changed.
    #[schemars(extend("enum" = ["KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE"]))]
    stream_view_type: Option<String>,
    /// What storage and requests cost.
    #[schemars(extend("enum" = ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]))]
    #[serde(default = "standard")]
    table_class: String,
    /// Whether DynamoDB refuses to delete the table.
    #[serde(default)]
    deletion_protection_enabled: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// ARN of the stream, if there is one.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    stream_arn: Computed<String>,
    /// What tells the stream from earlier ones of the table: when it began.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    stream_label: Computed<String>,
}

/// An attribute that is a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attribute {
    /// Name.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    /// A string, a number, or bytes.
    #[schemars(extend("enum" = ["S", "N", "B"]))]
    r#type: String,
}

fn provisioned() -> String {
    "PROVISIONED".to_owned()
}

fn standard() -> String {
    "STANDARD".to_owned()
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];
const IN_USE: &[&str] = &["ResourceInUseException"];
/// Too many tables are being made or changed at once.
const BUSY: &[&str] = &["LimitExceededException"];

#[async_trait]
impl Kind for Table {
    const NAME: &'static str = "aws_dynamodb_table";
    const TAKES: Duration = waiting::PATIENCE;
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    /// Terraform's state has blocks of what is not enabled, too.
    fn adapt_from_terraform(attributes: &mut Value) {
        let Value::Map(attributes) = attributes else { return };
        for name in ["ttl", "point_in_time_recovery"] {
            let block = attributes.get(name).and_then(|blocks| blocks.items().first());
            if block.is_some_and(|block| block.get("enabled").as_bool() != Some(true)) {
                attributes.remove(name);
            }
        }
    }

    fn validate(configuration: &Value) -> Vec<Problem> {
        validate::problems(configuration)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let client = reader.dynamodb();
        let tags = |arn: String| async move { tags_of(client, &arn).await };
        let described = waiting::existing(client, id);
        let tagged = with_arn(prior.arn.as_deref(), described, TableDescription::table_arn, tags);
        let (tagged, ttl, recovery) = futures::join!(
            tagged,
            TimeToLive::read(client, id, prior.ttl.as_ref()),
            Recovery::read(client, id, prior.point_in_time_recovery.as_ref()),
        );
        let Some((table, tags)) = tagged? else { return Ok(None) };
        let (Some(ttl), Some(recovery)) = (ttl?, recovery?) else { return Ok(None) };
        let arn = table.table_arn().unwrap_or_default();
        let is_provisioned = is_provisioned(&table);
        let capacity = table.provisioned_throughput().filter(|_| is_provisioned);
        let stream = table.stream_specification().filter(|stream| stream.stream_enabled);
        let global = table.global_secondary_indexes();
        Ok(Some(Self {
            name: id.to_owned(),
            attribute: table.attribute_definitions().iter().map(Attribute::read).collect(),
            hash_key: key_of(table.key_schema(), &KeyType::Hash).unwrap_or_default(),
            range_key: key_of(table.key_schema(), &KeyType::Range),
            billing_mode: if is_provisioned { provisioned() } else { "PAY_PER_REQUEST".to_owned() },
            read_capacity: capacity.and_then(|capacity| capacity.read_capacity_units),
            write_capacity: capacity.and_then(|capacity| capacity.write_capacity_units),
            on_demand_throughput: OnDemandThroughput::read(table.on_demand_throughput()),
            global_secondary_index: global
                .iter()
                .map(|index| GlobalIndex::read(index, is_provisioned))
                .collect(),
            local_secondary_index: table.local_secondary_indexes().iter().map(LocalIndex::read).collect(),
            ttl,
            point_in_time_recovery: recovery,
            server_side_encryption: Encryption::read(&table, prior.server_side_encryption.as_ref()),
            stream_enabled: stream.is_some(),
            stream_view_type: stream
                .and_then(|stream| Some(stream.stream_view_type()?.as_str().to_owned()))
                // Without a stream, AWS does not remember what one would tell.
                .or_else(|| prior.stream_view_type.clone().filter(|_| stream.is_none())),
            table_class: class_of(&table),
            deletion_protection_enabled: table.deletion_protection_enabled.unwrap_or_default(),
            tags,
            arn: arn.into(),
            stream_arn: table.latest_stream_arn.clone().filter(|_| stream.is_some()).into(),
            stream_label: table.latest_stream_label.clone().filter(|_| stream.is_some()).into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let table = waiting::existing(reader.dynamodb(), &self.name).await?;
        Ok(table.map(|_| self.name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        // An earlier one may be on its way out still.
        waiting::until_gone(writer.dynamodb(), &self.name).await?;
        let create = async {
            self.send_create(writer.dynamodb()).await?;
            Ok(self.name.clone())
        };
        let name = create_named(self, writer.reader(), token, IN_USE, create).await?;
        waiting::until_active(writer.dynamodb(), &name).await.map_err(KindError::undecided)?;
        let bare = Self { ttl: None, point_in_time_recovery: None, ..self.clone() };
        Ok(Created::bare(name, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        look_again(|| changes::make(self, writer.dynamodb(), id, prior)).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let client = writer.dynamodb();
        let delete = || async {
            // One that is on its way out is in use too.
            if waiting::existing(client, id).await?.is_none() {
                return Ok(());
            }
            client.delete_table().table_name(id).send().await.unless(ABSENT).map(drop)
        };
        let passes = |error: &KindError| error.is(IN_USE) || error.is(BUSY);
        repeat_while(passes, waiting::PATIENCE, delete).await.map_err(|error| {
            if error.message.contains("protect") {
                error.with_hint("set `deletion_protection_enabled = false`, apply, and destroy again")
            } else {
                error
            }
        })?;
        waiting::until_gone(client, id).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let table = arn::regional("dynamodb", &format!("table/{}", of.text_or_any("name")));
        let describe = ["dynamodb:DescribeTable"];
        let extras = ["dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups"];
        // What a create leaves to the update is these two; an update looks itself at what differs.
        let of_itself = ["ttl", "point_in_time_recovery", "tags"];
        let is_updated = of.act == Act::Update && !of.only_differs(&of_itself);
        let is_enabled = |name: &str| of.attributes.get(name).get("enabled").as_bool() != Some(false);
        let sets = |name: &str| of.sets(&[name]) && (of.act == Act::Update || is_enabled(name));
        let needs = of
            .needs()
            .find(&table, &describe)
            .on(&[Act::Read, Act::Create, Act::Update], &table, &describe)
            .on(&[Act::Read, Act::Create, Act::Update], &table, &extras)
            .read(&table, &["dynamodb:ListTagsOfResource"])
            .create(&table, &["dynamodb:CreateTable"])
            .when(is_updated, &table, &["dynamodb:UpdateTable"])
            .when(sets("ttl"), &table, &["dynamodb:UpdateTimeToLive"])
            .when(sets("point_in_time_recovery"), &table, &["dynamodb:UpdateContinuousBackups"])
            .tagging(&table, "dynamodb:TagResource", "dynamodb:UntagResource")
            .delete(&table, &["dynamodb:DescribeTable", "dynamodb:DeleteTable"]);
        let key = of.attributes.get("server_side_encryption").get("kms_key_arn");
        let has_new_key = of.sets(&["server_side_encryption"]) && !key.is_null();
        // DynamoDB gives itself leave to use the key, for whoever makes the table.
        needs.when(has_new_key, &arn::key(key), &["kms:CreateGrant", "kms:DescribeKey"]).done()
    }
}

impl Table {
    async fn send_create(&self, client: &Client) -> Result<(), KindError> {
        let global =
            self.global_secondary_index.iter().map(GlobalIndex::sdk).collect::<Result<Vec<_>, _>>()?;
        let local = self.local_secondary_index.iter().map(|index| index.sdk(&self.hash_key));
        let local = local.collect::<Result<Vec<_>, _>>()?;
        let attributes = self.attribute.iter().map(Attribute::sdk).collect::<Result<Vec<_>, _>>()?;
        let tags = (!self.tags.is_empty()).then(|| api_tags(self.tags.clone())).transpose()?;
        let request = client
            .create_table()
            .table_name(&self.name)
            .set_attribute_definitions(Some(attributes))
            .set_key_schema(Some(keys(&self.hash_key, self.range_key.as_deref())?))
            .billing_mode(BillingMode::from(self.billing_mode.as_str()))
            .set_provisioned_throughput(throughput(self.read_capacity, self.write_capacity)?)
            .set_on_demand_throughput(self.on_demand_throughput.as_ref().map(OnDemandThroughput::sdk))
            .set_global_secondary_indexes((!global.is_empty()).then_some(global))
            .set_local_secondary_indexes((!local.is_empty()).then_some(local))
            .set_stream_specification(self.stream().transpose()?)
            .set_sse_specification(
                self.server_side_encryption.as_ref().filter(|own| own.enabled).map(Encryption::sdk),
            )
            .table_class(TableClass::from(self.table_class.as_str()))
            .set_deletion_protection_enabled(self.deletion_protection_enabled.then_some(true))
            .set_tags(tags);
        repeat_while(
            |error| error.is(BUSY),
            PROPAGATION,
            || async { request.clone().send().await.or_fail() },
        )
        .await?;
        Ok(())
    }

    /// The stream that there is to be.
    fn stream(&self) -> Option<Result<StreamSpecification, KindError>> {
        let view = self.stream_view_type.as_deref().filter(|_| self.stream_enabled)?;
        let stream = StreamSpecification::builder().stream_enabled(true);
        Some(stream.stream_view_type(StreamViewType::from(view)).build().map_err(malformed))
    }
}

impl Attribute {
    fn sdk(&self) -> Result<AttributeDefinition, KindError> {
        AttributeDefinition::builder()
            .attribute_name(&self.name)
            .attribute_type(ScalarAttributeType::from(self.r#type.as_str()))
            .build()
            .map_err(malformed)
    }

    fn read(attribute: &AttributeDefinition) -> Self {
        Self { name: attribute.attribute_name.clone(), r#type: attribute.attribute_type.as_str().to_owned() }
    }
}

/// Whether a capacity is provisioned. Of a table that never was anything else, AWS does not say.
fn is_provisioned(table: &TableDescription) -> bool {
    let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    mode != Some(&BillingMode::PayPerRequest)
}

fn class_of(table: &TableDescription) -> String {
    let class = table.table_class_summary().and_then(|summary| summary.table_class());
    class.map_or_else(standard, |class| class.as_str().to_owned())
}

/// The keys of a table or of an index, as they are sent.
fn keys(hash: &str, range: Option<&str>) -> Result<Vec<KeySchemaElement>, KindError> {
    let keys = [(Some(hash), KeyType::Hash), (range, KeyType::Range)];
    keys.into_iter()
        .filter_map(|(name, kind)| Some(KeySchemaElement::builder().attribute_name(name?).key_type(kind)))
        .map(|key| key.build().map_err(malformed))
        .collect()
}

fn key_of(keys: &[KeySchemaElement], kind: &KeyType) -> Option<String> {
    keys.iter().find(|key| key.key_type() == kind).map(|key| key.attribute_name.clone())
}

/// A provisioned capacity as it is sent; none if none is said.
fn throughput(read: Option<i64>, write: Option<i64>) -> Result<Option<ProvisionedThroughput>, KindError> {
    let (Some(read), Some(write)) = (read, write) else { return Ok(None) };
    let throughput = ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write);
    throughput.build().map(Some).map_err(malformed)
}

/// All tags, page by page; `None` without the table.
async fn tags_of(client: &Client, arn: &str) -> Result<Option<Tags>, KindError> {
    let mut found = BTreeMap::new();
    let mut next = None;
    loop {
        let request = client.list_tags_of_resource().resource_arn(arn).set_next_token(next);
        let Some(page) = request.send().await.unless(ABSENT)? else { return Ok(None) };
        found.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = page.next_token;
        if next.is_none() {
            return Ok(Some(tags::own(found)));
        }
    }
}

fn api_tags(tags: Tags) -> Result<Vec<Tag>, KindError> {
    let tags = tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(malformed)
}

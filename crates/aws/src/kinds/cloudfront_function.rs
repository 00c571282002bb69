//! `aws_cloudfront_function`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types as sdk;
use provision_engine::cloudformation::{Counterpart, Returned, table};
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{STALE, holders};
use crate::permissions::arn;
use crate::reads::beside;

mod stage;

use stage::{Content, Stage};

/// A function in JavaScript that CloudFront runs at its edge locations on requests or on answers. From the CloudFront
/// API (`CreateFunction`, `PublishFunction`); its id is its name.
///
/// A function has two stages. Changes are made in DEVELOPMENT; publishing makes LIVE the same, which is what
/// distributions run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// Name, unique in the account.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9_-]{1,64}$"), extend("forces_replacement" = true))]
    name: String,
    /// The code, of at most 10 KB.
    #[schemars(length(min = 1))]
    code: String,
    /// The language: `cloudfront-js-2.0` is the newer.
    #[schemars(extend("enum" = ["cloudfront-js-1.0", "cloudfront-js-2.0"]))]
    runtime: String,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// ARN of the key value store that it reads. CloudFront takes one, with `cloudfront-js-2.0`.
    #[schemars(
        length(max = 1),
        inner(regex(pattern = r"^arn:[a-z0-9-]+:cloudfront::\d{12}:key-value-store/[a-zA-Z0-9-]+$"))
    )]
    #[serde(default)]
    key_value_store_associations: BTreeSet<String>,
    /// Whether LIVE is kept the same as DEVELOPMENT. If not, LIVE stays as it is, or absent.
    #[serde(default = "yes")]
    publish: bool,
    /// ARN, of both stages.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the DEVELOPMENT stage.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
    /// Version of the LIVE stage, if there is one.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    live_stage_etag: Computed<String>,
    /// `UNPUBLISHED` if DEVELOPMENT was changed and not published, `DEPLOYED` if distributions run it, or
    /// `UNASSOCIATED`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    status: Computed<String>,
}

fn yes() -> bool {
    true
}

const TAKEN: &[&str] = &["FunctionAlreadyExists"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["FunctionInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

/// Bytes of code that CloudFront takes.
const MOST: usize = 10 * 1024;

#[async_trait]
impl Kind for Function {
    const NAME: &'static str = "aws_cloudfront_function";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::Function", |function| {
            function.same(&["name"]);
            function.rename("code", "FunctionCode");
            function.rename("publish", "AutoPublish");
            // There, the comment is required, if only an empty one.
            function.rename("comment", "FunctionConfig.Comment");
            function.rename("runtime", "FunctionConfig.Runtime");
            let stores = function.take("key_value_store_associations");
            let stores =
                stores.items().iter().map(|arn| table([("KeyValueStoreARN", arn.clone())])).collect();
            function.put("FunctionConfig.KeyValueStoreAssociations", Value::List(stores));
        })
        .with(&[("id", Returned::Argument("name")), ("arn", Returned::GetAtt("FunctionARN"))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(size) = configuration.get("code").as_str().map(str::len)
            && size > MOST
        {
            problems.push(
                Problem::new("code", format!("a function has at most {MOST} bytes, not {size}"))
                    .with_hint("take comments out of it, or move data into a key value store"),
            );
        }
        if configuration.get("runtime").as_str() == Some("cloudfront-js-1.0")
            && !configuration.get("key_value_store_associations").items().is_empty()
        {
            problems.push(
                Problem::new("runtime", "cloudfront-js-1.0 knows no key value stores")
                    .with_hint("set it to \"cloudfront-js-2.0\""),
            );
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let stage = |stage| Stage::fetch(reader, id, stage);
        let (development, live) = (stage(sdk::FunctionStage::Development), stage(sdk::FunctionStage::Live));
        let Some((development, live)) = beside(development, live).await? else { return Ok(None) };
        // What only DEVELOPMENT has is not published, whoever made it so.
        let is_published = live.as_ref().is_some_and(|live| live.content == development.content);
        let content = development.content;
        Ok(Some(Self {
            name: id.to_owned(),
            code: content.code,
            runtime: content.runtime,
            comment: content.comment,
            key_value_store_associations: content.key_value_stores,
            publish: prior.publish && is_published,
            arn: development.arn.into(),
            etag: development.etag.into(),
            live_stage_etag: live.and_then(|live| live.etag).into(),
            status: development.status.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let there = stage::version(reader, &self.name, sdk::FunctionStage::Development).await?;
        Ok(there.map(|_| self.name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, _id: &str, prior: &Self) -> Result<Departure, KindError> {
        let Some(arn) = prior.arn.as_deref() else { return Ok(Departure::default()) };
        holders::of_behaviors(reader, |used| used.functions.contains(&arn)).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            writer
                .cloudfront()
                .create_function()
                .name(&self.name)
                .function_code(Blob::new(self.code.as_bytes()))
                .function_config(config)
                .send()
                .await
                .or_fail()?;
            Ok(self.name.clone())
        };
        let id = create_named(self, writer.reader(), token, TAKEN, create).await?;
        // It is in DEVELOPMENT alone: to publish it is a change of its own.
        Ok(Created::bare(id, Self { publish: false, ..self.clone() }))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || self.bring_about(writer, id)).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(BUSY, || async {
            let current = stage::version(writer.reader(), id, sdk::FunctionStage::Development).await?;
            let Some(current) = current else { return Ok(()) };
            let delete = writer.cloudfront().delete_function().name(id).set_if_match(current.e_tag);
            delete.send().await.unless(stage::ABSENT)?;
            Ok(())
        })
        .await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let function = arn::cloudfront("function", of.text_or_any("name"));
        let look = ["cloudfront:DescribeFunction", "cloudfront:GetFunction"];
        let content = ["code", "runtime", "comment", "key_value_store_associations"];
        let is_changed = content.iter().any(|name| of.differs(name));
        of.needs()
            .find(&function, &["cloudfront:DescribeFunction"])
            .on(&[Act::Read, Act::Create, Act::Update], &function, &look)
            .create("*", &["cloudfront:CreateFunction"])
            .when(of.act == Act::Update && is_changed, &function, &["cloudfront:UpdateFunction"])
            .when(of.changes() && of.has("publish"), &function, &["cloudfront:PublishFunction"])
            .delete(&function, &["cloudfront:DescribeFunction", "cloudfront:DeleteFunction"])
            .done()
    }
}

impl Function {
    /// Changes DEVELOPMENT if it is not as this says, and publishes it if LIVE is not.
    async fn bring_about(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let reader = writer.reader();
        let development = Stage::fetch(reader, id, sdk::FunctionStage::Development).await?;
        let development = development.ok_or_else(|| {
            KindError::new(format!("the function {id} is gone")).with_hint("plan again: it will be created")
        })?;
        let desired = self.content();
        if desired != development.content {
            let update = writer
                .cloudfront()
                .update_function()
                .name(id)
                .set_if_match(development.etag)
                .function_code(Blob::new(self.code.as_bytes()))
                .function_config(self.config()?);
            update.send().await.or_fail()?;
        }
        let live = Stage::fetch(reader, id, sdk::FunctionStage::Live).await?;
        if self.publish && live.is_none_or(|live| desired != live.content) {
            // Not every answer to an update tells the version that it made.
            let current = stage::version(reader, id, sdk::FunctionStage::Development).await?;
            let version = current.and_then(|current| current.e_tag);
            writer.cloudfront().publish_function().name(id).set_if_match(version).send().await.or_fail()?;
        }
        Ok(())
    }

    fn content(&self) -> Content {
        Content {
            code: self.code.clone(),
            runtime: self.runtime.clone(),
            comment: self.comment.clone(),
            key_value_stores: self.key_value_store_associations.clone(),
        }
    }

    fn config(&self) -> Result<sdk::FunctionConfig, KindError> {
        let stores = self
            .key_value_store_associations
            .iter()
            .map(|arn| {
                sdk::KeyValueStoreAssociation::builder().key_value_store_arn(arn).build().map_err(malformed)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let stores = sdk::KeyValueStoreAssociations::builder()
            .quantity(stores.len() as i32)
            .set_items((!stores.is_empty()).then_some(stores))
            .build()
            .map_err(malformed)?;
        sdk::FunctionConfig::builder()
            .comment(&self.comment)
            .runtime(self.runtime.as_str().into())
            .key_value_store_associations(stores)
            .build()
            .map_err(malformed)
    }
}

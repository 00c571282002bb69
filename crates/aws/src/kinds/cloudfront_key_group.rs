//! `aws_cloudfront_key_group`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_cloudfront::types::KeyGroupConfig;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE, holders};

/// The public keys that a cache behavior trusts: whoever holds the private key of one of them can sign URLs and
/// cookies. Two keys in a group let one be exchanged for the other without a gap. From the CloudFront API
/// (`CreateKeyGroup`); its id is made by CloudFront and is a UUID.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeyGroup {
    /// Name, unique in the account.
    #[schemars(length(min = 1))]
    name: String,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// Ids of the public keys.
    #[schemars(length(min = 1), inner(length(min = 1)))]
    items: BTreeSet<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchResource"];
const TAKEN: &[&str] = &["KeyGroupAlreadyExists"];
/// A distribution that stopped trusting it a moment ago still counts as its user.
const BUSY: &[&str] = &["ResourceInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

#[async_trait]
impl Kind for KeyGroup {
    const NAME: &'static str = "aws_cloudfront_key_group";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::KeyGroup", |group| {
            group.rest("KeyGroupConfig", |config| {
                config.same(&["name", "items"]);
                config.unless("comment", "Comment", "");
            });
        })
        .with(&[("id", Returned::Ref)]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudfront().get_key_group().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let config = answer
            .key_group()
            .and_then(|group| group.key_group_config())
            .ok_or_else(|| cloudfront::lacking("the key group"))?;
        Ok(Some(Self {
            name: config.name().to_owned(),
            comment: config.comment().unwrap_or_default().to_owned(),
            items: config.items().iter().cloned().collect(),
            etag: answer.e_tag.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let mut marker = None;
        loop {
            let page =
                reader.cloudfront().list_key_groups().set_marker(marker.take()).send().await.or_fail()?;
            let list = page.key_group_list.ok_or_else(|| cloudfront::lacking("the key groups"))?;
            let found = list
                .items()
                .iter()
                .filter_map(|summary| summary.key_group())
                .find(|group| group.key_group_config().is_some_and(|config| config.name() == self.name));
            if let Some(found) = found {
                return Ok(Some(found.id().to_owned()));
            }
            marker = cloudfront::set(list.next_marker());
            if marker.is_none() {
                return Ok(None);
            }
        }
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        holders::of_behaviors(reader, |used| used.key_groups.iter().any(|group| group == id)).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            let answer =
                writer.cloudfront().create_key_group().key_group_config(config).send().await.or_fail()?;
            let group = answer.key_group();
            group.map(|group| group.id().to_owned()).ok_or_else(|| cloudfront::lacking("the id"))
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_key_group().id(id).send().await.or_fail()?;
            writer
                .cloudfront()
                .update_key_group()
                .id(id)
                .set_if_match(current.e_tag)
                .key_group_config(self.config()?)
                .send()
                .await
                .or_fail()?;
            Ok(())
        })
        .await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let cloudfront = writer.cloudfront();
        let current = || async {
            let current = cloudfront.get_key_group().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_key_group().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        of.needs()
            .find("*", &["cloudfront:ListKeyGroups"])
            .create("*", &["cloudfront:ListKeyGroups", "cloudfront:CreateKeyGroup"])
            .read("*", &["cloudfront:GetKeyGroup"])
            .update("*", &["cloudfront:GetKeyGroup", "cloudfront:UpdateKeyGroup"])
            .delete("*", &["cloudfront:GetKeyGroup", "cloudfront:DeleteKeyGroup"])
            .done()
    }
}

impl KeyGroup {
    fn config(&self) -> Result<KeyGroupConfig, KindError> {
        KeyGroupConfig::builder()
            .name(&self.name)
            .set_items(Some(self.items.iter().cloned().collect()))
            .set_comment(cloudfront::set(Some(&self.comment)))
            .build()
            .map_err(malformed)
    }
}

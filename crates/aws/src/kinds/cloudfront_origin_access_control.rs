//! `aws_cloudfront_origin_access_control`.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{DistributionSummary, OriginAccessControlConfig};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE, holders};
use crate::permissions::arn;
use crate::reads::beside;

/// How CloudFront signs its requests to an origin, so that a private bucket (or function URL, or media origin)
/// answers CloudFront alone. From the CloudFront API (`CreateOriginAccessControl`); its id is made by CloudFront
/// and looks like `E327GJI25M56DG`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct OriginAccessControl {
    /// Name, unique in the account.
    #[schemars(length(min = 1, max = 64))]
    name: String,
    /// What it is for.
    #[schemars(length(max = 256))]
    #[serde(default)]
    description: String,
    /// What kind of origin it signs for.
    #[schemars(extend("enum" = ["s3", "mediastore", "mediapackagev2", "lambda"]))]
    origin_access_control_origin_type: String,
    /// Which requests are signed: all, none, or those to which the viewer gave no authorization of its own.
    #[schemars(extend("enum" = ["always", "never", "no-override", "always-amz-auth"]))]
    signing_behavior: String,
    /// How they are signed.
    #[schemars(extend("enum" = ["sigv4", "sigv4a"]))]
    signing_protocol: String,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchOriginAccessControl"];
const TAKEN: &[&str] = &["OriginAccessControlAlreadyExists"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["OriginAccessControlInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

#[async_trait]
impl Kind for OriginAccessControl {
    const NAME: &'static str = "aws_cloudfront_origin_access_control";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::OriginAccessControl", |control| {
            control.rest("OriginAccessControlConfig", |config| {
                config.same(&["name", "origin_access_control_origin_type"]);
                config.same(&["signing_behavior", "signing_protocol"]);
                config.unless("description", "Description", "");
            });
        })
        .with(&[
            ("id", Returned::Ref),
            (
                "arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:origin-access-control/${Ref}",
                ),
            ),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let answer =
            async { reader.cloudfront().get_origin_access_control().id(id).send().await.unless(ABSENT) };
        let resource = format!("origin-access-control/{id}");
        let arn = cloudfront::arn(reader, &prior.arn, &resource);
        let Some((answer, arn)) = beside(answer, arn).await? else { return Ok(None) };
        let config = answer
            .origin_access_control()
            .and_then(|control| control.origin_access_control_config())
            .ok_or_else(|| cloudfront::lacking("the origin access control"))?;
        Ok(Some(Self {
            name: config.name().to_owned(),
            description: config.description().unwrap_or_default().to_owned(),
            origin_access_control_origin_type: config.origin_access_control_origin_type().as_str().to_owned(),
            signing_behavior: config.signing_behavior().as_str().to_owned(),
            signing_protocol: config.signing_protocol().as_str().to_owned(),
            arn,
            etag: answer.e_tag.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let mut pages = reader.cloudfront().list_origin_access_controls().into_paginator().send();
        while let Some(page) = pages.next().await {
            let list = page.or_fail()?.origin_access_control_list;
            let found = list.iter().flat_map(|list| list.items()).find(|item| item.name() == self.name);
            if let Some(found) = found {
                return Ok(Some(found.id().to_owned()));
            }
        }
        Ok(None)
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        let uses = |distribution: &DistributionSummary| {
            let origins = distribution.origins().map(|origins| origins.items()).unwrap_or_default();
            origins.iter().any(|origin| origin.origin_access_control_id() == Some(id))
        };
        holders::of(reader, uses).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            let answer = writer
                .cloudfront()
                .create_origin_access_control()
                .origin_access_control_config(config)
                .send()
                .await
                .or_fail()?;
            let control = answer.origin_access_control();
            control.map(|control| control.id().to_owned()).ok_or_else(|| cloudfront::lacking("the id"))
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_origin_access_control().id(id).send().await.or_fail()?;
            writer
                .cloudfront()
                .update_origin_access_control()
                .id(id)
                .set_if_match(current.e_tag)
                .origin_access_control_config(self.config()?)
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
            let current = cloudfront.get_origin_access_control().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_origin_access_control().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let this = arn::cloudfront("origin-access-control", of.id_or_any());
        of.needs()
            .find("*", &["cloudfront:ListOriginAccessControls"])
            .create("*", &["cloudfront:ListOriginAccessControls", "cloudfront:CreateOriginAccessControl"])
            .read(&this, &["cloudfront:GetOriginAccessControl"])
            .update(&this, &["cloudfront:GetOriginAccessControl", "cloudfront:UpdateOriginAccessControl"])
            .delete(&this, &["cloudfront:GetOriginAccessControl", "cloudfront:DeleteOriginAccessControl"])
            .done()
    }
}

impl OriginAccessControl {
    fn config(&self) -> Result<OriginAccessControlConfig, KindError> {
        OriginAccessControlConfig::builder()
            .name(&self.name)
            .description(&self.description)
            .origin_access_control_origin_type(self.origin_access_control_origin_type.as_str().into())
            .signing_behavior(self.signing_behavior.as_str().into())
            .signing_protocol(self.signing_protocol.as_str().into())
            .build()
            .map_err(malformed)
    }
}

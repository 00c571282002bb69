//! `aws_cloudfront_origin_access_identity`.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::CloudFrontOriginAccessIdentityConfig;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE};
use crate::permissions::arn;
use crate::reads::beside;

/// A user of CloudFront's, whom the policy of a private bucket can let in. Origin access controls have replaced them:
/// an identity cannot read what is encrypted with a key of KMS, and works in no region that AWS opened after 2022. From the
/// CloudFront API (`CreateCloudFrontOriginAccessIdentity`); its id is made by CloudFront and looks like
/// `E74FTE3AJFJ256A`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct OriginAccessIdentity {
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// What identified the request that created it.
    #[serde(default)]
    caller_reference: Computed<String>,
    /// What an origin names it by: `origin-access-identity/cloudfront/` and its id.
    #[serde(default)]
    cloudfront_access_identity_path: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
    /// What the policy of a bucket names it by, under `Principal.AWS`.
    #[serde(default)]
    iam_arn: Computed<String>,
    /// What the access control list of a bucket or an object names it by.
    #[serde(default)]
    s3_canonical_user_id: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchCloudFrontOriginAccessIdentity"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["CloudFrontOriginAccessIdentityInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

#[async_trait]
impl Kind for OriginAccessIdentity {
    const NAME: &'static str = "aws_cloudfront_origin_access_identity";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::CloudFrontOriginAccessIdentity", |identity| {
            // There, the comment is required, if only an empty one.
            identity.rest("CloudFrontOriginAccessIdentityConfig", |config| config.same(&["comment"]));
        })
        .with(&[
            ("id", Returned::Ref),
            (
                "arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:origin-access-identity/${Ref}",
                ),
            ),
            ("cloudfront_access_identity_path", Returned::Sub("origin-access-identity/cloudfront/${Ref}")),
            (
                "iam_arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:iam::cloudfront:user/CloudFront Origin Access Identity ${Ref}",
                ),
            ),
            ("s3_canonical_user_id", Returned::GetAtt("S3CanonicalUserId")),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let request = reader.cloudfront().get_cloud_front_origin_access_identity().id(id);
        let answer = async { request.send().await.unless(ABSENT) };
        let resource = format!("origin-access-identity/{id}");
        let arn = cloudfront::arn(reader, &prior.arn, &resource);
        let Some((answer, arn)) = beside(answer, arn).await? else { return Ok(None) };
        let identity = answer
            .cloud_front_origin_access_identity()
            .ok_or_else(|| cloudfront::lacking("the origin access identity"))?;
        let config = identity
            .cloud_front_origin_access_identity_config()
            .ok_or_else(|| cloudfront::lacking("the configuration"))?;
        let partition = arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        Ok(Some(Self {
            comment: config.comment().to_owned(),
            caller_reference: config.caller_reference().into(),
            cloudfront_access_identity_path: format!("origin-access-identity/cloudfront/{id}").into(),
            etag: answer.e_tag().map(str::to_owned).into(),
            iam_arn: format!("arn:{partition}:iam::cloudfront:user/CloudFront Origin Access Identity {id}")
                .into(),
            s3_canonical_user_id: identity.s3_canonical_user_id().into(),
            arn,
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let pages = reader.cloudfront().list_cloud_front_origin_access_identities().into_paginator();
        let mut pages = pages.send();
        while let Some(page) = pages.next().await {
            let list = page.or_fail()?.cloud_front_origin_access_identity_list;
            // The list does not tell the caller reference, which alone proves that an identity is ours.
            let similar = list.iter().flat_map(|list| list.items()).filter(|it| it.comment() == self.comment);
            for identity in similar {
                if is_made_by(reader, identity.id(), token).await? {
                    return Ok(Some(identity.id().to_owned()));
                }
            }
        }
        Ok(None)
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        // The same caller reference with the same comment is the same identity: the call can be repeated.
        let answer = writer
            .cloudfront()
            .create_cloud_front_origin_access_identity()
            .cloud_front_origin_access_identity_config(self.config(token.as_str())?)
            .send()
            .await
            .or_fail()?;
        let identity =
            answer.cloud_front_origin_access_identity().ok_or_else(|| cloudfront::lacking("the id"))?;
        Ok(Created::complete(identity.id()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let cloudfront = writer.cloudfront();
            let current =
                cloudfront.get_cloud_front_origin_access_identity_config().id(id).send().await.or_fail()?;
            let config = current
                .cloud_front_origin_access_identity_config()
                .ok_or_else(|| cloudfront::lacking("the configuration"))?;
            cloudfront
                .update_cloud_front_origin_access_identity()
                .id(id)
                .cloud_front_origin_access_identity_config(self.config(config.caller_reference())?)
                .set_if_match(current.e_tag)
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
            let current =
                cloudfront.get_cloud_front_origin_access_identity().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_cloud_front_origin_access_identity().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let identity = arn::cloudfront("origin-access-identity", of.id_or_any());
        let (get, config) = (
            "cloudfront:GetCloudFrontOriginAccessIdentity",
            "cloudfront:GetCloudFrontOriginAccessIdentityConfig",
        );
        of.needs()
            .find("*", &["cloudfront:ListCloudFrontOriginAccessIdentities"])
            .find(&identity, &[config])
            .create("*", &["cloudfront:CreateCloudFrontOriginAccessIdentity"])
            .read(&identity, &[get])
            .update(&identity, &[config, "cloudfront:UpdateCloudFrontOriginAccessIdentity"])
            .delete(&identity, &[get, "cloudfront:DeleteCloudFrontOriginAccessIdentity"])
            .done()
    }
}

impl OriginAccessIdentity {
    fn config(&self, caller_reference: &str) -> Result<CloudFrontOriginAccessIdentityConfig, KindError> {
        CloudFrontOriginAccessIdentityConfig::builder()
            .caller_reference(caller_reference)
            .comment(&self.comment)
            .build()
            .map_err(malformed)
    }
}

async fn is_made_by(reader: &Reader, id: &str, token: &Token) -> Result<bool, KindError> {
    let request = reader.cloudfront().get_cloud_front_origin_access_identity_config().id(id);
    let answer = request.send().await.unless(ABSENT)?;
    let config = answer.and_then(|answer| answer.cloud_front_origin_access_identity_config);
    Ok(config.is_some_and(|config| config.caller_reference() == token.as_str()))
}

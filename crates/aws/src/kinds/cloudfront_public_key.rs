//! `aws_cloudfront_public_key`.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{PublicKeyConfig, PublicKeySummary};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Departure, Holder, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, found_again, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE};
use crate::names;

mod pem;

/// The public half of a key pair, with which CloudFront checks signed URLs and cookies, or encrypts fields. From
/// the CloudFront API (`CreatePublicKey`); its id is made by CloudFront (`K2JCJMDEHXQW5F`), and is what signed
/// URLs name as `Key-Pair-Id`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct PublicKey {
    /// Name, unique in the account. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[0-9A-Za-z_-]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 102),
        regex(pattern = r"^[0-9A-Za-z_-]+$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// The key in PEM (`-----BEGIN PUBLIC KEY-----`): RSA of 2048 bits, or ECDSA on the curve P-256.
    #[schemars(extend("compare" = "trimmed", "forces_replacement" = true))]
    encoded_key: String,
    /// What identified the request that created it.
    #[serde(default)]
    caller_reference: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchPublicKey"];
const TAKEN: &[&str] = &["PublicKeyAlreadyExists"];
/// A key group that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["PublicKeyInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

#[async_trait]
impl Kind for PublicKey {
    const NAME: &'static str = "aws_cloudfront_public_key";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::PublicKey", |key| {
            key.rest("PublicKeyConfig", |config| {
                let name = config.take("name");
                if name.is_null() && config.get("name_prefix").is_null() {
                    config.wrong("name", "CloudFormation makes up no name for a public key: give it one");
                }
                config.refuse("name_prefix", "give it a name: CloudFormation makes up none");
                // What makes a request unique: a name is, in the account, and stays as long as the key does.
                config.put("CallerReference", name.clone());
                config.put("Name", name);
                config.unless("comment", "Comment", "");
                config.same(&["encoded_key"]);
            });
        })
        .with(&[("id", Returned::Ref), ("caller_reference", Returned::Argument("name"))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        if let Some(key) = configuration.get("encoded_key").as_str()
            && let Err(unfit) = pem::check(key)
        {
            problems.push(Problem::new("encoded_key", unfit.message).with_hint(unfit.hint));
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudfront().get_public_key().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let config = answer
            .public_key()
            .and_then(|key| key.public_key_config())
            .ok_or_else(|| cloudfront::lacking("the public key"))?;
        Ok(Some(Self {
            name: Some(config.name().to_owned()),
            name_prefix: None,
            comment: config.comment().unwrap_or_default().to_owned(),
            encoded_key: config.encoded_key().to_owned(),
            caller_reference: config.caller_reference().into(),
            etag: answer.e_tag.into(),
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        let mut pages = reader.cloudfront().list_public_keys().into_paginator().send();
        while let Some(page) = pages.next().await {
            let list = page.or_fail()?.public_key_list;
            // The list does not tell the caller reference, which alone proves that a key is ours.
            for namesake in list.iter().flat_map(|list| list.items()).filter(|key| key.name() == name) {
                if is_made_by(reader, namesake, token).await? {
                    return Ok(Some(namesake.id().to_owned()));
                }
            }
        }
        Ok(None)
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        let mut departure = Departure::default();
        let mut marker = None;
        loop {
            let answer = reader.cloudfront().list_key_groups().set_marker(marker).send().await.or_fail()?;
            let Some(list) = answer.key_group_list else { return Ok(departure) };
            for group in list.items().iter().filter_map(|summary| summary.key_group()) {
                let keys = group.key_group_config().map(|config| config.items()).unwrap_or_default();
                if keys.iter().any(|key| key == id) {
                    let ids = vec![group.id().to_owned()];
                    departure.held_by.push(Holder { kind: "aws_cloudfront_key_group", ids });
                }
            }
            marker = list.next_marker;
            if marker.is_none() {
                return Ok(departure);
            }
        }
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = PublicKeyConfig::builder()
            .caller_reference(token.as_str())
            .name(self.name_for(token))
            .set_comment(cloudfront::set(Some(&self.comment)))
            .encoded_key(&self.encoded_key)
            .build()
            .map_err(malformed)?;
        let answer = writer.cloudfront().create_public_key().public_key_config(config).send().await.or_fail();
        match answer {
            Ok(answer) => {
                let key = answer.public_key().ok_or_else(|| cloudfront::lacking("the id"))?;
                Ok(Created::complete(key.id()))
            }
            // With our caller reference it is ours: an attempt whose reply was lost has made it.
            Err(error) if error.is(TAKEN) && error.is_undecided() => {
                found_again(self, writer.reader(), token, error).await.map(Created::complete)
            }
            Err(error) if error.is(TAKEN) => {
                Err(error.with_hint("choose another name, or import the key that is there"))
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_public_key_config().id(id).send().await.or_fail()?;
            let mut config =
                current.public_key_config.ok_or_else(|| cloudfront::lacking("the public key"))?;
            config.comment = cloudfront::set(Some(&self.comment));
            writer
                .cloudfront()
                .update_public_key()
                .id(id)
                .set_if_match(current.e_tag)
                .public_key_config(config)
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
            let current = cloudfront.get_public_key().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_public_key().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        of.needs()
            .find("*", &["cloudfront:ListPublicKeys", "cloudfront:GetPublicKeyConfig"])
            .create("*", &["cloudfront:CreatePublicKey"])
            .read("*", &["cloudfront:GetPublicKey"])
            .update("*", &["cloudfront:GetPublicKeyConfig", "cloudfront:UpdatePublicKey"])
            .delete("*", &["cloudfront:GetPublicKey", "cloudfront:DeletePublicKey"])
            .done()
    }
}

impl PublicKey {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token)
    }
}

async fn is_made_by(reader: &Reader, key: &PublicKeySummary, token: &Token) -> Result<bool, KindError> {
    let answer = reader.cloudfront().get_public_key_config().id(key.id()).send().await.unless(ABSENT)?;
    let config = answer.and_then(|answer| answer.public_key_config);
    Ok(config.is_some_and(|config| config.caller_reference() == token.as_str()))
}

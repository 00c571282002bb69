//! Objects that are put, got back, and removed.
//!
//! An object bears a mark in its metadata that is this attempt's own. So one that a killed run has left is known from
//! somebody's, which is left alone.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use provision_engine::checklist::{Outcome, S3Object};
use uuid::Uuid;

use super::{Probing, WebReply, WebRequest};
use crate::call::Outcome as _;
use crate::clients;
use crate::throttling::paced;

/// The name of the mark in an object's metadata.
const MARK: &str = "provision-check";

/// How long a presigned URL holds.
const VALIDITY: Duration = Duration::from_secs(300);

/// How long a request to a presigned URL may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An object that is there.
pub(super) struct Placed {
    client: Client,
    bucket: String,
    key: String,
    version: Option<String>,
}

/// What was got of an object.
struct Got {
    content: Vec<u8>,
    encryption: Option<String>,
    kms_key: Option<String>,
}

/// An attempt to put an object.
struct Putting<'p> {
    probing: &'p Probing,
    client: Client,
    object: &'p S3Object,
    mark: String,
}

/// What has come of putting an object.
enum Put {
    Done(Option<String>),
    /// There is one.
    Taken,
}

impl Probing {
    /// Puts an object and gets it back, and says what is left to remove.
    pub(super) async fn object(&self, object: &S3Object, sensitive: bool) -> (Outcome, Option<Placed>) {
        let name = match sensitive {
            true => format!("an object in {}", object.bucket),
            false => format!("s3://{}/{}", object.bucket, object.key),
        };
        let putting = Putting {
            probing: self,
            client: self.s3(object).await,
            object,
            mark: Uuid::new_v4().to_string(),
        };
        let placed = match putting.put().await {
            Ok(version) => Placed {
                client: putting.client.clone(),
                bucket: object.bucket.clone(),
                key: object.key.clone(),
                version,
            },
            Err(why) => return (Outcome::Failed(format!("{name} cannot be put: {why}")), None),
        };
        let outcome = match putting.get().await {
            Err(why) => Outcome::Failed(format!("{name} cannot be read back: {why}")),
            Ok(got) => match trouble(object, &got) {
                Some(trouble) => Outcome::Failed(format!("{name} {trouble}")),
                None => {
                    let how = if object.presigned { " by presigned URLs" } else { "" };
                    let encryption = got.encryption.map(|encryption| format!(", encrypted ({encryption})"));
                    Outcome::Passed(format!("put and got {name}{how}{}", encryption.unwrap_or_default()))
                }
            },
        };
        (outcome, Some(placed))
    }

    async fn s3(&self, object: &S3Object) -> Client {
        let mut config = self.aws.base().await.to_builder();
        if let Some(region) = &object.region {
            config = config.region(Region::new(region.clone()));
        }
        let config = config.build();
        let paced = self.aws.paces().of("s3", &config);
        let mut builder = paced!(clients::s3(&config), paced, &config);
        if let Some(recorder) = self.aws.recorder(&config) {
            builder.push_interceptor(recorder);
        }
        if object.presigned {
            // Who signs a URL has not seen the content yet.
            builder = builder.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        }
        Client::from_conf(builder.build())
    }
}

impl Putting<'_> {
    /// Puts the object where there is none, and gives its version.
    async fn put(&self) -> Result<Option<String>, String> {
        // What is in the way may be what an earlier attempt has put: the second time there is nothing.
        for _ in 0..2 {
            if let Put::Done(version) = self.put_once().await? {
                return Ok(version);
            }
            let object = self.client.head_object().bucket(&self.object.bucket).key(&self.object.key);
            let Some(there) = object.send().await.unless(&["NotFound", "NoSuchKey"]).map_err(said)? else {
                continue;
            };
            let version = there.version_id().map(str::to_owned);
            match there.metadata().and_then(|metadata| metadata.get(MARK)) {
                Some(mark) if *mark == self.mark => return Ok(version),
                Some(_) => {
                    let (client, object) = (self.client.clone(), self.object);
                    let (bucket, key) = (object.bucket.clone(), object.key.clone());
                    Placed { client, bucket, key, version }.remove().await?;
                }
                None => return Err("there is one of that key already, which is left alone".to_owned()),
            }
        }
        Err("something else puts one of that key too".to_owned())
    }

    async fn put_once(&self) -> Result<Put, String> {
        let mut request = self.client.put_object().bucket(&self.object.bucket).key(&self.object.key);
        request = request
            .set_content_type(self.object.content_type.clone())
            .set_cache_control(self.object.cache_control.clone())
            .metadata(MARK, &self.mark)
            .if_none_match("*");
        if self.object.presigned {
            let presigned = request.presigned(validity()?).await.or_fail().map_err(said)?;
            let reply = self.send(&presigned, Some(self.object.content.clone().into_bytes())).await?;
            return match reply.status {
                200 => Ok(Put::Done(header(&reply, "x-amz-version-id"))),
                412 => Ok(Put::Taken),
                _ => Err(refusal(&reply)),
            };
        }
        let body = ByteStream::from(self.object.content.clone().into_bytes());
        match request.body(body).send().await.unless(&["PreconditionFailed"]).map_err(said)? {
            Some(done) => Ok(Put::Done(done.version_id().map(str::to_owned))),
            None => Ok(Put::Taken),
        }
    }

    async fn get(&self) -> Result<Got, String> {
        let request = self.client.get_object().bucket(&self.object.bucket).key(&self.object.key);
        if self.object.presigned {
            let presigned = request.presigned(validity()?).await.or_fail().map_err(said)?;
            let reply = self.send(&presigned, None).await?;
            return match reply.status {
                200 => Ok(Got {
                    encryption: header(&reply, "x-amz-server-side-encryption"),
                    kms_key: header(&reply, "x-amz-server-side-encryption-aws-kms-key-id"),
                    content: reply.body,
                }),
                _ => Err(refusal(&reply)),
            };
        }
        let got = request.send().await.or_fail().map_err(said)?;
        let encryption = got.server_side_encryption().map(|encryption| encryption.as_str().to_owned());
        let kms_key = got.ssekms_key_id().map(str::to_owned);
        let content = got.body.collect().await.map_err(|error| error.to_string())?;
        Ok(Got { content: content.to_vec(), encryption, kms_key })
    }

    async fn send(&self, presigned: &PresignedRequest, body: Option<Vec<u8>>) -> Result<WebReply, String> {
        let headers = presigned.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = WebRequest {
            method: presigned.method().to_owned(),
            url: presigned.uri().to_owned(),
            headers: headers.collect(),
            body,
            timeout: TIMEOUT,
        };
        self.probing.web.send(request).await
    }
}

impl Placed {
    /// Removes the object: its version, so that nothing of it is left.
    pub(super) async fn remove(self) -> Result<(), String> {
        let Self { client, bucket, key, version } = self;
        let request = client.delete_object().bucket(&bucket).key(&key).set_version_id(version);
        match request.send().await.unless(&["NoSuchKey", "NoSuchVersion"]) {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(format!("the object that was put is still there, s3://{bucket}/{key}: {error}"))
            }
        }
    }
}

/// In what an object is not as it must be, if it is not.
fn trouble(object: &S3Object, got: &Got) -> Option<String> {
    if got.content != object.content.as_bytes() {
        return Some("was read back with another content".to_owned());
    }
    let shown = |found: &Option<String>| found.clone().unwrap_or_else(|| "nothing".to_owned());
    if let Some(expected) = &object.expect_server_side_encryption
        && got.encryption.as_ref() != Some(expected)
    {
        return Some(format!("is encrypted with {}, not {expected}", shown(&got.encryption)));
    }
    if let Some(expected) = &object.expect_kms_key_arn
        && got.kms_key.as_ref() != Some(expected)
    {
        return Some(format!("is encrypted with the key {}, not {expected}", shown(&got.kms_key)));
    }
    None
}

fn validity() -> Result<PresigningConfig, String> {
    PresigningConfig::expires_in(VALIDITY).map_err(|error| error.to_string())
}

fn said(error: provision_engine::kind::KindError) -> String {
    error.to_string()
}

fn header(reply: &WebReply, name: &str) -> Option<String> {
    let found = reply.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
}

/// What S3 says in the body of a refusal: its code, and a message.
fn refusal(reply: &WebReply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner.to_owned())
    };
    match (element("Code"), element("Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code,
        _ => format!("S3 answered {}", reply.status),
    }
}

//! `aws_s3_object`: its life. What is in it comes from [`content`], how it is put there is in [`put`], and how it is
//! deleted in [`removal`].

use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumMode;
use provision_engine::function::Files;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token, WriteOnly};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::reads::beside;
use crate::tags::{self, Tags};

mod content;
mod fitness;
mod put;
mod removal;

/// An object in a bucket of S3, with content from a file or from the configuration. From the S3 API (`PutObject`); its
/// id is `<bucket>/<key>`.
///
/// The content itself is in no state and no plan: they know its digest, which is compared with what S3 says, so that
/// both a file that has changed and an object that was overwritten are differences. It is read into memory, and can
/// have up to 5 GB.
///
/// CloudFormation has no objects, so that what has one cannot be exported as a template.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Object {
    /// Name of the bucket.
    #[schemars(length(min = 3, max = 63), extend("forces_replacement" = true))]
    bucket: String,
    /// Name of the object in the bucket.
    #[schemars(length(min = 1, max = 1024), extend("forces_replacement" = true))]
    key: String,
    /// Path of the file with the content; a relative one starts at the directory of the module. Of an absolute one, only
    /// the name is remembered.
    #[schemars(extend("kept" = true, "path" = true))]
    source: Option<String>,
    /// The content, as text.
    #[schemars(extend("resent" = true, "open" = true))]
    #[serde(default)]
    content: WriteOnly<String>,
    /// The content, as bytes in base64. That of `source` stands here too.
    #[schemars(extend("resent" = true, "open" = true))]
    #[serde(default)]
    content_base64: WriteOnly<String>,
    /// SHA-256 of the content, in hexadecimal: computed from it, and not to be set.
    #[schemars(extend("tells" = ["content", "content_base64"]))]
    content_sha256: Option<String>,
    /// Anything whose change puts the object there again, such as a hash of the file. It is not needed.
    #[schemars(extend("kept" = true))]
    source_hash: Option<String>,
    /// Version of the content: its MD5, unless it is encrypted with a KMS key. It need not be set.
    #[schemars(extend("computed" = true, "volatile" = true, "tells" = ["content", "content_base64"]))]
    etag: Option<String>,
    /// What S3 checks and keeps as a checksum. Absent: SHA256, by which any change from outside is found. With another,
    /// one is found by the ETag, which for content that is a secret is not remembered.
    #[schemars(extend("enum" = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"], "kept" = true))]
    checksum_algorithm: Option<String>,
    /// Media type. Absent: S3's default, `binary/octet-stream`.
    #[schemars(extend("computed" = true, "usual" = "binary/octet-stream"))]
    content_type: Option<String>,
    /// What caches may do with it.
    cache_control: Option<String>,
    /// How browsers present it.
    content_disposition: Option<String>,
    /// How it is encoded, such as `gzip`.
    content_encoding: Option<String>,
    /// Its language.
    content_language: Option<String>,
    /// Metadata of its own, by names in lower case.
    #[serde(default)]
    metadata: Tags,
    /// Where the bucket's website leads who asks for it.
    website_redirect: Option<String>,
    /// How it is stored.
    #[schemars(extend(
        "enum" = [
            "STANDARD", "REDUCED_REDUNDANCY", "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
            "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE"
        ],
        "computed" = true, "usual" = "STANDARD"
    ))]
    storage_class: Option<String>,
    /// How it is encrypted. Absent: as the bucket says.
    #[schemars(extend("enum" = ["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx"], "computed" = true, "apart" = "aws_s3_bucket"))]
    server_side_encryption: Option<String>,
    /// ARN or id of the KMS key that encrypts it.
    #[schemars(length(max = 2048), extend("computed" = true, "apart" = "aws_s3_bucket", "compare" = "arn_or_id"))]
    kms_key_id: Option<String>,
    /// Whether a key of the bucket's own in between saves calls of KMS.
    #[schemars(extend("computed" = true, "apart" = "aws_s3_bucket"))]
    bucket_key_enabled: Option<bool>,
    /// Who else can read or change it, by a canned name. For buckets that have ACLs.
    #[schemars(extend(
        "enum" = [
            "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
            "bucket-owner-full-control"
        ],
        "kept" = true
    ))]
    acl: Option<String>,
    /// How firmly it is locked. Absent: as the bucket says.
    #[schemars(extend("enum" = ["GOVERNANCE", "COMPLIANCE"], "computed" = true, "apart" = "aws_s3_bucket"))]
    object_lock_mode: Option<String>,
    /// Until when it is locked, such as `2030-01-01T00:00:00Z`.
    #[schemars(extend("computed" = true, "apart" = "aws_s3_bucket"))]
    object_lock_retain_until_date: Option<String>,
    /// Whether it is locked until further notice.
    #[schemars(extend("enum" = ["ON", "OFF"], "computed" = true))]
    object_lock_legal_hold_status: Option<String>,
    /// Whether a destroy takes off the locks that it can.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
    /// Tags, at most 10.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version, in a bucket that keeps them.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    version_id: Computed<String>,
    /// CRC-32, in base64.
    #[schemars(extend("volatile" = true, "tells" = ["content", "content_base64"]))]
    #[serde(default)]
    checksum_crc32: Computed<String>,
    /// CRC-32C, in base64.
    #[schemars(extend("volatile" = true, "tells" = ["content", "content_base64"]))]
    #[serde(default)]
    checksum_crc32_c: Computed<String>,
    /// CRC-64/NVME, in base64.
    #[schemars(extend("volatile" = true, "tells" = ["content", "content_base64"]))]
    #[serde(default)]
    checksum_crc64_nvme: Computed<String>,
    /// SHA-1, in base64.
    #[schemars(extend("volatile" = true, "tells" = ["content", "content_base64"]))]
    #[serde(default)]
    checksum_sha1: Computed<String>,
    /// SHA-256, in base64.
    #[schemars(extend("volatile" = true, "tells" = ["content", "content_base64"]))]
    #[serde(default)]
    checksum_sha256: Computed<String>,
}

/// What S3 says to a create of what is there.
const TAKEN: &[&str] = &["PreconditionFailed"];
const ABSENT: &[&str] = &["NoSuchKey", "NoSuchBucket", "NoSuchVersion"];

#[async_trait]
impl Kind for Object {
    const NAME: &'static str = "aws_s3_object";
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["content_sha256"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        fitness::problems(configuration)
    }

    fn read_files(configuration: &mut Value, files: &dyn Files) -> Vec<Problem> {
        content::read(configuration, files)
    }

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        // The digest of nothing: an object without content, such as what stands for a folder.
        const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";
        let has_content = content::ORIGINS.iter().any(|name| attributes.get(name).as_str().is_some());
        if !has_content && attributes.get("etag").as_str() != Some(EMPTY) {
            return None;
        }
        let [bucket, key] = ["bucket", "key"].map(|name| attributes.get(name).as_str());
        Some(format!("{}/{}", bucket?, key?))
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let (bucket, key) = parts(id)?;
        let tags =
            async { reader.s3().get_object_tagging().bucket(bucket).key(key).send().await.unless(ABSENT) };
        let found = beside(head(reader, bucket, key), tags).await?;
        let Some((head, Some(tags))) = found else { return Ok(None) };
        let tags = tags.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
        let arn = match reader.region() {
            Some(region) if region.starts_with("cn-") => format!("arn:aws-cn:s3:::{id}"),
            Some(region) if region.starts_with("us-gov-") => format!("arn:aws-us-gov:s3:::{id}"),
            _ => format!("arn:aws:s3:::{id}"),
        };
        Ok(Some(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            tags: tags::own(tags),
            arn: arn.into(),
            ..prior.as_read(head)
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(head(reader, &self.bucket, &self.key).await?.map(|_| self.id()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await.map_err(|error| KindError {
            message: format!("there is an object already: {}", self.id()),
            hint: Some("import it, or choose another key".to_owned()),
            ..error
        })
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let create = async {
            self.put(writer)?.if_none_match("*").send().await.or_fail()?;
            Ok(self.id())
        };
        Ok(Created::complete(create_named(self, writer.reader(), token, TAKEN, create).await?))
    }

    async fn update(&self, writer: &Writer, _id: &str, prior: &Self) -> Result<(), KindError> {
        if self.is_put_anew(prior) {
            self.put(writer)?.send().await.or_fail()?;
            return Ok(());
        }
        self.change(writer, prior).await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let (bucket, key) = parts(id)?;
        removal::remove(writer.s3(), bucket, key, prior).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let bucket = of.text_or_any("bucket");
        let object = arn::s3(&format!("{bucket}/{}", of.text_or_any("key")));
        let bucket = arn::s3(bucket);
        let needs = of
            .needs()
            // Without leave to list a bucket, nobody is told that there is no such object.
            .on(&[Act::Find, Act::Create], &bucket, &["s3:ListBucket"])
            .on(&[Act::Find, Act::Create], &object, &["s3:GetObject"])
            .read(&object, &["s3:GetObject", "s3:GetObjectTagging"])
            .create(&object, &["s3:PutObject"]);
        removal::permissions(put::permissions(needs, of, &object), of, [&bucket, &object]).done()
    }
}

impl Object {
    fn id(&self) -> String {
        format!("{}/{}", self.bucket, self.key)
    }

    /// An object as S3 describes it; `self` is what it was.
    fn as_read(&self, head: HeadObjectOutput) -> Self {
        let content_sha256 = self.digest_there(&head);
        let lock_date = head.object_lock_retain_until_date.as_ref();
        Self {
            source: self.source.clone(),
            content_sha256,
            source_hash: self.source_hash.clone(),
            etag: content::etag(&head),
            checksum_algorithm: self.checksum_algorithm.clone(),
            content_type: head.content_type,
            cache_control: head.cache_control,
            content_disposition: head.content_disposition,
            content_encoding: head.content_encoding.and_then(put::without_transport),
            content_language: head.content_language,
            metadata: head.metadata.unwrap_or_default().into_iter().collect(),
            website_redirect: head.website_redirect_location,
            storage_class: Some(
                head.storage_class.map_or_else(|| "STANDARD".to_owned(), |class| class.as_str().to_owned()),
            ),
            server_side_encryption: head.server_side_encryption.map(|how| how.as_str().to_owned()),
            kms_key_id: head.ssekms_key_id,
            bucket_key_enabled: Some(head.bucket_key_enabled.unwrap_or_default()),
            acl: self.acl.clone(),
            object_lock_mode: head.object_lock_mode.map(|mode| mode.as_str().to_owned()),
            object_lock_retain_until_date: lock_date.and_then(|date| self.date_as_said(date)),
            object_lock_legal_hold_status: head
                .object_lock_legal_hold_status
                .map(|status| status.as_str().to_owned()),
            force_destroy: self.force_destroy,
            version_id: head.version_id.filter(|version| version != "null").into(),
            checksum_crc32: head.checksum_crc32.into(),
            checksum_crc32_c: head.checksum_crc32_c.into(),
            checksum_crc64_nvme: head.checksum_crc64_nvme.into(),
            checksum_sha1: head.checksum_sha1.into(),
            checksum_sha256: head.checksum_sha256.into(),
            ..Self::default()
        }
    }
}

/// What S3 says of an object, unless there is none. A reply to HEAD has no body: its status is all that there is.
async fn head(reader: &Reader, bucket: &str, key: &str) -> Result<Option<HeadObjectOutput>, KindError> {
    let head = reader.s3().head_object().bucket(bucket).key(key).checksum_mode(ChecksumMode::Enabled);
    let error = match head.send().await {
        Ok(head) => return Ok(Some(head)),
        Err(error) => error,
    };
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(404) => Ok(None),
        Some(403) => Err(KindError {
            code: Some("AccessDenied".to_owned()),
            ..KindError::new(format!("the object {bucket}/{key} cannot be read with these credentials"))
        }
        .with_hint(
            "check that s3:GetObject and s3:ListBucket are allowed, and kms:Decrypt for the key that encrypts it",
        )),
        _ => Err(error).or_fail(),
    }
}

fn parts(id: &str) -> Result<(&str, &str), KindError> {
    let id = id.strip_prefix("s3://").unwrap_or(id);
    id.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()).ok_or_else(|| {
        KindError::new(format!("{id:?} is no id of an object")).with_hint("write it as `<bucket>/<key>`")
    })
}

//! How an object is put there, and what of it can be changed later without that.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ObjectCannedAcl, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode,
    ObjectLockRetention, ObjectLockRetentionMode, ServerSideEncryption, StorageClass, Tag, Tagging,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use provision_engine::kind::KindError;
use provision_engine::permission::{Act, Needs, Undertaking};

use super::{ABSENT, Object};
use crate::call::{Outcome, malformed};
use crate::clients::Writer;
use crate::permissions::arn;

/// What can be changed without putting the object anew.
const APART: [&str; 6] = [
    "acl",
    "force_destroy",
    "object_lock_legal_hold_status",
    "object_lock_mode",
    "object_lock_retain_until_date",
    "tags",
];

/// What it needs to put the object with this ARN, or to change what can be changed of it.
pub(super) fn permissions<'a>(needs: Needs<'a>, of: Undertaking<'a>, object: &str) -> Needs<'a> {
    let is_put = of.act == Act::Create || (of.act == Act::Update && !of.only_differs(&APART));
    let sets = |name: &str| (is_put && of.has(name)) || (of.act == Act::Update && of.differs(name));
    let (retention, until) = ("object_lock_mode", "object_lock_retain_until_date");
    let key = of.attributes.get("kms_key_id");
    let is_untagged = of.act == Act::Update && of.differs("tags") && !of.has("tags");
    let before = of.prior.get(retention).as_str();
    let is_eased = of.act == Act::Update && before == Some("GOVERNANCE") && of.differs(until);
    needs
        .when(of.act == Act::Update && is_put, object, &["s3:PutObject"])
        .when(sets("tags") && of.has("tags"), object, &["s3:PutObjectTagging"])
        .when(is_untagged && !is_put, object, &["s3:DeleteObjectTagging"])
        .when(sets("acl"), object, &["s3:PutObjectAcl"])
        .when(sets(retention) || sets(until), object, &["s3:PutObjectRetention"])
        .when(is_eased, object, &["s3:BypassGovernanceRetention"])
        .when(sets("object_lock_legal_hold_status"), object, &["s3:PutObjectLegalHold"])
        .when(
            is_put && !of.unsaid.contains("kms_key_id") && !key.is_null(),
            &arn::key(key),
            &["kms:GenerateDataKey"],
        )
        .when(
            of.act == Act::Read && !of.unsaid.contains("kms_key_id") && !key.is_null(),
            &arn::key(key),
            &["kms:Decrypt"],
        )
}

impl Object {
    /// The request that puts the object there, with everything that is said of it.
    pub(super) fn put(&self, writer: &Writer) -> Result<PutObjectFluentBuilder, KindError> {
        let algorithm = self.checksum_algorithm.as_deref().unwrap_or(ChecksumAlgorithm::Sha256.as_str());
        let is_kms = self.server_side_encryption.as_deref().is_some_and(|how| how.starts_with("aws:kms"))
            || (self.server_side_encryption.is_none() && self.kms_key_id.is_some());
        let encryption = match &self.server_side_encryption {
            None if is_kms => Some(ServerSideEncryption::AwsKms),
            how => how.as_deref().map(ServerSideEncryption::from),
        };
        Ok(writer
            .s3()
            .put_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .body(ByteStream::from(self.body()?))
            .checksum_algorithm(ChecksumAlgorithm::from(algorithm))
            .set_content_type(self.content_type.clone())
            .set_cache_control(self.cache_control.clone())
            .set_content_disposition(self.content_disposition.clone())
            .set_content_encoding(self.content_encoding.clone())
            .set_content_language(self.content_language.clone())
            .set_metadata((!self.metadata.is_empty()).then(|| self.metadata.clone().into_iter().collect()))
            .set_website_redirect_location(self.website_redirect.clone())
            .set_storage_class(self.storage_class.as_deref().map(StorageClass::from))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(self.kms_key_id.clone().filter(|_| is_kms))
            .set_bucket_key_enabled(self.bucket_key_enabled.filter(|_| is_kms))
            .set_acl(self.acl.as_deref().map(ObjectCannedAcl::from))
            .set_object_lock_mode(self.object_lock_mode.as_deref().map(ObjectLockMode::from))
            .set_object_lock_retain_until_date(self.lock_date()?)
            .set_object_lock_legal_hold_status(
                self.object_lock_legal_hold_status.as_deref().map(ObjectLockLegalHoldStatus::from),
            )
            .set_tagging((!self.tags.is_empty()).then(|| self.tagging_header())))
    }

    /// Whether a change takes putting the object there anew: of its content, or of what is said with it.
    pub(super) fn is_put_anew(&self, prior: &Self) -> bool {
        // What is not said is what S3 chose, and what is not known is what it was.
        let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        differs(&self.content_sha256, &prior.content_sha256)
            || differs(&self.etag, &prior.etag)
            || self.source_hash != prior.source_hash
            || self.checksum_algorithm != prior.checksum_algorithm
            || differs(&self.content_type, &prior.content_type)
            || self.cache_control != prior.cache_control
            || self.content_disposition != prior.content_disposition
            || self.content_encoding != prior.content_encoding
            || self.content_language != prior.content_language
            || self.metadata != prior.metadata
            || self.website_redirect != prior.website_redirect
            || differs(&self.storage_class, &prior.storage_class)
            || differs(&self.server_side_encryption, &prior.server_side_encryption)
            || differs(&self.kms_key_id, &prior.kms_key_id)
            || (self.bucket_key_enabled.is_some() && self.bucket_key_enabled != prior.bucket_key_enabled)
    }

    /// Changes what can be changed of an object that stays.
    pub(super) async fn change(&self, writer: &Writer, prior: &Self) -> Result<(), KindError> {
        let (s3, bucket, key) = (writer.s3(), &self.bucket, &self.key);
        if self.tags.is_empty() && !prior.tags.is_empty() {
            s3.delete_object_tagging().bucket(bucket).key(key).send().await.unless(ABSENT)?;
        } else if self.tags != prior.tags {
            s3.put_object_tagging()
                .bucket(bucket)
                .key(key)
                .tagging(self.tagging()?)
                .send()
                .await
                .or_fail()?;
        }
        if self.acl != prior.acl {
            let acl = self.acl.as_deref().unwrap_or("private");
            s3.put_object_acl().bucket(bucket).key(key).acl(acl.into()).send().await.or_fail()?;
        }
        if let Some(status) = &self.object_lock_legal_hold_status
            && self.object_lock_legal_hold_status != prior.object_lock_legal_hold_status
        {
            let hold = ObjectLockLegalHold::builder().status(status.as_str().into()).build();
            s3.put_object_legal_hold().bucket(bucket).key(key).legal_hold(hold).send().await.or_fail()?;
        }
        let lock =
            |object: &Self| (object.object_lock_mode.clone(), object.object_lock_retain_until_date.clone());
        if let Some(mode) = &self.object_lock_mode
            && lock(self) != lock(prior)
        {
            let (new, old) = (self.lock_date()?, prior.lock_date()?);
            // To shorten a lock, or to weaken it, takes a right that to lengthen it does not.
            let is_eased = prior.object_lock_mode.as_deref() == Some("GOVERNANCE")
                && new.zip(old).is_some_and(|(new, old)| new < old);
            let retention = ObjectLockRetention::builder()
                .mode(ObjectLockRetentionMode::from(mode.as_str()))
                .set_retain_until_date(new)
                .build();
            s3.put_object_retention()
                .bucket(bucket)
                .key(key)
                .retention(retention)
                .set_bypass_governance_retention(is_eased.then_some(true))
                .send()
                .await
                .or_fail()?;
        }
        Ok(())
    }

    fn lock_date(&self) -> Result<Option<DateTime>, KindError> {
        self.object_lock_retain_until_date
            .as_deref()
            .map(|date| DateTime::from_str(date, Format::DateTimeWithOffset).map_err(malformed))
            .transpose()
    }

    /// A date as it was said, if it is that one.
    pub(super) fn date_as_said(&self, date: &DateTime) -> Option<String> {
        match self.lock_date() {
            Ok(Some(said)) if said.secs() == date.secs() => self.object_lock_retain_until_date.clone(),
            _ => date.fmt(Format::DateTime).ok(),
        }
    }

    /// The tags as in a query.
    fn tagging_header(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> =
            self.tags.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
        pairs.join("&")
    }

    fn tagging(&self) -> Result<Tagging, KindError> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = tags.collect::<Result<_, _>>().map_err(malformed)?;
        Tagging::builder().set_tag_set(Some(tags)).build().map_err(malformed)
    }
}

/// An encoding without that of the transport, which S3 takes off and some of its likes keep.
pub(super) fn without_transport(encoding: String) -> Option<String> {
    let parts: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "aws-chunked")
        .collect();
    (!parts.is_empty()).then(|| parts.join(","))
}

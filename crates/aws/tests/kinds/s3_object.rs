//! `aws_s3_object`.

use std::path::PathBuf;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, ServerSideEncryption, Tag, Tagging, VersioningConfiguration,
};
use serde_json::{Value as Json, json};

use crate::lab::Lab;
use crate::s3_bucket::client;

const KIND: &str = "aws_s3_object";

/// A file that is gone at the end of its test.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let directory = std::env::temp_dir().join(format!("provision-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&directory).unwrap();
        let file = Self(directory.join(name));
        file.write(bytes);
        file
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(&self.0, bytes).unwrap();
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

/// A bucket whose objects can have ACLs.
async fn bucket(s3: &Client, name: &str) {
    let create = s3.create_bucket().bucket(name).object_ownership(ObjectOwnership::ObjectWriter);
    create.send().await.unwrap();
    s3.delete_public_access_block().bucket(name).send().await.unwrap();
}

async fn versioned(s3: &Client, name: &str) {
    bucket(s3, name).await;
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(name).versioning_configuration(versioning).send().await.unwrap();
}

async fn content(s3: &Client, bucket: &str, key: &str) -> Vec<u8> {
    let answer = s3.get_object().bucket(bucket).key(key).send().await.unwrap();
    answer.body.collect().await.unwrap().to_vec()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "object-lab").await;
    // Neither text nor short.
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
    let file = File::new("cover.jpg", &bytes);
    let with = |more: Json| {
        let mut configuration =
            json!({ "bucket": "object-lab", "key": "books/a b+c.jpg", "source": file.path() });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    let mut object = lab.resource(KIND);
    let created = object
        .create(with(json!({
            "content_type": "image/jpeg",
            "cache_control": "max-age=60",
            "content_disposition": "inline",
            "content_encoding": "identity",
            "content_language": "en",
            "metadata": { "author": "a" },
            "website_redirect": "/b",
            "storage_class": "STANDARD_IA",
            "server_side_encryption": "aws:kms",
            "kms_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "bucket_key_enabled": true,
            "acl": "private",
            "source_hash": "1",
            "tags": { "team": "video & film" },
        })))
        .await
        .clone();
    assert_eq!(object.id, "object-lab/books/a b+c.jpg");
    assert_eq!(created.get("source").as_str(), Some("cover.jpg"), "the state has no path of this machine");
    assert!(!created.get("content_base64").withheld().is_empty(), "nor the content");
    assert_eq!(created.get("arn").as_str(), Some("arn:aws:s3:::object-lab/books/a b+c.jpg"));
    assert!(content(&s3, "object-lab", "books/a b+c.jpg").await == bytes);
    let head = s3.head_object().bucket("object-lab").key("books/a b+c.jpg").send().await.unwrap();
    assert_eq!((head.content_type(), head.cache_control()), (Some("image/jpeg"), Some("max-age=60")));
    assert_eq!(head.metadata().unwrap()["author"], "a");

    let changed = with(json!({
        "content_type": "image/png",
        "cache_control": "no-store",
        "content_disposition": "attachment",
        "content_encoding": "gzip",
        "content_language": "de",
        "metadata": { "author": "b", "year": "1999" },
        "website_redirect": "/c",
        "storage_class": "STANDARD",
        "server_side_encryption": "AES256",
        "source_hash": "2",
        "tags": { "team": "audio", "cost": "1" },
    }));
    object.update(changed.clone()).await;
    let head = s3.head_object().bucket("object-lab").key("books/a b+c.jpg").send().await.unwrap();
    assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::Aes256));
    assert_eq!((head.content_type(), head.content_encoding()), (Some("image/png"), Some("gzip")));

    // The file changes, and nothing else does.
    object.unchanged(changed.clone());
    file.write(b"another picture");
    object.update(changed).await;
    assert_eq!(content(&s3, "object-lab", "books/a b+c.jpg").await, b"another picture");
    let bare = with(json!({}));
    object.update(bare.clone()).await;
    let head = s3.head_object().bucket("object-lab").key("books/a b+c.jpg").send().await.unwrap();
    assert_eq!((head.cache_control(), head.website_redirect_location()), (None, None));
    assert_eq!(head.content_type(), Some("image/png"), "what S3 can choose stays as it is");
    object.replaces(with(json!({ "key": "b" })), &["key"]);
    object.replaces(with(json!({ "bucket": "another" })), &["bucket"]);

    // Overwritten from outside, though with as many bytes.
    let put = s3.put_object().bucket("object-lab").key("books/a b+c.jpg").content_type("image/png");
    put.body(ByteStream::from_static(b"another PICTURE")).send().await.unwrap();
    let stranger = Tag::builder().key("stranger").value("1").build().unwrap();
    let tagging = Tagging::builder().tag_set(stranger).build().unwrap();
    s3.put_object_tagging()
        .bucket("object-lab")
        .key("books/a b+c.jpg")
        .tagging(tagging)
        .send()
        .await
        .unwrap();
    object.repair_drift(bare, &["content_sha256", "tags"]).await;
    assert_eq!(content(&s3, "object-lab", "books/a b+c.jpg").await, b"another picture");
    object.delete().await;
    s3.head_object().bucket("object-lab").key("books/a b+c.jpg").send().await.unwrap_err();
}

#[tokio::test]
async fn content_is_written_in_place() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "inline-lab").await;
    let with = |more: Json| {
        let mut configuration = json!({ "bucket": "inline-lab", "key": "a" });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    let mut object = lab.resource(KIND);
    object.create(with(json!({}))).await;
    assert_eq!(content(&s3, "inline-lab", "a").await, b"");
    object.update(with(json!({ "content": "text" }))).await;
    assert_eq!(content(&s3, "inline-lab", "a").await, b"text");
    assert!(!object.attributes.get("content").withheld().is_empty(), "the state has no content");
    object.update(with(json!({ "content_base64": "AP8=" }))).await;
    assert_eq!(content(&s3, "inline-lab", "a").await, [0, 255]);
    // With another checksum, the ETag tells of changes.
    for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1"] {
        let configuration = with(json!({ "content": algorithm, "checksum_algorithm": algorithm }));
        object.update(configuration.clone()).await;
        let put = s3.put_object().bucket("inline-lab").key("a").body(ByteStream::from_static(b"else"));
        put.send().await.unwrap();
        object.repair_drift(configuration, &["content_sha256"]).await;
        assert_eq!(content(&s3, "inline-lab", "a").await, algorithm.as_bytes());
    }
    object.delete().await;
}

#[tokio::test]
async fn what_can_be_changed_by_itself_makes_no_version() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    versioned(&s3, "versions-lab").await;
    let with = |content: &str, more: Json| {
        let mut configuration = json!({ "bucket": "versions-lab", "key": "a", "content": content });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    let mut object = lab.resource(KIND);
    object.create(with("1", json!({}))).await;
    let first = object.attributes.get("version_id").clone();
    assert!(first.as_str().is_some());
    object.update(with("1", json!({ "tags": { "a": "1" }, "acl": "bucket-owner-full-control" }))).await;
    object.update(with("1", json!({ "acl": "authenticated-read" }))).await;
    assert_eq!(*object.attributes.get("version_id"), first);
    let acl = s3.get_object_acl().bucket("versions-lab").key("a").send().await.unwrap();
    assert!(acl.grants().iter().any(|grant| {
        grant
            .grantee()
            .and_then(|grantee| grantee.uri())
            .is_some_and(|uri| uri.ends_with("AuthenticatedUsers"))
    }));
    object.update(with("2", json!({}))).await;
    assert_ne!(*object.attributes.get("version_id"), first);
    // Another object whose key begins the same stays.
    s3.put_object().bucket("versions-lab").key("ab").send().await.unwrap();
    object.delete().await;
    let left = s3.list_object_versions().bucket("versions-lab").send().await.unwrap();
    let left: Vec<_> = left.versions().iter().filter_map(|version| version.key()).collect();
    assert_eq!(left, ["ab"], "all its versions are gone");
}

#[tokio::test]
async fn locks_are_put_on_and_taken_off() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    s3.create_bucket().bucket("locks-lab").object_lock_enabled_for_bucket(true).send().await.unwrap();
    let with = |more: Json| {
        let mut configuration = json!({ "bucket": "locks-lab", "key": "a", "content": "1" });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    let lock = |date: &str, hold: &str, force: bool| {
        with(json!({
            "object_lock_mode": "GOVERNANCE",
            "object_lock_retain_until_date": date,
            "object_lock_legal_hold_status": hold,
            "force_destroy": force,
        }))
    };
    let mut object = lab.resource(KIND);
    object.create(lock("2040-01-01T00:00:00+00:00", "ON", false)).await;
    let first = object.attributes.get("version_id").clone();
    let refused = object.delete_fails().await;
    assert!(refused.contains("AccessDenied"), "{refused}");
    object.update(lock("2041-01-01T00:00:00Z", "OFF", false)).await;
    object.update(lock("2039-01-01T00:00:00Z", "ON", true)).await;
    assert_eq!(*object.attributes.get("version_id"), first);
    object.delete().await;
}

#[tokio::test]
async fn one_that_is_there_is_not_overwritten() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "taken-lab").await;
    s3.put_object()
        .bucket("taken-lab")
        .key("a")
        .body(ByteStream::from_static(b"theirs"))
        .send()
        .await
        .unwrap();
    let configuration = json!({ "bucket": "taken-lab", "key": "a", "content": "ours" });
    let refused = lab.resource(KIND).create_fails(configuration).await;
    assert!(refused.contains("there is an object already: taken-lab/a"), "{refused}");
    assert_eq!(content(&s3, "taken-lab", "a").await, b"theirs");
}

#[tokio::test]
async fn is_gone_with_its_bucket() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "gone-lab").await;
    let mut object = lab.resource(KIND);
    object.create(json!({ "bucket": "gone-lab", "key": "a" })).await;
    s3.delete_object().bucket("gone-lab").key("a").send().await.unwrap();
    s3.delete_bucket().bucket("gone-lab").send().await.unwrap();
    object.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |more: Json| {
        let mut configuration = json!({ "bucket": "bucket", "key": "a" });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        lab.problems(KIND, configuration)
    };
    let missing = problems(json!({ "source": "/nowhere/page.html" }));
    assert_eq!(missing.len(), 1);
    assert!(missing[0].starts_with("source: /nowhere/page.html cannot be read: "), "{missing:?}");
    assert_eq!(
        problems(json!({ "source": "/nowhere", "content": "a" })),
        ["content: `source` and `content` exclude each other"]
    );
    assert_eq!(problems(json!({ "content_base64": "?" })), ["content_base64: this is no base64"]);
    assert_eq!(
        problems(json!({ "content_sha256": "00" })),
        ["content_sha256: `content_sha256` is computed from the content"]
    );
    let tags: Json = (0..11)
        .map(|number| (format!("tag{number}"), Json::from("1")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(
        problems(json!({
            "server_side_encryption": "AES256",
            "kms_key_id": "key",
            "object_lock_mode": "GOVERNANCE",
            "metadata": { "Author": "a" },
            "tags": tags,
        })),
        [
            "kms_key_id: only an object that is encrypted by KMS has a key of its own",
            "object_lock_mode: `object_lock_mode` goes with `object_lock_retain_until_date`",
            "metadata.Author: S3 writes names of metadata in lower case",
            "tags: an object has at most 10 tags, not 11",
        ]
    );
}

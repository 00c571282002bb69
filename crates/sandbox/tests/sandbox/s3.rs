//! What S3 says of every object, and whose buckets are.
//!
//! What a request has to be allowed is tested with the stores of states: here requests are signed in name only.

use crate::aws::Aws;

const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";

#[tokio::test]
async fn objects_are_always_encrypted() {
    let aws = Aws::new();
    let object = format!("/encrypted-{}/key", aws.account);
    let bucket = object.trim_end_matches("/key");
    aws.rest("s3", "PUT", bucket, "").await.done();
    for method in ["PUT", "GET", "HEAD"] {
        let answer = aws.rest("s3", method, &object, "").await.done();
        assert_eq!(answer.headers["x-amz-server-side-encryption"], "AES256", "{method}");
    }
    let kms = [("x-amz-server-side-encryption", "aws:kms"), (KEY, "1234abcd-12ab-34cd-56ef-1234567890ab")];
    aws.send("s3", "PUT", &object, &kms, "").await.unwrap().done();
    let answer = aws.rest("s3", "GET", &object, "").await.done();
    assert_eq!(answer.headers["x-amz-server-side-encryption"], "aws:kms");
    // Without a key that is named, with AWS's own.
    let own = [("x-amz-server-side-encryption", "aws:kms"), (BUCKET_KEY, "true")];
    aws.send("s3", "PUT", &object, &own, "").await.unwrap().done();
    let answer = aws.rest("s3", "HEAD", &object, "").await.done();
    assert!(answer.headers[KEY].to_str().unwrap().ends_with("alias/aws/s3"));
    assert_eq!(answer.headers[BUCKET_KEY], "true");
    aws.rest("s3", "PUT", &object, "").await.done();
    assert_eq!(aws.rest("s3", "HEAD", &object, "").await.done().headers.get(BUCKET_KEY), None);
}

#[tokio::test]
async fn what_is_overwritten_has_no_tags_any_more() {
    let aws = Aws::new();
    let object = format!("/tagged-{}/key", aws.account);
    aws.rest("s3", "PUT", object.trim_end_matches("/key"), "").await.done();
    let tags = async || aws.rest("s3", "GET", &format!("{object}?tagging"), "").await.done().text("Key");
    aws.send("s3", "PUT", &object, &[("x-amz-tagging", "a=1")], "").await.unwrap().done();
    assert_eq!(tags().await, "a");
    aws.rest("s3", "PUT", &object, "").await.done();
    assert_eq!(tags().await, "");
}

#[tokio::test]
async fn a_bucket_is_that_of_the_owner_who_is_expected() {
    let (aws, other) = (Aws::new(), Aws::new());
    let bucket = format!("/owned-{}", aws.account);
    aws.rest("s3", "PUT", &bucket, "").await.done();
    let head = async |owner: &str, path: &str| {
        let headers = [("x-amz-expected-bucket-owner", owner)];
        aws.send("s3", "HEAD", path, &headers, "").await.unwrap().status
    };
    assert_eq!(head(&aws.account, &bucket).await, 200);
    assert_eq!(head(&other.account, &bucket).await, 403);
    assert_eq!(head(&other.account, &format!("{bucket}-missing")).await, 404);
}

//! What S3 says of every object, and whose buckets are.
//!
//! What a request has to be allowed is tested with the stores of states: here requests are signed in name only.

use crate::aws::Aws;

const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

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

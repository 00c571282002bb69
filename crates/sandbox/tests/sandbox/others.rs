//! The rules of the other services, and what the call log says.

use serde_json::json;

use crate::aws::Aws;

const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
const POLICY: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";

#[tokio::test]
async fn iam_deletes_nothing_that_still_has_something_in_it() {
    let aws = Aws::new();
    let act = async |form: String| aws.form("iam", &format!("{form}&Version=2010-05-08")).await;
    act(format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={TRUST}")).await.done();
    act(format!("Action=PutRolePolicy&RoleName=r&PolicyName=inline&PolicyDocument={POLICY}")).await.done();
    act("Action=DeleteRole&RoleName=r".to_owned()).await.refused(409, "DeleteConflict");
    let policy =
        act(format!("Action=CreatePolicy&PolicyName=p&PolicyDocument={POLICY}")).await.done().text("Arn");
    act(format!("Action=AttachRolePolicy&RoleName=r&PolicyArn={policy}x")).await.refused(404, "NoSuchEntity");
    act(format!("Action=AttachRolePolicy&RoleName=r&PolicyArn={policy}")).await.done();
    act(format!("Action=DeletePolicy&PolicyArn={policy}")).await.refused(409, "DeleteConflict");
    act("Action=CreateUser&UserName=u".to_owned()).await.done();
    act(format!("Action=PutUserPolicy&UserName=u&PolicyName=inline&PolicyDocument={POLICY}")).await.done();
    act("Action=DeleteUser&UserName=u".to_owned()).await.refused(409, "DeleteConflict");

    let expected = [
        format!("iam policy {policy}"),
        "iam role r".to_owned(),
        "iam role_policy r/inline".to_owned(),
        format!("iam role_policy_attachment r/{policy}"),
        "iam user u".to_owned(),
        "iam user_policy u/inline".to_owned(),
    ];
    assert_eq!(aws.existing().await, expected);

    act(format!("Action=DetachRolePolicy&RoleName=r&PolicyArn={policy}")).await.done();
    act(format!("Action=CreatePolicyVersion&PolicyArn={policy}&PolicyDocument={POLICY}&SetAsDefault=true"))
        .await
        .done();
    act(format!("Action=DeletePolicy&PolicyArn={policy}")).await.refused(409, "DeleteConflict");
    act(format!("Action=DeletePolicyVersion&PolicyArn={policy}&VersionId=v1")).await.done();
    act(format!("Action=DeletePolicy&PolicyArn={policy}")).await.done();
}

#[tokio::test]
async fn iam_lists_what_a_user_never_has() {
    let aws = Aws::new();
    let act = async |form: &str| aws.form("iam", &format!("{form}&Version=2010-05-08")).await;
    act("Action=CreateUser&UserName=u").await.done();
    for action in ["ListSSHPublicKeys", "ListSigningCertificates", "ListServiceSpecificCredentials"] {
        act(&format!("Action={action}&UserName=u")).await.done();
        act(&format!("Action={action}&UserName=nobody")).await.refused(404, "NoSuchEntity");
    }
}

#[tokio::test]
async fn a_policy_names_only_principals_that_are_there() {
    let aws = Aws::new();
    let bucket = format!("/policy-{}", aws.account);
    aws.rest("s3", "PUT", &bucket, "").await.done();
    let put = async |principal: String| {
        let statement = json!({
            "Effect": "Allow",
            "Principal": { "AWS": principal },
            "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3::{bucket}/*").replace("::/", ":::"),
        });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        aws.rest("s3", "PUT", &format!("{bucket}?policy"), &policy.to_string()).await
    };
    // A new bucket is shut to the public.
    put("*".to_owned()).await.refused(403, "AccessDenied");
    aws.rest("s3", "PUT", &format!("{bucket}?policy"), "{").await.refused(400, "MalformedPolicy");
    let role = format!("arn:aws:iam::{}:role/r", aws.account);
    put(role.clone()).await.refused(400, "MalformedPolicy");
    aws.form("iam", &format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={TRUST}")).await.done();
    put(role).await.done();
    let identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ENONE";
    put(identity.to_owned()).await.refused(400, "MalformedPolicy");
    put(format!("arn:aws:iam::{}:root", aws.account)).await.done();
}

#[tokio::test]
async fn a_secret_on_its_way_out_keeps_its_name() {
    let aws = Aws::new();
    let act = async |action: &str, body: serde_json::Value| {
        aws.json("secretsmanager", &format!("secretsmanager.{action}"), &body).await
    };
    let token = "0".repeat(32);
    let create = json!({ "Name": "s", "SecretString": "v", "ClientRequestToken": token });
    let first = act("CreateSecret", create.clone()).await.done().value();
    assert_eq!(act("CreateSecret", create.clone()).await.done().value()["ARN"], first["ARN"]);
    let other = json!({ "Name": "s", "SecretString": "w", "ClientRequestToken": token });
    act("CreateSecret", other).await.refused(400, "ResourceExistsException");
    act("DeleteSecret", json!({ "SecretId": "s" })).await.done();
    act("CreateSecret", create.clone()).await.refused(400, "InvalidRequestException");
    assert!(aws.existing().await.is_empty());
    act("DeleteSecret", json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true })).await.done();
    act("CreateSecret", create).await.done();
    assert_eq!(aws.existing().await, ["secretsmanager secret s"]);
}

#[tokio::test]
async fn a_secret_that_was_created_without_a_value_has_no_version() {
    let aws = Aws::new();
    let act = async |action: &str, body: serde_json::Value| {
        aws.json("secretsmanager", &format!("secretsmanager.{action}"), &body).await
    };
    let secret = json!({ "SecretId": "s" });
    let created = act("CreateSecret", json!({ "Name": "s" })).await.done().value();
    assert_eq!(created.get("VersionId"), None);
    act("GetSecretValue", secret.clone()).await.refused(400, "ResourceNotFoundException");
    let described = act("DescribeSecret", secret.clone()).await.done().value();
    assert_eq!((&described["Name"], described.get("VersionIdsToStages")), (&json!("s"), None));
    assert_eq!(act("ListSecretVersionIds", secret.clone()).await.done().value()["Versions"], json!([]));

    let put = act("PutSecretValue", json!({ "SecretId": "s", "SecretString": "v" })).await.done().value();
    assert_eq!(act("GetSecretValue", secret.clone()).await.done().value()["SecretString"], "v");
    let version = put["VersionId"].as_str().unwrap();
    let described = act("DescribeSecret", secret).await.done().value();
    assert_eq!(described["VersionIdsToStages"], json!({ version: ["AWSCURRENT"] }));
    let listed = act("ListSecrets", json!({})).await.done().value();
    assert_eq!(listed["SecretList"][0]["SecretVersionsToStages"], json!({ version: ["AWSCURRENT"] }));
}

#[tokio::test]
async fn keys_buckets_and_log_groups_are_found_where_they_are() {
    let mut aws = Aws::new();
    let bucket = format!("bucket-{}", aws.account);
    aws.rest("s3", "PUT", &format!("/{bucket}"), "").await.done();
    aws.rest("s3", "PUT", &format!("/{bucket}/a%20b/c"), "text").await.done();
    assert_eq!(aws.rest("s3", "GET", &format!("/{bucket}/a%20b/c"), "").await.done().body, "text");
    let head = aws.rest("s3", "HEAD", &format!("/{bucket}/a%20b/c"), "").await.done();
    assert_eq!((head.headers["content-length"].to_str().unwrap(), head.body.as_str()), ("4", ""));
    aws.rest("s3", "DELETE", &format!("/{bucket}"), "").await.refused(409, "BucketNotEmpty");

    aws.region = "eu-west-1";
    let key = aws.json("kms", "TrentService.CreateKey", &json!({})).await.done().value();
    let key = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let alias = json!({ "AliasName": "alias/a", "TargetKeyId": key });
    aws.json("kms", "TrentService.CreateAlias", &alias).await.done();
    let encrypted = json!({ "logGroupName": "/b", "kmsKeyId": key });
    let target = "Logs_20140328.CreateLogGroup";
    aws.json("logs", target, &encrypted).await.refused(400, "AccessDeniedException");
    aws.json("logs", target, &json!({ "logGroupName": "/a" })).await.done();
    let expected = [
        "kms alias alias/a".to_owned(),
        format!("kms key {key}"),
        "logs log_group /a".to_owned(),
        format!("s3 bucket {bucket}"),
        format!("s3 object {bucket}/a b/c"),
    ];
    assert_eq!(aws.existing().await, expected);
    aws.json("kms", "TrentService.DeleteAlias", &json!({ "AliasName": "alias/a" })).await.done();
    aws.json("kms", "TrentService.ScheduleKeyDeletion", &json!({ "KeyId": key })).await.done();
    let question = json!({ "KeyId": key });
    aws.json("kms", "TrentService.EnableKey", &question).await.refused(400, "KMSInvalidStateException");
    let left = ["logs log_group /a".to_owned(), expected[3].clone(), expected[4].clone()];
    assert_eq!(aws.existing().await, left);

    let calls = aws.control.calls().await.unwrap();
    let seen =
        calls.iter().map(|call| (call.operation.as_str(), call.mutating, call.status)).collect::<Vec<_>>();
    assert_eq!(seen[0], ("CreateBucket", true, Some(200)));
    assert!(
        seen.contains(&("GetObject", false, Some(200))) && seen.contains(&("DeleteBucket", true, Some(409)))
    );
    // What the sandbox asks for itself is not in the log.
    assert!(!seen.iter().any(|(operation, ..)| operation.starts_with("List")));
}

#[tokio::test]
async fn a_version_of_a_secret_bears_all_its_labels_at_once() {
    let aws = Aws::new();
    let call = async |operation: &str, body: serde_json::Value| {
        aws.json("secretsmanager", &format!("secretsmanager.{operation}"), &body).await
    };
    call("CreateSecret", json!({ "Name": "s", "SecretString": "one" })).await.done();
    for (value, label) in [("two", "K1"), ("three", "K1"), ("four", "K2")] {
        let put = json!({ "SecretId": "s", "SecretString": value, "VersionStages": ["AWSCURRENT", label] });
        call("PutSecretValue", put).await.done();
        let got = call("GetSecretValue", json!({ "SecretId": "s" })).await.done().value();
        assert_eq!(got["SecretString"], value);
        assert_eq!(got["VersionStages"], json!(["AWSCURRENT", label]));
    }
}

#[tokio::test]
async fn a_secret_has_a_policy_that_is_one() {
    let aws = Aws::new();
    let act = async |action: &str, body: serde_json::Value| {
        aws.json("secretsmanager", &format!("secretsmanager.{action}"), &body).await
    };
    act("CreateSecret", json!({ "Name": "s" })).await.done();
    let put = async |policy: serde_json::Value, blocks: bool| {
        let body =
            json!({ "SecretId": "s", "ResourcePolicy": policy.to_string(), "BlockPublicPolicy": blocks });
        act("PutResourcePolicy", body).await
    };
    put(json!({}), false).await.refused(400, "MalformedPolicyDocumentException");
    let mut public =
        json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }] });
    put(public.clone(), true).await.refused(400, "PublicPolicyException");
    put(public.clone(), false).await.done();
    public["Statement"][0]["Principal"] = json!({ "AWS": aws.account });
    put(public, true).await.done();
}

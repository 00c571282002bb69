//! Lines 280 to 282: who may do what.

use aws_sdk_kms::types::KeyMetadata;
use serde_json::{Value as Json, json};

use super::Expected;
use crate::cloud::{Cloud, statement};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    assert_bucket_is_restricted(cloud, expected, key).await;
    assert_access_role(cloud, expected, key).await;
    assert_monitoring_role(cloud, expected, key).await;
    for role in [expected.access_role(), expected.monitoring_role()] {
        let attached = cloud.iam.list_attached_role_policies().role_name(&role).send().await.unwrap();
        assert_eq!(
            attached.attached_policies().len(),
            0,
            "lines 47, 344 and 378: {role} has inline policies only"
        );
    }
}

async fn assert_bucket_is_restricted(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    let bucket = format!("arn:aws:s3:::{}", expected.bucket());
    let objects = format!("{bucket}/*");
    let policy = cloud.bucket_policy(&expected.bucket()).await;
    let statements = &policy["Statement"];
    for statement in statements.as_array().unwrap() {
        assert_eq!(
            statement["Effect"], "Deny",
            "line 311: nobody is let in who has no permission of his own"
        );
        assert_eq!(statement["Principal"], "*", "line 24: whoever it is");
    }
    let tls = statement(statements, "TlsOnly");
    assert_eq!(
        tls["Condition"],
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        "line 36: in transit"
    );
    let modern = statement(statements, "Tls12OrLater");
    assert_eq!(
        modern["Condition"],
        json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
        "line 305: TLS 1.2+"
    );
    for statement in [tls, modern] {
        assert_eq!(statement["Action"], "s3:*", "line 305");
        assert_eq!(statement["Resource"], json!([bucket, objects]), "line 305");
    }

    let authorised = statement(statements, "AuthorisedOnly");
    assert_eq!(authorised["Action"], "s3:*", "lines 24 and 310");
    let cited = "line 24: e-books, and not the bucket, so that whoever administers it is not locked out";
    assert_eq!(authorised["Resource"], objects, "{cited}");
    let allowed = json!([
        format!("arn:aws:iam::{}:root", expected.account),
        expected.role_arn(&expected.access_role()),
    ]);
    let condition = json!({ "ArnNotLike": { "aws:PrincipalArn": allowed } });
    assert_eq!(authorised["Condition"], condition, "lines 24 and 310: authorized roles only");

    let encrypted = &statement(statements, "KmsOnly")["Condition"]["StringNotEquals"];
    assert_eq!(*encrypted, json!({ "s3:x-amz-server-side-encryption": "aws:kms" }), "line 22: KMS, always");
    let own = &statement(statements, "OwnKeyOnly")["Condition"]["ArnNotEquals"];
    let of_key = json!({ "s3:x-amz-server-side-encryption-aws-kms-key-id": key.arn() });
    assert_eq!(*own, of_key, "line 306: the environment's key");
}

async fn assert_access_role(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    let role = expected.access_role();
    let trusted = trust(cloud, &role).await;
    let account = json!({ "AWS": [format!("arn:aws:iam::{}:root", expected.account)] });
    assert_eq!(trusted, [account], "lines 281 and 44: whom the account's own policies permit it");
    let statements = Json::Array(cloud.permissions(&role).await);
    let bucket = format!("arn:aws:s3:::{}", expected.bucket());
    assert_eq!(statements.as_array().unwrap().len(), 3, "line 309: least privilege of {role}: {statements}");
    let ebooks = statement(&statements, "Ebooks");
    assert_eq!(ebooks["Resource"], format!("{bucket}/*"), "line 309");
    let actions: Vec<&str> = ebooks["Action"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    for needed in ["s3:GetObject", "s3:PutObject"] {
        assert!(actions.contains(&needed), "lines 54 and 341: {needed}, of {actions:?}");
    }
    for excluded in ["s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:*"] {
        assert!(!actions.contains(&excluded), "lines 309 and 25: {excluded}, of {actions:?}");
    }
    assert_eq!(statement(&statements, "Find")["Resource"], json!(bucket), "line 309");
    assert_uses_key(&statements, key, "s3");
}

async fn assert_monitoring_role(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    let role = expected.monitoring_role();
    let lambda = json!({ "Service": "lambda.amazonaws.com" });
    assert_eq!(trust(cloud, &role).await, [lambda], "line 282: for Lambda");
    let statements = Json::Array(cloud.permissions(&role).await);
    assert_eq!(statements.as_array().unwrap().len(), 4, "line 309: least privilege of {role}: {statements}");
    let measure = statement(&statements, "Measure");
    assert_eq!(measure["Action"], "s3:ListBucketVersions", "line 309: it opens no e-book");
    assert_eq!(measure["Resource"], format!("arn:aws:s3:::{}", expected.bucket()), "line 309");
    let report = statement(&statements, "Report");
    assert_eq!(report["Action"], "sns:Publish", "line 27: it publishes");
    assert_eq!(report["Resource"], expected.topic(), "line 309");
    let logs = statement(&statements, "WriteLogs");
    let group = expected.arn("logs", &format!("log-group:/aws/lambda/{}:*", expected.function()));
    assert_eq!(logs["Resource"], group, "line 318: CloudWatch Logs");
    assert_uses_key(&statements, key, "sns");
}

fn assert_uses_key(statements: &Json, key: &KeyMetadata, service: &str) {
    let uses = statement(statements, "UseKey");
    assert_eq!(uses["Action"], json!(["kms:Decrypt", "kms:GenerateDataKey"]), "line 309");
    assert_eq!(uses["Resource"], json!(key.arn()), "line 306: the environment's key");
    let via = json!({ "StringEquals": { "kms:ViaService": format!("{service}.us-east-1.amazonaws.com") } });
    assert_eq!(uses["Condition"], via, "line 309: through {service} alone");
}

/// Whom a role trusts.
async fn trust(cloud: &Cloud, role: &str) -> Vec<Json> {
    let answer = cloud.iam.get_role().role_name(role).send().await.unwrap().role.unwrap();
    let document = answer.assume_role_policy_document().unwrap();
    let document = percent_encoding::percent_decode_str(document).decode_utf8().unwrap();
    let document: Json = serde_json::from_str(&document).unwrap();
    document["Statement"].as_array().unwrap().iter().map(|statement| statement["Principal"].clone()).collect()
}

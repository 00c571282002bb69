//! The two roles.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Access, Expected};
use crate::cloud::{Cloud, statements, texts};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let list = cloud.iam.list_roles().send().await.unwrap();
    let mut names: Vec<&str> = list.roles().iter().map(|role| role.role_name()).collect();
    names.sort_unstable();
    let wanted = [format!("{}-deployment", expected.name()), format!("{}-publisher", expected.name())];
    assert_eq!(
        names, wanted,
        "Security, line 116: a role to deploy with, and one for the publisher's backend"
    );
    assert_publisher(cloud, expected, &wanted[1]).await;
    assert_deployment(cloud, expected, &wanted[0]).await;
}

async fn assert_publisher(cloud: &Cloud, expected: &Expected<'_>, role: &str) {
    let cited = "Security, line 116: the publisher's backend";
    let trust = cloud.iam.get_role().role_name(role).send().await.unwrap().role.unwrap();
    let [trust] = &statements(trust.assume_role_policy_document().unwrap())[..] else {
        panic!("{cited} runs on AWS")
    };
    let services = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"];
    assert_eq!(texts(&trust["Principal"]["Service"]), services, "{cited} runs on AWS");

    let statements = policy(cloud, role).await;
    let of = |action: &str| {
        let found = statements.iter().find(|it| texts(&it["Action"]).contains(&action));
        found.unwrap_or_else(|| panic!("{cited} may {action}")).clone()
    };
    let books = format!("arn:aws:s3:::{}", expected.bucket());
    let upload = of("s3:PutObject");
    assert_eq!(upload["Resource"], format!("{books}/*"), "High-level Flow, line 47: it uploads books");
    assert_eq!(of("s3:ListBucket")["Resource"], books, "{cited}");
    let (distribution, _) = cloud.distribution().await;
    assert_eq!(of("cloudfront:CreateInvalidation")["Resource"], distribution.arn(), "{cited}");
    let secret = of("secretsmanager:GetSecretValue");
    let secret = secret["Resource"].as_str().unwrap();
    assert!(
        secret.contains(&expected.secret()),
        "Implementation Notes, line 94: it signs URLs, with {secret}"
    );
    if let Access::Control { .. } = expected.access {
        let key = of("kms:GenerateDataKey");
        let through = format!("s3.{}.amazonaws.com", expected.region);
        let through = json!({ "StringEquals": { "kms:ViaService": through } });
        assert_eq!(key["Condition"], through, "High-level Flow, line 47: encrypted, through S3 alone");
    }
    let actions = actions(&statements);
    assert!(
        !actions.iter().any(|action| action.contains('*')),
        "{cited} has the least privileges: {actions:?}"
    );
    assert!(!actions.contains("s3:GetObject"), "Acceptance, line 122: only CloudFront fetches objects");
}

async fn assert_deployment(cloud: &Cloud, expected: &Expected<'_>, role: &str) {
    let cited = "Security, line 116: the deployment";
    let statements = policy(cloud, role).await;
    let actions = actions(&statements);
    for whole in ["s3:*", "cloudfront:*", "kms:*", "iam:*", "*"] {
        assert!(!actions.contains(whole), "{cited} has the least privileges: {actions:?}");
    }
    for action in ["cloudfront:CreateDistribution", "cloudwatch:PutMetricAlarm", "s3:CreateBucket"] {
        assert!(actions.contains(action), "{cited} may {action}");
    }
    let cited = "Security, line 116: the deployment reads neither books nor the key, and changes no role";
    let forbidden = ["s3:GetObject", "secretsmanager:GetSecretValue", "kms:Decrypt", "iam:PutRolePolicy"];
    assert!(forbidden.iter().all(|action| !actions.contains(*action)), "{cited}");
    let empties = actions.contains("s3:DeleteObject");
    assert_eq!(empties, expected.environment != "prod", "{cited}, nor deletes books in production");
    let manages_key = matches!(expected.access, Access::Control { given_key: None });
    assert_eq!(actions.contains("kms:PutKeyPolicy"), manages_key, "{cited}, nor a key that is not its own");
    let buckets = statements.iter().find(|it| texts(&it["Action"]).contains(&"s3:CreateBucket")).unwrap();
    let own = [expected.bucket(), expected.log_bucket()].map(|bucket| format!("arn:aws:s3:::{bucket}"));
    assert_eq!(texts(&buckets["Resource"]), own, "{cited}; it has its own buckets");
    let domain = actions.contains("route53:ChangeResourceRecordSets");
    assert_eq!(domain, expected.domain.is_some(), "{cited}; DNS only where there is a domain");
}

/// The statements of the only policy of a role.
async fn policy(cloud: &Cloud, role: &str) -> Vec<Json> {
    let attached = cloud.iam.list_attached_role_policies().role_name(role).send().await.unwrap();
    assert_eq!(attached.attached_policies().len(), 0, "no policy that AWS wrote for everyone");
    let names = cloud.iam.list_role_policies().role_name(role).send().await.unwrap();
    let [name] = names.policy_names() else { panic!("one policy of {role}") };
    let answer = cloud.iam.get_role_policy().role_name(role).policy_name(name).send().await.unwrap();
    let statements = statements(answer.policy_document());
    assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
    statements
}

fn actions(statements: &[Json]) -> BTreeSet<String> {
    statements.iter().flat_map(|it| texts(&it["Action"])).map(str::to_owned).collect()
}

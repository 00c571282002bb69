//! §5: what MediaConvert and Rails may do.

use std::collections::BTreeSet;

use serde_json::json;

use super::Expected;
use crate::cloud::{Cloud, allowed, policy};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    media_convert(cloud, expected).await;
    rails(cloud, expected).await;
}

async fn media_convert(cloud: &Cloud, expected: &Expected<'_>) {
    let role = expected.role_name();
    let found = cloud.iam.get_role().role_name(&role).send().await.unwrap().role.unwrap();
    let trust = policy(found.assume_role_policy_document().unwrap());
    let statement = &trust["Statement"][0];
    let service = json!({ "Service": "mediaconvert.amazonaws.com" });
    assert_eq!(trust["Statement"].as_array().unwrap().len(), 1, "§5.1, line 163: nobody else");
    assert_eq!(statement["Effect"], "Allow", "§5.1, line 163");
    assert_eq!(statement["Principal"], service, "§5.1, line 163: assumed by MediaConvert");
    assert_eq!(statement["Action"], "sts:AssumeRole", "§5.1, line 163: assumed by MediaConvert");

    let attached = cloud.iam.list_attached_role_policies().role_name(&role).send().await.unwrap();
    assert_eq!(attached.attached_policies().len(), 0, "§5.1, line 163: these permissions and no other");
    let names = cloud.iam.list_role_policies().role_name(&role).send().await.unwrap().policy_names;
    assert_eq!(names.len(), 1, "§5.1, line 163: with policy");
    let answer = cloud.iam.get_role_policy().role_name(&role).policy_name(&names[0]).send().await.unwrap();
    let masters = format!("arn:aws:s3:::{}", expected.master_bucket());
    let outputs = format!("arn:aws:s3:::{}", expected.output_bucket());
    let logs = format!(
        "arn:aws:logs:{}:{}:log-group:/aws/mediaconvert/{}-{}",
        expected.region, expected.account, expected.project, expected.environment
    );
    // §5.1, lines 164 to 169.
    let exactly = [
        ("s3:GetObject", format!("{masters}/*")),
        ("s3:GetObjectVersion", format!("{masters}/*")),
        ("s3:ListBucket", masters),
        ("s3:PutObject", format!("{outputs}/*")),
        ("s3:AbortMultipartUpload", format!("{outputs}/*")),
        ("s3:ListBucket", outputs.clone()),
        ("s3:GetBucketLocation", outputs),
        ("logs:CreateLogGroup", logs.clone()),
        ("logs:CreateLogStream", logs.clone()),
        ("logs:PutLogEvents", logs.clone()),
        ("logs:CreateLogGroup", format!("{logs}:*")),
        ("logs:CreateLogStream", format!("{logs}:*")),
        ("logs:PutLogEvents", format!("{logs}:*")),
    ];
    let found = allowed(&policy(answer.policy_document()));
    assert_eq!(found, pairs(exactly), "§5.1, lines 164 to 169: what MediaConvert may do");
}

async fn rails(cloud: &Cloud, expected: &Expected<'_>) {
    let arn = expected.rails_policy();
    let found = cloud.iam.get_policy().policy_arn(&arn).send().await.unwrap().policy.unwrap();
    let version = found.default_version_id().unwrap();
    let answer = cloud.iam.get_policy_version().policy_arn(&arn).version_id(version).send().await.unwrap();
    let document = policy(answer.policy_version.unwrap().document().unwrap());

    let media_convert = format!("arn:aws:mediaconvert:{}:{}", expected.region, expected.account);
    let queue = format!("{media_convert}:queues/{}-{}", expected.project, expected.environment);
    let role = format!("arn:aws:iam::{}:role/{}", expected.account, expected.role_name());
    let uploads = format!("arn:aws:s3:::{}/uploads/*", expected.master_bucket());
    let secret = cloud.secrets.describe_secret().secret_id(expected.secret_name()).send().await.unwrap();
    let exactly = [
        // §5.2, line 177: what a presigned upload needs of its signer, on a prefix.
        ("s3:PutObject", uploads),
        // §5.2, lines 179 to 181.
        ("mediaconvert:CreateJob", queue.clone()),
        ("mediaconvert:CreateJob", format!("{media_convert}:jobTemplates/*")),
        ("mediaconvert:CreateJob", format!("{media_convert}:presets/*")),
        ("mediaconvert:GetJob", format!("{media_convert}:jobs/*")),
        ("mediaconvert:ListJobs", queue),
        ("mediaconvert:ListJobs", format!("{media_convert}:jobTemplates/*")),
        ("mediaconvert:ListJobs", format!("{media_convert}:presets/*")),
        // §6.1, lines 194 and 198.
        ("mediaconvert:DescribeEndpoints", "*".to_owned()),
        // What CreateJob demands of who names a role (§5.1, line 171).
        ("iam:PassRole", role),
        // §5.2, line 183.
        ("secretsmanager:GetSecretValue", secret.arn.unwrap()),
    ];
    assert_eq!(allowed(&document), pairs(exactly), "§5.2, lines 175 to 183: what Rails may do");
}

fn pairs<const COUNT: usize>(pairs: [(&str, String); COUNT]) -> BTreeSet<(String, String)> {
    pairs.into_iter().map(|(action, resource)| (action.to_owned(), resource)).collect()
}

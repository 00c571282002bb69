//! The AWS side of a world, through the SDK: what is there in truth, whatever our state says.

use provision_tests::World;
use serde_json::Value as Json;

/// Clients of a world's account.
pub(crate) struct Cloud {
    pub(crate) events: aws_sdk_eventbridge::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

impl Cloud {
    pub(crate) fn of(world: &World) -> Self {
        let sdk = world.sdk();
        Self {
            events: aws_sdk_eventbridge::Client::new(&sdk),
            iam: aws_sdk_iam::Client::new(&sdk),
            kms: aws_sdk_kms::Client::new(&sdk),
            lambda: aws_sdk_lambda::Client::new(&sdk),
            logs: aws_sdk_cloudwatchlogs::Client::new(&sdk),
            s3: world.s3(),
            sns: aws_sdk_sns::Client::new(&sdk),
            sqs: aws_sdk_sqs::Client::new(&sdk),
        }
    }

    /// The policy of a bucket.
    pub(crate) async fn bucket_policy(&self, bucket: &str) -> Json {
        let answer = self.s3.get_bucket_policy().bucket(bucket).send().await.unwrap();
        serde_json::from_str(answer.policy().unwrap()).unwrap()
    }

    /// The statements of the only inline policy of a role, which is all that it is permitted.
    pub(crate) async fn permissions(&self, role: &str) -> Vec<Json> {
        let names = self.iam.list_role_policies().role_name(role).send().await.unwrap();
        let [name] = names.policy_names() else { panic!("one policy, not {:?}", names.policy_names()) };
        let policy = self.iam.get_role_policy().role_name(role).policy_name(name).send().await.unwrap();
        let document = percent_encoding::percent_decode_str(policy.policy_document()).decode_utf8().unwrap();
        let document: Json = serde_json::from_str(&document).unwrap();
        document["Statement"].as_array().unwrap().clone()
    }

    /// The names of all buckets.
    pub(crate) async fn buckets(&self) -> Vec<String> {
        let list = self.s3.list_buckets().send().await.unwrap();
        let mut names: Vec<String> =
            list.buckets().iter().filter_map(|bucket| bucket.name().map(str::to_owned)).collect();
        names.sort();
        names
    }
}

/// The statement with that `Sid`.
pub(crate) fn statement<'a>(statements: &'a Json, sid: &str) -> &'a Json {
    let all = statements.as_array().unwrap();
    all.iter().find(|statement| statement["Sid"] == sid).unwrap_or_else(|| panic!("{sid} is in {statements}"))
}

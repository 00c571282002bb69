//! The AWS side of a world, through the SDK: what is there in truth, whatever our state says.

use aws_sdk_cloudfront::types::{Distribution, DistributionConfig};
use aws_sdk_s3::config::Region;
use provision_tests::World;
use serde_json::Value as Json;

/// Clients of a world's account.
pub(crate) struct Cloud {
    pub(crate) acm: aws_sdk_acm::Client,
    /// In us-east-1, where the metrics of CloudFront are.
    pub(crate) alarms: aws_sdk_cloudwatch::Client,
    pub(crate) cloudfront: aws_sdk_cloudfront::Client,
    /// In the region of the environment.
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    pub(crate) s3: aws_sdk_s3::Client,
}

impl Cloud {
    /// The clients, in a region.
    pub(crate) fn of(world: &World, region: &'static str) -> Self {
        let global = world.sdk();
        let sdk = global.to_builder().region(Region::new(region)).build();
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
        Self {
            acm: aws_sdk_acm::Client::new(&global),
            alarms: aws_sdk_cloudwatch::Client::new(&global),
            cloudfront: aws_sdk_cloudfront::Client::new(&sdk),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&sdk),
            iam: aws_sdk_iam::Client::new(&sdk),
            kms: aws_sdk_kms::Client::new(&sdk),
            route53: aws_sdk_route53::Client::new(&sdk),
            s3: aws_sdk_s3::Client::from_conf(s3),
        }
    }

    /// The only distribution, and its configuration.
    pub(crate) async fn distribution(&self) -> (Distribution, DistributionConfig) {
        let list = self.cloudfront.list_distributions().send().await.unwrap();
        let [summary] = list.distribution_list().unwrap().items() else {
            panic!("one distribution, not {list:?}")
        };
        let request = self.cloudfront.get_distribution().id(summary.id());
        let distribution = request.send().await.unwrap().distribution.unwrap();
        let config = distribution.distribution_config.clone().unwrap();
        (distribution, config)
    }

    /// The statements of the policy of a bucket.
    pub(crate) async fn bucket_policy(&self, bucket: &str) -> Vec<Json> {
        let answer = self.s3.get_bucket_policy().bucket(bucket).send().await.unwrap();
        statements(answer.policy().unwrap())
    }

    /// Makes a KMS key under an alias, and gives its ARN.
    pub(crate) async fn make_key(&self, alias: &str) -> String {
        let key = self.kms.create_key().send().await.unwrap().key_metadata.unwrap();
        self.kms.create_alias().alias_name(alias).target_key_id(key.key_id()).send().await.unwrap();
        key.arn.unwrap()
    }
}

/// The statements of a policy as IAM, S3 and KMS answer it.
pub(crate) fn statements(document: &str) -> Vec<Json> {
    let text = percent_encoding::percent_decode_str(document).decode_utf8().unwrap();
    let policy: Json = serde_json::from_str(&text).unwrap();
    policy["Statement"].as_array().unwrap().clone()
}

/// One text, or each of a list of them.
pub(crate) fn texts(value: &Json) -> Vec<&str> {
    let one = std::slice::from_ref(value);
    value.as_array().map_or(one, Vec::as_slice).iter().map(|text| text.as_str().unwrap()).collect()
}

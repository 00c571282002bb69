//! The AWS side of a world, through the SDK: what is there in truth, whatever our state says.

use aws_sdk_s3::config::Region;
use provision_tests::World;
use serde_json::Value as Json;

/// Clients of a world's account.
pub(crate) struct Cloud {
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) cloudfront: aws_sdk_cloudfront::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) mediaconvert: aws_sdk_mediaconvert::Client,
    pub route53: aws_sdk_route53::Client,
    pub s3: aws_sdk_s3::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
}

impl Cloud {
    /// The clients, in a region.
    pub(crate) fn of(world: &World, region: &'static str) -> Self {
        let global = world.sdk();
        let sdk = global.to_builder().region(Region::new(region)).build();
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
        Self {
            // The certificates of CloudFront are in this one, wherever the rest is.
            acm: aws_sdk_acm::Client::new(&global),
            cloudfront: aws_sdk_cloudfront::Client::new(&sdk),
            iam: aws_sdk_iam::Client::new(&sdk),
            logs: aws_sdk_cloudwatchlogs::Client::new(&sdk),
            mediaconvert: aws_sdk_mediaconvert::Client::new(&sdk),
            route53: aws_sdk_route53::Client::new(&sdk),
            s3: aws_sdk_s3::Client::from_conf(s3),
            secrets: aws_sdk_secretsmanager::Client::new(&sdk),
        }
    }

    /// The only distribution, and its configuration.
    pub(crate) async fn distribution(
        &self,
    ) -> (aws_sdk_cloudfront::types::Distribution, aws_sdk_cloudfront::types::DistributionConfig) {
        let list = self.cloudfront.list_distributions().send().await.unwrap();
        let ids: Vec<String> =
            list.distribution_list().unwrap().items().iter().map(|summary| summary.id.clone()).collect();
        let [id] = ids.as_slice() else { panic!("one distribution, not {ids:?}") };
        let distribution =
            self.cloudfront.get_distribution().id(id).send().await.unwrap().distribution.unwrap();
        let config = distribution.distribution_config.clone().unwrap();
        (distribution, config)
    }

    /// The configuration of the only distribution, changed behind our back.
    pub(crate) async fn change_distribution(
        &self,
        change: impl FnOnce(&mut aws_sdk_cloudfront::types::DistributionConfig),
    ) {
        let (distribution, mut config) = self.distribution().await;
        change(&mut config);
        let current = self.cloudfront.get_distribution().id(&distribution.id).send().await.unwrap();
        self.cloudfront
            .update_distribution()
            .id(&distribution.id)
            .set_if_match(current.e_tag)
            .distribution_config(config)
            .send()
            .await
            .unwrap();
    }

    /// The policy of a bucket.
    pub(crate) async fn bucket_policy(&self, bucket: &str) -> Json {
        let answer = self.s3.get_bucket_policy().bucket(bucket).send().await.unwrap();
        serde_json::from_str(answer.policy().unwrap()).unwrap()
    }
}

/// A policy as IAM answers it.
pub(crate) fn policy(document: &str) -> Json {
    let text = percent_encoding::percent_decode_str(document).decode_utf8().unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the statements of a policy allow, as pairs of an action and a resource.
pub(crate) fn allowed(policy: &Json) -> std::collections::BTreeSet<(String, String)> {
    let texts = |value: &Json| -> Vec<String> {
        let one = std::slice::from_ref(value);
        let all = value.as_array().map_or(one, Vec::as_slice);
        all.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let mut pairs = std::collections::BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        for action in texts(&statement["Action"]) {
            for resource in texts(&statement["Resource"]) {
                pairs.insert((action.clone(), resource));
            }
        }
    }
    pairs
}

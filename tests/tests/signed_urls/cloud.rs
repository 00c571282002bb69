//! The AWS side of a world, through the SDK: what is there in truth, whatever our state says.

use std::collections::BTreeMap;

use aws_sdk_acm::primitives::Blob;
use aws_sdk_cloudfront::types::{Distribution, DistributionConfig};
use provision_tests::World;
use serde_json::Value as Json;

/// Clients of a world's account.
pub(crate) struct Cloud {
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) cloudfront: aws_sdk_cloudfront::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
}

/// The outputs of an environment, by name.
pub(crate) type Outputs = BTreeMap<String, Json>;

impl Cloud {
    pub(crate) fn of(world: &World) -> Self {
        let sdk = world.sdk();
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
        Self {
            acm: aws_sdk_acm::Client::new(&sdk),
            cloudfront: aws_sdk_cloudfront::Client::new(&sdk),
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            iam: aws_sdk_iam::Client::new(&sdk),
            route53: aws_sdk_route53::Client::new(&sdk),
            s3: aws_sdk_s3::Client::from_conf(s3),
            secrets: aws_sdk_secretsmanager::Client::new(&sdk),
        }
    }

    /// The only distribution, and its configuration.
    pub(crate) async fn distribution(&self) -> (Distribution, DistributionConfig) {
        let list = self.cloudfront.list_distributions().send().await.unwrap();
        let ids: Vec<String> =
            list.distribution_list().unwrap().items().iter().map(|summary| summary.id.clone()).collect();
        let [id] = ids.as_slice() else { panic!("one distribution, not {ids:?}") };
        let answer = self.cloudfront.get_distribution().id(id).send().await.unwrap();
        let distribution = answer.distribution.unwrap();
        let config = distribution.distribution_config.clone().unwrap();
        (distribution, config)
    }

    /// A zone that was there before.
    pub(crate) async fn make_zone(&self, name: &str) -> String {
        let request = self.route53.create_hosted_zone().name(name).caller_reference(name);
        let id = request.send().await.unwrap().hosted_zone.unwrap().id;
        id.trim_start_matches("/hostedzone/").to_owned()
    }

    /// A certificate that was there before.
    pub(crate) async fn make_certificate(&self) -> String {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let request = self.acm.import_certificate().certificate(Blob::new(pem)).private_key(Blob::new("key"));
        request.send().await.unwrap().certificate_arn.unwrap()
    }
}

/// The outputs of an environment that is applied.
pub(crate) fn outputs(world: &World, environment: &str) -> Outputs {
    let text = world.succeed(&["output", environment, "--json"]).stdout;
    let outputs: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    outputs.into_iter().map(|(name, output)| (name, output["value"].clone())).collect()
}

/// A policy as IAM answers it.
pub(crate) fn policy(document: &str) -> Json {
    let text = percent_encoding::percent_decode_str(document).decode_utf8().unwrap();
    serde_json::from_str(&text).unwrap()
}

/// One string, or a list of several.
pub(crate) fn texts(value: &Json) -> Vec<String> {
    let one = std::slice::from_ref(value);
    let mut texts: Vec<String> = value
        .as_array()
        .map_or(one, Vec::as_slice)
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    texts.sort_unstable();
    texts
}

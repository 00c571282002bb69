//! How origins are reached: `custom_origin_config`, `s3_origin_config` and `vpc_origin_config`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// How to reach a server that is no bucket.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct CustomOrigin {
    /// Port for HTTP: 80, 443 or one from 1024.
    #[schemars(range(min = 1, max = 65535))]
    http_port: i32,
    /// Port for HTTPS: 80, 443 or one from 1024.
    #[schemars(range(min = 1, max = 65535))]
    https_port: i32,
    /// Which protocol is spoken with the origin.
    #[schemars(extend("enum" = ["http-only", "https-only", "match-viewer"]))]
    origin_protocol_policy: String,
    /// Versions of TLS that may be spoken with the origin.
    #[schemars(
        length(min = 1),
        extend("items" = { "type": "string", "enum": ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"] })
    )]
    origin_ssl_protocols: BTreeSet<String>,
    /// Which versions of IP are spoken with the origin.
    #[schemars(extend("enum" = ["ipv4", "ipv6", "dualstack"], "computed" = true))]
    ip_address_type: Option<String>,
    /// Seconds that an idle connection is kept.
    #[schemars(range(min = 1))]
    #[serde(default = "five")]
    origin_keepalive_timeout: i32,
    /// Seconds that CloudFront waits for each part of an answer. More than 120 needs a quota.
    #[schemars(range(min = 1))]
    #[serde(default = "thirty")]
    origin_read_timeout: i32,
}

/// How to reach a bucket with an origin access identity.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct S3Origin {
    /// Path of the identity: its `cloudfront_access_identity_path`.
    pub(super) origin_access_identity: String,
}

/// How to reach a server in a private subnet.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct VpcOrigin {
    /// Id of the VPC origin.
    #[schemars(length(min = 1))]
    vpc_origin_id: String,
    /// Seconds that an idle connection is kept.
    #[schemars(range(min = 1))]
    #[serde(default = "five")]
    origin_keepalive_timeout: i32,
    /// Seconds that CloudFront waits for each part of an answer. More than 120 needs a quota.
    #[schemars(range(min = 1))]
    #[serde(default = "thirty")]
    origin_read_timeout: i32,
}

fn five() -> i32 {
    5
}

fn thirty() -> i32 {
    30
}

impl CustomOrigin {
    pub(super) fn from_sdk(config: &sdk::CustomOriginConfig) -> Self {
        Self {
            http_port: config.http_port(),
            https_port: config.https_port(),
            origin_protocol_policy: config.origin_protocol_policy().as_str().to_owned(),
            origin_ssl_protocols: config
                .origin_ssl_protocols()
                .map(|protocols| protocols.items())
                .unwrap_or_default()
                .iter()
                .map(|protocol| protocol.as_str().to_owned())
                .collect(),
            ip_address_type: config.ip_address_type().map(|kind| kind.as_str().to_owned()),
            origin_keepalive_timeout: config.origin_keepalive_timeout().unwrap_or_else(five),
            origin_read_timeout: config.origin_read_timeout().unwrap_or_else(thirty),
        }
    }

    pub(super) fn to_sdk(
        &self,
        current: Option<sdk::CustomOriginConfig>,
    ) -> Result<sdk::CustomOriginConfig, KindError> {
        let protocols = sdk::OriginSslProtocols::builder()
            .quantity(self.origin_ssl_protocols.len() as i32)
            .set_items(Some(self.origin_ssl_protocols.iter().map(|name| name.as_str().into()).collect()))
            .build()
            .map_err(malformed)?;
        let mut config = match current {
            Some(current) => current,
            None => sdk::CustomOriginConfig::builder()
                .http_port(self.http_port)
                .https_port(self.https_port)
                .origin_protocol_policy(self.origin_protocol_policy.as_str().into())
                .build()
                .map_err(malformed)?,
        };
        config.http_port = self.http_port;
        config.https_port = self.https_port;
        config.origin_protocol_policy = self.origin_protocol_policy.as_str().into();
        config.origin_ssl_protocols = Some(protocols);
        if let Some(kind) = &self.ip_address_type {
            config.ip_address_type = Some(kind.as_str().into());
        }
        config.origin_keepalive_timeout = Some(self.origin_keepalive_timeout);
        config.origin_read_timeout = Some(self.origin_read_timeout);
        Ok(config)
    }
}

impl VpcOrigin {
    pub(super) fn from_sdk(config: &sdk::VpcOriginConfig) -> Self {
        Self {
            vpc_origin_id: config.vpc_origin_id().to_owned(),
            origin_keepalive_timeout: config.origin_keepalive_timeout().unwrap_or_else(five),
            origin_read_timeout: config.origin_read_timeout().unwrap_or_else(thirty),
        }
    }

    pub(super) fn to_sdk(
        &self,
        current: Option<sdk::VpcOriginConfig>,
    ) -> Result<sdk::VpcOriginConfig, KindError> {
        let mut config = match current {
            Some(current) => current,
            None => sdk::VpcOriginConfig::builder()
                .vpc_origin_id(&self.vpc_origin_id)
                .build()
                .map_err(malformed)?,
        };
        config.vpc_origin_id = self.vpc_origin_id.clone();
        config.origin_keepalive_timeout = Some(self.origin_keepalive_timeout);
        config.origin_read_timeout = Some(self.origin_read_timeout);
        Ok(config)
    }
}

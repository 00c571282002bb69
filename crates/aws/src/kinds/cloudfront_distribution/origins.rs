//! Where CloudFront gets objects from: `origin`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::origin_connections::{CustomOrigin, S3Origin, VpcOrigin};
use crate::call::malformed;
use crate::cloudfront::set;

/// A place to get objects from. Without `custom_origin_config` and `vpc_origin_config` it is an S3 bucket.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Origin {
    /// Name of the origin within the distribution: what behaviors and origin groups refer to.
    #[schemars(length(min = 1, max = 128))]
    origin_id: String,
    /// Domain name of the bucket (`bucket_regional_domain_name`) or server.
    #[schemars(length(min = 1, max = 253))]
    domain_name: String,
    /// Beginning of the path at the origin, put before that of each request; with no `/` at its end.
    #[schemars(length(max = 255), regex(pattern = r"^(/.*[^/])?$"))]
    #[serde(default)]
    origin_path: String,
    /// Times that CloudFront tries to connect.
    #[schemars(range(min = 1, max = 3))]
    #[serde(default = "three")]
    connection_attempts: i32,
    /// Seconds that CloudFront waits for a connection.
    #[schemars(range(min = 1, max = 10))]
    #[serde(default = "ten")]
    connection_timeout: i32,
    /// Seconds that a request to the origin may take in all; 0: no limit.
    #[schemars(range(min = 0))]
    #[serde(default)]
    response_completion_timeout: i32,
    /// Id of the origin access control that signs the requests.
    #[schemars(length(min = 1))]
    origin_access_control_id: Option<String>,
    /// Headers that CloudFront adds to each request to the origin.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    custom_header: Vec<Header>,
    /// A cache in one region that all edge locations share, in front of the origin.
    #[serde(default)]
    origin_shield: OriginShield,
    /// How to reach a server that is no bucket: one with a name of its own, or a bucket's website endpoint.
    custom_origin_config: Option<CustomOrigin>,
    /// How to reach a bucket with an origin access identity. An origin access control needs none.
    s3_origin_config: Option<S3Origin>,
    /// How to reach a server in a private subnet.
    vpc_origin_config: Option<VpcOrigin>,
}

/// A header that CloudFront adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Header {
    /// Name.
    #[schemars(length(min = 1))]
    name: String,
    /// Value.
    value: String,
}

/// A cache in one region that all edge locations share, in front of the origin.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub(super) struct OriginShield {
    /// Whether it is used.
    #[serde(default)]
    enabled: bool,
    /// Region of the cache: the one nearest to the origin.
    #[schemars(regex(pattern = r"^[a-z]{2}(-[a-z]+)+-\d+$"))]
    origin_shield_region: Option<String>,
}

fn three() -> i32 {
    3
}

fn ten() -> i32 {
    10
}

impl Origin {
    pub(super) fn origin_id(&self) -> &str {
        &self.origin_id
    }

    /// From what AWS has; `prior` is what the state holds of the same origin.
    pub(super) fn from_sdk(origin: &sdk::Origin, prior: Option<&Self>) -> Self {
        Self {
            origin_id: origin.id().to_owned(),
            domain_name: origin.domain_name().to_owned(),
            origin_path: origin.origin_path().unwrap_or_default().to_owned(),
            connection_attempts: origin.connection_attempts().unwrap_or_else(three),
            connection_timeout: origin.connection_timeout().unwrap_or_else(ten),
            response_completion_timeout: origin.response_completion_timeout().unwrap_or_default(),
            origin_access_control_id: set(origin.origin_access_control_id()),
            custom_header: origin
                .custom_headers()
                .map(|headers| headers.items())
                .unwrap_or_default()
                .iter()
                .map(|header| Header {
                    name: header.header_name().to_owned(),
                    value: header.header_value().to_owned(),
                })
                .collect(),
            origin_shield: OriginShield::from_sdk(
                origin.origin_shield(),
                prior.map(|prior| &prior.origin_shield),
            ),
            custom_origin_config: origin.custom_origin_config().map(CustomOrigin::from_sdk),
            // An S3 origin has this part always; empty, it means no identity.
            s3_origin_config: origin
                .s3_origin_config()
                .and_then(|config| set(Some(config.origin_access_identity())))
                .map(|origin_access_identity| S3Origin { origin_access_identity }),
            vpc_origin_config: origin.vpc_origin_config().map(VpcOrigin::from_sdk),
        }
    }

    /// As AWS takes it; `current` is what it has, of which the parts stay that are not modelled here.
    pub(super) fn to_sdk(&self, current: Option<&sdk::Origin>) -> Result<sdk::Origin, KindError> {
        let mut origin = match current {
            Some(current) => current.clone(),
            None => sdk::Origin::builder()
                .id(&self.origin_id)
                .domain_name(&self.domain_name)
                .build()
                .map_err(malformed)?,
        };
        origin.domain_name = self.domain_name.clone();
        origin.origin_path = Some(self.origin_path.clone());
        origin.connection_attempts = Some(self.connection_attempts);
        origin.connection_timeout = Some(self.connection_timeout);
        origin.response_completion_timeout =
            (self.response_completion_timeout > 0).then_some(self.response_completion_timeout);
        origin.origin_access_control_id = Some(self.origin_access_control_id.clone().unwrap_or_default());
        origin.custom_headers = Some(self.headers()?);
        origin.origin_shield = Some(self.origin_shield.to_sdk()?);
        let is_bucket = self.custom_origin_config.is_none() && self.vpc_origin_config.is_none();
        origin.s3_origin_config = is_bucket.then(|| {
            let mut config = match origin.s3_origin_config.take() {
                Some(current) => current,
                None => sdk::S3OriginConfig::builder().origin_access_identity("").build(),
            };
            config.origin_access_identity = self
                .s3_origin_config
                .as_ref()
                .map(|config| config.origin_access_identity.clone())
                .unwrap_or_default();
            config
        });
        origin.custom_origin_config = match &self.custom_origin_config {
            Some(config) => Some(config.to_sdk(origin.custom_origin_config.take())?),
            None => None,
        };
        origin.vpc_origin_config = match &self.vpc_origin_config {
            Some(config) => Some(config.to_sdk(origin.vpc_origin_config.take())?),
            None => None,
        };
        Ok(origin)
    }

    fn headers(&self) -> Result<sdk::CustomHeaders, KindError> {
        let items = self
            .custom_header
            .iter()
            .map(|header| {
                sdk::OriginCustomHeader::builder()
                    .header_name(&header.name)
                    .header_value(&header.value)
                    .build()
                    .map_err(malformed)
            })
            .collect::<Result<Vec<_>, _>>()?;
        sdk::CustomHeaders::builder()
            .quantity(items.len() as i32)
            .set_items((!items.is_empty()).then_some(items))
            .build()
            .map_err(malformed)
    }
}

impl OriginShield {
    fn from_sdk(shield: Option<&sdk::OriginShield>, prior: Option<&Self>) -> Self {
        let enabled = shield.is_some_and(sdk::OriginShield::enabled);
        let region = set(shield.and_then(sdk::OriginShield::origin_shield_region));
        // Of a shield that is off, AWS need not know where it would be.
        let remembered = || prior.filter(|_| !enabled)?.origin_shield_region.clone();
        Self { enabled, origin_shield_region: region.or_else(remembered) }
    }

    fn to_sdk(&self) -> Result<sdk::OriginShield, KindError> {
        sdk::OriginShield::builder()
            .enabled(self.enabled)
            .set_origin_shield_region(self.origin_shield_region.clone().filter(|_| self.enabled))
            .build()
            .map_err(malformed)
    }
}

/// The origins as AWS takes them; `current` is what it has.
pub(super) fn to_sdk(origins: &[Origin], current: Option<&sdk::Origins>) -> Result<sdk::Origins, KindError> {
    let current = current.map(sdk::Origins::items).unwrap_or_default();
    let items = origins
        .iter()
        .map(|origin| origin.to_sdk(current.iter().find(|current| current.id() == origin.origin_id)))
        .collect::<Result<Vec<_>, _>>()?;
    sdk::Origins::builder().quantity(items.len() as i32).set_items(Some(items)).build().map_err(malformed)
}

/// What is wrong with the configured origins. They are a set, so a problem names the origin that it is about.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for origin in configuration.get("origin").items() {
        let name = origin.get("origin_id").as_str().unwrap_or("…");
        let mut refuse = |message: String, hint: &str| {
            problems.push(Problem::new("origin", format!("origin \"{name}\": {message}")).with_hint(hint));
        };
        if origin.get("origin_id").as_str().is_some_and(|name| !names.insert(name)) {
            refuse("there is another origin with this `origin_id`".to_owned(), "give each its own");
        }
        const CONFIGS: [&str; 3] = ["custom_origin_config", "s3_origin_config", "vpc_origin_config"];
        let configs: Vec<&str> =
            CONFIGS.into_iter().filter(|config| origin.get(config).as_map().is_some()).collect();
        if let [first, second, ..] = configs[..] {
            refuse(format!("`{first}` and `{second}` exclude each other"), "keep one of them");
        }
        let is_bucket = CONFIGS.iter().all(|config| origin.get(config).is_null())
            || origin.get("s3_origin_config").as_map().is_some();
        if is_bucket
            && let Some(domain) = origin.get("domain_name").as_str()
            && !(domain.contains(".s3.") || domain.contains(".s3-") && !domain.contains(".s3-website"))
        {
            refuse(
                format!("{domain} is no bucket, so CloudFront has to be told how to reach it"),
                "add `custom_origin_config`; for a bucket use its `bucket_regional_domain_name`",
            );
        }
        let identity = origin.get("s3_origin_config").get("origin_access_identity");
        if identity.as_str().is_some_and(|path| !path.starts_with("origin-access-identity/cloudfront/")) {
            refuse(
                "`origin_access_identity` is no path of an identity".to_owned(),
                "use `cloudfront_access_identity_path`, or leave `s3_origin_config` out for an origin access control",
            );
        }
        if identity.as_str().is_some() && origin.get("origin_access_control_id").as_str().is_some() {
            refuse(
                "`origin_access_control_id` and an origin access identity exclude each other".to_owned(),
                "remove `s3_origin_config`: the origin access control takes its place",
            );
        }
        for port in ["http_port", "https_port"] {
            let number = origin.get("custom_origin_config").get(port).as_i64();
            if number.is_some_and(|number| number < 1024 && !matches!(number, 80 | 443)) {
                refuse(
                    format!("`{port}` is 80, 443 or at least 1024"),
                    "let the origin listen on such a port",
                );
            }
        }
        let shield = origin.get("origin_shield");
        if shield.get("enabled").as_bool() == Some(true) && shield.get("origin_shield_region").is_null() {
            refuse(
                "`origin_shield` needs an `origin_shield_region`".to_owned(),
                "choose the region nearest to the origin",
            );
        }
        let completion = origin.get("response_completion_timeout").as_i64().unwrap_or_default();
        for config in ["custom_origin_config", "vpc_origin_config"] {
            let part = origin.get(config).get("origin_read_timeout").as_i64();
            if completion > 0 && part.is_some_and(|part| part > completion) {
                refuse(
                    "`response_completion_timeout` is less than `origin_read_timeout`".to_owned(),
                    "the whole answer may take no less time than a part of it",
                );
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    /// The local AWS has no VPC origins, so here is all that can be tested of them.
    #[test]
    fn a_vpc_origin_goes_there_and_back() -> Result<(), Box<dyn std::error::Error>> {
        let origin: Origin = from_value(json!({
            "origin_id": "api",
            "domain_name": "internal.example.com",
            "vpc_origin_config": { "vpc_origin_id": "vo_1", "origin_keepalive_timeout": 9, "origin_read_timeout": 60 },
        }))?;
        let mut sent = origin.to_sdk(None)?;
        assert!(sent.s3_origin_config.is_none() && sent.custom_origin_config.is_none());
        assert_eq!(to_value(Origin::from_sdk(&sent, None))?, to_value(&origin)?);

        // What is not modelled stays as AWS has it.
        if let Some(config) = &mut sent.vpc_origin_config {
            config.owner_account_id = Some("123456789012".to_owned());
        }
        let again = origin.to_sdk(Some(&sent))?;
        assert_eq!(again, sent);
        Ok(())
    }
}

//! What CloudFront does with requests: `default_cache_behavior` and `ordered_cache_behavior`.
#![expect(
    deprecated,
    reason = "TTLs and forwarded values without a cache policy are the older way, and work"
)]

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::associations::{self, FunctionAssociation, LambdaFunctionAssociation};
use super::forwarded_values::{self, ForwardedValues};
use crate::call::malformed;
use crate::cloudfront::set;

/// What CloudFront does with requests that no other behavior is for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Behavior {
    /// `origin_id` of the origin or origin group to get objects from.
    #[schemars(length(min = 1))]
    target_origin_id: String,
    /// What to do with requests over plain HTTP.
    #[schemars(extend("enum" = ["allow-all", "https-only", "redirect-to-https"]))]
    viewer_protocol_policy: String,
    /// Methods that are passed on: GET and HEAD, those and OPTIONS, or all seven.
    #[schemars(extend("items" = { "type": "string", "enum": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"] }))]
    allowed_methods: BTreeSet<String>,
    /// Methods whose answers are cached: GET and HEAD, or those and OPTIONS.
    #[schemars(extend("items" = { "type": "string", "enum": ["GET", "HEAD", "OPTIONS"] }))]
    cached_methods: BTreeSet<String>,
    /// Id of the cache policy: what is part of the cache key, and for how long objects are kept.
    #[schemars(length(min = 1))]
    cache_policy_id: Option<String>,
    /// Id of the policy that says what goes on to the origin beyond the cache key.
    #[schemars(length(min = 1))]
    origin_request_policy_id: Option<String>,
    /// Id of the policy that says which headers are added to answers.
    #[schemars(length(min = 1))]
    response_headers_policy_id: Option<String>,
    /// Whether CloudFront compresses what viewers accept compressed.
    #[serde(default)]
    compress: bool,
    /// Whether objects are Microsoft Smooth Streaming media.
    #[serde(default)]
    smooth_streaming: bool,
    /// Ids of the key groups of which signed URLs and cookies are trusted. With any, only signed requests are
    /// answered.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    trusted_key_groups: BTreeSet<String>,
    /// Accounts whose CloudFront key pairs are trusted (`self` for one's own). Key groups have replaced them.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    trusted_signers: BTreeSet<String>,
    /// CloudFront Functions that run on requests and answers.
    #[schemars(length(max = 2), extend("uniqueItems" = true))]
    #[serde(default)]
    function_association: Vec<FunctionAssociation>,
    /// Lambda functions that run on requests and answers.
    #[schemars(length(max = 4), extend("uniqueItems" = true))]
    #[serde(default)]
    lambda_function_association: Vec<LambdaFunctionAssociation>,
    /// Whether gRPC is passed on.
    #[serde(default)]
    grpc_config: GrpcConfig,
    /// Id of the configuration that encrypts fields of forms.
    #[schemars(length(min = 1))]
    field_level_encryption_id: Option<String>,
    /// ARN of the configuration by which requests are logged as they happen.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:cloudfront::\d{12}:realtime-log-config/.+$"))]
    realtime_log_config_arn: Option<String>,
    /// What is part of the cache key and goes on to the origin: the older way, in place of a cache policy.
    forwarded_values: Option<ForwardedValues>,
    /// Without a cache policy: seconds that an object is kept at least.
    #[schemars(range(min = 0))]
    #[serde(default)]
    min_ttl: i64,
    /// Without a cache policy: seconds that an object is kept for which the origin does not say how long.
    #[schemars(range(min = 0), extend("computed" = true))]
    default_ttl: Option<i64>,
    /// Without a cache policy: seconds that an object is kept at most.
    #[schemars(range(min = 0), extend("computed" = true))]
    max_ttl: Option<i64>,
}

/// Whether gRPC is passed on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub(super) struct GrpcConfig {
    /// Whether it is.
    #[serde(default)]
    enabled: bool,
}

impl Behavior {
    pub(super) fn from_sdk(behavior: &sdk::DefaultCacheBehavior) -> Self {
        let methods = behavior.allowed_methods();
        Self {
            target_origin_id: behavior.target_origin_id().to_owned(),
            viewer_protocol_policy: behavior.viewer_protocol_policy().as_str().to_owned(),
            allowed_methods: names_of(methods.map(|methods| methods.items())),
            cached_methods: names_of(
                methods.and_then(|methods| methods.cached_methods()).map(|methods| methods.items()),
            ),
            cache_policy_id: set(behavior.cache_policy_id()),
            origin_request_policy_id: set(behavior.origin_request_policy_id()),
            response_headers_policy_id: set(behavior.response_headers_policy_id()),
            compress: behavior.compress().unwrap_or_default(),
            smooth_streaming: behavior.smooth_streaming().unwrap_or_default(),
            trusted_key_groups: behavior
                .trusted_key_groups()
                .map(|trusted| trusted.items())
                .unwrap_or_default()
                .iter()
                .cloned()
                .collect(),
            trusted_signers: behavior
                .trusted_signers()
                .map(|trusted| trusted.items())
                .unwrap_or_default()
                .iter()
                .cloned()
                .collect(),
            function_association: behavior
                .function_associations()
                .map(|functions| functions.items())
                .unwrap_or_default()
                .iter()
                .map(FunctionAssociation::from_sdk)
                .collect(),
            lambda_function_association: behavior
                .lambda_function_associations()
                .map(|functions| functions.items())
                .unwrap_or_default()
                .iter()
                .map(LambdaFunctionAssociation::from_sdk)
                .collect(),
            grpc_config: GrpcConfig { enabled: behavior.grpc_config().is_some_and(sdk::GrpcConfig::enabled) },
            field_level_encryption_id: set(behavior.field_level_encryption_id()),
            realtime_log_config_arn: set(behavior.realtime_log_config_arn()),
            forwarded_values: behavior.forwarded_values().map(ForwardedValues::from_sdk),
            min_ttl: behavior.min_ttl().unwrap_or_default(),
            default_ttl: behavior.default_ttl(),
            max_ttl: behavior.max_ttl(),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::DefaultCacheBehavior, KindError> {
        // A cache policy has its own TTLs, and those that AWS computed for an earlier behavior mean nothing.
        let older = self.cache_policy_id.is_none();
        sdk::DefaultCacheBehavior::builder()
            .target_origin_id(&self.target_origin_id)
            .viewer_protocol_policy(self.viewer_protocol_policy.as_str().into())
            .allowed_methods(self.methods()?)
            .set_cache_policy_id(self.cache_policy_id.clone())
            .set_origin_request_policy_id(self.origin_request_policy_id.clone())
            .set_response_headers_policy_id(self.response_headers_policy_id.clone())
            .compress(self.compress)
            .smooth_streaming(self.smooth_streaming)
            .trusted_key_groups(self.key_groups()?)
            .trusted_signers(self.signers()?)
            .function_associations(associations::functions(&self.function_association)?)
            .lambda_function_associations(associations::lambda_functions(&self.lambda_function_association)?)
            .grpc_config(
                sdk::GrpcConfig::builder().enabled(self.grpc_config.enabled).build().map_err(malformed)?,
            )
            .field_level_encryption_id(self.field_level_encryption_id.clone().unwrap_or_default())
            .set_realtime_log_config_arn(self.realtime_log_config_arn.clone())
            .set_forwarded_values(
                self.forwarded_values.as_ref().filter(|_| older).map(ForwardedValues::to_sdk).transpose()?,
            )
            .set_min_ttl(older.then_some(self.min_ttl))
            .set_default_ttl(self.default_ttl.filter(|_| older))
            .set_max_ttl(self.max_ttl.filter(|_| older))
            .build()
            .map_err(malformed)
    }

    fn methods(&self) -> Result<sdk::AllowedMethods, KindError> {
        let named = |methods: &BTreeSet<String>| methods.iter().map(|name| name.as_str().into()).collect();
        let cached = sdk::CachedMethods::builder()
            .quantity(self.cached_methods.len() as i32)
            .set_items(Some(named(&self.cached_methods)))
            .build()
            .map_err(malformed)?;
        sdk::AllowedMethods::builder()
            .quantity(self.allowed_methods.len() as i32)
            .set_items(Some(named(&self.allowed_methods)))
            .cached_methods(cached)
            .build()
            .map_err(malformed)
    }

    fn key_groups(&self) -> Result<sdk::TrustedKeyGroups, KindError> {
        let trusted = &self.trusted_key_groups;
        sdk::TrustedKeyGroups::builder()
            .enabled(!trusted.is_empty())
            .quantity(trusted.len() as i32)
            .set_items((!trusted.is_empty()).then(|| trusted.iter().cloned().collect()))
            .build()
            .map_err(malformed)
    }

    fn signers(&self) -> Result<sdk::TrustedSigners, KindError> {
        let trusted = &self.trusted_signers;
        sdk::TrustedSigners::builder()
            .enabled(!trusted.is_empty())
            .quantity(trusted.len() as i32)
            .set_items((!trusted.is_empty()).then(|| trusted.iter().cloned().collect()))
            .build()
            .map_err(malformed)
    }
}

fn names_of(methods: Option<&[sdk::Method]>) -> BTreeSet<String> {
    methods.unwrap_or_default().iter().map(|method| method.as_str().to_owned()).collect()
}

/// What is wrong with the configured behaviors.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems =
        problems_of(configuration.get("default_cache_behavior"), &Path::from("default_cache_behavior"));
    let mut patterns = BTreeSet::new();
    for (index, behavior) in configuration.get("ordered_cache_behavior").items().iter().enumerate() {
        let path = Path::from("ordered_cache_behavior").index(index);
        problems.extend(problems_of(behavior, &path));
        if let Some(pattern) = behavior.get("path_pattern").as_str()
            && !patterns.insert(pattern)
        {
            problems.push(
                Problem::new(
                    path.key("path_pattern"),
                    format!("an earlier behavior is for \"{pattern}\" already, so this one is never taken"),
                )
                .with_hint("remove one of the two"),
            );
        }
    }
    problems
}

const READING: [&str; 2] = ["GET", "HEAD"];
const READING_AND_OPTIONS: [&str; 3] = ["GET", "HEAD", "OPTIONS"];
const ALL_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

fn problems_of(behavior: &Value, path: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |key: &str, message: String, hint: &str| {
        problems.push(Problem::new(path.key(key), message).with_hint(hint));
    };
    if behavior.as_map().is_none() {
        return problems;
    }

    let allowed = known_set(behavior.get("allowed_methods"));
    let cached = known_set(behavior.get("cached_methods"));
    let is = |methods: &BTreeSet<&str>, these: &[&str]| *methods == these.iter().copied().collect();
    if let Some(allowed) = &allowed
        && ![&READING[..], &READING_AND_OPTIONS, &ALL_METHODS].iter().any(|these| is(allowed, these))
    {
        refuse(
            "allowed_methods",
            "CloudFront takes three sets of methods, and this is none of them".to_owned(),
            "GET and HEAD; GET, HEAD and OPTIONS; or GET, HEAD, OPTIONS, PUT, POST, PATCH and DELETE",
        );
    }
    if let Some(cached) = &cached {
        if ![&READING[..], &READING_AND_OPTIONS].iter().any(|these| is(cached, these)) {
            refuse(
                "cached_methods",
                "CloudFront caches one of two sets of methods, and this is neither".to_owned(),
                "GET and HEAD; or GET, HEAD and OPTIONS",
            );
        } else if let Some(allowed) = &allowed
            && let Some(other) = cached.difference(allowed).next()
        {
            refuse(
                "cached_methods",
                format!("{other} cannot be cached, since it is not allowed"),
                "add it to `allowed_methods`, or remove it here",
            );
        }
    }

    let (policy, forwarded) = (behavior.get("cache_policy_id"), behavior.get("forwarded_values"));
    if policy.is_null() && forwarded.is_null() {
        refuse(
            "cache_policy_id",
            "a behavior needs a `cache_policy_id` or `forwarded_values`".to_owned(),
            "use AWS's own: `data.aws_cloudfront_cache_policy` with the name Managed-CachingOptimized",
        );
    }
    if policy.as_str().is_some() {
        if forwarded.as_map().is_some() {
            refuse(
                "forwarded_values",
                "`cache_policy_id` and `forwarded_values` exclude each other".to_owned(),
                "remove `forwarded_values`: the cache policy takes its place",
            );
        }
        for ttl in ["min_ttl", "default_ttl", "max_ttl"] {
            let seconds = behavior.get(ttl).as_i64();
            if seconds.is_some_and(|seconds| ttl != "min_ttl" || seconds != 0) {
                refuse(
                    ttl,
                    format!("`cache_policy_id` and `{ttl}` exclude each other"),
                    "remove it: the cache policy has its own TTLs",
                );
            }
        }
    }
    if policy.is_null() && !behavior.get("origin_request_policy_id").is_null() {
        refuse(
            "origin_request_policy_id",
            "an origin request policy needs a cache policy".to_owned(),
            "set `cache_policy_id`",
        );
    }
    for (lesser, greater) in [("min_ttl", "default_ttl"), ("default_ttl", "max_ttl"), ("min_ttl", "max_ttl")]
    {
        if let (Some(least), Some(most)) = (behavior.get(lesser).as_i64(), behavior.get(greater).as_i64())
            && least > most
        {
            refuse(
                lesser,
                format!("`{lesser}` ({least}) is greater than `{greater}` ({most})"),
                "`min_ttl` ≤ `default_ttl` ≤ `max_ttl`",
            );
        }
    }

    let takes_all = allowed.as_ref().is_none_or(|allowed| is(allowed, &ALL_METHODS));
    if behavior.get("grpc_config").get("enabled").as_bool() == Some(true) && !takes_all {
        refuse(
            "grpc_config",
            "gRPC sends POST, which is not allowed".to_owned(),
            "let `allowed_methods` be all seven",
        );
    }
    problems.extend(forwarded_values::problems(forwarded, &path.key("forwarded_values")));
    problems.extend(associations::problems(behavior, path));
    problems
}

/// The strings in a list, if all of them are known.
fn known_set(list: &Value) -> Option<BTreeSet<&str>> {
    match list {
        Value::List(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

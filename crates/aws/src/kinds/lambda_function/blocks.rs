//! The blocks of a function, as they are configured and as Lambda says them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_lambda::types;
use provision_engine::kind::{Computed, KindError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the code finds in its environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Environment {
    /// Variables, by name; of at most 4 KB together. Lambda shows them to whoever may read the function: one that is
    /// filled from something sensitive is kept as a digest here, and a secret is better read from Secrets Manager by
    /// the code.
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
}

impl Environment {
    pub(super) fn read(answer: Option<&types::EnvironmentResponse>) -> Result<Option<Self>, KindError> {
        let Some(answer) = answer else { return Ok(None) };
        if let Some(error) = answer.error() {
            let why = error.message().unwrap_or("no reason given");
            return Err(KindError::new(format!("Lambda cannot show the environment variables: {why}"))
                .with_hint("reading them needs kms:Decrypt with the function's key"));
        }
        let variables: BTreeMap<String, String> = answer
            .variables()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok((!variables.is_empty()).then_some(Self { variables }))
    }

    pub(super) fn sdk(environment: Option<&Self>) -> types::Environment {
        let variables: HashMap<String, String> =
            environment.into_iter().flat_map(|environment| environment.variables.clone()).collect();
        types::Environment::builder().set_variables(Some(variables)).build()
    }
}

/// Where events go that the function fails at, when it is invoked asynchronously.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeadLetterConfig {
    /// ARN of an SQS queue or of an SNS topic. The function's role must be permitted to send to it.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:(sqs|sns):[a-z0-9-]+:\d{12}:.+$"))]
    pub(super) target_arn: String,
}

impl DeadLetterConfig {
    pub(super) fn read(answer: Option<&types::DeadLetterConfig>) -> Option<Self> {
        let target_arn = answer?.target_arn()?;
        (!target_arn.is_empty()).then(|| Self { target_arn: target_arn.to_owned() })
    }

    /// An empty ARN is how Lambda is told that there is none.
    pub(super) fn sdk(config: Option<&Self>) -> types::DeadLetterConfig {
        let target_arn = config.map(|config| config.target_arn.clone()).unwrap_or_default();
        types::DeadLetterConfig::builder().target_arn(target_arn).build()
    }
}

/// Whether invocations are traced with AWS X-Ray.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TracingConfig {
    /// `Active`: Lambda samples requests itself; `PassThrough`: it follows what the caller has decided.
    #[schemars(extend("enum" = ["Active", "PassThrough"]))]
    mode: String,
}

impl Default for TracingConfig {
    fn default() -> Self {
        Self { mode: types::TracingMode::PassThrough.as_str().to_owned() }
    }
}

impl TracingConfig {
    pub(super) fn read(answer: Option<&types::TracingConfigResponse>) -> Self {
        let mode =
            answer.and_then(|answer| answer.mode()).map(|mode| Self { mode: mode.as_str().to_owned() });
        mode.unwrap_or_default()
    }

    pub(super) fn sdk(&self) -> types::TracingConfig {
        types::TracingConfig::builder().mode(self.mode.as_str().into()).build()
    }
}

/// The function's `/tmp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EphemeralStorage {
    /// Size in MB.
    #[schemars(range(min = 512, max = 32768))]
    #[serde(default = "half_a_gigabyte")]
    size: i32,
}

fn half_a_gigabyte() -> i32 {
    512
}

impl Default for EphemeralStorage {
    fn default() -> Self {
        Self { size: half_a_gigabyte() }
    }
}

impl EphemeralStorage {
    pub(super) fn read(answer: Option<&types::EphemeralStorage>) -> Self {
        answer.map(|answer| Self { size: answer.size() }).unwrap_or_default()
    }

    pub(super) fn sdk(&self) -> Result<types::EphemeralStorage, KindError> {
        types::EphemeralStorage::builder().size(self.size).build().map_err(crate::call::malformed)
    }
}

/// Network that the function runs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct VpcConfig {
    /// Ids of its subnets.
    #[schemars(length(min = 1, max = 16))]
    subnet_ids: BTreeSet<String>,
    /// Ids of its security groups.
    #[schemars(length(min = 1, max = 5))]
    security_group_ids: BTreeSet<String>,
    /// Whether it can send IPv6 from subnets that have both.
    #[serde(default)]
    ipv6_allowed_for_dual_stack: bool,
    /// Id of the VPC.
    #[serde(default)]
    vpc_id: Computed<String>,
}

impl VpcConfig {
    pub(super) fn read(answer: Option<&types::VpcConfigResponse>) -> Option<Self> {
        let answer = answer.filter(|answer| !answer.subnet_ids().is_empty())?;
        Some(Self {
            subnet_ids: answer.subnet_ids().iter().cloned().collect(),
            security_group_ids: answer.security_group_ids().iter().cloned().collect(),
            ipv6_allowed_for_dual_stack: answer.ipv6_allowed_for_dual_stack().unwrap_or_default(),
            vpc_id: answer.vpc_id().map(str::to_owned).into(),
        })
    }

    /// Empty lists take a function out of its network.
    pub(super) fn sdk(config: Option<&Self>) -> types::VpcConfig {
        let list = |ids: fn(&Self) -> &BTreeSet<String>| config.into_iter().flat_map(ids).cloned().collect();
        types::VpcConfig::builder()
            .set_subnet_ids(Some(list(|config| &config.subnet_ids)))
            .set_security_group_ids(Some(list(|config| &config.security_group_ids)))
            .set_ipv6_allowed_for_dual_stack(config.map(|config| config.ipv6_allowed_for_dual_stack))
            .build()
    }

    /// Whether two say the same, whatever is computed.
    pub(super) fn same(one: Option<&Self>, other: Option<&Self>) -> bool {
        let arguments = |config: &Self| {
            (config.subnet_ids.clone(), config.security_group_ids.clone(), config.ipv6_allowed_for_dual_stack)
        };
        one.map(arguments) == other.map(arguments)
    }
}

/// File system that the function finds at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FileSystemConfig {
    /// ARN of the access point of an EFS file system, or of one in S3.
    #[schemars(length(max = 200))]
    arn: String,
    /// Where it is mounted.
    #[schemars(length(max = 160), regex(pattern = r"^/mnt/[a-zA-Z0-9-_.]+$"))]
    local_mount_path: String,
}

impl FileSystemConfig {
    pub(super) fn read(answer: &[types::FileSystemConfig]) -> Option<Self> {
        answer.first().map(|answer| Self {
            arn: answer.arn().to_owned(),
            local_mount_path: answer.local_mount_path().to_owned(),
        })
    }

    pub(super) fn sdk(config: Option<&Self>) -> Result<Vec<types::FileSystemConfig>, KindError> {
        config
            .map(|config| {
                types::FileSystemConfig::builder()
                    .arn(&config.arn)
                    .local_mount_path(&config.local_mount_path)
                    .build()
                    .map_err(crate::call::malformed)
            })
            .into_iter()
            .collect()
    }
}

/// What a container image runs in place of what it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ImageConfig {
    /// Arguments.
    #[schemars(length(max = 1500))]
    #[serde(default)]
    command: Vec<String>,
    /// Program and its first arguments.
    #[schemars(length(max = 1500))]
    #[serde(default)]
    entry_point: Vec<String>,
    /// Working directory.
    #[schemars(length(max = 1000))]
    working_directory: Option<String>,
}

impl ImageConfig {
    pub(super) fn read(answer: Option<&types::ImageConfigResponse>) -> Option<Self> {
        let answer = answer?.image_config()?;
        let config = Self {
            command: answer.command().to_vec(),
            entry_point: answer.entry_point().to_vec(),
            working_directory: answer.working_directory().filter(|path| !path.is_empty()).map(str::to_owned),
        };
        let says_nothing =
            config.command.is_empty() && config.entry_point.is_empty() && config.working_directory.is_none();
        (!says_nothing).then_some(config)
    }

    pub(super) fn sdk(config: Option<&Self>) -> types::ImageConfig {
        types::ImageConfig::builder()
            .set_command(Some(config.map(|config| config.command.clone()).unwrap_or_default()))
            .set_entry_point(Some(config.map(|config| config.entry_point.clone()).unwrap_or_default()))
            .set_working_directory(config.and_then(|config| config.working_directory.clone()))
            .build()
    }
}

/// Whether published versions start from a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SnapStart {
    /// What starts from a snapshot.
    #[schemars(extend("enum" = ["PublishedVersions", "None"]))]
    #[serde(default = "nothing")]
    apply_on: String,
    /// Whether it does: `On` or `Off`.
    #[serde(default)]
    optimization_status: Computed<String>,
}

fn nothing() -> String {
    types::SnapStartApplyOn::None.as_str().to_owned()
}

impl SnapStart {
    /// A function without it is told apart from one that was told not to have it only by the state.
    pub(super) fn read(answer: Option<&types::SnapStartResponse>, prior: Option<&Self>) -> Option<Self> {
        let apply_on =
            answer.and_then(|answer| answer.apply_on()).map_or_else(nothing, |on| on.as_str().to_owned());
        let status =
            answer.and_then(|answer| answer.optimization_status()).map(|status| status.as_str().to_owned());
        (apply_on != nothing() || prior.is_some())
            .then(|| Self { apply_on, optimization_status: status.into() })
    }

    pub(super) fn sdk(config: Option<&Self>) -> types::SnapStart {
        let apply_on = config.map_or_else(nothing, |config| config.apply_on.clone());
        types::SnapStart::builder().apply_on(apply_on.as_str().into()).build()
    }

    /// Whether two say the same, whatever is computed.
    pub(super) fn same(one: Option<&Self>, other: Option<&Self>) -> bool {
        let apply_on = |config: Option<&Self>| config.map_or_else(nothing, |config| config.apply_on.clone());
        apply_on(one) == apply_on(other)
    }
}

/// That a run of the function can be interrupted and goes on where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DurableConfig {
    /// The longest that a run can take, in seconds.
    #[schemars(range(min = 1, max = 31622400))]
    execution_timeout: i32,
    /// How long the record of a run is kept, in days.
    #[schemars(range(min = 1, max = 90))]
    #[serde(default = "two_weeks")]
    retention_period: i32,
}

fn two_weeks() -> i32 {
    14
}

impl DurableConfig {
    pub(super) fn read(answer: Option<&types::DurableConfig>) -> Option<Self> {
        let answer = answer?;
        Some(Self {
            execution_timeout: answer.execution_timeout()?,
            retention_period: answer.retention_period_in_days().unwrap_or_else(two_weeks),
        })
    }

    pub(super) fn sdk(&self) -> types::DurableConfig {
        types::DurableConfig::builder()
            .execution_timeout(self.execution_timeout)
            .retention_period_in_days(self.retention_period)
            .build()
    }
}

/// Whether tenants are kept apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TenancyConfig {
    /// `PER_TENANT`: no two tenants ever share an execution environment.
    #[schemars(extend("enum" = ["PER_TENANT"]))]
    tenant_isolation_mode: String,
}

impl TenancyConfig {
    pub(super) fn read(answer: Option<&types::TenancyConfig>) -> Option<Self> {
        answer
            .map(|answer| Self { tenant_isolation_mode: answer.tenant_isolation_mode().as_str().to_owned() })
    }

    pub(super) fn sdk(&self) -> Result<types::TenancyConfig, KindError> {
        types::TenancyConfig::builder()
            .tenant_isolation_mode(self.tenant_isolation_mode.as_str().into())
            .build()
            .map_err(crate::call::malformed)
    }
}

/// Instances of one's own that the function runs on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CapacityProviderConfig {
    /// Which, and how they are shared.
    lambda_managed_instances_capacity_provider_config: ManagedInstances,
}

/// Instances that Lambda manages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ManagedInstances {
    /// ARN of the capacity provider.
    #[schemars(length(min = 1, max = 140))]
    capacity_provider_arn: String,
    /// Memory for each virtual CPU, in GiB.
    #[schemars(range(min = 2.0, max = 8.0), extend("computed" = true))]
    execution_environment_memory_gib_per_vcpu: Option<f64>,
    /// How many invocations one execution environment takes at once, at most.
    #[schemars(range(min = 1, max = 1600), extend("computed" = true))]
    per_execution_environment_max_concurrency: Option<i32>,
}

impl CapacityProviderConfig {
    pub(super) fn read(answer: Option<&types::CapacityProviderConfig>) -> Option<Self> {
        let answer = answer?.lambda_managed_instances_capacity_provider_config()?;
        Some(Self {
            lambda_managed_instances_capacity_provider_config: ManagedInstances {
                capacity_provider_arn: answer.capacity_provider_arn().to_owned(),
                execution_environment_memory_gib_per_vcpu: answer
                    .execution_environment_memory_gib_per_v_cpu(),
                per_execution_environment_max_concurrency: answer.per_execution_environment_max_concurrency(),
            },
        })
    }

    pub(super) fn sdk(&self) -> Result<types::CapacityProviderConfig, KindError> {
        let instances = &self.lambda_managed_instances_capacity_provider_config;
        let instances = types::LambdaManagedInstancesCapacityProviderConfig::builder()
            .capacity_provider_arn(&instances.capacity_provider_arn)
            .set_execution_environment_memory_gib_per_v_cpu(
                instances.execution_environment_memory_gib_per_vcpu,
            )
            .set_per_execution_environment_max_concurrency(
                instances.per_execution_environment_max_concurrency,
            )
            .build()
            .map_err(crate::call::malformed)?;
        Ok(types::CapacityProviderConfig::builder()
            .lambda_managed_instances_capacity_provider_config(instances)
            .build())
    }
}

//! The task that a rule runs on Amazon ECS.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eventbridge::types;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// A task to run on a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EcsTarget {
    /// ARN of the task's definition.
    #[schemars(length(min = 1, max = 1600))]
    task_definition_arn: String,
    /// How many.
    #[schemars(range(min = 1))]
    #[serde(default = "one")]
    task_count: i32,
    /// What they run on; absent: what `capacity_provider_strategy` or the cluster says.
    #[schemars(extend("enum" = ["EC2", "FARGATE", "EXTERNAL"]))]
    launch_type: Option<String>,
    /// Capacity providers to run them on, in place of a `launch_type`.
    #[schemars(length(max = 6), extend("uniqueItems" = true))]
    #[serde(default)]
    capacity_provider_strategy: Vec<CapacityProvider>,
    /// Version of Fargate.
    platform_version: Option<String>,
    /// Network of tasks that have one of their own.
    network_configuration: Option<NetworkConfiguration>,
    /// Group of the tasks.
    #[schemars(length(max = 255))]
    group: Option<String>,
    /// How instances are chosen.
    #[schemars(length(max = 5))]
    #[serde(default)]
    ordered_placement_strategy: Vec<PlacementStrategy>,
    /// Which instances can be chosen.
    #[schemars(length(max = 10), extend("uniqueItems" = true))]
    #[serde(default)]
    placement_constraint: Vec<PlacementConstraint>,
    /// Whether ECS tags the tasks.
    #[serde(default)]
    enable_ecs_managed_tags: bool,
    /// Whether commands can be run in them.
    #[serde(default)]
    enable_execute_command: bool,
    /// Whose tags the tasks get.
    #[schemars(extend("enum" = ["TASK_DEFINITION"]))]
    propagate_tags: Option<String>,
    /// Tags of the tasks.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// A capacity provider, and its share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CapacityProvider {
    /// Name.
    #[schemars(length(min = 1, max = 255))]
    capacity_provider: String,
    /// How many tasks it gets at least.
    #[schemars(range(min = 0, max = 100000))]
    #[serde(default)]
    base: i32,
    /// Its share of the others.
    #[schemars(range(min = 0, max = 1000))]
    #[serde(default)]
    weight: i32,
}

/// Network of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NetworkConfiguration {
    /// Ids of subnets.
    #[schemars(length(min = 1, max = 16))]
    subnets: BTreeSet<String>,
    /// Ids of security groups; absent: the VPC's default one.
    #[schemars(length(max = 5))]
    #[serde(default)]
    security_groups: BTreeSet<String>,
    /// Whether tasks get an address that the internet reaches.
    #[serde(default)]
    assign_public_ip: bool,
}

/// How instances are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PlacementStrategy {
    /// At random, spread over something, or as few as will do.
    #[schemars(extend("enum" = ["random", "spread", "binpack"]))]
    r#type: String,
    /// What they are spread over, or which resource is used up first.
    #[schemars(length(max = 255))]
    field: Option<String>,
}

/// Which instances can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PlacementConstraint {
    /// All others than those that have one already, or those that an expression describes.
    #[schemars(extend("enum" = ["distinctInstance", "memberOf"]))]
    r#type: String,
    /// The expression, in ECS's query language.
    #[schemars(length(max = 2000))]
    expression: Option<String>,
}

fn one() -> i32 {
    1
}

impl EcsTarget {
    pub(super) fn read(answer: &types::EcsParameters, prior: Option<&Self>) -> Self {
        let network = answer.network_configuration().and_then(|network| network.awsvpc_configuration());
        // EventBridge fills the launch type in where neither it nor a strategy is said.
        let launch_type = answer.launch_type().map(|kind| kind.as_str().to_owned());
        let launch_type =
            launch_type.filter(|kind| kind != "EC2" || prior.is_none_or(|prior| prior.launch_type.is_some()));
        Self {
            task_definition_arn: answer.task_definition_arn().to_owned(),
            task_count: answer.task_count().unwrap_or_else(one),
            launch_type,
            capacity_provider_strategy: answer
                .capacity_provider_strategy()
                .iter()
                .map(|item| CapacityProvider {
                    capacity_provider: item.capacity_provider().to_owned(),
                    base: item.base(),
                    weight: item.weight(),
                })
                .collect(),
            platform_version: answer.platform_version().map(str::to_owned),
            network_configuration: network.map(|network| NetworkConfiguration {
                subnets: network.subnets().iter().cloned().collect(),
                security_groups: network.security_groups().iter().cloned().collect(),
                assign_public_ip: network.assign_public_ip() == Some(&types::AssignPublicIp::Enabled),
            }),
            group: answer.group().map(str::to_owned),
            ordered_placement_strategy: answer
                .placement_strategy()
                .iter()
                .filter_map(|strategy| {
                    let r#type = strategy.r#type()?.as_str().to_owned();
                    Some(PlacementStrategy { r#type, field: strategy.field().map(str::to_owned) })
                })
                .collect(),
            placement_constraint: answer
                .placement_constraints()
                .iter()
                .filter_map(|constraint| {
                    let r#type = constraint.r#type()?.as_str().to_owned();
                    Some(PlacementConstraint {
                        r#type,
                        expression: constraint.expression().map(str::to_owned),
                    })
                })
                .collect(),
            enable_ecs_managed_tags: answer.enable_ecs_managed_tags(),
            enable_execute_command: answer.enable_execute_command(),
            propagate_tags: answer.propagate_tags().map(|tags| tags.as_str().to_owned()),
            tags: answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
        }
    }

    pub(super) fn sdk(&self) -> Result<types::EcsParameters, KindError> {
        let strategies = self.ordered_placement_strategy.iter().map(|strategy| {
            types::PlacementStrategy::builder()
                .r#type(strategy.r#type.as_str().into())
                .set_field(strategy.field.clone())
                .build()
        });
        let constraints = self.placement_constraint.iter().map(|constraint| {
            types::PlacementConstraint::builder()
                .r#type(constraint.r#type.as_str().into())
                .set_expression(constraint.expression.clone())
                .build()
        });
        types::EcsParameters::builder()
            .task_definition_arn(&self.task_definition_arn)
            .task_count(self.task_count)
            .set_launch_type(self.launch_type.as_deref().map(Into::into))
            .set_capacity_provider_strategy(list(
                self.capacity_provider_strategy
                    .iter()
                    .map(CapacityProvider::sdk)
                    .collect::<Result<_, _>>()?,
            ))
            .set_platform_version(self.platform_version.clone())
            .set_network_configuration(
                self.network_configuration.as_ref().map(NetworkConfiguration::sdk).transpose()?,
            )
            .set_group(self.group.clone())
            .set_placement_strategy(list(strategies.collect()))
            .set_placement_constraints(list(constraints.collect()))
            .enable_ecs_managed_tags(self.enable_ecs_managed_tags)
            .enable_execute_command(self.enable_execute_command)
            .set_propagate_tags(self.propagate_tags.as_deref().map(Into::into))
            .set_tags(list(
                self.tags
                    .iter()
                    .map(|(key, value)| {
                        types::Tag::builder().key(key).value(value).build().map_err(malformed)
                    })
                    .collect::<Result<_, _>>()?,
            ))
            .build()
            .map_err(malformed)
    }
}

impl CapacityProvider {
    fn sdk(&self) -> Result<types::CapacityProviderStrategyItem, KindError> {
        types::CapacityProviderStrategyItem::builder()
            .capacity_provider(&self.capacity_provider)
            .base(self.base)
            .weight(self.weight)
            .build()
            .map_err(malformed)
    }
}

impl NetworkConfiguration {
    fn sdk(&self) -> Result<types::NetworkConfiguration, KindError> {
        let public = if self.assign_public_ip {
            types::AssignPublicIp::Enabled
        } else {
            types::AssignPublicIp::Disabled
        };
        let network = types::AwsVpcConfiguration::builder()
            .set_subnets(Some(self.subnets.iter().cloned().collect()))
            .set_security_groups(list(self.security_groups.iter().cloned().collect()))
            .assign_public_ip(public)
            .build()
            .map_err(malformed)?;
        Ok(types::NetworkConfiguration::builder().awsvpc_configuration(network).build())
    }
}

fn list<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

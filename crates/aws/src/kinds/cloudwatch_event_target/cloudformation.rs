//! What a target is in CloudFormation: one of the `Targets` of its rule.

use provision_engine::cloudformation::{Block, Counterpart, Returned};
use provision_engine::value::Value;

use crate::events::{DEFAULT_BUS, id_on};

/// There, a target must have an id; it is one among those of its rule.
const UNNAMED: &str = "Target";

pub(super) const COUNTERPART: Counterpart =
    Counterpart::part_of("rule", target).with(&[("id", Returned::Known(id))]);

fn id(target: &Value) -> Option<Value> {
    let bus = target.get("event_bus_name").as_str().unwrap_or(DEFAULT_BUS);
    let name = target.get("target_id").as_str().unwrap_or(UNNAMED);
    Some(id_on(bus, &format!("{}/{name}", target.get("rule").as_str()?)).into())
}

fn target(target: &mut Block<'_>) {
    target.take("rule");
    // It is that of the rule, which says it.
    target.ours(&["event_bus_name", "force_destroy"]);
    match target.take("target_id") {
        Value::Null => target.put("Id", UNNAMED),
        id => target.put("Id", id),
    }
    target.same(&["arn", "role_arn", "input_path"]);
    target.text("input", "Input");
    target.block("input_transformer", "InputTransformer", |transformer| {
        transformer.rename("input_paths", "InputPathsMap");
        transformer.same(&["input_template"]);
    });
    target.block("retry_policy", "RetryPolicy", |policy| {
        policy.same(&["maximum_event_age_in_seconds", "maximum_retry_attempts"]);
    });
    target.block("dead_letter_config", "DeadLetterConfig", |config| config.same(&["arn"]));
    target.block("sqs_target", "SqsParameters", |queue| queue.same(&["message_group_id"]));
    target.block("http_target", "HttpParameters", |request| {
        request.same(&["header_parameters", "query_string_parameters", "path_parameter_values"]);
    });
    target.block("kinesis_target", "KinesisParameters", |stream| match stream.take("partition_key_path") {
        Value::Null => stream.put("PartitionKeyPath", ""),
        path => stream.put("PartitionKeyPath", path),
    });
    target.block("ecs_target", "EcsParameters", task);
    target.block("batch_target", "BatchParameters", |job| {
        job.same(&["job_definition", "job_name"]);
        job.rename("array_size", "ArrayProperties.Size");
        job.rename("job_attempts", "RetryStrategy.Attempts");
    });
    target.blocks("run_command_targets", "RunCommandParameters.RunCommandTargets", |instances| {
        instances.same(&["key", "values"]);
    });
    target.block("redshift_target", "RedshiftDataParameters", |statement| {
        statement.same(&["database", "db_user", "sql", "statement_name"]);
        statement.rename("secrets_manager_arn", "SecretManagerArn");
        statement.unless("with_event", "WithEvent", false);
    });
    target.block("sagemaker_pipeline_target", "SageMakerPipelineParameters", |pipeline| {
        pipeline.blocks("pipeline_parameter_list", "PipelineParameterList", |parameter| {
            parameter.same(&["name", "value"]);
        });
    });
    target.block("appsync_target", "AppSyncParameters", |api| {
        api.rename("graphql_operation", "GraphQLOperation");
    });
    target.element_of("Targets");
}

fn task(task: &mut Block<'_>) {
    task.same(&["task_definition_arn", "task_count", "launch_type", "platform_version", "group"]);
    task.blocks("capacity_provider_strategy", "CapacityProviderStrategy", |provider| {
        provider.same(&["capacity_provider", "base", "weight"]);
    });
    task.block("network_configuration", "NetworkConfiguration", |network| {
        network.rename("subnets", "AwsVpcConfiguration.Subnets");
        network.rename("security_groups", "AwsVpcConfiguration.SecurityGroups");
        network.words("assign_public_ip", "AwsVpcConfiguration.AssignPublicIp", "ENABLED", "DISABLED");
    });
    task.blocks("ordered_placement_strategy", "PlacementStrategies", |strategy| {
        strategy.same(&["type", "field"]);
    });
    task.blocks("placement_constraint", "PlacementConstraints", |constraint| {
        constraint.same(&["type", "expression"]);
    });
    task.unless("enable_ecs_managed_tags", "EnableECSManagedTags", false);
    task.unless("enable_execute_command", "EnableExecuteCommand", false);
    task.same(&["propagate_tags"]);
    task.pairs("tags", "TagList", ["Key", "Value"]);
}

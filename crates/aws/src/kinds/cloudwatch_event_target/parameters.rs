//! What a target says beside its ARN, by the service that it is of.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_eventbridge::types;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// What a FIFO queue wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SqsTarget {
    /// Messages of one group come in the order in which they were sent.
    message_group_id: Option<String>,
}

impl SqsTarget {
    pub(super) fn read(answer: &types::SqsParameters) -> Self {
        Self { message_group_id: answer.message_group_id().map(str::to_owned) }
    }

    pub(super) fn sdk(&self) -> types::SqsParameters {
        types::SqsParameters::builder().set_message_group_id(self.message_group_id.clone()).build()
    }
}

/// What a request is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct HttpTarget {
    /// Headers.
    #[serde(default)]
    header_parameters: BTreeMap<String, String>,
    /// Parameters of the query.
    #[serde(default)]
    query_string_parameters: BTreeMap<String, String>,
    /// What stands for the `*` of the path, in turn.
    #[serde(default)]
    path_parameter_values: Vec<String>,
}

impl HttpTarget {
    pub(super) fn read(answer: &types::HttpParameters) -> Self {
        Self {
            header_parameters: map(answer.header_parameters()),
            query_string_parameters: map(answer.query_string_parameters()),
            path_parameter_values: answer.path_parameter_values().to_vec(),
        }
    }

    pub(super) fn sdk(&self) -> types::HttpParameters {
        let map = |map: &BTreeMap<String, String>| Some(map.clone().into_iter().collect());
        types::HttpParameters::builder()
            .set_header_parameters(map(&self.header_parameters))
            .set_query_string_parameters(map(&self.query_string_parameters))
            .set_path_parameter_values(Some(self.path_parameter_values.clone()))
            .build()
    }
}

/// How events are spread over the shards of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisTarget {
    /// JSONPath of what in the event is the partition key.
    #[schemars(length(max = 256))]
    partition_key_path: Option<String>,
}

impl KinesisTarget {
    pub(super) fn read(answer: &types::KinesisParameters) -> Self {
        let path = answer.partition_key_path();
        Self { partition_key_path: (!path.is_empty()).then(|| path.to_owned()) }
    }

    pub(super) fn sdk(&self) -> Result<types::KinesisParameters, KindError> {
        types::KinesisParameters::builder()
            .partition_key_path(self.partition_key_path.clone().unwrap_or_default())
            .build()
            .map_err(malformed)
    }
}

/// The job to submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BatchTarget {
    /// ARN or name of the job's definition.
    job_definition: String,
    /// Name of the job.
    job_name: String,
    /// How many jobs it is.
    #[schemars(range(min = 2, max = 10000))]
    array_size: Option<i32>,
    /// How often it is tried.
    #[schemars(range(min = 1, max = 10))]
    job_attempts: Option<i32>,
}

impl BatchTarget {
    pub(super) fn read(answer: &types::BatchParameters) -> Self {
        Self {
            job_definition: answer.job_definition().to_owned(),
            job_name: answer.job_name().to_owned(),
            array_size: answer.array_properties().map(|array| array.size()),
            job_attempts: answer.retry_strategy().map(|strategy| strategy.attempts()),
        }
    }

    pub(super) fn sdk(&self) -> Result<types::BatchParameters, KindError> {
        let array = self.array_size.map(|size| types::BatchArrayProperties::builder().size(size).build());
        let attempts =
            self.job_attempts.map(|attempts| types::BatchRetryStrategy::builder().attempts(attempts).build());
        types::BatchParameters::builder()
            .job_definition(&self.job_definition)
            .job_name(&self.job_name)
            .set_array_properties(array)
            .set_retry_strategy(attempts)
            .build()
            .map_err(malformed)
    }
}

/// Where a command runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunCommandTarget {
    /// `InstanceIds`, or `tag:` and the key of a tag.
    #[schemars(length(min = 1, max = 128))]
    key: String,
    /// Ids of instances, or values of the tag.
    #[schemars(length(min = 1, max = 50))]
    values: Vec<String>,
}

impl RunCommandTarget {
    pub(super) fn read(answer: &types::RunCommandTarget) -> Self {
        Self { key: answer.key().to_owned(), values: answer.values().to_vec() }
    }

    pub(super) fn sdk(targets: &[Self]) -> Result<Option<types::RunCommandParameters>, KindError> {
        if targets.is_empty() {
            return Ok(None);
        }
        let targets: Vec<types::RunCommandTarget> = targets
            .iter()
            .map(|target| {
                types::RunCommandTarget::builder()
                    .key(&target.key)
                    .set_values(Some(target.values.clone()))
                    .build()
                    .map_err(malformed)
            })
            .collect::<Result<_, _>>()?;
        let parameters = types::RunCommandParameters::builder().set_run_command_targets(Some(targets));
        parameters.build().map(Some).map_err(malformed)
    }
}

/// The statement to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RedshiftTarget {
    /// Database.
    #[schemars(length(min = 1, max = 64))]
    database: String,
    /// User of the database; this or `secrets_manager_arn`.
    #[schemars(length(min = 1, max = 128))]
    db_user: Option<String>,
    /// ARN of the secret that holds the credentials.
    #[schemars(length(min = 1, max = 1600))]
    secrets_manager_arn: Option<String>,
    /// SQL.
    #[schemars(length(min = 1, max = 100000))]
    sql: Option<String>,
    /// Name of the statement.
    #[schemars(length(min = 1, max = 500))]
    statement_name: Option<String>,
    /// Whether an event tells that it has run.
    #[serde(default)]
    with_event: bool,
}

impl RedshiftTarget {
    pub(super) fn read(answer: &types::RedshiftDataParameters) -> Self {
        Self {
            database: answer.database().to_owned(),
            db_user: answer.db_user().map(str::to_owned),
            secrets_manager_arn: answer.secret_manager_arn().map(str::to_owned),
            sql: answer.sql().map(str::to_owned),
            statement_name: answer.statement_name().map(str::to_owned),
            with_event: answer.with_event(),
        }
    }

    pub(super) fn sdk(&self) -> Result<types::RedshiftDataParameters, KindError> {
        types::RedshiftDataParameters::builder()
            .database(&self.database)
            .set_db_user(self.db_user.clone())
            .set_secret_manager_arn(self.secrets_manager_arn.clone())
            .set_sql(self.sql.clone())
            .set_statement_name(self.statement_name.clone())
            .with_event(self.with_event)
            .build()
            .map_err(malformed)
    }
}

/// What a pipeline is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SagemakerPipelineTarget {
    /// Its parameters.
    #[schemars(length(max = 200), extend("uniqueItems" = true))]
    #[serde(default)]
    pipeline_parameter_list: Vec<PipelineParameter>,
}

/// A parameter of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PipelineParameter {
    /// Name.
    #[schemars(length(min = 1, max = 256))]
    name: String,
    /// Value.
    #[schemars(length(max = 1024))]
    value: String,
}

impl SagemakerPipelineTarget {
    pub(super) fn read(answer: &types::SageMakerPipelineParameters) -> Self {
        let read = |parameter: &types::SageMakerPipelineParameter| PipelineParameter {
            name: parameter.name().to_owned(),
            value: parameter.value().to_owned(),
        };
        Self { pipeline_parameter_list: answer.pipeline_parameter_list().iter().map(read).collect() }
    }

    pub(super) fn sdk(&self) -> Result<types::SageMakerPipelineParameters, KindError> {
        let parameters = self.pipeline_parameter_list.iter().map(|parameter| {
            types::SageMakerPipelineParameter::builder()
                .name(&parameter.name)
                .value(&parameter.value)
                .build()
                .map_err(malformed)
        });
        Ok(types::SageMakerPipelineParameters::builder()
            .set_pipeline_parameter_list(Some(parameters.collect::<Result<_, _>>()?))
            .build())
    }
}

/// The operation of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AppsyncTarget {
    /// Mutation in GraphQL.
    #[schemars(length(max = 1048576))]
    graphql_operation: Option<String>,
}

impl AppsyncTarget {
    pub(super) fn read(answer: &types::AppSyncParameters) -> Self {
        Self { graphql_operation: answer.graph_ql_operation().map(str::to_owned) }
    }

    pub(super) fn sdk(&self) -> types::AppSyncParameters {
        types::AppSyncParameters::builder().set_graph_ql_operation(self.graphql_operation.clone()).build()
    }
}

/// A map of the SDK's, in order.
pub(super) fn map(answer: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    answer.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

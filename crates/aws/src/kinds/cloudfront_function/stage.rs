//! What a stage of a function holds.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::operation::describe_function::DescribeFunctionOutput;
use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;

use crate::call::Outcome;
use crate::clients::Reader;
use crate::cloudfront;
use crate::reads::beside;

/// DEVELOPMENT or LIVE, as it is at AWS.
pub(super) struct Stage {
    pub(super) content: Content,
    pub(super) arn: String,
    pub(super) etag: Option<String>,
    pub(super) status: Option<String>,
}

/// What a change of DEVELOPMENT sets, and publishing copies to LIVE.
#[derive(PartialEq, Eq)]
pub(super) struct Content {
    pub(super) code: String,
    pub(super) runtime: String,
    pub(super) comment: String,
    pub(super) key_value_stores: BTreeSet<String>,
}

/// AWS's code for a function that is not there, or not in that stage.
pub(super) const ABSENT: &[&str] = &["NoSuchFunctionExists"];

impl Stage {
    pub(super) async fn fetch(
        reader: &Reader,
        name: &str,
        stage: sdk::FunctionStage,
    ) -> Result<Option<Self>, KindError> {
        let code = reader.cloudfront().get_function().name(name).stage(stage.clone());
        let code = async { code.send().await.unless(ABSENT) };
        let Some((version, Some(code))) = beside(version(reader, name, stage), code).await? else {
            return Ok(None);
        };
        let code = code.function_code.map(Blob::into_inner).unwrap_or_default();
        let summary = version.function_summary.ok_or_else(|| cloudfront::lacking("the function"))?;
        let config =
            summary.function_config.ok_or_else(|| cloudfront::lacking("the function's configuration"))?;
        let metadata = summary.function_metadata.ok_or_else(|| cloudfront::lacking("the function's ARN"))?;
        let stores = config.key_value_store_associations.and_then(|stores| stores.items).unwrap_or_default();
        Ok(Some(Self {
            content: Content {
                code: String::from_utf8_lossy(&code).into_owned(),
                runtime: config.runtime.as_str().to_owned(),
                comment: config.comment,
                key_value_stores: stores.into_iter().map(|store| store.key_value_store_arn).collect(),
            },
            arn: metadata.function_arn,
            etag: version.e_tag,
            status: summary.status,
        }))
    }
}

/// A stage without its code, and the version that a change of it has to name.
pub(super) async fn version(
    reader: &Reader,
    name: &str,
    stage: sdk::FunctionStage,
) -> Result<Option<DescribeFunctionOutput>, KindError> {
    reader.cloudfront().describe_function().name(name).stage(stage).send().await.unless(ABSENT)
}

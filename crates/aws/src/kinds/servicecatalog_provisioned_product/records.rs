//! Records: what was asked of a provisioned product, and what came of it.

use aws_sdk_servicecatalog::types::{ProvisionedProductStatus, RecordDetail, RecordStatus};
use provision_engine::kind::KindError;

use super::Output;
use crate::call::Outcome;
use crate::clients::Reader;
use crate::pauses::Pauses;
use crate::service_catalog::{ABSENT, lacking};

/// A record, if there is one of that id.
pub(super) async fn describe(reader: &Reader, record: &str) -> Result<Option<RecordDetail>, KindError> {
    let answer = reader.service_catalog().describe_record().id(record).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.record_detail))
}

/// Waits until a request is decided, and gives AWS's reason if it could not be fulfilled.
pub(super) async fn verdict(reader: &Reader, record: Option<&str>) -> Result<Option<KindError>, KindError> {
    let record = record.ok_or_else(|| lacking("the id of the record"))?;
    let mut pauses = Pauses::default();
    loop {
        let found = describe(reader, record).await?;
        match (found.as_ref().and_then(RecordDetail::status), &found) {
            (Some(RecordStatus::Succeeded), _) => return Ok(None),
            (Some(RecordStatus::Failed), Some(record)) => return Ok(Some(failure(record))),
            _ => pauses.wait("Service Catalog is still at it").await?,
        }
    }
}

/// Waits until a request is fulfilled, and fails with AWS's reason if it could not be.
pub(super) async fn until_done(reader: &Reader, record: Option<&str>) -> Result<(), KindError> {
    verdict(reader, record).await?.map_or(Ok(()), Err)
}

/// Why a request could not be fulfilled.
fn failure(record: &RecordDetail) -> KindError {
    let errors = record.record_errors();
    let reasons: Vec<&str> = errors.iter().filter_map(|error| error.description()).collect();
    let message = match reasons.is_empty() {
        true => "Service Catalog gave no reason".to_owned(),
        false => reasons.join("; "),
    };
    let code = errors.iter().find_map(|error| error.code().map(str::to_owned));
    KindError { code, ..KindError::new(message) }
}

/// Waits until nothing is being done with a provisioned product.
pub(super) async fn until_idle(reader: &Reader, id: &str) -> Result<(), KindError> {
    let mut pauses = Pauses::default();
    loop {
        let request = reader.service_catalog().describe_provisioned_product().id(id);
        let detail =
            request.send().await.unless(ABSENT)?.and_then(|answer| answer.provisioned_product_detail);
        match detail.and_then(|detail| detail.status) {
            Some(ProvisionedProductStatus::UnderChange) => {
                pauses.wait("the provisioned product is still being changed").await?;
            }
            _ => return Ok(()),
        }
    }
}

/// The outputs of its stack.
pub(super) async fn outputs(reader: &Reader, id: &str) -> Result<Vec<Output>, KindError> {
    let request = reader.service_catalog().get_provisioned_product_outputs().provisioned_product_id(id);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { break };
        found.extend(page.outputs.unwrap_or_default().into_iter().map(|output| Output {
            key: output.output_key.unwrap_or_default(),
            value: output.output_value.unwrap_or_default(),
            description: output.description,
        }));
    }
    Ok(found)
}

/// The name of a version.
pub(super) async fn artifact_name(
    reader: &Reader,
    product: Option<String>,
    artifact: Option<String>,
) -> Result<Option<String>, KindError> {
    let request = reader.service_catalog().describe_provisioning_artifact();
    let request = request.set_product_id(product).set_provisioning_artifact_id(artifact);
    let answer = request.send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.provisioning_artifact_detail).and_then(|detail| detail.name))
}

//! Records: what was asked of provisioned products, and what came of it.

use serde_json::{Value, json};

use super::{Answer, ServiceCatalog, new_id, not_found, now, parameters::Parameters};
use crate::reply::Refusal;

/// One request to provision, update or terminate.
pub(super) struct Record {
    pub(super) detail: Value,
    outputs: Vec<Value>,
}

impl Record {
    pub(super) fn outputs(&self) -> &[Value] {
        &self.outputs
    }
}

impl ServiceCatalog {
    /// Begins a record about a provisioned product, and gives its id.
    pub(super) fn begin_record(&mut self, kind: &str, about: &Value, tags: &Value) -> String {
        let id = new_id("rec");
        let mut detail = json!({
            "CreatedTime": now(),
            "ProvisionedProductId": about["Id"],
            "ProvisionedProductName": about["Name"],
            "ProvisionedProductType": "CFN_STACK",
            "RecordErrors": [],
            "RecordId": id,
            "RecordTags": tags,
            "RecordType": kind,
            "Status": "CREATED",
            "UpdatedTime": now(),
        });
        for name in ["LaunchRoleArn", "PathId", "ProductId", "ProvisioningArtifactId"] {
            if let Some(value) = about.get(name) {
                detail[name] = value.clone();
            }
        }
        self.records.push(Record { detail, outputs: Vec::new() });
        id
    }

    pub(super) fn record(&self, id: &str) -> Result<&Record, Refusal> {
        let found = self.records.iter().find(|record| record.detail["RecordId"] == id);
        found.ok_or_else(|| not_found("Record", id))
    }

    /// Notes what has become of a request, and why it failed if it did.
    pub(super) fn note(&mut self, id: &str, status: &str, error: Option<(&str, &str)>, outputs: &[Value]) {
        let Some(record) = self.records.iter_mut().find(|record| record.detail["RecordId"] == id) else {
            return;
        };
        record.detail["Status"] = json!(status);
        record.detail["UpdatedTime"] = json!(now());
        if let Some((code, description)) = error {
            record.detail["RecordErrors"] = json!([{ "Code": code, "Description": description }]);
        }
        record.outputs = outputs.to_vec();
    }

    pub(super) fn describe_record(&self, parameters: &Parameters) -> Answer {
        let record = self.record(parameters.required("Id")?)?;
        let mut answer = parameters.page("RecordOutputs", record.outputs.clone())?;
        answer["RecordDetail"] = record.detail.clone();
        Ok(answer)
    }

    pub(super) fn list_records(&self, parameters: &Parameters) -> Answer {
        let filter = parameters.table("SearchFilter");
        let of_product = filter.text("Value").filter(|_| filter.text("Key") == Some("provisionedproduct"));
        let details = self.records.iter().rev().map(|record| &record.detail);
        let found = details.filter(|detail| of_product.is_none_or(|id| detail["ProvisionedProductId"] == id));
        parameters.page("RecordDetails", found.cloned().collect())
    }

    pub(super) fn outputs(&self, parameters: &Parameters) -> Answer {
        let id = self.provisioned_id(
            parameters.text("ProvisionedProductId"),
            parameters.text("ProvisionedProductName"),
        )?;
        let about = self.provisioned.get(&id).map(|found| &found.detail);
        let record = about.and_then(|about| about["LastSuccessfulProvisioningRecordId"].as_str());
        let outputs = record.and_then(|record| self.record(record).ok()).map(|record| record.outputs.clone());
        let keys: Vec<&str> = parameters.list("OutputKeys").iter().filter_map(Value::as_str).collect();
        let outputs = outputs
            .unwrap_or_default()
            .into_iter()
            .filter(|output| keys.is_empty() || keys.iter().any(|key| output["OutputKey"] == *key));
        parameters.page("Outputs", outputs.collect())
    }
}

//! Products that are provisioned: a stack for each, and records of what was asked.

use serde_json::{Value, json};

use super::{
    Answer, Desk, ServiceCatalog,
    choices::given,
    duplicate, invalid, new_id, not_found, now,
    parameters::{Parameters, Tags, listed},
    stacks::{Begun, Stack, Wanted},
};
use crate::reply::Refusal;

/// A provisioned product.
pub(crate) struct Provisioned {
    /// The `ProvisionedProductDetail` of its answers, with the path.
    pub(super) detail: Value,
    stack: String,
    parameters: Tags,
    tags: Tags,
    /// What is under way: the record, its type, and what it will be then.
    pending: Option<Pending>,
}

#[derive(Clone)]
struct Pending {
    record: String,
    kind: &'static str,
    artifact: String,
    parameters: Tags,
    tags: Tags,
    ignores_errors: bool,
    /// Whether CloudFormation has been told.
    is_begun: bool,
}

const PROVISION: &str = "PROVISION_PRODUCT";
const UPDATE: &str = "UPDATE_PROVISIONED_PRODUCT";
const TERMINATE: &str = "TERMINATE_PROVISIONED_PRODUCT";

impl Desk<'_> {
    pub(super) async fn provision(&self, parameters: &Parameters) -> Answer {
        let name = parameters.required("ProvisionedProductName")?.to_owned();
        parameters.limit(&[("ProvisionedProductName", 128)])?;
        let tags = parameters.tags("Tags")?;
        let given = given(parameters, &Tags::new())?;
        let chosen = self.with(|catalog, place| {
            if catalog.provisioned.values().any(|other| other.detail["Name"] == *name) {
                return Err(duplicate(format!("A provisioned product named {name} exists already.")));
            }
            catalog.choose(parameters, place.account, None)
        })?;
        self.check_role(chosen.launch_role.as_deref()).await?;
        let (id, record, wanted) = self.with(|catalog, place| {
            let id = new_id("pp");
            let mut detail = json!({
                "Arn": place.provisioned_arn(&name, &id),
                "CreatedTime": now(),
                "Id": id,
                "Name": name,
                "PathId": chosen.path,
                "ProductId": chosen.product,
                "ProvisioningArtifactId": chosen.artifact,
                "Status": "UNDER_CHANGE",
                "Type": "CFN_STACK",
            });
            if let Some(token) = parameters.token() {
                detail["IdempotencyToken"] = json!(token);
            }
            if let Some(role) = &chosen.launch_role {
                detail["LaunchRoleArn"] = json!(role);
            }
            let stack = format!("SC-{}-{id}", place.account);
            let record = catalog.begin_record(PROVISION, &detail, &listed(&tags));
            detail["LastRecordId"] = json!(record);
            detail["LastProvisioningRecordId"] = json!(record);
            let pending = Pending {
                record: record.clone(),
                kind: PROVISION,
                artifact: chosen.artifact,
                parameters: given.clone(),
                tags: tags.clone(),
                ignores_errors: false,
                is_begun: false,
            };
            let wanted = Wanted { name: stack.clone(), template: chosen.template, parameters: given, tags };
            let (parameters, tags) = (Tags::new(), Tags::new());
            let found = Provisioned { detail, stack, parameters, tags, pending: Some(pending) };
            catalog.provisioned.insert(id.clone(), found);
            (id, record, wanted)
        });
        let begun = self.change_stack("CreateStack", &wanted).await?;
        self.with(|catalog, _| catalog.begun(&id, &record, begun))
    }

    pub(super) async fn update(&self, parameters: &Parameters) -> Answer {
        let chosen = self.with(|catalog, place| {
            let id = catalog.idle(parameters)?;
            let found = catalog.provisioned.get(&id).ok_or_else(|| not_found("ProvisionedProduct", &id))?;
            catalog.choose(parameters, place.account, Some(&found.detail))
        })?;
        self.check_role(chosen.launch_role.as_deref()).await?;
        let (id, record, wanted) = self.with(|catalog, _| {
            let id = catalog.idle(parameters)?;
            let found = catalog.provisioned.get(&id).ok_or_else(|| not_found("ProvisionedProduct", &id))?;
            let tags = match parameters.get("Tags").is_null() {
                true => found.tags.clone(),
                false => parameters.tags("Tags")?,
            };
            if tags != found.tags && !chosen.may_change_tags {
                return Err(invalid(
                    "Tags cannot be changed: the product has no RESOURCE_UPDATE constraint that allows it.",
                ));
            }
            let given = given(parameters, &found.parameters)?;
            let stack = found.stack.clone();
            let mut about = found.detail.clone();
            about["ProductId"] = json!(chosen.product);
            about["ProvisioningArtifactId"] = json!(chosen.artifact);
            about["PathId"] = json!(chosen.path);
            let record = catalog.begin_record(UPDATE, &about, &listed(&tags));
            let pending = Pending {
                record: record.clone(),
                kind: UPDATE,
                artifact: chosen.artifact,
                parameters: given.clone(),
                tags: tags.clone(),
                ignores_errors: false,
                is_begun: false,
            };
            catalog.engage(&id, pending);
            Ok((id, record, Wanted { name: stack, template: chosen.template, parameters: given, tags }))
        })?;
        let begun = self.change_stack("UpdateStack", &wanted).await?;
        self.with(|catalog, _| catalog.begun(&id, &record, begun))
    }

    pub(super) async fn terminate(&self, parameters: &Parameters) -> Answer {
        let is = |name: &str| parameters.get(name).as_bool() == Some(true);
        let (id, record, stack) = self.with(|catalog, _| {
            let id = catalog.idle(parameters)?;
            let found = catalog.provisioned.get(&id).ok_or_else(|| not_found("ProvisionedProduct", &id))?;
            let (detail, stack) = (found.detail.clone(), found.stack.clone());
            let record = catalog.begin_record(TERMINATE, &detail, &json!([]));
            let pending = Pending {
                record: record.clone(),
                kind: TERMINATE,
                artifact: String::new(),
                parameters: Tags::new(),
                tags: Tags::new(),
                ignores_errors: is("IgnoreErrors"),
                is_begun: false,
            };
            catalog.engage(&id, pending);
            Ok::<_, Refusal>((id, record, stack))
        })?;
        let begun = match is("RetainPhysicalResources") {
            true => Begun::Unchanged,
            false => self.delete_stack(&stack).await?,
        };
        self.with(|catalog, _| catalog.begun(&id, &record, begun))
    }

    /// Takes note of what has become of the stacks that were changing.
    pub(super) async fn catch_up(&self) -> Result<(), Refusal> {
        let changing = self.with(|catalog, _| {
            let changing = catalog
                .provisioned
                .iter()
                .filter(|(_, found)| found.pending.as_ref().is_some_and(|pending| pending.is_begun));
            changing.map(|(id, found)| (id.clone(), found.stack.clone())).collect::<Vec<_>>()
        });
        for (id, name) in changing {
            let stack = self.stack(&name).await?;
            self.with(|catalog, _| catalog.settle(&id, stack.as_ref()));
        }
        Ok(())
    }

    /// Refuses a launch role that is not there.
    async fn check_role(&self, role: Option<&str>) -> Result<(), Refusal> {
        let Some(role) = role else { return Ok(()) };
        let resource = role.rsplit(':').next().unwrap_or_default();
        match self.has_principal(resource).await? {
            true => Ok(()),
            false => Err(invalid(format!("Access denied while assuming the role {role}"))),
        }
    }
}

impl ServiceCatalog {
    /// The id of a provisioned product that is given by it or by its name.
    pub(super) fn provisioned_id(&self, id: Option<&str>, name: Option<&str>) -> Result<String, Refusal> {
        let (member, value) = match (id, name) {
            (Some(id), None) => ("Id", id),
            (None, Some(name)) => ("Name", name),
            _ => {
                let message =
                    "Either the id or the name of a provisioned product must be given, and not both.";
                return Err(invalid(message));
            }
        };
        let found = self.provisioned.iter().find(|(_, found)| found.detail[member] == value);
        found.map(|(id, _)| id.clone()).ok_or_else(|| not_found("ProvisionedProduct", value))
    }

    /// The id of the one that a request names, unless something is under way.
    fn idle(&self, parameters: &Parameters) -> Result<String, Refusal> {
        let (id, name) = ("ProvisionedProductId", "ProvisionedProductName");
        let id = self.provisioned_id(parameters.text(id), parameters.text(name))?;
        match self.provisioned.get(&id).is_some_and(|found| found.pending.is_some()) {
            true => Err(invalid(format!(
                "Provisioned product {id} is being changed: its status is UNDER_CHANGE."
            ))),
            false => Ok(id),
        }
    }

    /// Puts something under way.
    fn engage(&mut self, id: &str, pending: Pending) {
        if let Some(found) = self.provisioned.get_mut(id) {
            found.detail["Status"] = json!("UNDER_CHANGE");
            found.detail["LastRecordId"] = json!(pending.record);
            if pending.kind != TERMINATE {
                found.detail["LastProvisioningRecordId"] = json!(pending.record);
            }
            found.pending = Some(pending);
        }
    }

    /// Notes what CloudFormation said to the request, and answers with the record as it is at the beginning.
    fn begun(&mut self, id: &str, record: &str, begun: Begun) -> Answer {
        let answer = json!({ "RecordDetail": self.record(record)?.detail });
        match begun {
            Begun::Changing => {
                self.note(record, "IN_PROGRESS", None, &[]);
                let found = self.provisioned.get_mut(id);
                if let Some(pending) = found.and_then(|found| found.pending.as_mut()) {
                    pending.is_begun = true;
                }
            }
            Begun::Unchanged => {
                let pending = self.provisioned.get_mut(id).and_then(|found| found.pending.take());
                if let Some(pending) = pending {
                    self.succeed(id, pending, None);
                }
            }
            Begun::Refused(reason) => self.fail(id, "ValidationError", &reason, "ERROR"),
        }
        Ok(answer)
    }

    /// Notes what a stack has become.
    fn settle(&mut self, id: &str, stack: Option<&Stack>) {
        let Some(found) = self.provisioned.get_mut(id) else { return };
        let Some(pending) = &found.pending else { return };
        let status = stack.map_or("DELETE_COMPLETE", |stack| stack.status.as_str());
        if status.ends_with("_IN_PROGRESS") {
            return;
        }
        let done = match pending.kind {
            PROVISION => "CREATE_COMPLETE",
            UPDATE => "UPDATE_COMPLETE",
            _ => "DELETE_COMPLETE",
        };
        if status == done || (pending.kind == TERMINATE && pending.ignores_errors) {
            if let Some(pending) = found.pending.take() {
                self.succeed(id, pending, stack);
            }
            return;
        }
        let reason = stack.map_or("The stack is gone.", |stack| stack.reason.as_str());
        // After an update that was taken back, what was there runs on.
        let is_tainted = pending.kind != PROVISION;
        self.fail(id, status, reason, if is_tainted { "TAINTED" } else { "ERROR" });
    }

    fn succeed(&mut self, id: &str, pending: Pending, stack: Option<&Stack>) {
        if pending.kind == TERMINATE {
            self.provisioned.remove(id);
            return self.note(&pending.record, "SUCCEEDED", None, &[]);
        }
        let Some(found) = self.provisioned.get_mut(id) else { return };
        let earlier = found.detail["LastSuccessfulProvisioningRecordId"].as_str().map(str::to_owned);
        found.detail["Status"] = json!("AVAILABLE");
        found.detail["ProvisioningArtifactId"] = json!(pending.artifact);
        found.detail["LastSuccessfulProvisioningRecordId"] = json!(pending.record);
        if let Some(detail) = found.detail.as_object_mut() {
            detail.remove("StatusMessage");
        }
        found.parameters = pending.parameters;
        found.tags = pending.tags;
        let outputs = match (stack, earlier) {
            (Some(stack), _) => {
                found.detail["PhysicalId"] = json!(stack.id);
                stack.outputs.clone()
            }
            (None, Some(earlier)) => {
                self.record(&earlier).map(|record| record.outputs().to_vec()).unwrap_or_default()
            }
            (None, None) => Vec::new(),
        };
        let record = self.record(&pending.record).map(|record| record.detail.clone()).unwrap_or_default();
        if let Some(found) = self.provisioned.get_mut(id) {
            found.detail["PathId"] = record["PathId"].clone();
            found.detail["ProductId"] = record["ProductId"].clone();
        }
        self.note(&pending.record, "SUCCEEDED", None, &outputs);
    }

    fn fail(&mut self, id: &str, code: &str, reason: &str, status: &str) {
        let Some(found) = self.provisioned.get_mut(id) else { return };
        let Some(pending) = found.pending.take() else { return };
        let is_running = found.detail["LastSuccessfulProvisioningRecordId"].is_string();
        found.detail["Status"] = json!(if is_running { "TAINTED" } else { status });
        found.detail["StatusMessage"] = json!(reason);
        self.note(&pending.record, "FAILED", Some((code, reason)), &[]);
    }

    pub(super) fn describe_provisioned(&self, parameters: &Parameters) -> Answer {
        let id = self.provisioned_id(parameters.text("Id"), parameters.text("Name"))?;
        let detail = self.provisioned.get(&id).map(Provisioned::told);
        Ok(json!({ "CloudWatchDashboards": [], "ProvisionedProductDetail": detail }))
    }

    pub(super) fn search_provisioned(&self, parameters: &Parameters) -> Answer {
        let found = self.provisioned.values().map(|found| {
            let mut told = found.told();
            told["Tags"] = listed(&found.tags);
            told["PhysicalId"] = found.detail["PhysicalId"].clone();
            told
        });
        let mut answer = parameters.page("ProvisionedProducts", found.collect())?;
        answer["TotalResultsCount"] = json!(self.provisioned.len());
        Ok(answer)
    }
}

impl Provisioned {
    /// What its answers tell of it.
    fn told(&self) -> Value {
        let mut told = self.detail.clone();
        if let Some(told) = told.as_object_mut() {
            told.remove("PathId");
            told.remove("PhysicalId");
        }
        told
    }
}

//! AWS Elemental MediaConvert: queues, job templates, their tags, and the endpoint. No jobs.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
};

/// The queues and job templates of one account in one region.
#[derive(Default)]
pub(crate) struct MediaConvert {
    pub(crate) queues: BTreeMap<String, Value>,
    pub(crate) job_templates: BTreeMap<String, Value>,
    /// By ARN.
    tags: BTreeMap<String, Map<String, Value>>,
}

/// The queue that every account has, and cannot delete.
pub(crate) const DEFAULT_QUEUE: &str = "Default";

type Answer = Result<(u16, Value), Refusal>;

/// Answers a request to MediaConvert.
pub(crate) fn answer(front: &Front, request: &Request, identity: &Identity) -> Reply {
    let segments = request
        .uri()
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .skip(1)
        .map(query::percent_decode)
        .collect::<Vec<_>>();
    let segments = segments.iter().map(String::as_str).collect::<Vec<_>>();
    let parameters = request.uri().query().unwrap_or_default();
    let place = Place { account: &identity.account, region: &identity.region };
    let answer = body(request).and_then(|body| {
        front.kept.with(&identity.account, |account| {
            let service = account.mediaconvert.entry(identity.region.clone()).or_default();
            service.queues.entry(DEFAULT_QUEUE.to_owned()).or_insert_with(|| place.default_queue());
            match (request.method(), &segments[..]) {
                (&Method::POST, ["endpoints"]) => {
                    Ok((200, json!({ "endpoints": [{ "url": format!("http://{}", front.address) }] })))
                }
                (&Method::POST, ["queues"]) => service.create_queue(&place, body),
                (&Method::GET, ["queues"]) => list(&service.queues, "queues", parameters),
                (&Method::GET, ["queues", name]) => Ok((200, json!({ "queue": service.queue(name)? }))),
                (&Method::PUT, ["queues", name]) => service.update_queue(name, body),
                (&Method::DELETE, ["queues", name]) => service.delete_queue(name),
                (&Method::POST, ["jobTemplates"]) => service.create_job_template(&place, body),
                (&Method::GET, ["jobTemplates"]) => list(&service.job_templates, "jobTemplates", parameters),
                (&Method::GET, ["jobTemplates", name]) => {
                    Ok((200, json!({ "jobTemplate": service.job_template(name)? })))
                }
                (&Method::PUT, ["jobTemplates", name]) => service.update_job_template(&place, name, body),
                (&Method::DELETE, ["jobTemplates", name]) => service.delete_job_template(name),
                (&Method::POST, ["tags"]) => service.tag(body),
                (&Method::GET, ["tags", arn @ ..]) => service.list_tags(&arn.join("/")),
                (&Method::PUT, ["tags", arn @ ..]) => service.untag(&arn.join("/"), &body),
                _ => Err(Refusal::new(
                    501,
                    "NotImplemented",
                    format!("the sandbox has no {} of MediaConvert", identity.operation),
                )),
            }
        })
    });
    match answer {
        Ok((status, value)) => reply::json(status, &value),
        Err(refusal) => refusal.reply(identity.protocol, &identity.service),
    }
}

fn body(request: &Request) -> Result<Map<String, Value>, Refusal> {
    if request.body().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(request.body())
        .map_err(|error| bad_request(format!("the body is not a JSON object: {error}")))
}

impl MediaConvert {
    fn queue(&self, name: &str) -> Result<&Value, Refusal> {
        self.queues.get(name_of(name)).ok_or_else(|| not_found("queue", name))
    }

    fn create_queue(&mut self, place: &Place<'_>, mut body: Map<String, Value>) -> Answer {
        let name = checked_name(&body)?;
        if self.queues.contains_key(&name) {
            return Err(conflict(format!("A queue named {name} already exists.")));
        }
        let plan = one_of(&body, "pricingPlan", &["ON_DEMAND", "RESERVED"])?;
        let mut queue = place.queue(&name, "CUSTOM");
        queue["pricingPlan"] = json!(plan);
        if plan == "RESERVED" {
            let settings = body
                .get("reservationPlanSettings")
                .ok_or_else(|| bad_request("A reserved queue needs reservationPlanSettings."))?;
            queue["reservationPlan"] = reservation(settings)?;
        } else if body.contains_key("reservationPlanSettings") {
            return Err(bad_request("An on-demand queue takes no reservationPlanSettings."));
        }
        queue["status"] = json!(one_of(&body, "status", &["ACTIVE", "PAUSED"])?);
        copy(&mut queue, &body, &["description", "concurrentJobs"]);
        self.remember_tags(&queue, body.remove("tags"));
        self.queues.insert(name, queue.clone());
        Ok((201, json!({ "queue": queue })))
    }

    fn update_queue(&mut self, name: &str, body: Map<String, Value>) -> Answer {
        let status = body
            .contains_key("status")
            .then(|| one_of(&body, "status", &["ACTIVE", "PAUSED"]))
            .transpose()?;
        let queue = self.queues.get_mut(name_of(name)).ok_or_else(|| not_found("queue", name))?;
        if let Some(settings) = body.get("reservationPlanSettings") {
            if queue["pricingPlan"] != "RESERVED" {
                return Err(bad_request("An on-demand queue takes no reservationPlanSettings."));
            }
            queue["reservationPlan"] = reservation(settings)?;
        }
        if let Some(status) = status {
            queue["status"] = json!(status);
        }
        copy(queue, &body, &["description", "concurrentJobs"]);
        queue["lastUpdated"] = now();
        Ok((200, json!({ "queue": queue })))
    }

    fn delete_queue(&mut self, name: &str) -> Answer {
        let queue = self.queue(name)?;
        if queue["type"] == "SYSTEM" {
            return Err(bad_request("You can't delete the default queue."));
        }
        if queue["reservationPlan"]["status"] == "ACTIVE" {
            return Err(bad_request("You can't delete a queue with an active reservation."));
        }
        let (arn, name) = (queue["arn"].clone(), name_of(name).to_owned());
        if let Some(template) = self.job_templates.values().find(|template| template["queue"] == arn) {
            return Err(conflict(format!(
                "The queue {name} is used by the job template {}.",
                template["name"]
            )));
        }
        self.forget(&arn);
        self.queues.remove(&name);
        Ok((202, json!({})))
    }

    fn job_template(&self, name: &str) -> Result<&Value, Refusal> {
        self.job_templates.get(name_of(name)).ok_or_else(|| not_found("job template", name))
    }

    fn create_job_template(&mut self, place: &Place<'_>, mut body: Map<String, Value>) -> Answer {
        let name = checked_name(&body)?;
        if self.job_templates.contains_key(&name) {
            return Err(conflict(format!("A job template named {name} already exists.")));
        }
        if !body.get("settings").is_some_and(Value::is_object) {
            return Err(bad_request("settings is a required property."));
        }
        let mut template = json!({
            "arn": place.arn("jobTemplates", &name),
            "createdAt": now(),
            "hopDestinations": [],
            "lastUpdated": now(),
            "name": name,
            "priority": 0,
            "statusUpdateInterval": "SECONDS_60",
            "type": "CUSTOM",
        });
        self.set_job_template(place, &mut template, &body)?;
        self.remember_tags(&template, body.remove("tags"));
        self.job_templates.insert(name, template.clone());
        Ok((201, json!({ "jobTemplate": template })))
    }

    fn update_job_template(&mut self, place: &Place<'_>, name: &str, body: Map<String, Value>) -> Answer {
        let mut template = self.job_template(name)?.clone();
        self.set_job_template(place, &mut template, &body)?;
        template["lastUpdated"] = now();
        self.job_templates.insert(name_of(name).to_owned(), template.clone());
        Ok((200, json!({ "jobTemplate": template })))
    }

    /// Takes over what a request says about a job template, where AWS would accept it.
    fn set_job_template(
        &self,
        place: &Place<'_>,
        template: &mut Value,
        body: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        if let Some(priority) = body.get("priority").filter(|priority| !priority.is_null())
            && !priority.as_i64().is_some_and(|priority| (-50..=50).contains(&priority))
        {
            return Err(bad_request(format!("priority must be between -50 and 50, not {priority}.")));
        }
        let queues = body.get("queue").into_iter().chain(
            body.get("hopDestinations")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|hop| hop.get("queue")),
        );
        for queue in queues.filter_map(Value::as_str) {
            self.queue(queue)?;
        }
        let settings = [
            "accelerationSettings",
            "category",
            "description",
            "hopDestinations",
            "priority",
            "settings",
            "statusUpdateInterval",
        ];
        copy(template, body, &settings);
        // A queue can be named, and is answered with its ARN.
        if let Some(queue) = body.get("queue").and_then(Value::as_str) {
            template["queue"] = json!(place.arn("queues", name_of(queue)));
        }
        Ok(())
    }

    fn delete_job_template(&mut self, name: &str) -> Answer {
        let arn = self.job_template(name)?["arn"].clone();
        self.forget(&arn);
        self.job_templates.remove(name_of(name));
        Ok((202, json!({})))
    }

    fn tag(&mut self, mut body: Map<String, Value>) -> Answer {
        let arn = body
            .get("arn")
            .and_then(Value::as_str)
            .ok_or_else(|| bad_request("arn is a required property."))?;
        self.check_taggable(arn)?;
        let arn = arn.to_owned();
        let Some(Value::Object(added)) = body.remove("tags") else {
            return Err(bad_request("tags is a required property."));
        };
        self.tags.entry(arn).or_default().extend(added);
        Ok((200, json!({})))
    }

    fn untag(&mut self, arn: &str, body: &Map<String, Value>) -> Answer {
        self.check_taggable(arn)?;
        let keys = body.get("tagKeys").and_then(Value::as_array);
        if let Some(tags) = self.tags.get_mut(arn) {
            for key in keys.into_iter().flatten().filter_map(Value::as_str) {
                tags.remove(key);
            }
        }
        Ok((200, json!({})))
    }

    fn list_tags(&self, arn: &str) -> Answer {
        self.check_taggable(arn)?;
        let tags = self.tags.get(arn).cloned().unwrap_or_default();
        Ok((200, json!({ "resourceTags": { "arn": arn, "tags": tags } })))
    }

    fn check_taggable(&self, arn: &str) -> Result<(), Refusal> {
        let exists =
            self.queues.values().chain(self.job_templates.values()).any(|resource| resource["arn"] == arn);
        if exists { Ok(()) } else { Err(not_found("resource", arn)) }
    }

    fn remember_tags(&mut self, resource: &Value, tags: Option<Value>) {
        if let (Some(arn), Some(Value::Object(tags))) = (resource["arn"].as_str(), tags) {
            self.tags.insert(arn.to_owned(), tags);
        }
    }

    fn forget(&mut self, arn: &Value) {
        if let Some(arn) = arn.as_str() {
            self.tags.remove(arn);
        }
    }
}

/// Whose ARNs are made.
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

impl Place<'_> {
    fn arn(&self, collection: &str, name: &str) -> String {
        format!("arn:aws:mediaconvert:{}:{}:{collection}/{name}", self.region, self.account)
    }

    fn queue(&self, name: &str, kind: &str) -> Value {
        json!({
            "arn": self.arn("queues", name),
            "createdAt": now(),
            "lastUpdated": now(),
            "name": name,
            "pricingPlan": "ON_DEMAND",
            "progressingJobsCount": 0,
            "status": "ACTIVE",
            "submittedJobsCount": 0,
            "type": kind,
        })
    }

    fn default_queue(&self) -> Value {
        let mut queue = self.queue(DEFAULT_QUEUE, "SYSTEM");
        queue["description"] = json!("Default queue for jobs");
        queue
    }
}

/// A page of a collection, in order of name or of creation.
fn list(collection: &BTreeMap<String, Value>, name: &str, parameters: &str) -> Answer {
    let size = match query::value(parameters, "maxResults") {
        Some(text) => text.parse::<usize>().ok().filter(|size| (1..=20).contains(size)),
        None => Some(20),
    };
    let size = size.ok_or_else(|| bad_request("maxResults must be between 1 and 20."))?;
    let category = query::value(parameters, "category");
    let system = query::value(parameters, "listBy").as_deref() == Some("SYSTEM");
    let mut items = collection
        .values()
        .filter(|item| category.as_deref().is_none_or(|category| item["category"] == category))
        .filter(|item| !system || item["type"] == "SYSTEM")
        .collect::<Vec<_>>();
    if query::value(parameters, "listBy").as_deref() == Some("CREATION_DATE") {
        items.sort_by(|one, other| {
            one["createdAt"].as_f64().unwrap_or(0.0).total_cmp(&other["createdAt"].as_f64().unwrap_or(0.0))
        });
    }
    if query::value(parameters, "order").as_deref() == Some("DESCENDING") {
        items.reverse();
    }
    let start = match query::value(parameters, "nextToken").filter(|token| !token.is_empty()) {
        Some(token) => token.parse::<usize>().map_err(|_| bad_request("nextToken is not valid."))?,
        None => 0,
    };
    let page = items.iter().skip(start).take(size).collect::<Vec<_>>();
    let mut answer = json!({ name: page });
    if start + size < items.len() {
        answer["nextToken"] = json!((start + size).to_string());
    }
    Ok((200, answer))
}

/// Queues and templates can be given by ARN wherever they can be given by name.
fn name_of(name: &str) -> &str {
    if name.starts_with("arn:") { name.rsplit('/').next().unwrap_or(name) } else { name }
}

fn checked_name(body: &Map<String, Value>) -> Result<String, Refusal> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() || name.chars().count() > 150 {
        return Err(bad_request("name is a required property of 1 to 150 characters."));
    }
    Ok(name.to_owned())
}

/// The value of a choice; the first of `choices` if the request does not make it.
fn one_of<'a>(body: &Map<String, Value>, name: &str, choices: &[&'a str]) -> Result<&'a str, Refusal> {
    let found = match body.get(name) {
        None | Some(Value::Null) => choices.first(),
        Some(value) => choices.iter().find(|choice| value == **choice),
    };
    found.copied().ok_or_else(|| bad_request(format!("{name} must be one of {}.", choices.join(", "))))
}

fn reservation(settings: &Value) -> Result<Value, Refusal> {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let bought = now();
    let slots = settings["reservedSlots"].as_u64().filter(|slots| *slots > 0);
    let (Some(slots), Some("ONE_YEAR"), Some(renewal @ ("AUTO_RENEW" | "EXPIRE"))) =
        (slots, settings["commitment"].as_str(), settings["renewalType"].as_str())
    else {
        return Err(bad_request("reservationPlanSettings needs commitment, renewalType and reservedSlots."));
    };
    Ok(json!({
        "commitment": "ONE_YEAR",
        "expiresAt": bought.as_u64().unwrap_or_default() + YEAR,
        "purchasedAt": bought,
        "renewalType": renewal,
        "reservedSlots": slots,
        "status": "ACTIVE",
    }))
}

/// Takes over the properties that a request has.
fn copy(resource: &mut Value, body: &Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(value) = body.get(*name).filter(|value| !value.is_null()) {
            resource[*name] = value.clone();
        }
    }
}

/// Seconds since 1970, as MediaConvert writes its times.
fn now() -> Value {
    json!(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "BadRequestException", message)
}

fn conflict(message: String) -> Refusal {
    Refusal::new(409, "ConflictException", message)
}

fn not_found(what: &str, name: &str) -> Refusal {
    Refusal::new(404, "NotFoundException", format!("The {what} {name} does not exist."))
}

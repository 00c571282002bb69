//! SQS holds the name of a deleted queue for a while, encrypts what nobody asked it to, tells FIFO queues from others,
//! and encrypts in one way at a time.

use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
};

/// What only a FIFO queue has.
const FIFO_ONLY: [&str; 3] = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

/// Refuses what AWS would refuse and ministack would not.
pub(super) fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let body = body(request);
    let name = match identity.operation.as_str() {
        "CreateQueue" => text(&body, "QueueName"),
        "SetQueueAttributes" => name_in(&body),
        _ => return Ok(()),
    };
    if identity.operation == "CreateQueue" {
        let deleted = front.kept.with(&identity.account, |kept| {
            kept.queues_deleted.get(&(identity.region.clone(), name.to_owned())).copied()
        });
        // As long as everything takes here: a minute would be long for tests.
        if deleted.is_some_and(|deleted| deleted.elapsed() < front.deploy_time) {
            let message = "You must wait 60 seconds after deleting a queue before you can create another with the \
                           same name.";
            return Err(Refusal::new(400, "QueueDeletedRecently", message));
        }
    }
    let Some(Value::Object(attributes)) = body.get("Attributes") else { return Ok(()) };
    if !name.ends_with(".fifo")
        && let Some(unknown) = FIFO_ONLY.iter().find(|name| attributes.contains_key(**name))
    {
        return Err(Refusal::new(400, "InvalidAttributeName", format!("Unknown Attribute {unknown}.")));
    }
    if !text(attributes, "KmsMasterKeyId").is_empty() && text(attributes, "SqsManagedSseEnabled") == "true" {
        let message = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS \
                       SSE or SQS SSE.";
        return Err(Refusal::new(400, "InvalidAttributeValue", message));
    }
    Ok(())
}

/// Remembers which queue was deleted, and says of a queue what AWS says though nobody asked for it.
pub(super) fn after(front: &Front, request: &Request, identity: &Identity, reply: Reply) -> Reply {
    if !reply.status().is_success() {
        return reply;
    }
    let body = body(request);
    match identity.operation.as_str() {
        "DeleteQueue" => {
            let queue = (identity.region.clone(), name_in(&body).to_owned());
            front.kept.with(&identity.account, |kept| kept.queues_deleted.insert(queue, Instant::now()));
            reply
        }
        "GetQueueAttributes" if is_asked_all(&body) => with_defaults(&reply),
        _ => reply,
    }
}

fn with_defaults(reply: &Reply) -> Reply {
    let mut answer = serde_json::from_slice::<Map<String, Value>>(reply.body()).unwrap_or_default();
    if let Some(Value::Object(attributes)) = answer.get_mut("Attributes") {
        // What was set to nothing is not there.
        attributes.retain(|_, value| value != "");
        let has_key = attributes.contains_key("KmsMasterKeyId");
        let mut default = |name: &str, value: &str| {
            attributes.entry(name).or_insert_with(|| json!(value));
        };
        if has_key {
            default("KmsDataKeyReusePeriodSeconds", "300");
            attributes.insert("SqsManagedSseEnabled".to_owned(), json!("false"));
        } else {
            default("SqsManagedSseEnabled", "true");
        }
        if attributes.get("FifoQueue").is_some_and(|fifo| fifo == "true") {
            let mut default = |name: &str, value: &str| {
                attributes.entry(name).or_insert_with(|| json!(value));
            };
            default("DeduplicationScope", "queue");
            default("FifoThroughputLimit", "perQueue");
        }
    }
    let mut reply = reply::json(200, &Value::Object(answer));
    reply::set(&mut reply, "content-type", "application/x-amz-json-1.0");
    reply
}

fn is_asked_all(body: &Map<String, Value>) -> bool {
    body.get("AttributeNames")
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|name| name == "All"))
}

/// The name of the queue whose URL is in a request.
fn name_in(body: &Map<String, Value>) -> &str {
    let url = text(body, "QueueUrl");
    url.rsplit('/').next().unwrap_or(url)
}

fn body(request: &Request) -> Map<String, Value> {
    serde_json::from_slice(request.body()).unwrap_or_default()
}

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

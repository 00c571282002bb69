//! SNS makes no topic of a name that another has, looks at what is set, and has its own names for errors. What it does
//! with subscriptions is in [`subscriptions`].

pub(crate) mod subscriptions;

use std::collections::BTreeMap;

use crate::{
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    xml::{self, Element},
};

/// What only a FIFO topic has.
const FIFO_ONLY: [&str; 3] = ["ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"];
/// What of a topic can be set, but for what it says of its deliveries.
const SETTABLE: [&str; 9] = [
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let form = Form::of(request);
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
        "CreateTopic" => is_new_or_same(&ask, &form, identity).await,
        "SetTopicAttributes" => is_settable(&form),
        "DeleteTopic" => {
            let topic = topic(&ask, &form.text("TopicArn")).await;
            match topic.and_then(|topic| topic.get("ArchivePolicy").cloned()) {
                Some(policy) if !["", "{}"].contains(&policy.as_str()) => {
                    let message = "Invalid state: Cannot delete a topic with an archive policy";
                    Err(Refusal::new(400, "InvalidState", message))
                }
                _ => Ok(()),
            }
        }
        _ => subscriptions::before(front, &form, identity).await,
    }
}

/// A topic can be created again if it is the same.
async fn is_new_or_same(ask: &Ask<'_>, form: &Form, identity: &Identity) -> Result<(), Refusal> {
    let (name, attributes) = (form.text("Name"), form.attributes());
    if name.ends_with(".fifo") != attributes.get("FifoTopic").is_some_and(|fifo| fifo == "true") {
        return Err(invalid("Topic Name"));
    }
    let arn = format!("arn:aws:sns:{}:{}:{name}", identity.region, identity.account);
    let Some(there) = topic(ask, &arn).await else { return Ok(()) };
    if attributes.iter().any(|(name, value)| there.get(name) != Some(value)) {
        return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
    }
    let answer = ask.act("sns", "ListTagsForResource", &[("ResourceArn", &arn)]).await?;
    let tag = |member: &Element| (member.text_at(&["Key"]).to_owned(), member.text_at(&["Value"]).to_owned());
    let there: BTreeMap<String, String> = answer.descendants("member").into_iter().map(tag).collect();
    let tags: BTreeMap<String, String> = form.pairs("Tags.member", ["Key", "Value"]).collect();
    if !tags.is_empty() && tags != there {
        return Err(invalid("Tags Reason: Topic already exists with different tags"));
    }
    Ok(())
}

fn is_settable(form: &Form) -> Result<(), Refusal> {
    let (name, value) = (form.text("AttributeName"), form.text("AttributeValue"));
    if !SETTABLE.contains(&name.as_str()) && !name.contains("Feedback") {
        return Err(invalid("AttributeName"));
    }
    if FIFO_ONLY.contains(&name.as_str()) && !form.text("TopicArn").ends_with(".fifo") {
        return Err(invalid(&format!("{name} Reason: only a FIFO topic has it")));
    }
    let is_document = ["Policy", "DeliveryPolicy", "ArchivePolicy"].contains(&name.as_str());
    if is_document && !value.is_empty() && serde_json::from_str::<serde_json::Value>(&value).is_err() {
        return Err(invalid(&format!("{name} Error: null")));
    }
    Ok(())
}

/// Gives errors the codes that AWS has for them, and leaves out what was set to nothing.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let Some(mut answer) = xml::parse(reply.body()) else { return Ok(reply) };
    if let Some(replaced) = subscriptions::after(front, &Form::of(request), identity, &mut answer).await? {
        return Ok(replaced);
    }
    if let Some(code) = answer.child_mut("Error").and_then(|error| error.child_mut("Code")) {
        code.text = match code.text.as_str() {
            "InvalidParameterException" => "InvalidParameter".to_owned(),
            "ResourceNotFoundException" => "ResourceNotFound".to_owned(),
            other => other.to_owned(),
        };
    }
    if ["GetTopicAttributes", "GetSubscriptionAttributes"].contains(&identity.operation.as_str())
        && let Some(attributes) = attributes_of(&mut answer)
    {
        attributes.retain(|entry| {
            !entry.text_at(&["value"]).is_empty() || entry.text_at(&["key"]) == "DisplayName"
        });
    }
    let mut corrected = reply::xml(reply.status().as_u16(), &answer);
    for (name, value) in reply.headers() {
        corrected.headers_mut().insert(name, value.clone());
    }
    Ok(corrected)
}

/// The entries of the attributes in an answer.
fn attributes_of(answer: &mut Element) -> Option<&mut Vec<Element>> {
    let result = answer.children.iter_mut().find(|child| child.name.ends_with("Result"))?;
    Some(&mut result.child_mut("Attributes")?.children)
}

/// The attributes of a topic, if it is there.
async fn topic(ask: &Ask<'_>, arn: &str) -> Option<BTreeMap<String, String>> {
    attributes(ask, "GetTopicAttributes", ("TopicArn", arn)).await
}

/// The attributes of what a parameter names, if it is there.
async fn attributes(
    ask: &Ask<'_>,
    action: &str,
    parameter: (&str, &str),
) -> Option<BTreeMap<String, String>> {
    let answer = ask.act("sns", action, &[parameter]).await.ok()?;
    let entry = |entry: &Element| (entry.text_at(&["key"]).to_owned(), entry.text_at(&["value"]).to_owned());
    Some(answer.descendants("entry").into_iter().map(entry).collect())
}

fn invalid(what: &str) -> Refusal {
    Refusal::new(400, "InvalidParameter", format!("Invalid parameter: {what}"))
}

/// The form that a request is.
struct Form(String);

impl Form {
    fn of(request: &Request) -> Self {
        Self(String::from_utf8_lossy(request.body()).into_owned())
    }

    /// The value of a field; empty if there is none.
    fn text(&self, name: &str) -> String {
        query::value(&self.0, name).unwrap_or_default()
    }

    /// The members of a list of pairs: `Tags.member.1.Key`, `Tags.member.1.Value` and so on.
    fn pairs<'a>(
        &'a self,
        list: &'a str,
        [key, value]: [&'a str; 2],
    ) -> impl Iterator<Item = (String, String)> + 'a {
        (1..).map_while(move |number| {
            let name = query::value(&self.0, &format!("{list}.{number}.{key}"))?;
            Some((name, self.text(&format!("{list}.{number}.{value}"))))
        })
    }

    fn attributes(&self) -> BTreeMap<String, String> {
        self.pairs("Attributes.entry", ["key", "value"]).collect()
    }
}

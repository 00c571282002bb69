//! What the kinds of SNS share: how it says what is not there, failures that pass, tags, and documents that it rewrites.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sns::types::Tag;
use provision_engine::kind::{Document, KindError};
use serde_json::{Map, Value as Json};

use crate::account;
use crate::call::{Outcome, malformed};
use crate::clients::Reader;
use crate::tags::{self, Tags};

/// There is no such topic or subscription.
pub(crate) const ABSENT: &[&str] = &["NotFound", "ResourceNotFound"];
/// What SNS says to all that it does not like.
pub(crate) const INVALID: &[&str] = &["InvalidParameter"];

/// How long a principal or role that does not exist is taken for one that was made a moment ago and is not known
/// everywhere yet: a misspelt one is more likely.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Attributes of a topic or subscription, by SNS's names.
pub(crate) type Attributes = HashMap<String, String>;

/// The attributes of a topic, unless there is no such topic.
pub(crate) async fn topic_attributes(reader: &Reader, arn: &str) -> Result<Option<Attributes>, KindError> {
    let answer = reader.sns().get_topic_attributes().topic_arn(arn).send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| answer.attributes.unwrap_or_default()))
}

/// The ARN that a topic of that name has in this account and region. SNS cannot be asked for a topic by its name.
pub(crate) async fn topic_arn(reader: &Reader, name: &str) -> Result<String, KindError> {
    let caller = account::caller(reader).await?;
    let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let region = reader.region().unwrap_or_default();
    Ok(format!("arn:{partition}:sns:{region}:{}:{name}", caller.account().unwrap_or_default()))
}

/// Whether a failure is about a principal or role that a moment later may be known: it was made just now.
pub(crate) fn is_about_principal(error: &KindError) -> bool {
    let message = error.message.to_ascii_lowercase();
    error.is(INVALID) && (message.contains("principal") || message.contains("role"))
}

/// A setting that is there and not empty.
pub(crate) fn set(attributes: &Attributes, name: &str) -> Option<String> {
    attributes.get(name).filter(|text| !text.is_empty()).cloned()
}

/// A document that is there and has something in it.
pub(crate) fn document(attributes: &Attributes, name: &str) -> Option<Document> {
    let document = Document::parse(&set(attributes, name)?);
    (document.0 != Json::Object(Map::new())).then_some(document)
}

/// A document as SNS takes it; `none` says that there is none.
pub(crate) fn text(document: Option<&Document>, none: &str) -> String {
    document.map_or_else(|| none.to_owned(), ToString::to_string)
}

/// A delivery policy as `said`: without the members that SNS adds where nothing was said of them.
pub(crate) fn delivery_policy(read: Option<Document>, said: Option<&Document>) -> Option<Document> {
    let mut document = read?;
    drop_unsaid(&mut document.0, said.map_or(&Json::Null, |said| &said.0));
    (document.0 != Json::Object(Map::new())).then_some(document)
}

/// What SNS adds means nothing: null, false, no retries, the linear backoff.
fn drop_unsaid(read: &mut Json, said: &Json) {
    let Json::Object(members) = read else { return };
    for (name, member) in members.iter_mut() {
        drop_unsaid(member, &said[name.as_str()]);
    }
    members.retain(|name, member| {
        let is_nothing = match &*member {
            Json::Null | Json::Bool(false) => true,
            Json::Number(number) => number.as_f64() == Some(0.0),
            Json::String(text) => name == "backoffFunction" && text == "linear",
            Json::Object(members) => members.is_empty(),
            _ => false,
        };
        !is_nothing || said.get(name).is_some()
    });
}

/// Tags as the API takes them; `None` for none.
pub(crate) fn api_tags(tags: Tags) -> Result<Option<Vec<Tag>>, KindError> {
    let tags: Vec<Tag> = tags
        .into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(malformed)?;
    Ok((!tags.is_empty()).then_some(tags))
}

/// The tags of a topic, unless there is no such topic.
pub(crate) async fn tags_of(reader: &Reader, arn: &str) -> Result<Option<Tags>, KindError> {
    let answer = reader.sns().list_tags_for_resource().resource_arn(arn).send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| {
        tags::own(answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delivery_policy_is_read_as_it_was_said() {
        let read = json!({
            "http": {
                "defaultHealthyRetryPolicy": {
                    "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3,
                    "numNoDelayRetries": 0, "backoffFunction": "linear",
                },
                "disableSubscriptionOverrides": false,
                "defaultThrottlePolicy": null,
            }
        });
        let said = json!({
            "http": {
                "defaultHealthyRetryPolicy": {
                    "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numNoDelayRetries": 0,
                }
            }
        });
        let policy = delivery_policy(Some(Document(read.clone())), Some(&Document(said.clone())));
        assert_eq!(policy, Some(Document(said)));
        assert_eq!(
            delivery_policy(Some(Document(read.clone())), Some(&Document(read.clone()))),
            Some(Document(read))
        );
        assert_eq!(delivery_policy(Some(Document(json!({ "guaranteed": false }))), None), None);
    }
}

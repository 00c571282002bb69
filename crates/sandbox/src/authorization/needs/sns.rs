//! SNS: topics; its subscriptions are no resource type.

use super::{Call, Need};

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let named = call.form("Name").map(|name| call.arn("sns", &name));
    let topic = call.form("TopicArn").or_else(|| call.form("ResourceArn")).or(named);
    let topic = topic.unwrap_or_else(|| "*".to_owned());
    let mut needs = match call.operation() {
        "GetSubscriptionAttributes" | "SetSubscriptionAttributes" | "Unsubscribe" => vec![call.own("*")],
        _ => vec![call.own(topic.as_str())],
    };
    if call.operation() == "CreateTopic" && call.form("Tags.member.1.Key").is_some() {
        needs.push(call.need("TagResource", topic));
    }
    let attribute = call.form("AttributeName").unwrap_or_default();
    if attribute.ends_with("FeedbackRoleArn")
        && let Some(role) = call.form("AttributeValue").filter(|role| !role.is_empty())
    {
        needs.push(Call::passes(&role, "sns"));
    }
    needs
}

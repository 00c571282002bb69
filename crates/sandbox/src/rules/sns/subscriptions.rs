//! A mail address has to confirm a subscription, as an HTTP endpoint has: until then it is listed without its ARN, and
//! cannot be ended. Messages of an archive can be had again.

use super::{Form, attributes, attributes_of, invalid};
use crate::{
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::Reply,
    reply::{self, Refusal},
    xml::Element,
};

/// How SNS names one that waits, in lists and to who did not ask for the ARN.
const LISTED: &str = "PendingConfirmation";
const ANSWERED: &str = "pending confirmation";
const REPLAY: &str = "ReplayPolicy";

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, form: &Form, identity: &Identity) -> Result<(), Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
        "Subscribe" => {
            let Some(arn) = find(&ask, form).await? else { return Ok(()) };
            let Some(there) = of(&ask, &arn).await else { return Ok(()) };
            let differs =
                |(name, value): (&String, &String)| name != REPLAY && there.get(name) != Some(value);
            if !is_pending(front, &ask, &arn).await && form.attributes().iter().any(differs) {
                return Err(invalid(
                    "Attributes Reason: Subscription already exists with different attributes",
                ));
            }
            Ok(())
        }
        "Unsubscribe" if is_pending(front, &ask, &form.text("SubscriptionArn")).await => {
            let message =
                "SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation";
            Err(invalid(message))
        }
        _ => Ok(()),
    }
}

/// Makes of ministack's answer the one that AWS would give; gives another one in its place where it has none.
pub(super) async fn after(
    front: &Front,
    form: &Form,
    identity: &Identity,
    answer: &mut Element,
) -> Result<Option<Reply>, Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    let is_refused = answer.child("Error").is_some();
    match identity.operation.as_str() {
        "Subscribe" if !is_refused => {
            let Some(arn) = find(&ask, form).await? else { return Ok(None) };
            front.kept.with(&identity.account, |kept| {
                let is_new = kept.subscriptions.insert(arn.clone());
                if is_new && form.text("Protocol").starts_with("email") {
                    kept.subscriptions_pending.insert(arn.clone());
                }
                if let Some(policy) = form.attributes().remove(REPLAY) {
                    kept.replay_policies.insert(arn.clone(), policy);
                }
            });
            let shown =
                match is_pending(front, &ask, &arn).await && form.text("ReturnSubscriptionArn") != "true" {
                    true => ANSWERED.to_owned(),
                    false => arn,
                };
            if let Some(result) = answer.child_mut("SubscribeResult") {
                result.put(Element::of("SubscriptionArn", shown));
            }
        }
        "Unsubscribe" if !is_refused => {
            let arn = form.text("SubscriptionArn");
            front.kept.with(&identity.account, |kept| {
                kept.subscriptions.remove(&arn);
                kept.replay_policies.remove(&arn);
            });
        }
        // ministack knows no replays.
        "SetSubscriptionAttributes" if is_refused && form.text("AttributeName") == REPLAY => {
            let arn = form.text("SubscriptionArn");
            if of(&ask, &arn).await.is_none() {
                return Ok(None);
            }
            if !topic_of(&arn).ends_with(".fifo") {
                return Err(invalid("ReplayPolicy Reason: only a subscription to a FIFO topic has it"));
            }
            let policy = form.text("AttributeValue");
            front.kept.with(&identity.account, |kept| kept.replay_policies.insert(arn, policy));
            return Ok(Some(reply::xml(200, &Element::new("SetSubscriptionAttributesResponse"))));
        }
        "GetSubscriptionAttributes" if !is_refused => {
            let arn = form.text("SubscriptionArn");
            let (is_pending, replay) = front.kept.with(&identity.account, |kept| {
                (kept.subscriptions_pending.contains(&arn), kept.replay_policies.get(&arn).cloned())
            });
            if let Some(entries) = attributes_of(answer) {
                if is_pending {
                    put(entries, "PendingConfirmation", "true");
                    put(entries, "ConfirmationWasAuthenticated", "false");
                }
                if let Some(policy) = replay {
                    put(entries, REPLAY, &policy);
                }
                let has = |name: &str| {
                    entries.iter().any(|entry| {
                        entry.text_at(&["key"]) == name && !["", "{}"].contains(&entry.text_at(&["value"]))
                    })
                };
                if has("FilterPolicy") && !has("FilterPolicyScope") {
                    put(entries, "FilterPolicyScope", "MessageAttributes");
                }
            }
        }
        "ListSubscriptions" | "ListSubscriptionsByTopic" if !is_refused => {
            let list = answer.children.iter_mut().find_map(|result| result.child_mut("Subscriptions"));
            for member in list.into_iter().flat_map(|list| &mut list.children) {
                let arn = member.text_at(&["SubscriptionArn"]).to_owned();
                if is_pending(front, &ask, &arn).await {
                    member.put(Element::of("SubscriptionArn", LISTED));
                }
            }
        }
        _ => {}
    }
    Ok(None)
}

/// Confirms what a mail address was sent, as whoever reads the mail would; `false` if nothing waits.
pub(crate) fn confirm(front: &Front, account: &str, arn: &str) -> bool {
    front.kept.with(account, |kept| kept.subscriptions_pending.remove(arn))
}

async fn is_pending(front: &Front, ask: &Ask<'_>, arn: &str) -> bool {
    front.kept.with(ask.account, |kept| kept.subscriptions_pending.contains(arn))
        || of(ask, arn).await.is_some_and(|there| there.get(LISTED).is_some_and(|pending| pending == "true"))
}

/// The ARN of the subscription that a request is about.
async fn find(ask: &Ask<'_>, form: &Form) -> Result<Option<String>, Refusal> {
    let (topic, protocol, endpoint) = (form.text("TopicArn"), form.text("Protocol"), form.text("Endpoint"));
    // A topic that is not there is ministack's to report.
    let Ok(answer) = ask.act("sns", "ListSubscriptionsByTopic", &[("TopicArn", &topic)]).await else {
        return Ok(None);
    };
    let is_meant = |member: &&Element| {
        member.text_at(&["Protocol"]) == protocol && member.text_at(&["Endpoint"]) == endpoint
    };
    let found = answer.descendants("member").into_iter().find(is_meant);
    Ok(found.map(|member| member.text_at(&["SubscriptionArn"]).to_owned()))
}

async fn of(ask: &Ask<'_>, arn: &str) -> Option<std::collections::BTreeMap<String, String>> {
    attributes(ask, "GetSubscriptionAttributes", ("SubscriptionArn", arn)).await
}

/// The topic of a subscription's ARN.
fn topic_of(arn: &str) -> &str {
    arn.rsplit_once(':').map_or(arn, |(topic, _)| topic)
}

fn put(entries: &mut Vec<Element>, key: &str, value: &str) {
    entries.retain(|entry| entry.text_at(&["key"]) != key);
    entries.push(Element::new("entry").with(Element::of("key", key)).with(Element::of("value", value)));
}

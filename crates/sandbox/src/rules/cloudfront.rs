//! CloudFront as strict as AWS: changes take time, configurations are checked, what is in use stays.

mod defaults;
mod functions;
mod log_delivery;
mod policies;
mod validation;

use std::time::Instant;

use hyper::Method;

use crate::{
    SandboxError,
    ask::Ask,
    call::{Identity, header},
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    rules::paging,
    xml::{self, Element},
};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
        "CreateDistribution" | "CreateDistributionWithTags" => {
            let sent = sent_config(request)?;
            validation::check(front, &ask, &sent, None).await
        }
        "UpdateDistribution" => {
            let sent = sent_config(request)?;
            let id = addressed(request);
            let path = format!("/2020-05-31/distribution/{id}/config");
            let Some(current) = ask.find("cloudfront", &path).await? else { return Ok(()) };
            if sent.text_at(&["CallerReference"]) != current.text_at(&["CallerReference"]) {
                return Err(Refusal::new(400, "IllegalUpdate", "The caller reference cannot be changed."));
            }
            validation::check(front, &ask, &sent, Some(&id)).await
        }
        "DeleteDistribution" if in_progress(front, &identity.account, &addressed(request)) => {
            Err(Refusal::new(
                409,
                "DistributionNotDisabled",
                "The distribution you are trying to delete has not been disabled.",
            ))
        }
        "DeleteOriginAccessControl" => {
            refuse_used(&ask, request, "OriginAccessControlId", "OriginAccessControlInUse").await
        }
        "DeleteCachePolicy" => refuse_used(&ask, request, "CachePolicyId", "CachePolicyInUse").await,
        "DeleteOriginRequestPolicy" => {
            refuse_used(&ask, request, "OriginRequestPolicyId", "OriginRequestPolicyInUse").await
        }
        "DeleteResponseHeadersPolicy" => {
            refuse_used(&ask, request, "ResponseHeadersPolicyId", "ResponseHeadersPolicyInUse").await
        }
        "CreateOriginRequestPolicy" | "UpdateOriginRequestPolicy" => policies::check_origin_request(request),
        "CreateResponseHeadersPolicy" | "UpdateResponseHeadersPolicy" => {
            policies::check_response_headers(request)
        }
        "CreateFunction" | "UpdateFunction" => functions::check(&ask, request).await,
        "DeleteFunction" => functions::refuse_used(&ask, request).await,
        "CreateMonitoringSubscription" => {
            let path = format!("/2020-05-31/distributions/{}/monitoring-subscription", addressed(request));
            match ask.find("cloudfront", &path).await? {
                Some(_) => Err(Refusal::new(
                    409,
                    "MonitoringSubscriptionAlreadyExists",
                    "A monitoring subscription already exists for the specified distribution.",
                )),
                None => Ok(()),
            }
        }
        "CreatePublicKey" => validation::check_public_key(front, &ask, request).await,
        _ => Ok(()),
    }
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) async fn after(front: &Front, request: &Request, identity: &Identity, mut reply: Reply) -> Reply {
    if !reply.status().is_success() {
        return reply;
    }
    let account = identity.account.as_str();
    match identity.operation.as_str() {
        "DeleteDistribution" => {
            let id = addressed(request);
            front.kept.with(account, |kept| kept.distributions_changed.remove(&id));
            return reply;
        }
        "DeletePublicKey" => {
            let id = addressed(request);
            front.kept.with(account, |kept| kept.public_key_references.retain(|_, key| *key != id));
            return reply;
        }
        _ => {}
    }
    let Some(mut root) = xml::parse(reply.body()) else { return reply };
    match identity.operation.as_str() {
        "CreateDistribution" | "CreateDistributionWithTags" if reply.status().as_u16() == 200 => {
            // ministack found a distribution with the same caller reference.
            if !is_repeated(request, &root) {
                let message = "The caller reference that you are using to create a distribution is associated with \
                               another distribution.";
                return Refusal::new(409, "DistributionAlreadyExists", message)
                    .reply(identity.protocol, &identity.service);
            }
            *reply.status_mut() = hyper::StatusCode::CREATED;
        }
        "CreateDistribution" | "CreateDistributionWithTags" | "UpdateDistribution" => {
            let id = root.text_at(&["Id"]).to_owned();
            front.kept.with(account, |kept| kept.distributions_changed.insert(id, Instant::now()));
            let ask = front.ask(account, &identity.region);
            if let Err(error) = log_delivery::open(&ask, root.child("DistributionConfig")).await {
                return Refusal::from(error).reply(identity.protocol, &identity.service);
            }
        }
        "CreatePublicKey" => {
            let reference = root.text_at(&["PublicKeyConfig", "CallerReference"]).to_owned();
            let id = root.text_at(&["Id"]).to_owned();
            front.kept.with(account, |kept| kept.public_key_references.insert(reference, id));
            return reply;
        }
        "GetDistribution" | "GetDistributionConfig" | "ListDistributions" => {}
        "ListOriginAccessControls"
        | "ListPublicKeys"
        | "ListKeyGroups"
        | "ListCachePolicies"
        | "ListOriginRequestPolicies"
        | "ListResponseHeadersPolicies"
        | "ListFunctions"
        | "ListInvalidations" => {
            paging::cut(&mut root, request.uri().query().unwrap_or_default());
            return with_body(reply, &root);
        }
        _ => return reply,
    }
    match root.name.as_str() {
        "Distribution" => {
            set_status(front, account, &mut root);
            set_active_key_groups(&front.ask(account, &identity.region), &mut root).await;
            if let Some(config) = root.child_mut("DistributionConfig") {
                defaults::complete(config);
            }
        }
        "DistributionConfig" => defaults::complete(&mut root),
        "DistributionList" => {
            for summary in root.child_mut("Items").into_iter().flat_map(|items| &mut items.children) {
                set_status(front, account, summary);
                defaults::complete_parts(summary);
            }
            paging::cut(&mut root, request.uri().query().unwrap_or_default());
        }
        _ => return reply,
    }
    with_body(reply, &root)
}

/// The distributions of an account, as their list has them.
pub(crate) async fn distributions(ask: &Ask<'_>) -> Result<Vec<Element>, SandboxError> {
    let mut list = ask.get("cloudfront", "/2020-05-31/distribution").await?;
    Ok(list.child_mut("Items").map(|items| std::mem::take(&mut items.children)).unwrap_or_default())
}

/// The distribution in whose configuration an element called `name` has `value` for its text.
pub(crate) async fn user_of(ask: &Ask<'_>, name: &str, value: &str) -> Result<Option<String>, SandboxError> {
    let distributions = distributions(ask).await?;
    let user = distributions
        .iter()
        .find(|summary| summary.descendants(name).iter().any(|found| found.text == value));
    Ok(user.map(|summary| summary.text_at(&["Id"]).to_owned()))
}

async fn refuse_used(ask: &Ask<'_>, request: &Request, name: &str, code: &str) -> Result<(), Refusal> {
    // A request without a version is refused for that.
    if header(request, "if-match").is_none() {
        return Ok(());
    }
    match user_of(ask, name, &addressed(request)).await? {
        Some(id) => Err(Refusal::new(409, code, format!("It is attached to the distribution {id}."))),
        None => Ok(()),
    }
}

/// The configuration in the body of a request to create or update a distribution.
fn sent_config(request: &Request) -> Result<Element, Refusal> {
    let mut root = xml::parse(request.body())
        .ok_or_else(|| Refusal::new(400, "MalformedXML", "The XML document is malformed."))?;
    Ok(match root.child_mut("DistributionConfig") {
        Some(config) if request.method() == Method::POST => std::mem::take(config),
        _ => root,
    })
}

/// The id in the path of a request.
fn addressed(request: &Request) -> String {
    let segment = request.uri().path().split('/').filter(|segment| !segment.is_empty()).nth(2);
    query::percent_decode(segment.unwrap_or_default())
}

/// Whether a request asks for the very distribution that exists already.
fn is_repeated(request: &Request, existing: &Element) -> bool {
    let normal = |config: &Element| {
        let mut config = config.clone();
        defaults::complete(&mut config);
        sort(&mut config);
        config.children
    };
    match (sent_config(request), existing.child("DistributionConfig")) {
        (Ok(sent), Some(existing)) => normal(&sent) == normal(existing),
        _ => false,
    }
}

/// Orders elements by name; those of the same name, so the items of lists, stay as they are.
fn sort(element: &mut Element) {
    element.attributes.clear();
    element.children.sort_by(|one, other| one.name.cmp(&other.name));
    element.children.iter_mut().for_each(sort);
}

fn in_progress(front: &Front, account: &str, id: &str) -> bool {
    front.kept.with(account, |kept| {
        kept.distributions_changed.get(id).is_some_and(|changed| changed.elapsed() < front.deploy_time)
    })
}

fn set_status(front: &Front, account: &str, distribution: &mut Element) {
    let deploying = in_progress(front, account, distribution.text_at(&["Id"]));
    distribution.put(Element::of("Status", if deploying { "InProgress" } else { "Deployed" }));
}

/// Adds what a distribution says about the keys that its trusted key groups amount to.
async fn set_active_key_groups(ask: &Ask<'_>, distribution: &mut Element) {
    let mut ids = Vec::new();
    for trusted in distribution.descendants("TrustedKeyGroups") {
        for group in trusted.items(&[]) {
            if trusted.text_at(&["Enabled"]) == "true" && !ids.contains(&group.text) {
                ids.push(group.text.clone());
            }
        }
    }
    let mut groups = Vec::new();
    for id in &ids {
        let found = ask.find("cloudfront", &format!("/2020-05-31/key-group/{id}")).await.ok().flatten();
        let keys =
            found.iter().flat_map(|group| group.items(&["KeyGroupConfig"])).map(|key| key.text.as_str());
        let keys = keys.map(|key| Element::of("KeyPairId", key)).collect::<Vec<_>>();
        let pairs = Element::new("KeyPairIds")
            .with(Element::of("Quantity", keys.len().to_string()))
            .with(Element::new("Items").with_all(keys));
        groups.push(Element::new("KeyGroup").with(Element::of("KeyGroupId", id)).with(pairs));
    }
    let active = |name: &str, items: Vec<Element>| {
        let element = Element::new(name)
            .with(Element::of("Enabled", (!items.is_empty()).to_string()))
            .with(Element::of("Quantity", items.len().to_string()));
        if items.is_empty() { element } else { element.with(Element::new("Items").with_all(items)) }
    };
    distribution.put(active("ActiveTrustedSigners", Vec::new()));
    distribution.put(active("ActiveTrustedKeyGroups", groups));
}

fn with_body(reply: Reply, root: &Element) -> Reply {
    let (parts, _) = reply.into_parts();
    let mut reply = Reply::from_parts(parts, root.document().into());
    reply::set(&mut reply, "content-type", "text/xml");
    reply
}

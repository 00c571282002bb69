//! `iam:SimulatePrincipalPolicy`, as the front decides itself: ministack's own answer knows neither conditions nor more
//! than one resource.

use super::{Need, policies, policy};
use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    xml::Element,
};

/// How many evaluations an answer has, if nobody asks for another number.
const PAGE: usize = 100;

/// Says for each action and resource whether the policies of a user or role allow it.
pub(crate) async fn answer(front: &Front, request: &Request, identity: &Identity) -> Result<Reply, Refusal> {
    super::check(front, request, identity).await?;
    let form = String::from_utf8_lossy(request.body());
    let value = |name: &str| query::value(&form, name);
    let source = value("PolicySourceArn").unwrap_or_default();
    if !source.contains(":user/") && !source.contains(":role/") {
        let message = format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
        return Err(Refusal::new(400, "InvalidInput", message));
    }
    let (actions, mut resources) = (list(&form, "ActionNames"), list(&form, "ResourceArns"));
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let context = context(&form);
    let policies = policies(front, &identity.account, &source).await.map_err(|_| {
        Refusal::new(404, "NoSuchEntity", format!("The entity with ARN {source} cannot be found."))
    })?;
    let pairs = actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    let begin = value("Marker").and_then(|marker| marker.parse().ok()).unwrap_or(0);
    let most = value("MaxItems").and_then(|most| most.parse().ok()).unwrap_or(PAGE).max(1);
    let results = pairs.clone().skip(begin).take(most).map(|(action, resource)| {
        let need = Need { context: context.clone().into_iter().collect(), ..Need::new(action, resource) };
        let decision = match policy::allows(&policies, &need) {
            true => "allowed",
            false if policy::denies(&policies, &need) => "explicitDeny",
            false => "implicitDeny",
        };
        Element::new("member")
            .with(Element::of("EvalActionName", action.as_str()))
            .with(Element::of("EvalResourceName", resource.as_str()))
            .with(Element::of("EvalDecision", decision))
    });
    let is_truncated = begin + most < pairs.clone().count();
    let mut result = Element::new("SimulatePrincipalPolicyResult")
        .with(Element::new("EvaluationResults").with_all(results))
        .with(Element::of("IsTruncated", is_truncated.to_string()));
    if is_truncated {
        result = result.with(Element::of("Marker", (begin + most).to_string()));
    }
    let mut response = Element::new("SimulatePrincipalPolicyResponse").with(result);
    response.attributes.push(("xmlns".to_owned(), reply::IAM_NAMESPACE.to_owned()));
    Ok(reply::xml(200, &response))
}

/// The members of a list in a form.
fn list(form: &str, name: &str) -> Vec<String> {
    (1..).map_while(|number| query::value(form, &format!("{name}.member.{number}"))).collect()
}

/// The keys and values that conditions are to be held against.
fn context(form: &str) -> Vec<(String, String)> {
    let entry = |number: usize| {
        let prefix = format!("ContextEntries.member.{number}");
        let key = query::value(form, &format!("{prefix}.ContextKeyName"))?;
        let value = query::value(form, &format!("{prefix}.ContextKeyValues.member.1")).unwrap_or_default();
        Some((key, value))
    };
    (1..).map_while(entry).collect()
}

//! The identity-based policies of a user or a role, as IAM keeps them.

use super::Policy;
use crate::{SandboxError, ask::Ask, query, xml::Element};

/// The policies of the user or role with this ARN: its own, those attached to it, and those of its groups.
pub(super) async fn policies(ask: &Ask<'_>, arn: &str) -> Result<Vec<Policy>, SandboxError> {
    let resource = arn.rsplit(':').next().unwrap_or_default();
    let name = resource.rsplit('/').next().unwrap_or_default();
    if resource.starts_with("role/") {
        return of(ask, "Role", name).await;
    }
    let mut policies = of(ask, "User", name).await?;
    let groups = ask.act("iam", "ListGroupsForUser", &[("UserName", name)]).await?;
    for group in groups.descendants("GroupName") {
        policies.extend(of(ask, "Group", &group.text).await?);
    }
    Ok(policies)
}

async fn of(ask: &Ask<'_>, kind: &str, name: &str) -> Result<Vec<Policy>, SandboxError> {
    let parameter = format!("{kind}Name");
    let whose = (parameter.as_str(), name);
    let mut policies = Vec::new();
    let own = ask.act("iam", &format!("List{kind}Policies"), &[whose]).await?;
    let names = own.descendant("PolicyNames").map(|names| names.children.as_slice()).unwrap_or_default();
    for policy in names {
        let answer =
            ask.act("iam", &format!("Get{kind}Policy"), &[whose, ("PolicyName", &policy.text)]).await?;
        policies.extend(document(&answer, "PolicyDocument"));
    }
    let attached = ask.act("iam", &format!("ListAttached{kind}Policies"), &[whose]).await?;
    for policy in attached.descendants("PolicyArn") {
        let arn = ("PolicyArn", policy.text.as_str());
        let answer = ask.act("iam", "GetPolicy", &[arn]).await?;
        let version = answer.descendant("DefaultVersionId").map_or("v1", |version| version.text.as_str());
        let answer = ask.act("iam", "GetPolicyVersion", &[arn, ("VersionId", version)]).await?;
        policies.extend(document(&answer, "Document"));
    }
    Ok(policies)
}

fn document(answer: &Element, name: &str) -> Option<Policy> {
    Policy::parse(&query::percent_decode(&answer.descendant(name)?.text))
}

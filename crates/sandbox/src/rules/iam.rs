//! IAM deletes nothing that still has something in it, and attaches nothing that is not there. Of what ministack does
//! not keep for a user, there is none.

use crate::{
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    xml::Element,
};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let form = String::from_utf8_lossy(request.body());
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
        "CreateRole" => refuse_beyond(&ask, "Roles").await,
        "CreateUser" => refuse_beyond(&ask, "Users").await,
        "CreatePolicy" => refuse_beyond(&ask, "Policies").await,
        "DeleteUser" => {
            let user = query::value(&form, "UserName").unwrap_or_default();
            for (action, list, message) in [
                ("ListUserPolicies", "PolicyNames", "must delete policies first"),
                ("ListGroupsForUser", "Groups", "must remove users from group first"),
            ] {
                // A user that is not there is ministack's to report.
                let Ok(answer) = ask.act("iam", action, &[("UserName", &user)]).await else { continue };
                if count(&answer, list) > 0 {
                    return Err(conflict(message));
                }
            }
            Ok(())
        }
        "DeletePolicy" => {
            let arn = query::value(&form, "PolicyArn").unwrap_or_default();
            let versions = ask.act("iam", "ListPolicyVersions", &[("PolicyArn", &arn)]).await;
            if versions.is_ok_and(|versions| count(&versions, "Versions") > 1) {
                let message = "This policy has more than one version. Before you delete a policy, you must delete the \
                               policy's versions. The default version is deleted with the policy.";
                return Err(Refusal::new(409, "DeleteConflict", message));
            }
            Ok(())
        }
        "AttachRolePolicy" | "AttachUserPolicy" | "AttachGroupPolicy" => {
            let arn = query::value(&form, "PolicyArn").unwrap_or_default();
            let own = arn.starts_with(&format!("arn:aws:iam::{}:", identity.account));
            if own && ask.act("iam", "GetPolicy", &[("PolicyArn", &arn)]).await.is_err() {
                let message = format!("Policy {arn} does not exist or is not attachable.");
                return Err(Refusal::new(404, "NoSuchEntity", message));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Refuses to make more of something than the account can have.
async fn refuse_beyond(ask: &Ask<'_>, of: &str) -> Result<(), Refusal> {
    let Ok(answer) = ask.act("iam", "GetAccountSummary", &[]).await else { return Ok(()) };
    let entries = answer.descendants("entry");
    let number = |key: &str| {
        let entry = entries.iter().find(|entry| entry.text_at(&["key"]) == key)?;
        entry.text_at(&["value"]).parse::<u64>().ok()
    };
    match (number(of), number(&format!("{of}Quota"))) {
        (Some(used), Some(limit)) if used >= limit => {
            let message = format!("Cannot exceed quota for {of}PerAccount: {limit}");
            Err(Refusal::new(409, "LimitExceeded", message))
        }
        _ => Ok(()),
    }
}

/// What can be listed of a user, and ministack knows nothing of.
const NEVER_THERE: [(&str, &str); 3] = [
    ("ListSSHPublicKeys", "SSHPublicKeys"),
    ("ListSigningCertificates", "Certificates"),
    ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
];

/// Answers with an empty list where ministack does not know how to list.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let operation = identity.operation.as_str();
    let Some((_, list)) = NEVER_THERE.iter().find(|(name, _)| *name == operation) else { return Ok(reply) };
    if reply.status().as_u16() == 403 {
        return Ok(reply);
    }
    let form = String::from_utf8_lossy(request.body());
    let user = query::value(&form, "UserName").unwrap_or_default();
    let ask = front.ask(&identity.account, &identity.region);
    if ask.act("iam", "GetUser", &[("UserName", &user)]).await.is_err() {
        let message = format!("The user with name {user} cannot be found.");
        return Err(Refusal::new(404, "NoSuchEntity", message));
    }
    let result = Element::new(&format!("{operation}Result"))
        .with(Element::new(list))
        .with(Element::of("IsTruncated", "false"));
    let mut response = Element::new(&format!("{operation}Response")).with(result);
    response.attributes.push(("xmlns".to_owned(), reply::IAM_NAMESPACE.to_owned()));
    Ok(reply::xml(200, &response))
}

fn count(answer: &Element, list: &str) -> usize {
    answer.descendant(list).map_or(0, |list| list.children.len())
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(409, "DeleteConflict", format!("Cannot delete entity, {message}."))
}

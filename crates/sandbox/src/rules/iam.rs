//! IAM deletes nothing that still has something in it, and attaches nothing that is not there.

use crate::{call::Identity, front::Front, proxy::Request, query, reply::Refusal, xml::Element};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let form = String::from_utf8_lossy(request.body());
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
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

fn count(answer: &Element, list: &str) -> usize {
    answer.descendant(list).map_or(0, |list| list.children.len())
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(409, "DeleteConflict", format!("Cannot delete entity, {message}."))
}

//! IAM: users, roles and policies are named by their ARNs, with the paths that they were made under.

use super::{Call, Need};

pub(super) async fn needs(call: &Call<'_>) -> Vec<Need> {
    let operation = call.operation();
    let resource = resource(call).await;
    let mut need = call.own(resource.clone());
    if (operation.starts_with("Attach") || operation.starts_with("Detach"))
        && let Some(policy) = call.form("PolicyArn")
    {
        need = need.with("iam:PolicyARN", policy);
    }
    let mut needs = vec![need];
    if call.form("Tags.member.1.Key").is_some() {
        for (create, tag) in
            [("CreateRole", "TagRole"), ("CreateUser", "TagUser"), ("CreatePolicy", "TagPolicy")]
        {
            if operation == create {
                needs.push(call.need(tag, resource.clone()));
            }
        }
    }
    needs
}

/// The ARN of what a call is about.
async fn resource(call: &Call<'_>) -> String {
    let path = call.form("Path").unwrap_or_else(|| "/".to_owned());
    match call.operation() {
        "CreateRole" => return own(call, "role", &path, call.form("RoleName")),
        "CreateUser" => return own(call, "user", &path, call.form("UserName")),
        "CreatePolicy" => return own(call, "policy", &path, call.form("PolicyName")),
        "SimulatePrincipalPolicy" => return call.form("PolicySourceArn").unwrap_or_default(),
        "RemoveRoleFromInstanceProfile" => {
            return own(call, "instance-profile", "/", call.form("InstanceProfileName"));
        }
        "AddUserToGroup" | "RemoveUserFromGroup" => {
            return own(call, "group", "/", call.form("GroupName"));
        }
        "DeleteVirtualMFADevice" => return call.form("SerialNumber").unwrap_or_default(),
        _ => {}
    }
    if let Some(role) = call.form("RoleName") {
        return existing(call, "Role", role).await;
    }
    if let Some(user) = call.form("UserName") {
        return existing(call, "User", user).await;
    }
    call.form("PolicyArn").unwrap_or_else(|| "*".to_owned())
}

fn own(call: &Call<'_>, kind: &str, path: &str, name: Option<String>) -> String {
    call.global_arn("iam", &format!("{kind}{path}{}", name.unwrap_or_default()))
}

/// The ARN of a role or user that is there, or the one that it would have without a path.
async fn existing(call: &Call<'_>, kind: &str, name: String) -> String {
    let ask = call.front.ask(&call.identity.account, &call.identity.region);
    let answer = ask.act("iam", &format!("Get{kind}"), &[(&format!("{kind}Name"), &name)]).await;
    let arn = answer.ok().and_then(|answer| Some(answer.descendant("Arn")?.text.clone()));
    arn.unwrap_or_else(|| own(call, &kind.to_lowercase(), "/", Some(name)))
}

//! The policies of a role, inline and attached, and its instance profiles.

use std::collections::{BTreeSet, HashMap};

use futures::future::{join, join_all};

use provision_engine::kind::KindError;
use provision_engine::permission::{Act, Needs, Undertaking};
use provision_engine::value::Value;

use super::InlinePolicy;
use crate::call::{Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, FRESH};
use crate::permissions::arn;
use crate::reads::Ahead;

/// The names of the inline policies; `None` without the role.
pub(super) async fn inline_names(reader: &Reader, role: &str) -> Result<Option<Vec<String>>, KindError> {
    let pages = reader.iam().list_role_policies().role_name(role).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)
}

/// The inline policies; `None` without the role. Those that it had before (`known`) need not be listed first.
pub(super) async fn inline(
    reader: &Reader,
    role: &str,
    known: &[InlinePolicy],
) -> Result<Option<Vec<InlinePolicy>>, KindError> {
    let get = |name: String| async move {
        let request = reader.iam().get_role_policy().role_name(role).policy_name(&name);
        // One that has gone since it was listed is none.
        let answer = request.send().await.unless(ABSENT)?;
        Ok(answer.map(|answer| InlinePolicy { policy: iam::policy(answer.policy_document()), name }))
    };
    let ahead = join_all(known.iter().map(|policy| Ahead::ask(Some(policy.name.clone()), get)));
    let (names, ahead) = join(inline_names(reader, role), ahead).await;
    let Some(names) = names? else { return Ok(None) };
    let mut ahead: HashMap<&str, _> = known.iter().map(|policy| policy.name.as_str()).zip(ahead).collect();
    let found = names.into_iter().map(|name| {
        let known = ahead.remove(name.as_str()).unwrap_or_else(Ahead::none);
        known.by(name, get)
    });
    let found: Vec<Option<InlinePolicy>> = join_all(found).await.into_iter().collect::<Result<_, _>>()?;
    Ok(Some(found.into_iter().flatten().collect()))
}

/// The ARNs of the attached policies; `None` without the role.
pub(super) async fn attached(reader: &Reader, role: &str) -> Result<Option<BTreeSet<String>>, KindError> {
    let pages = reader.iam().list_attached_role_policies().role_name(role).into_paginator().items().send();
    let policies = pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?;
    Ok(policies.map(|policies| policies.into_iter().filter_map(|policy| policy.policy_arn).collect()))
}

/// Makes these the only inline policies of the role.
pub(super) async fn put(
    writer: &Writer,
    role: &str,
    desired: &[InlinePolicy],
    prior: &[InlinePolicy],
) -> Result<(), KindError> {
    let is_gone = |policy: &&InlinePolicy| !desired.iter().any(|other| other.name == policy.name);
    let gone: Vec<String> = prior.iter().filter(is_gone).map(|policy| policy.name.clone()).collect();
    remove(writer, role, &gone).await?;
    for policy in desired.iter().filter(|policy| !prior.contains(policy)) {
        let request = writer
            .iam()
            .put_role_policy()
            .role_name(role)
            .policy_name(&policy.name)
            .policy_document(policy.policy.to_string());
        repeat_while(iam::passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
    }
    Ok(())
}

/// Makes these the only policies that are attached to the role.
pub(super) async fn attach(
    writer: &Writer,
    role: &str,
    desired: &BTreeSet<String>,
    prior: &BTreeSet<String>,
) -> Result<(), KindError> {
    detach(writer, role, prior.difference(desired)).await?;
    for policy in desired.difference(prior) {
        let request = writer.iam().attach_role_policy().role_name(role).policy_arn(policy);
        repeat_while(iam::passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
    }
    Ok(())
}

/// Removes inline policies from the role.
pub(super) async fn remove(writer: &Writer, role: &str, names: &[String]) -> Result<(), KindError> {
    for name in names {
        eventually(BUSY, || async {
            writer.iam().delete_role_policy().role_name(role).policy_name(name).send().await.unless(ABSENT)
        })
        .await?;
    }
    Ok(())
}

/// Detaches policies from the role.
pub(super) async fn detach(
    writer: &Writer,
    role: &str,
    policies: impl IntoIterator<Item = &String>,
) -> Result<(), KindError> {
    for policy in policies {
        eventually(BUSY, || async {
            writer.iam().detach_role_policy().role_name(role).policy_arn(policy).send().await.unless(ABSENT)
        })
        .await?;
    }
    Ok(())
}

/// Takes the role out of all instance profiles. Nothing else can use it there once it is gone.
pub(super) async fn leave_instance_profiles(writer: &Writer, role: &str) -> Result<(), KindError> {
    let Some(profiles) = instance_profiles(writer.reader(), role).await? else { return Ok(()) };
    for profile in profiles {
        eventually(BUSY, || async {
            writer
                .iam()
                .remove_role_from_instance_profile()
                .instance_profile_name(&profile)
                .role_name(role)
                .send()
                .await
                .unless(ABSENT)
        })
        .await?;
    }
    Ok(())
}

async fn instance_profiles(reader: &Reader, role: &str) -> Result<Option<Vec<String>>, KindError> {
    let pages =
        reader.iam().list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    let profiles = pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?;
    Ok(profiles.map(|profiles| profiles.into_iter().map(|profile| profile.instance_profile_name).collect()))
}

/// What the role still has that keeps it from being deleted, in words.
pub(super) async fn left(reader: &Reader, role: &str) -> Result<Option<String>, KindError> {
    let inline = inline_names(reader, role).await?.unwrap_or_default();
    let attached = attached(reader, role).await?.unwrap_or_default();
    let profiles = instance_profiles(reader, role).await?.unwrap_or_default();
    let parts = [
        ("the inline policies", inline),
        ("the attached policies", attached.into_iter().collect()),
        ("the instance profiles", profiles),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {}", names.join(", ")))
        .collect();
    Ok((!said.is_empty()).then(|| said.join(" and ")))
}

/// What it needs to change or take away the policies of the role with this ARN.
pub(super) fn permissions<'a>(needs: Needs<'a>, of: Undertaking<'a>, role: &str) -> Needs<'a> {
    let is_forced = of.act == Act::Delete && of.has("force_detach_policies");
    let (sets_own, sets_attached) = (of.sets(&["inline_policy"]), of.sets(&["managed_policy_arns"]));
    let is_updated = of.act == Act::Update;
    let has_own = of.act == Act::Delete && of.has("inline_policy");
    let needs = needs
        .when(is_forced, role, &["iam:ListRolePolicies", "iam:ListAttachedRolePolicies"])
        .when(sets_own && of.has("inline_policy"), role, &["iam:PutRolePolicy"])
        .when((is_updated && sets_own) || has_own, role, &["iam:DeleteRolePolicy"]);
    let listed = |value: &'a Value| value.get("managed_policy_arns").items().iter();
    let (before, after) = (listed(of.prior), listed(of.attributes));
    let (attached, detached): (Vec<&Value>, Vec<&Value>) = match of.act {
        Act::Delete => (Vec::new(), after.collect()),
        _ if sets_attached => (
            after.clone().filter(|policy| !before.clone().any(|old| old == *policy)).collect(),
            before.filter(|policy| !after.clone().any(|new| new == *policy)).collect(),
        ),
        _ => (Vec::new(), Vec::new()),
    };
    let each = |action: &str, policies: Vec<&Value>| -> Vec<_> {
        let policies = policies.into_iter().map(|policy| arn::policies(&of, policy));
        policies.flat_map(|policy| arn::with_policy(action, role, &policy)).collect()
    };
    let all =
        each("iam:AttachRolePolicy", attached).into_iter().chain(each("iam:DetachRolePolicy", detached));
    all.fold(needs, |needs, permission| needs.also(true, || permission))
}

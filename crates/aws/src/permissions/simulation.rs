//! Whether the credentials may do what a plan needs, as IAM itself says.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use futures::StreamExt;
use provision_engine::kind::{Connect, KindError};
use provision_engine::permission::{Permission, Place};

use super::document::statements;
use crate::account;
use crate::call::Outcome;
use crate::clients::{Aws, Reader, Writer};

/// How many actions, and how many resources, one question is about.
const AT_ONCE: usize = 100;
/// How many questions are asked at a time.
const AT_A_TIME: usize = 8;

/// Whose credentials these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The ARN that AWS gives the caller.
    pub arn: String,
    /// The account.
    pub account: String,
}

/// What has come of a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulated {
    /// IAM has said which are denied.
    Denied(Vec<Denied>),
    /// It could not be asked, and why.
    Skipped(String),
}

/// What the credentials may not do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// The action.
    pub action: String,
    /// What it would be done to.
    pub resource: String,
    /// Whether a statement forbids it, and not just none allows it.
    pub explicitly: bool,
}

impl Caller {
    /// The partition, such as `aws`.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// Where the resources of an environment in `region` are.
    pub fn place(&self, region: &str) -> Place {
        Place {
            partition: self.partition().to_owned(),
            account: self.account.clone(),
            region: region.to_owned(),
        }
    }

    /// The user or role whose policies say what the caller may do. None for the root user of an account and for a
    /// federated one, which IAM does not simulate. A session does not tell the path of its role: see [`simulate`].
    fn principal(&self) -> Option<Principal<'_>> {
        let (_, resource) = self.arn.rsplit_once(':')?;
        let mut parts = resource.split('/');
        match (parts.next(), parts.next()) {
            (Some("user" | "role"), Some(_)) => Some(Principal::Arn(&self.arn)),
            (Some("assumed-role"), Some(role)) => Some(Principal::Role(role)),
            _ => None,
        }
    }
}

enum Principal<'a> {
    Arn(&'a str),
    Role(&'a str),
}

/// Whose credentials these are.
pub async fn caller(aws: &Aws) -> Result<Caller, KindError> {
    let reader: Arc<Reader> = aws.connect(None).await?;
    let identity = account::caller(&reader).await?;
    let (Some(arn), Some(account)) = (identity.arn, identity.account) else {
        return Err(KindError::new("AWS did not say whose credentials these are"));
    };
    Ok(Caller { arn, account })
}

/// Asks IAM which of these permissions the caller has not. Only policies of the caller count: not those of resources,
/// and not those of its organization.
pub async fn simulate(
    aws: &Aws,
    caller: &Caller,
    permissions: &BTreeSet<Permission>,
) -> Result<Simulated, KindError> {
    let skipped = |why: &str| Ok(Simulated::Skipped(why.to_owned()));
    // It changes nothing, but its name is none of those that a reader lets pass.
    let writer: Arc<Writer> = aws.connect(None).await?;
    let iam = writer.iam();
    let source = match caller.principal() {
        Some(Principal::Arn(arn)) => arn.to_owned(),
        Some(Principal::Role(role)) => match iam.get_role().role_name(role).send().await.or_fail() {
            Ok(answer) => answer.role.map(|role| role.arn).unwrap_or_default(),
            // Most roles have no path.
            Err(_) => format!("arn:{}:iam::{}:role/{role}", caller.partition(), caller.account),
        },
        None if caller.arn.ends_with(":root") => return Ok(Simulated::Denied(Vec::new())),
        None => return skipped("IAM simulates the policies of users and roles alone"),
    };
    let mut questions = Vec::new();
    for (actions, resources, conditions) in statements(permissions) {
        let context: Vec<ContextEntry> = conditions
            .iter()
            .map(|((_, key), value)| {
                ContextEntry::builder()
                    .context_key_name(key)
                    .context_key_values(value)
                    .context_key_type(ContextKeyTypeEnum::String)
                    .build()
            })
            .collect();
        for actions in actions.chunks(AT_ONCE) {
            for resources in resources.chunks(AT_ONCE) {
                let question = iam
                    .simulate_principal_policy()
                    .policy_source_arn(&source)
                    .set_action_names(Some(actions.to_vec()))
                    .set_resource_arns(Some(resources.to_vec()))
                    .set_context_entries((!context.is_empty()).then(|| context.clone()));
                questions.push(question.into_paginator().items().send().collect::<Result<Vec<_>, _>>());
            }
        }
    }
    let mut denied = BTreeSet::new();
    let mut answers = futures::stream::iter(questions).buffer_unordered(AT_A_TIME);
    while let Some(answer) = answers.next().await {
        let results = match answer.or_fail() {
            Ok(results) => results,
            Err(error) if error.is(&["AccessDenied"]) => {
                return skipped("iam:SimulatePrincipalPolicy is not allowed");
            }
            Err(error) => return Err(error),
        };
        let results = results
            .into_iter()
            .filter(|result| result.eval_decision != PolicyEvaluationDecisionType::Allowed);
        denied.extend(results.map(|result| Denied {
            action: result.eval_action_name,
            resource: result.eval_resource_name.unwrap_or_else(|| "*".to_owned()),
            explicitly: result.eval_decision == PolicyEvaluationDecisionType::ExplicitDeny,
        }));
    }
    Ok(Simulated::Denied(denied.into_iter().collect()))
}

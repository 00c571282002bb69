//! What would fail if a plan were carried out, and what its deletes take with them: looked at before anything is
//! touched. Nothing is changed, and what cannot be looked at is said.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::{join, join_all, join3};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::behalf;
use crate::hash::HashSet;
use crate::kind::{Departure, Holder, KindError, ResourceKind, Token};
use crate::plan::{Action, Change, Inputs, Plan};
use crate::refresh::READS_AT_A_TIME;
use crate::schema::Problem;
use crate::value::Value;

/// What was seen ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// What would fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// What goes with what is deleted, in words, by address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub takes_along: BTreeMap<Address, Vec<String>>,
    /// What could not be looked at, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
}

/// Something that would fail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Obstacle {
    /// The resource whose step would; absent if it is none alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Why.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where what is in the way is configured, as `file:line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Looks ahead of a plan. `token`: stands for those that the creates will have.
pub async fn preflight(inputs: &Inputs<'_>, plan: &Plan, token: &Token) -> Preflight {
    let look = Look { inputs, plan, token, leaving: leaving(plan), touched: touched(plan) };
    let changes = plan.effective().filter(|change| !change.address.is_data());
    let looks = futures::stream::iter(changes).map(|change| behalf::of(&change.address, look.at(change)));
    let looks = looks.buffer_unordered(READS_AT_A_TIME).collect::<Vec<_>>();
    let (looks, at_quotas) = join(looks, look.at_quotas()).await;
    let mut preflight = Preflight::default();
    for seen in looks.into_iter().flatten().chain([at_quotas]) {
        preflight.obstacles.extend(seen.obstacles);
        preflight.takes_along.extend(seen.takes_along);
        preflight.unseen.extend(seen.unseen);
    }
    preflight.obstacles.sort();
    preflight.unseen.sort();
    preflight.unseen.dedup();
    preflight
}

/// An object on AWS: its kind, region and id.
type Object<'o> = (&'o str, Option<&'o str>, &'o str);

/// What a plan deletes.
fn leaving(plan: &Plan) -> HashSet<Object<'_>> {
    objects(plan.changes.iter().filter(|change| change.deletes()))
}

/// What a plan deletes or changes: it may let go of something.
fn touched(plan: &Plan) -> HashSet<Object<'_>> {
    objects(plan.changes.iter().filter(|change| change.deletes() || change.action == Action::Update))
}

fn objects<'p>(changes: impl Iterator<Item = &'p Change>) -> HashSet<Object<'p>> {
    let priors = changes.filter_map(|change| Some((change.kind.as_str(), change.prior.as_ref()?)));
    priors.map(|(kind, prior)| (kind, prior.region.as_deref(), prior.id.as_str())).collect()
}

#[derive(Default)]
struct Seen {
    obstacles: Vec<Obstacle>,
    takes_along: Option<(Address, Vec<String>)>,
    unseen: Vec<String>,
}

struct Look<'l, 'a> {
    inputs: &'l Inputs<'a>,
    plan: &'l Plan,
    token: &'l Token,
    leaving: HashSet<Object<'l>>,
    touched: HashSet<Object<'l>>,
}

impl Look<'_, '_> {
    async fn at(&self, change: &Change) -> Vec<Seen> {
        let Some(kind) = self.inputs.registry.kind(&change.kind).filter(|kind| kind.is_remote()) else {
            return Vec::new();
        };
        let (place, refusals, departure) = join3(
            self.at_place(kind, change),
            self.at_refusals(kind, change),
            self.before_departure(kind, change),
        )
        .await;
        vec![place, refusals, departure]
    }

    /// What AWS would refuse it for.
    async fn at_refusals(&self, kind: &dyn ResourceKind, change: &Change) -> Seen {
        let mut seen = Seen::default();
        if matches!(change.action, Action::Create | Action::Update | Action::Replace) {
            let region = change.region.as_deref();
            let there = change.prior.as_ref().filter(|_| !change.creates()).map(|prior| prior.id.as_str());
            match kind.obstacles(region, there, &change.after).await {
                Ok(problems) => {
                    seen.obstacles.extend(problems.into_iter().map(|problem| self.obstacle(change, problem)));
                }
                Err(error) => seen.unseen.push(unseen(&change.address, &error)),
            }
        }
        seen
    }

    /// What a delete takes with it, and what holds on to what is to be deleted.
    async fn before_departure(&self, kind: &dyn ResourceKind, change: &Change) -> Seen {
        let mut seen = Seen::default();
        if change.deletes()
            && let Some(prior) = &change.prior
        {
            match kind.before_delete(prior.region.as_deref(), &prior.id, &prior.attributes).await {
                Ok(departure) => self.at_departure(change, departure, &mut seen),
                Err(error) => seen.unseen.push(unseen(&change.address, &error)),
            }
        }
        seen
    }

    /// Whether something else bears the name of what is to be created.
    async fn at_place(&self, kind: &dyn ResourceKind, change: &Change) -> Seen {
        let mut seen = Seen::default();
        if !change.creates() || !names_are_known(kind, &change.after) {
            return seen;
        }
        let region = change.region.as_deref();
        let desired = kind.schema().without_secrets(&change.after);
        let Err(taken) = kind.ensure_free(region, self.token, &desired).await else { return seen };
        if is_about_permissions(&taken) {
            seen.unseen.push(unseen(&change.address, &taken));
            return seen;
        }
        let found = kind.find(region, self.token, &desired).await.ok().flatten();
        let own = change.prior.as_ref().map(|prior| prior.id.as_str());
        let leaves =
            found.as_deref().is_some_and(|id| self.leaving.contains(&(change.kind.as_str(), region, id)));
        let is_in_its_own_way = found.is_some() && found.as_deref() == own;
        let (message, hint) = match found {
            Some(_) if is_in_its_own_way && change.lifecycle.create_before_destroy => (
                "its replacement is made before it is deleted, and bears the same name".to_owned(),
                Some("give it a name_prefix, or take create_before_destroy away".to_owned()),
            ),
            // What has the name now goes first.
            Some(_) if leaves || is_in_its_own_way => return seen,
            Some(_) => {
                let adopt = format!("to take it over: --adopt '{}'", change.address);
                (taken.to_string(), Some(adopt))
            }
            None => (taken.to_string(), taken.hint),
        };
        seen.obstacles.push(Obstacle { address: Some(change.address.clone()), message, hint, at: None });
        seen
    }

    fn at_departure(&self, change: &Change, departure: Departure, seen: &mut Seen) {
        let mut holders: Vec<String> =
            departure.held_by.iter().filter_map(|holder| self.holder(change, holder)).collect();
        holders.sort();
        if let Some(first) = holders.first() {
            let message = match holders.len() {
                1 => format!("{first} is in the way"),
                more => format!("{first} and {} more are in the way", more - 1),
            };
            let hint = departure.hint.unwrap_or_else(|| "let that go of it first".to_owned());
            let address = Some(change.address.clone());
            seen.obstacles.push(Obstacle { address, message, hint: Some(hint), at: None });
        }
        if !departure.takes_along.is_empty() {
            seen.takes_along = Some((change.address.clone(), departure.takes_along));
        }
    }

    /// Who holds on to what is to be deleted, unless the plan may change that.
    fn holder(&self, change: &Change, holder: &Holder) -> Option<String> {
        let region = change.prior.as_ref().and_then(|prior| prior.region.as_deref());
        if holder.ids.iter().any(|id| self.touched.contains(&(holder.kind, region, id.as_str()))) {
            return None;
        }
        let ours = self.plan.changes.iter().find(|other| {
            other.kind == holder.kind
                && other.prior.as_ref().is_some_and(|prior| holder.ids.contains(&prior.id))
        });
        Some(match ours {
            Some(ours) => ours.address.to_string(),
            None => format!("{} {}", holder.kind, holder.ids.first()?),
        })
    }

    /// Whether there is room for all that is to be created, where AWS tells.
    async fn at_quotas(&self) -> Seen {
        let mut seen = Seen::default();
        let mut growth: BTreeMap<&str, i64> = BTreeMap::new();
        let mut creating = BTreeSet::new();
        for change in &self.plan.changes {
            let kind = change.kind.as_str();
            *growth.entry(kind).or_default() += match change.action {
                Action::Create => 1,
                Action::Delete => -1,
                _ => 0,
            };
            creating.extend(change.creates().then_some(kind));
        }
        let kinds = creating.into_iter().filter_map(|name| Some((name, self.inputs.registry.kind(name)?)));
        let quotas = kinds.map(|(name, kind)| async move { (name, kind.quota().await) });
        for (name, quota) in join_all(quotas).await {
            match quota {
                Ok(None) => {}
                Ok(Some(quota)) => {
                    let needed = quota.used.saturating_add(growth.get(name).copied().unwrap_or_default());
                    if needed > quota.limit {
                        let message = format!(
                            "the account would have {needed} {}, and may have {}: {} are there already",
                            quota.of, quota.limit, quota.used
                        );
                        let hint = Some("ask AWS for more, or delete some".to_owned());
                        seen.obstacles.push(Obstacle { address: None, message, hint, at: None });
                    }
                }
                Err(error) => seen.unseen.push(format!("the quota of {name}: {error}")),
            }
        }
        seen
    }

    fn obstacle(&self, change: &Change, problem: Problem) -> Obstacle {
        let at = change.origin.as_ref().and_then(|origin| {
            let module = &self.inputs.configuration.modules[origin.module].module;
            let block = module.blocks.get(&origin.block)?;
            Some(block.arguments.place_of(&problem.path, problem.at_key).file_and_line())
        });
        Obstacle { address: Some(change.address.clone()), message: problem.message, hint: problem.hint, at }
    }
}

/// Whether all that a kind could find something by is known.
fn names_are_known(kind: &dyn ResourceKind, desired: &Value) -> bool {
    let attributes = kind.schema().attributes.iter();
    let arguments = attributes.filter(|(_, attribute)| attribute.forces_replacement && !attribute.computed);
    arguments.into_iter().all(|(name, _)| desired.get(name).is_wholly_known())
}

fn is_about_permissions(error: &KindError) -> bool {
    error.is(&["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"])
}

fn unseen(address: &Address, error: &KindError) -> String {
    format!("{address}: {error}")
}

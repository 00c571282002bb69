//! What AWS's time alone makes of a run: the calls that the front of the local AWS saw, joined by their invocation ids
//! with what the binary says of each, and with the schedule that its apply began with.
//!
//! How long a call took is what the front's log says, never what the binary says. A step weighs as long as at least one
//! of its calls was in flight. The critical path of an apply is the longest path over the schedule, with what had to be
//! asked before the first step and after the last. Beside calls, the time counts that AWS takes to let a distribution's
//! change take effect, where a step waits for that.

use std::collections::BTreeMap;
use std::time::Duration;

use provision_sandbox::Call;
use serde_json::Value as Json;

use super::lab::{DEPLOY_TIME, Run};

/// Reads by which something is waited for that AWS takes its time for. All of them count.
const POLLS: [&str; 5] =
    ["GetDistribution", "DescribeCertificate", "DescribeTable", "GetFunctionConfiguration", "GetFunction"];

/// When a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// Before the first step.
    Before,
    /// While steps were carried out.
    During,
    /// After the last step had ended.
    After,
}

/// A call, as the front saw it, and what the binary says of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) call: Call,
    /// For which resource it was made.
    pub(crate) address: Option<String>,
    pub(crate) moment: Moment,
}

/// A stretch of time, in milliseconds on the front's clock.
type Interval = (u64, u64);

/// What a run was seen to do.
pub(crate) struct Trace {
    pub(crate) calls: Vec<Seen>,
    steps: Vec<Step>,
}

/// A step of the apply.
struct Step {
    address: String,
    waits_for: Vec<usize>,
}

/// Calls one after the other.
pub(crate) struct Rounds {
    pub(crate) number: usize,
    /// How long something was in flight.
    pub(crate) took: Duration,
}

/// How long a run must take at least, by the calls that it made.
pub(crate) struct CriticalPath {
    pub(crate) before: Duration,
    /// The steps of the longest path, in the order in which they are taken, and what each weighs.
    pub(crate) steps: Vec<(String, Duration)>,
    pub(crate) after: Duration,
}

impl CriticalPath {
    /// All of it.
    pub(crate) fn length(&self) -> Duration {
        self.before + self.after + self.steps.iter().map(|(_, weight)| *weight).sum::<Duration>()
    }
}

impl Trace {
    /// Joins what was seen. Fails if the front has seen a call that the binary does not tell of, or the other way round.
    pub(crate) fn of(run: &Run) -> Self {
        let is = |event: &Json, names: &[&str]| names.iter().any(|name| event["event"] == *name);
        let began = run.events.iter().position(|event| is(event, &["apply_started"]));
        let ended =
            run.events.iter().rposition(|event| is(event, &["step_finished", "step_failed", "step_skipped"]));
        let mut told = BTreeMap::new();
        for (position, event) in run.events.iter().enumerate().filter(|(_, event)| is(event, &["call"])) {
            // A call is told of as it ends.
            let moment = match (began, ended) {
                (Some(began), Some(ended)) if began < position && position < ended => Moment::During,
                (Some(_), Some(ended)) if ended < position => Moment::After,
                _ => Moment::Before,
            };
            let address = event["address"].as_str().map(str::to_owned);
            told.insert(text(&event["invocation_id"]), (address, moment));
        }
        let calls: Vec<Seen> = run
            .calls
            .iter()
            .map(|call| {
                let id = call.invocation_id.clone().unwrap_or_default();
                let (address, moment) =
                    told.get(&id).cloned().unwrap_or_else(|| panic!("{call:?} is told of"));
                Seen { call: call.clone(), address, moment }
            })
            .collect();
        for id in told.keys() {
            assert!(calls.iter().any(|seen| seen.call.invocation_id.as_ref() == Some(id)), "{id} was seen");
        }
        let schedule = began.and_then(|began| run.events[began]["schedule"].as_array());
        let steps = schedule
            .into_iter()
            .flatten()
            .map(|step| Step { address: text(&step["address"]), waits_for: positions(&step["waits_for"]) });
        Self { calls, steps: steps.collect() }
    }

    /// The least time that these calls leave an apply.
    pub(crate) fn critical_path(&self) -> CriticalPath {
        let weights: Vec<u64> = self.steps.iter().map(|step| self.weight(&step.address)).collect();
        let mut longest: Vec<Option<(u64, Option<usize>)>> = vec![None; self.steps.len()];
        for position in 0..self.steps.len() {
            self.longest(position, &weights, &mut longest);
        }
        let length = |position: &usize| longest[*position].map_or(0, |(length, _)| length);
        let mut at = (0..self.steps.len()).max_by_key(length);
        let mut steps = Vec::new();
        while let Some(position) = at {
            steps.push((self.steps[position].address.clone(), Duration::from_millis(weights[position])));
            at = longest[position].and_then(|(_, before)| before);
        }
        steps.reverse();
        let of = |moment| union(self.calls.iter().filter(|seen| seen.moment == moment).map(interval));
        CriticalPath { before: of(Moment::Before), steps, after: of(Moment::After) }
    }

    /// The longest path that ends with a step, and what it leads over before that step.
    fn longest(&self, position: usize, weights: &[u64], longest: &mut [Option<(u64, Option<usize>)>]) -> u64 {
        if let Some((length, _)) = longest[position] {
            return length;
        }
        let before: Vec<(u64, usize)> = self.steps[position]
            .waits_for
            .iter()
            .map(|waited| (self.longest(*waited, weights, longest), *waited))
            .collect();
        let before = before.into_iter().max();
        let length = weights[position] + before.map_or(0, |(length, _)| length);
        longest[position] = Some((length, before.map(|(_, waited)| waited)));
        length
    }

    /// For how many milliseconds at least one call of a step was in flight that was needed.
    fn weight(&self, address: &str) -> u64 {
        let own = self.for_resource(address, Moment::During);
        let needed = own.iter().enumerate().filter(|(position, seen)| !repeats(&own[..*position], seen));
        let union = union(needed.flat_map(|(position, seen)| {
            let deployed = takes_effect(seen, own.get(position + 1).copied());
            [Some(interval(seen)), deployed].into_iter().flatten()
        }));
        u64::try_from(union.as_millis()).expect("a short time")
    }

    /// The calls that were made for a resource at some moment, in the order in which they came.
    fn for_resource(&self, address: &str, moment: Moment) -> Vec<&Seen> {
        let mut own: Vec<&Seen> = self
            .calls
            .iter()
            .filter(|seen| seen.moment == moment && seen.address.as_deref() == Some(address))
            .collect();
        own.sort_by_key(|seen| seen.call.began_ms);
        own
    }

    /// How often something was asked for one resource or another, one after the other: what is in flight at the same time
    /// for one counts once.
    pub(crate) fn rounds(&self, moment: Moment) -> Rounds {
        let mut of: BTreeMap<&str, Vec<Interval>> = BTreeMap::new();
        for seen in self.calls.iter().filter(|seen| seen.moment == moment) {
            if let Some(address) = &seen.address {
                of.entry(address).or_default().push(interval(seen));
            }
        }
        let mut rounds = Rounds { number: 0, took: Duration::ZERO };
        for mut intervals in of.into_values() {
            intervals.sort_unstable();
            let mut until = None;
            for (began, ended) in &intervals {
                // What begins in the millisecond in which another ends comes after it.
                rounds.number += usize::from(until.is_none_or(|until| *began >= until));
                until = until.max(Some(*ended));
            }
            rounds.took += union(intervals.into_iter());
        }
        rounds
    }

    /// A line for each call, in the order in which they came: when it began and ended, in milliseconds since the first
    /// one, and what for.
    pub(crate) fn timeline(&self) -> Vec<String> {
        let mut calls: Vec<&Seen> = self.calls.iter().collect();
        calls.sort_by_key(|seen| seen.call.began_ms);
        let first = calls.first().map_or(0, |seen| seen.call.began_ms);
        let lines = calls.iter().map(|seen| {
            let (began, ended) = interval(seen);
            format!(
                "{:>6} {:>6} {:?} {}.{} {} {}",
                began - first,
                ended - first,
                seen.moment,
                seen.call.service,
                seen.call.operation,
                seen.call.status.unwrap_or_default(),
                seen.address.as_deref().unwrap_or("-")
            )
        });
        lines.collect()
    }

    /// How long the calls for each resource were in flight, those for nobody under the empty name: the longest first.
    pub(crate) fn chains(&self) -> Vec<(String, Duration)> {
        let mut of: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
        for seen in &self.calls {
            of.entry(seen.address.clone().unwrap_or_default()).or_default().push(interval(seen));
        }
        let mut chains: Vec<_> =
            of.into_iter().map(|(address, intervals)| (address, union(intervals.into_iter()))).collect();
        chains.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
        chains
    }
}

/// Whether a read has been answered before, and nothing was changed since: it was not needed.
fn repeats(before: &[&Seen], seen: &Seen) -> bool {
    if seen.call.mutating || POLLS.contains(&seen.call.operation.as_str()) {
        return false;
    }
    let same = |other: &&&Seen| {
        (&other.call.service, &other.call.operation) == (&seen.call.service, &seen.call.operation)
            && other.call.status == seen.call.status
    };
    let since_change = before.iter().rev().take_while(|other| !other.call.mutating);
    since_change.into_iter().any(|other| same(&other))
}

/// While a change of a distribution takes effect, nothing can be done with it: if it is looked at next, that is waited for.
fn takes_effect(change: &Seen, next: Option<&Seen>) -> Option<Interval> {
    let is_change = change.call.operation == "UpdateDistribution";
    let (_, ended) = interval(change);
    let deployed = ended + u64::try_from(DEPLOY_TIME.as_millis()).expect("a short time");
    (is_change && next?.call.operation == "GetDistribution").then_some((ended, deployed))
}

fn interval(seen: &Seen) -> Interval {
    (seen.call.began_ms, seen.call.ended_ms.expect("the run waited for all of its calls"))
}

/// How much time these stretches cover together.
fn union(intervals: impl Iterator<Item = Interval>) -> Duration {
    let mut intervals: Vec<Interval> = intervals.collect();
    intervals.sort_unstable();
    let (mut covered, mut until) = (0, 0);
    for (began, ended) in intervals {
        covered += ended.saturating_sub(began.max(until));
        until = until.max(ended);
    }
    Duration::from_millis(covered)
}

fn text(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

fn positions(value: &Json) -> Vec<usize> {
    let positions = value.as_array().expect("a list").iter();
    positions
        .map(|position| usize::try_from(position.as_u64().expect("a position")).expect("small"))
        .collect()
}

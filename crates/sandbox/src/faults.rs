//! Misbehaviour on request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{call::Identity, reply::Refusal};

mod misfortune;
mod rate_limit;

use misfortune::misfortune;
use rate_limit::Buckets;

/// What goes wrong, and for which calls.
///
/// A call can match several faults: their delays add up, and of their other effects the first counts. Calls that
/// are refused take their time, too. All fields but the effect can be left out of the JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Only calls of this account; absent for all.
    #[serde(default)]
    pub account: Option<String>,
    /// Only calls of this service, by the name it signs requests under; absent for all.
    #[serde(default)]
    pub service: Option<String>,
    /// Only calls of this operation; absent for all.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only calls that change something.
    #[serde(default)]
    pub mutating_only: bool,
    /// How many matching calls pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching calls are hit after that; absent for all.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens to them.
    pub effect: Effect,
}

/// What a fault does to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The call takes so many milliseconds longer.
    Delay(u64),
    /// The call is refused with the throttling error of its service.
    Throttle,
    /// Each service lets so many calls a second pass, for each account in each region, and refuses those over it with
    /// its throttling error: a token bucket that holds as many tokens as a second brings, and is full at first.
    RateLimit(u32),
    /// The call is refused with this error, worded in the protocol of its service.
    Error {
        /// The HTTP status.
        status: u16,
        /// The code, such as `AccessDenied`.
        code: String,
        /// The text for people.
        message: String,
    },
    /// The call takes effect, and is answered with this error all the same.
    ErrorAfter {
        /// The HTTP status.
        status: u16,
        /// The code, such as `InternalError`.
        code: String,
        /// The text for people.
        message: String,
    },
    /// The connection is cut before the call takes effect.
    Cut,
    /// The call takes effect, and the connection is cut without a reply.
    LoseReply,
    /// The call takes effect, and its reply is held back until the faults are cleared.
    Hold,
    /// The call is held back before it takes effect; when the faults are cleared it is dropped, and the
    /// connection cut.
    HoldBefore,
    /// So many of a hundred calls are throttled, delayed, cut before they take effect or after, or answered with
    /// an error of the service before they take effect or after. Which ones, and what befalls them, follows from
    /// the seed and the order of the calls.
    Random {
        /// How many of a hundred.
        percent: u8,
        /// Another seed, another story.
        seed: u64,
    },
}

impl Fault {
    /// A fault with `effect` on every call.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self {
            account: None,
            service: None,
            operation: None,
            mutating_only: false,
            skip: 0,
            times: None,
            effect,
        }
    }

    fn matches(&self, call: &Identity) -> bool {
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.account, &call.account)
            && is(&self.service, &call.service)
            && is(&self.operation, &call.operation)
            && (call.mutating || !self.mutating_only)
    }
}

/// What is to happen to one call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) delay: Duration,
    pub(crate) effect: Option<Effect>,
    /// How often the faults of the call's account had been cleared when this was decided.
    cleared: u64,
}

impl Fate {
    /// The error that the call is refused with, if it is.
    pub(crate) fn refusal(&self, service: &str) -> Option<Refusal> {
        match &self.effect {
            Some(Effect::Throttle) => Some(Refusal::throttled(service)),
            Some(Effect::Error { status, code, message }) => {
                Some(Refusal::new(*status, code, message.as_str()))
            }
            _ => None,
        }
    }

    /// The error that the call is answered with once it has taken effect, if it is.
    pub(crate) fn late_refusal(&self) -> Option<Refusal> {
        match &self.effect {
            Some(Effect::ErrorAfter { status, code, message }) => {
                Some(Refusal::new(*status, code, message.as_str()))
            }
            _ => None,
        }
    }
}

/// The faults in force, and the calls that they hold.
pub(crate) struct Faults {
    active: Mutex<Vec<Active>>,
    cleared: watch::Sender<Cleared>,
    /// How many calls of each account are held at present.
    held: watch::Sender<HashMap<String, usize>>,
}

/// A fault in force.
struct Active {
    fault: Fault,
    /// What its rate limit still lets pass, if it is one.
    buckets: Buckets,
}

/// How often the faults have been cleared.
#[derive(Default)]
struct Cleared {
    all: u64,
    of_account: HashMap<String, u64>,
}

impl Cleared {
    fn times(&self, account: &str) -> u64 {
        self.all + self.of_account.get(account).copied().unwrap_or_default()
    }
}

impl Default for Faults {
    fn default() -> Self {
        let cleared = watch::Sender::new(Cleared::default());
        Self { active: Mutex::default(), cleared, held: watch::Sender::new(HashMap::new()) }
    }
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        let active = Active { fault, buckets: Buckets::default() };
        self.active.lock().unwrap_or_else(PoisonError::into_inner).push(active);
    }

    /// Ends the faults that are for `account` only, or all, and lets go of the calls that are held.
    pub(crate) fn clear(&self, account: Option<&str>) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.retain(|active| account.is_some() && active.fault.account.as_deref() != account);
        drop(active);
        self.cleared.send_modify(|cleared| match account {
            Some(account) => *cleared.of_account.entry(account.to_owned()).or_default() += 1,
            None => cleared.all += 1,
        });
    }

    /// Decides what happens to a call that arrives `now`, and counts it.
    pub(crate) fn fate(&self, call: &Identity, now: Instant) -> Fate {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fate = Fate { cleared: self.cleared.borrow().times(&call.account), ..Fate::default() };
        for Active { fault, buckets } in active.iter_mut().filter(|active| active.fault.matches(call)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if fault.times == Some(0) {
                continue;
            }
            let effect = match &mut fault.effect {
                Effect::Random { percent, seed } => misfortune(*percent, seed, &call.service),
                Effect::RateLimit(rate) => (!buckets.take(call, *rate, now)).then_some(Effect::Throttle),
                effect => Some(effect.clone()),
            };
            match effect {
                Some(Effect::Delay(milliseconds)) => fate.delay += Duration::from_millis(milliseconds),
                Some(effect) if fate.effect.is_none() => fate.effect = Some(effect),
                _ => continue,
            }
            fault.times = fault.times.map(|times| times - 1);
        }
        fate
    }

    /// Returns when the faults of `account` have been cleared since `fate` was decided.
    pub(crate) async fn hold(&self, account: &str, fate: &Fate) {
        self.held.send_modify(|held| *held.entry(account.to_owned()).or_default() += 1);
        // The sender is `self`, so this does not end before its condition holds.
        let _ = self.cleared.subscribe().wait_for(|cleared| cleared.times(account) > fate.cleared).await;
        self.held.send_modify(|held| *held.entry(account.to_owned()).or_default() -= 1);
    }

    /// How many calls of `account`, or of all, are held at present.
    pub(crate) fn held(&self, account: Option<&str>) -> usize {
        count(&self.held.borrow(), account)
    }

    /// Returns when at least one call is held.
    pub(crate) async fn until_held(&self) {
        let _ = self.held.subscribe().wait_for(|held| count(held, None) > 0).await;
    }
}

fn count(held: &HashMap<String, usize>, account: Option<&str>) -> usize {
    match account {
        Some(account) => held.get(account).copied().unwrap_or_default(),
        None => held.values().sum(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::call::Protocol;

    fn call(service: &str, operation: &str, mutating: bool) -> Identity {
        Identity {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            mutating,
            protocol: Protocol::Query,
        }
    }

    #[test]
    fn a_fault_lets_some_calls_pass_and_then_hits_so_many() {
        let faults = Faults::default();
        faults.inject(Fault {
            service: Some("iam".into()),
            skip: 1,
            times: Some(1),
            ..Fault::new(Effect::Throttle)
        });
        faults.inject(Fault { mutating_only: true, ..Fault::new(Effect::Delay(5)) });
        let create = call("iam", "CreateRole", true);
        assert_eq!(faults.fate(&call("s3", "GetObject", false), Instant::now()), Fate::default());
        assert_eq!(faults.fate(&create, Instant::now()).effect, None);
        let hit = faults.fate(&create, Instant::now());
        assert_eq!((hit.delay, hit.effect), (Duration::from_millis(5), Some(Effect::Throttle)));
        assert_eq!(faults.fate(&create, Instant::now()).effect, None);
        faults.clear(Some("111122223333"));
        assert_eq!(faults.fate(&create, Instant::now()).delay, Duration::from_millis(5));
        faults.clear(None);
        assert_eq!(faults.fate(&create, Instant::now()), Fate { cleared: 1, ..Fate::default() });
    }

    #[test]
    fn misfortune_follows_from_the_seed() {
        let effects = |seed: u64, percent: u8| -> Vec<Fate> {
            let faults = Faults::default();
            faults.inject(Fault::new(Effect::Random { percent, seed }));
            (0..1000).map(|_| faults.fate(&call("iam", "CreateRole", true), Instant::now())).collect()
        };
        assert_eq!(effects(7, 20), effects(7, 20));
        assert_ne!(effects(7, 20), effects(8, 20));
        let hit = |percent| effects(7, percent).iter().filter(|fate| **fate != Fate::default()).count();
        assert!((150..250).contains(&hit(20)), "about a fifth is hit, and not {}", hit(20));
        assert_eq!((hit(0), hit(100)), (0, 1000));
        let all = effects(7, 100);
        let happens = |what: &dyn Fn(&Fate) -> bool| all.iter().filter(|fate| what(fate)).count() > 50;
        assert!(happens(&|fate| !fate.delay.is_zero()));
        assert!(happens(&|fate| fate.effect == Some(Effect::Throttle)));
        assert!(happens(&|fate| fate.effect == Some(Effect::Cut)));
        assert!(happens(&|fate| fate.effect == Some(Effect::LoseReply)));
        assert!(happens(&|fate| matches!(fate.effect, Some(Effect::Error { status: 500, .. }))));
        assert!(happens(&|fate| matches!(fate.effect, Some(Effect::Error { status: 503, .. }))));
        assert!(happens(&|fate| matches!(fate.effect, Some(Effect::ErrorAfter { status: 500, .. }))));
    }

    #[test]
    fn each_service_lets_so_many_calls_a_second_pass() {
        let faults = Faults::default();
        faults.inject(Fault::new(Effect::Delay(5)));
        faults.inject(Fault::new(Effect::RateLimit(20)));
        let start = Instant::now();
        let role = call("iam", "CreateRole", true);
        let refused = |call: &Identity, calls: u32, after: u64| {
            let fates = (0..calls).map(|_| faults.fate(call, start + Duration::from_millis(after)));
            let fates: Vec<_> =
                fates.inspect(|fate| assert_eq!(fate.delay, Duration::from_millis(5))).collect();
            assert!(fates.iter().all(|fate| matches!(fate.effect, None | Some(Effect::Throttle))));
            fates.iter().filter(|fate| fate.effect.is_some()).count()
        };
        assert_eq!(refused(&role, 30, 0), 10, "as many pass as a second brings");
        assert_eq!(refused(&role, 1, 49), 1);
        assert_eq!(refused(&role, 2, 51), 1, "a refusal takes nothing");
        assert_eq!(refused(&call("iam", "GetRole", false), 20, 551), 10, "reads count as well");
        assert_eq!(refused(&role, 100, 60_000), 80, "it holds no more than a second brings");
        assert_eq!(refused(&call("s3", "CreateBucket", true), 21, 60_000), 1, "each service has its own");
        let other = Identity { account: "111122223333".to_owned(), ..role.clone() };
        assert_eq!(refused(&other, 21, 60_000), 1, "each account has its own");
        let elsewhere = Identity { region: "eu-west-1".to_owned(), ..role };
        assert_eq!(refused(&elsewhere, 21, 60_000), 1, "each region has its own");
    }

    #[test]
    fn the_json_form_needs_only_the_effect() {
        let lost: Fault = serde_json::from_str(r#"{"effect": "lose_reply", "times": 1}"#).unwrap();
        assert_eq!(lost, Fault { times: Some(1), ..Fault::new(Effect::LoseReply) });
        let slow: Fault = serde_json::from_str(r#"{"effect": {"delay": 20}}"#).unwrap();
        assert_eq!(slow.effect, Effect::Delay(20));
        let limited: Fault = serde_json::from_str(r#"{"effect": {"rate_limit": 20}}"#).unwrap();
        assert_eq!(limited.effect, Effect::RateLimit(20));
        let random: Fault =
            serde_json::from_str(r#"{"effect": {"random": {"percent": 20, "seed": 1}}}"#).unwrap();
        assert_eq!(random.effect, Effect::Random { percent: 20, seed: 1 });
    }
}

//! What befalls a call by chance.

use super::Effect;
use crate::reply::Refusal;

/// What befalls the next call of `service`, if anything does; `seed` goes on to the one after.
pub(super) fn misfortune(percent: u8, seed: &mut u64, service: &str) -> Option<Effect> {
    // Two numbers whatever comes of it, so that a call that is spared counts as much as one that is hit.
    let (is_hit, what) = (next(seed) % 100 < u64::from(percent), next(seed));
    is_hit.then(|| match what % 7 {
        0 => Effect::Throttle,
        1 => before(Refusal::failed(service)),
        2 => before(Refusal::unavailable(service)),
        3 => after(Refusal::failed(service)),
        4 => Effect::Cut,
        5 => Effect::LoseReply,
        _ => Effect::Delay(100 + what / 7 % 200),
    })
}

fn before(Refusal { status, code, message }: Refusal) -> Effect {
    Effect::Error { status, code, message }
}

fn after(Refusal { status, code, message }: Refusal) -> Effect {
    Effect::ErrorAfter { status, code, message }
}

/// The next number of a sequence that looks random: Steele, Lea and Flood's SplitMix64.
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *seed;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

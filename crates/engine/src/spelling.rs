//! The nearest known name to one that is not known.

/// The candidate that `name` is most likely a misspelling of, if there is one.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let allowed = 1 + name.len().min(candidate.len()) / 4;
            let distance = (least_distance(name, candidate) <= allowed)
                .then(|| strsim::damerau_levenshtein(name, candidate));
            distance.filter(|distance| *distance <= allowed).map(|distance| (distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What the distance of two names is at least, which is found much faster: each edit takes at most one character away, and
/// brings at most one.
fn least_distance(one: &str, other: &str) -> usize {
    let ascii = |text: &str| {
        text.bytes().filter(u8::is_ascii).fold(0_u128, |characters, byte| characters | 1 << byte)
    };
    let (one_has, other_has) = (ascii(one), ascii(other));
    let (lost, gained) = (one_has & !other_has, other_has & !one_has);
    let by_length = one.chars().count().abs_diff(other.chars().count());
    (lost.count_ones().max(gained.count_ones()) as usize).max(by_length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_never_further_than_its_distance(one in "[a-dé_]{0,8}", other in "[a-dé_]{0,8}") {
            prop_assert!(least_distance(&one, &other) <= strsim::damerau_levenshtein(&one, &other));
        }
    }

    #[test]
    fn what_is_nearly_a_name_is_meant() {
        assert_eq!(nearest("lifecycel", ["for_each", "lifecycle"]), Some("lifecycle"));
        assert_eq!(nearest("name", ["for_each", "lifecycle"]), None);
    }
}

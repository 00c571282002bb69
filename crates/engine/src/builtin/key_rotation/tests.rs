#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;

use super::*;

const HANDOVER: &str = "time_static.handover";

fn configuration() -> Value {
    Value::from_json(json!({ "overlap": "1h", "handover": HANDOVER }))
}

/// What is foreseen: the newest generation, and those that are trusted.
fn foreseen(
    prior: Option<(i64, &[&str])>,
    handed_over: Option<&str>,
    time: i64,
    rotate: bool,
) -> (i64, Vec<i64>) {
    let prior = prior.map(|(generation, trusted)| {
        Value::from_json(json!({ "generation": generation, "trusted": trusted }))
    });
    let recorded = handed_over.map(|generation| {
        Value::from_json(
            json!({ "triggers": { "generation": generation }, "rfc3339": "1970-01-01T01:00:00Z" }),
        )
    });
    let circumstances = Circumstances {
        prior: prior.as_ref(),
        time: Some(time),
        rotate,
        recorded: &|address| {
            assert_eq!(address, HANDOVER);
            Ok(recorded.as_ref())
        },
    };
    let mut configuration = configuration();
    assert_eq!(KeyRotation::foresee(&mut configuration, &circumstances), []);
    let generations = Generations::of(&configuration).unwrap();
    (generations.newest, generations.trusted)
}

#[test]
fn begins_with_one_generation() {
    assert_eq!(foreseen(None, None, 0, false), (1, vec![1]));
    assert_eq!(foreseen(None, None, 0, true), (1, vec![1]), "nothing is there to be rotated");
}

#[test]
fn trusts_both_until_the_overlap_after_the_handover_is_over() {
    let two: Option<(i64, &[&str])> = Some((2, &["1", "2"]));
    assert_eq!(foreseen(Some((1, &["1"])), Some("1"), 9000, true), (2, vec![1, 2]));
    assert_eq!(foreseen(two, Some("1"), 9000, false), (2, vec![1, 2]), "it is not handed over");
    assert_eq!(foreseen(two, None, 9000, false), (2, vec![1, 2]), "nobody knows that it is");
    assert_eq!(foreseen(two, Some("2"), 7199, false), (2, vec![1, 2]), "the hour is not over");
    assert_eq!(foreseen(two, Some("2"), 7200, false), (2, vec![2]));
}

#[test]
fn begins_no_other_while_one_is_under_way() {
    let two: Option<(i64, &[&str])> = Some((2, &["1", "2"]));
    assert_eq!(foreseen(two, Some("1"), 9000, true), (2, vec![1, 2]));
    assert_eq!(foreseen(two, Some("2"), 7199, true), (2, vec![1, 2]));
    assert_eq!(foreseen(two, Some("2"), 7200, true), (3, vec![2, 3]), "that one has just ended");
}

#[test]
fn refuses_what_is_no_address_or_no_duration() {
    let circumstances = Circumstances {
        prior: None,
        time: None,
        rotate: false,
        recorded: &|address| Err(format!("there is no `{address}` in this module")),
    };
    let problems = KeyRotation::foresee(&mut configuration(), &circumstances);
    assert_eq!(problems[0].message, "there is no `time_static.handover` in this module");
    for overlap in ["", "a day", "-1h"] {
        let configuration = Value::from_json(json!({ "overlap": overlap, "handover": HANDOVER }));
        assert_eq!(KeyRotation::validate(&configuration).len(), 1, "{overlap}");
    }
}

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

fn test(number: usize) -> Test {
    Test::True(format!("P{number}"))
}

/// Values of the shapes that properties have.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        "[ab]{1,2}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
            prop::collection::btree_map("[xyz]", inner, 1..4).prop_map(Value::Map),
        ]
    })
}

/// Cases over three tests, of which some do not matter in some branches.
fn tree() -> impl Strategy<Value = Tree<Option<Value>>> {
    let leaf = prop::option::weighted(0.9, value()).prop_map(Tree::Leaf);
    leaf.prop_recursive(3, 8, 2, |inner| {
        (0_usize..3, inner.clone(), inner)
            .prop_map(|(number, yes, no)| Tree::Fork(test(number), Box::new(yes), Box::new(no)))
    })
}

fn leaf<'t, T>(tree: &'t Tree<T>, answer: &dyn Fn(&Test) -> bool) -> &'t T {
    match tree {
        Tree::Leaf(leaf) => leaf,
        Tree::Fork(test, yes, no) => leaf(if answer(test) { yes } else { no }, answer),
    }
}

/// What CloudFormation makes of properties; `None` for what is not there.
fn carried_out(node: &Node, answer: &dyn Fn(&Test) -> bool) -> Option<Value> {
    match node {
        Node::Any | Node::Nothing => None,
        Node::Value(value) => Some(value.clone()),
        Node::List(items) => {
            Some(Value::List(items.iter().filter_map(|item| carried_out(item, answer)).collect()))
        }
        Node::Map(entries) => Some(Value::Map(
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), carried_out(value, answer)?)))
                .collect(),
        )),
        Node::If(condition, yes, no) => {
            let Condition::Test(test) = condition else { return None };
            carried_out(if answer(test) { yes } else { no }, answer)
        }
    }
}

/// A value without what is not there.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::List(items) => Some(Value::List(items.iter().filter_map(plain).collect())),
        Value::Map(map) => {
            Some(Value::Map(map.iter().filter_map(|(key, item)| Some((key.clone(), plain(item)?))).collect()))
        }
        other => Some(other.clone()),
    }
}

proptest! {
    #[test]
    fn all_cases_as_one_are_in_each_case_what_that_case_is(tree in tree()) {
        let nodes = tree.map(&mut |value: &Option<Value>| match value {
            Some(value) => Node::of(value, &|_| false),
            None => Node::Any,
        });
        let merged = Node::merged(&nodes);
        for case in 0_u8..8 {
            let answer = |asked: &Test| (0..3).any(|number| *asked == test(number) && case >> number & 1 == 1);
            if let Some(expected) = leaf(&tree, &answer) {
                prop_assert_eq!(carried_out(&merged, &answer), plain(expected), "case {}", case);
            }
        }
    }

    #[test]
    fn a_condition_holds_where_its_tree_is_true(tree in tree()) {
        let tree = tree.map(&mut |value: &Option<Value>| value.is_some());
        let condition = tree.condition();
        for case in 0_u8..8 {
            let answer = |asked: &Test| (0..3).any(|number| *asked == test(number) && case >> number & 1 == 1);
            let given: Vec<(Condition, bool)> =
                (0..3).map(|number| (Condition::Test(test(number)), answer(&test(number)))).collect();
            prop_assert_eq!(condition.within(&given), Some(*leaf(&tree, &answer)));
        }
    }
}

#[test]
fn what_two_cases_have_in_common_stands_outside_of_the_condition() {
    let of = |json: serde_json::Value| Node::of(&Value::from_json(json), &|_| false);
    let condition = Condition::Test(test(0));
    let yes = of(serde_json::json!({ "Name": "a", "Rules": ["x", "y"], "Log": "l" }));
    let no = of(serde_json::json!({ "Name": "a", "Rules": ["x"] }));
    let Node::Map(merged) = Node::either(&condition, yes, no) else { unreachable!("both are tables") };
    let get = |key: &str| merged.iter().find(|(name, _)| name == key).map(|(_, node)| node).unwrap();
    assert_eq!(*get("Name"), Node::Value(Value::from("a")));
    let only_then = |text: &str| {
        Node::If(condition.clone(), Box::new(Node::Value(Value::from(text))), Box::new(Node::Nothing))
    };
    assert_eq!(*get("Rules"), Node::List(vec![Node::Value(Value::from("x")), only_then("y")]));
    assert_eq!(*get("Log"), only_then("l"));
}

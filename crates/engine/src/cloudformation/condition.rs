//! Conditions of a template: what is asked of its parameters, and what follows from the answers.

use std::collections::BTreeMap;

use super::yaml::Yaml;

/// A question about parameters that the template decides on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Test {
    /// Whether a parameter has a value, and is not left empty.
    Given {
        /// Its name.
        parameter: String,
        /// Whether it is a list.
        list: bool,
    },
    /// Whether a parameter is `true`.
    True(String),
    /// Whether two texts with symbols in them are the same.
    Equal(String, String),
}

/// With more tests than this, nobody looks at all of their answers.
const MOST_TESTS: usize = 12;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    /// It always holds, or never.
    Constant(bool),
    /// A test.
    Test(Test),
    /// The opposite of another.
    Not(Box<Condition>),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// One of them holds.
    Or(Box<Condition>, Box<Condition>),
}

impl Condition {
    /// What holds if the test answers yes and `yes` holds, or it answers no and `no` holds.
    pub(super) fn either(test: &Test, yes: Self, no: Self) -> Self {
        let test = Self::Test(test.clone());
        match (yes, no) {
            (yes, no) if yes == no => yes,
            (Self::Constant(true), Self::Constant(false)) => test,
            (Self::Constant(false), Self::Constant(true)) => test.opposite(),
            (yes, Self::Constant(false)) => test.and(yes),
            (Self::Constant(false), no) => test.opposite().and(no),
            (Self::Constant(true), no) => test.or(no),
            (yes, Self::Constant(true)) => test.opposite().or(yes),
            (yes, no) => test.clone().and(yes).or(test.opposite().and(no)),
        }
    }

    /// What holds where this does not.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Constant(constant) => Self::Constant(!constant),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// That both hold.
    pub(super) fn and(self, other: Self) -> Self {
        Self::And(Box::new(self), Box::new(other))
    }

    /// That one of them holds.
    pub(super) fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// All tests in it.
    pub(super) fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Test(test) => vec![test],
            Self::Not(inner) => inner.tests(),
            Self::And(one, other) | Self::Or(one, other) => {
                one.tests().into_iter().chain(other.tests()).collect()
            }
        }
    }

    /// Whether it holds where all of these do (`true`) or do not (`false`): `None` if it may or may not.
    pub(super) fn within(&self, holds: &[(Self, bool)]) -> Option<bool> {
        let mut tests: Vec<&Test> = self.tests();
        tests.extend(holds.iter().flat_map(|(condition, _)| condition.tests()));
        tests.sort();
        tests.dedup();
        if tests.len() > MOST_TESTS {
            return None;
        }
        let mut found = None;
        for case in 0_u32..1 << tests.len() {
            let answer =
                |test: &Test| tests.binary_search(&test).is_ok_and(|position| case >> position & 1 == 1);
            if !holds.iter().all(|(condition, expected)| condition.holds(&answer) == *expected) {
                continue;
            }
            match (found, self.holds(&answer)) {
                (None, holds) => found = Some(holds),
                (Some(known), holds) if known != holds => return None,
                _ => {}
            }
        }
        found
    }

    /// Whether it holds by these answers.
    fn holds(&self, answer: &dyn Fn(&Test) -> bool) -> bool {
        match self {
            Self::Constant(constant) => *constant,
            Self::Test(test) => answer(test),
            Self::Not(inner) => !inner.holds(answer),
            Self::And(one, other) => one.holds(answer) && other.holds(answer),
            Self::Or(one, other) => one.holds(answer) || other.holds(answer),
        }
    }

    /// As a function of CloudFormation. `test`: how a test is written.
    pub(super) fn yaml(&self, test: &dyn Fn(&Test) -> Yaml) -> Yaml {
        match self {
            // It is never asked for: what always holds has no condition, and what never does is not there.
            Self::Constant(constant) => {
                let text = |text: &str| Yaml::text(text);
                Yaml::tag(
                    "Equals",
                    Yaml::List(vec![text("true"), text(if *constant { "true" } else { "false" })]),
                )
            }
            Self::Test(inner) => test(inner),
            Self::Not(inner) => match inner.yaml(test) {
                // What a test says may be the opposite of something already.
                Yaml::Tag("Not", negated) => match *negated {
                    Yaml::List(mut single) if single.len() == 1 => single.remove(0),
                    other => Yaml::tag("Not", Yaml::List(vec![Yaml::Tag("Not", Box::new(other))])),
                },
                inner => Yaml::tag("Not", Yaml::List(vec![inner])),
            },
            Self::And(..) => {
                Yaml::tag("And", Yaml::List(self.operands(true).map(|it| it.yaml(test)).collect()))
            }
            Self::Or(..) => {
                Yaml::tag("Or", Yaml::List(self.operands(false).map(|it| it.yaml(test)).collect()))
            }
        }
    }

    /// What is and-ed or or-ed, however it is nested.
    fn operands(&self, and: bool) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::And(one, other) if and => Box::new(one.operands(and).chain(other.operands(and))),
            Self::Or(one, other) if !and => Box::new(one.operands(and).chain(other.operands(and))),
            single => Box::new(std::iter::once(single)),
        }
    }
}

/// The named conditions of a template, by name.
#[derive(Debug, Default)]
pub(super) struct Conditions(BTreeMap<String, Condition>);

impl Conditions {
    /// The name of a condition. `suggested`: the name it gets if it has none yet.
    pub(super) fn name(&mut self, condition: &Condition, suggested: &str) -> String {
        if let Some((name, _)) = self.0.iter().find(|(_, known)| *known == condition) {
            return name.clone();
        }
        let mut name = suggested.to_owned();
        let mut count = 2;
        while self.0.contains_key(&name) {
            name = format!("{suggested}{count}");
            count += 1;
        }
        self.0.insert(name.clone(), condition.clone());
        name
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Condition)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opposite_of_an_opposite_is_written_as_neither() {
        let given = Test::Given { parameter: "A".to_owned(), list: false };
        let is_empty = || Yaml::tag("Equals", Yaml::List(vec![Yaml::reference("A"), Yaml::text("")]));
        let write = |_: &Test| Yaml::tag("Not", Yaml::List(vec![is_empty()]));
        let test = Condition::Test(given);
        assert_eq!(test.yaml(&write), Yaml::tag("Not", Yaml::List(vec![is_empty()])));
        assert_eq!(test.clone().opposite().yaml(&write), is_empty());
        let named = |_: &Test| Yaml::tag("Condition", Yaml::text("HasA"));
        let opposite = Yaml::tag("Not", Yaml::List(vec![Yaml::tag("Condition", Yaml::text("HasA"))]));
        assert_eq!(test.opposite().yaml(&named), opposite);
    }
}

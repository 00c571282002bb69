//! What something is in each case of a template's conditions, and how that is said as one: with `!If` no farther out
//! than it must stand.

use std::iter::Peekable;

use crate::value::{Map, Value};

use super::condition::{Condition, Test};

/// Something that depends on tests.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree<T> {
    /// It does not.
    Leaf(T),
    /// What it is if the test answers yes, and if it answers no.
    Fork(Test, Box<Tree<T>>, Box<Tree<T>>),
}

/// The answers that one case took, and what came of it.
pub(super) type Case<T> = (Vec<(Test, bool)>, T);

impl<T> Tree<T> {
    /// From all cases, in the order of a walk that tries yes first: the answers that each took, and what came of it.
    pub(super) fn of(cases: Vec<Case<T>>) -> Option<Self> {
        Self::below(&mut cases.into_iter().peekable(), 0)
    }

    fn below(cases: &mut Peekable<impl Iterator<Item = Case<T>>>, depth: usize) -> Option<Self> {
        let (path, _) = cases.peek()?;
        let Some((test, _)) = path.get(depth).cloned() else {
            return cases.next().map(|(_, leaf)| Self::Leaf(leaf));
        };
        let yes = Self::below(cases, depth + 1)?;
        let no = Self::below(cases, depth + 1)?;
        Some(Self::Fork(test, Box::new(yes), Box::new(no)))
    }

    /// The same with other leaves.
    pub(super) fn map<U>(&self, change: &mut dyn FnMut(&T) -> U) -> Tree<U> {
        match self {
            Self::Leaf(leaf) => Tree::Leaf(change(leaf)),
            Self::Fork(test, yes, no) => {
                let yes = yes.map(change);
                Tree::Fork(test.clone(), Box::new(yes), Box::new(no.map(change)))
            }
        }
    }

    /// All leaves.
    pub(super) fn leaves(&self) -> Vec<&T> {
        match self {
            Self::Leaf(leaf) => vec![leaf],
            Self::Fork(_, yes, no) => yes.leaves().into_iter().chain(no.leaves()).collect(),
        }
    }
}

impl Tree<bool> {
    /// When it is true.
    pub(super) fn condition(&self) -> Condition {
        match self {
            Self::Leaf(leaf) => Condition::Constant(*leaf),
            Self::Fork(test, yes, no) => Condition::either(test, yes.condition(), no.condition()),
        }
    }

    /// What it is by these answers, if they tell.
    pub(super) fn given(&self, answer: &dyn Fn(&Test) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Leaf(leaf) => Some(*leaf),
            Self::Fork(test, yes, no) => match answer(test) {
                Some(true) => yes.given(answer),
                Some(false) => no.given(answer),
                None => match (yes.given(answer), no.given(answer)) {
                    (Some(yes), Some(no)) if yes == no => Some(yes),
                    _ => None,
                },
            },
        }
    }
}

/// Properties with conditions in them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Whatever it is, it makes no difference: what it belongs to is not there.
    Any,
    /// Not there.
    Nothing,
    /// A value with no condition in it.
    Value(Value),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Map(Vec<(String, Node)>),
    /// One or the other.
    If(Condition, Box<Node>, Box<Node>),
}

impl Node {
    /// A value taken apart. `whole`: which lists have to be taken as they are.
    pub(super) fn of(value: &Value, whole: &dyn Fn(&[Value]) -> bool) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::List(items) if !items.is_empty() && !whole(items) => {
                Self::List(items.iter().map(|item| Self::of(item, whole)).collect())
            }
            Value::Map(map) => Self::table(map, whole),
            other => Self::Value(other.clone()),
        }
    }

    fn table(map: &Map, whole: &dyn Fn(&[Value]) -> bool) -> Self {
        Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::of(value, whole))).collect())
    }

    /// All cases as one.
    pub(super) fn merged(tree: &Tree<Self>) -> Self {
        match tree {
            Tree::Leaf(leaf) => leaf.clone(),
            Tree::Fork(test, yes, no) => {
                Self::either(&Condition::Test(test.clone()), Self::merged(yes), Self::merged(no))
            }
        }
    }

    /// One or the other, with what they have in common outside of the condition.
    pub(super) fn either(condition: &Condition, yes: Self, no: Self) -> Self {
        match (yes, no) {
            (Self::Any, other) | (other, Self::Any) => other,
            (yes, no) if yes == no => yes,
            (Self::Map(yes), Self::Map(no)) => Self::Map(Self::either_entry(condition, yes, no)),
            (Self::List(yes), Self::List(no)) => Self::List(Self::either_element(condition, yes, no)),
            // The same question of both is better asked once.
            (Self::If(one, one_yes, one_no), Self::If(other, other_yes, other_no)) if one == other => {
                Self::If(
                    one,
                    Box::new(Self::either(condition, *one_yes, *other_yes)),
                    Box::new(Self::either(condition, *one_no, *other_no)),
                )
            }
            (yes, no) => Self::If(condition.clone(), Box::new(yes), Box::new(no)),
        }
    }

    fn either_entry(
        condition: &Condition,
        yes: Vec<(String, Self)>,
        no: Vec<(String, Self)>,
    ) -> Vec<(String, Self)> {
        let mut no = no;
        let mut merged: Vec<(String, Self)> = yes
            .into_iter()
            .map(|(key, yes)| {
                let at = no.iter().position(|(other, _)| *other == key);
                let no = at.map_or(Self::Nothing, |at| no.remove(at).1);
                (key, Self::either(condition, yes, no))
            })
            .collect();
        merged.extend(no.into_iter().map(|(key, no)| (key, Self::either(condition, Self::Nothing, no))));
        merged.sort_by(|(one, _), (other, _)| one.cmp(other));
        merged
    }

    /// Elements that both have in the same order stay as they are; of two others, one or the other is there.
    fn either_element(condition: &Condition, yes: Vec<Self>, no: Vec<Self>) -> Vec<Self> {
        let same = |one: &[Self], other: &[Self]| {
            one.iter().zip(other).take_while(|(one, other)| one == other).count()
        };
        let first = same(&yes, &no);
        let (mut yes, mut no) = (yes, no);
        let mut merged: Vec<Self> = yes.drain(..first).collect();
        no.drain(..first);
        let last = yes.iter().rev().zip(no.iter().rev()).take_while(|(one, other)| one == other).count();
        let end = yes.split_off(yes.len() - last);
        no.truncate(no.len() - last);
        let length = yes.len().max(no.len());
        let (mut yes, mut no) = (yes.into_iter(), no.into_iter());
        for _ in 0..length {
            let element = |side: &mut std::vec::IntoIter<Self>| side.next().unwrap_or(Self::Nothing);
            merged.push(Self::either(condition, element(&mut yes), element(&mut no)));
        }
        merged.extend(end);
        merged
    }

    /// Adds properties: tables are merged, lists put one after the other. `condition`: when they are there.
    pub(super) fn add(&mut self, condition: &Condition, more: Self) {
        let only_then = |node: Self| match condition {
            Condition::Constant(true) => node,
            condition => Self::either(condition, node, Self::Nothing),
        };
        match (self, more) {
            (Self::Map(entries), Self::Map(more)) => {
                for (key, value) in more {
                    match entries.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, known)) => known.add(condition, value),
                        None => entries.push((key, only_then(value))),
                    }
                }
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
            (Self::List(items), Self::List(more)) => items.extend(more.into_iter().map(only_then)),
            (there, more) => *there = only_then(more),
        }
    }

    /// Everything that is said in it.
    pub(super) fn values(&self) -> Vec<&Value> {
        match self {
            Self::Any | Self::Nothing => Vec::new(),
            Self::Value(value) => vec![value],
            Self::List(items) => items.iter().flat_map(Self::values).collect(),
            Self::Map(entries) => entries.iter().flat_map(|(_, value)| value.values()).collect(),
            Self::If(_, yes, no) => yes.values().into_iter().chain(no.values()).collect(),
        }
    }
}

#[cfg(test)]
mod tests;

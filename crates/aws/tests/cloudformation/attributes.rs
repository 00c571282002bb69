//! What becomes of the attributes that others refer to.

use std::cell::RefCell;
use std::collections::BTreeSet;

use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::schema::Schema;
use provision_engine::value::Value;

use crate::everything::{Everything, least, mark};
use crate::reference::Reference;
use crate::{Entry, variations};

/// What `!GetAtt` gives beside what the schemas say, as AWS documents it.
const ALSO_RETURNED: &[(&str, &str)] = &[("AWS::SNS::Topic", "TopicName"), ("AWS::SQS::Queue", "QueueName")];

/// Pseudo parameters.
const PSEUDO: [&str; 5] =
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix"];

/// What is wrong with what a kind says of its attributes, and with the signs by which it is a part of another.
pub(crate) fn complaints(entry: &Entry<'_>, all: &[Entry<'_>]) -> Vec<String> {
    let Some(counterpart) = entry.counterpart else { return Vec::new() };
    let r#type = counterpart.resource.map(|resource| resource.r#type);
    let everything = Everything::of(entry.schema).arguments;
    let variations: Vec<Value> =
        variations::of(&entry.name).iter().map(|variation| variation.of(&everything)).collect();
    let mut wrong = Vec::new();
    let names = names(&counterpart, entry.schema);
    for (at, (name, returned)) in counterpart.attributes.iter().enumerate() {
        if counterpart.attributes[..at].iter().any(|(other, _)| other == name) {
            wrong.push(format!("{name} is there twice"));
        }
        if !names.contains(*name) && !matches!(returned, Returned::Sign) {
            wrong.push(format!("there is no {name}"));
        }
        let is_right = match *returned {
            Returned::Ref => r#type.is_some(),
            Returned::GetAtt(attribute) => returns(r#type, attribute),
            Returned::Sub(text) => parts(text).all(|part| match part.strip_prefix('.') {
                Some(attribute) => returns(r#type, attribute),
                None if part == "Ref" => r#type.is_some(),
                None => PSEUDO.contains(&part),
            }),
            Returned::Argument(argument) => {
                entry.schema.attributes.get(argument).is_some_and(|argument| !argument.read_only)
            }
            Returned::Known(known) => variations.iter().any(|arguments| known(arguments).is_some()),
            Returned::Structure(structure) => variations
                .iter()
                .any(|arguments| !structure(arguments, &|name| Value::String(mark(name))).is_empty()),
            Returned::Parameter(what) | Returned::ParameterLike(what, _) | Returned::Secret(what) => {
                !what.is_empty() && !what.ends_with('.')
            }
            Returned::Sign => true,
        };
        if !is_right {
            wrong.push(format!("{name} cannot be {returned:?}"));
        }
    }
    let is_somewhere = |name: &str| {
        all.iter().any(|entry| {
            entry.schema.attributes.contains_key(name)
                || entry.counterpart.is_some_and(|counterpart| counterpart.returned(name).is_some())
        })
    };
    for part in counterpart.parts() {
        if !entry.schema.attributes.contains_key(part.of) {
            wrong.push(format!("there is no {}", part.of));
        }
        let unknown = part.by.iter().filter(|name| !is_somewhere(name));
        wrong.extend(unknown.map(|name| format!("nothing has {name}")));
    }
    wrong.into_iter().map(|wrong| format!("{}: {wrong}", entry.name)).collect()
}

fn returns(r#type: Option<&str>, attribute: &str) -> bool {
    r#type.is_some_and(|r#type| {
        Reference::of(r#type).returns(attribute) || ALSO_RETURNED.contains(&(r#type, attribute))
    })
}

/// The attributes of a kind, and those that only what is made of them asks for.
fn names(counterpart: &Counterpart, schema: &Schema) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::from(["id".to_owned()]));
    for (_, returned) in counterpart.attributes {
        if let Returned::Structure(structure) = returned {
            structure(&least(schema), &|name| {
                assert!(counterpart.returned(name).is_some(), "nothing becomes of {name}");
                names.borrow_mut().insert(name.to_owned());
                Value::Null
            });
        }
    }
    names.into_inner().into_iter().chain(schema.attributes.keys().cloned()).collect()
}

/// What is between `${` and `}` in a text.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).map(|part| part.split_once('}').map_or(part, |(part, _)| part))
}

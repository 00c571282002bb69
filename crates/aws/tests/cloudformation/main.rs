//! What kinds are in CloudFormation, held against AWS's schemas of its resources. A configuration that sets everything
//! is marked, and each mark must arrive in a property that there is; what does not is in a snapshot, for people to judge.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod attributes;
mod everything;
mod forms;
mod reference;
mod variations;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use provision_aws::{Aws, registry};
use provision_engine::cloudformation::Counterpart;
use provision_engine::event::Clock;
use provision_engine::kind::Registry;
use provision_engine::schema::Schema;
use provision_engine::value::{Path, Segment};

use everything::{Everything, least};
use forms::Form;
use variations::of;

/// The kinds that CloudFormation has nothing for.
const WITHOUT: &[&str] = &["aws_s3_object"];

/// A kind of resources, or a data source with `data.` before its name.
struct Entry<'a> {
    name: String,
    schema: &'a Schema,
    counterpart: Option<Counterpart>,
}

/// It is always the same moment.
struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_700_000_000
    }

    fn sleep(&self, _duration: std::time::Duration) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

fn all() -> Registry {
    let mut registry = registry(&Arc::new(Aws::new()));
    provision_engine::builtin::register(&mut registry, Arc::new(Still));
    registry
}

fn entries(registry: &Registry) -> Vec<Entry<'_>> {
    let kinds = registry.kinds().map(|kind| Entry {
        name: kind.name().to_owned(),
        schema: kind.schema(),
        counterpart: kind.cloudformation(),
    });
    let data = registry.data_sources().map(|data| Entry {
        name: format!("data.{}", data.name()),
        schema: data.schema(),
        counterpart: data.cloudformation(),
    });
    kinds.chain(data).collect()
}

#[test]
fn every_kind_says_what_it_is() {
    let registry = all();
    let silent: Vec<String> = entries(&registry)
        .into_iter()
        .filter(|entry| entry.counterpart.is_none())
        .map(|entry| entry.name)
        .collect();
    assert_eq!(silent, WITHOUT, "give it a `CLOUDFORMATION`");
}

#[test]
fn every_argument_arrives_or_is_known_not_to() {
    let registry = all();
    let mut wrong = BTreeSet::new();
    let mut lines = BTreeSet::new();
    for entry in entries(&registry) {
        let everything = Everything::of(entry.schema);
        for form in Form::all(&entry.name, entry.counterpart) {
            let mut fates: BTreeMap<Path, Vec<String>> = BTreeMap::new();
            let mut arrived = BTreeSet::new();
            for variation in of(&entry.name) {
                let arguments = variation.of(&everything.arguments);
                let written = form.write(&arguments);
                wrong.extend(form.complaints(&written));
                for (path, fate) in form.fates(&written) {
                    fates.entry(path).or_default().push(fate);
                }
                arrived.extend(everything.arrived(&form, &arguments, &written.properties));
                for (path, choice) in everything.choices(&arguments) {
                    wrong.extend(form.misfits(&form.write(&choice), path));
                }
            }
            let is_told =
                |path: &Path| form.says_itself(path) || fates.keys().any(|fate| path.starts_with(fate));
            let lost = everything.leaves.iter().filter(|leaf| !arrived.contains(&leaf.path));
            wrong.extend(
                lost.filter(|leaf| !is_told(&leaf.path))
                    .map(|leaf| format!("{}: {} arrives nowhere", form.title, leaf.path)),
            );
            for (path, words) in fates {
                let line = |words: String| format!("{}: {}: {words}", form.title, plain(&path));
                lines.extend(words.into_iter().map(line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!("what_does_not_arrive", lines.into_iter().collect::<Vec<_>>().join("\n"));
}

/// What must be set is enough, with the defaults of the rest.
#[test]
fn the_least_that_can_be_said_is_a_resource() {
    let registry = all();
    let mut wrong = Vec::new();
    for entry in entries(&registry) {
        for form in Form::all(&entry.name, entry.counterpart) {
            let written = form.write(&variations::least_of(&entry.name).of(&least(entry.schema)));
            wrong.extend(form.complaints(&written));
            wrong.extend(
                written
                    .problems
                    .iter()
                    .map(|problem| format!("{}: {}: {}", form.title, problem.path, problem.message)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_others_can_refer_to_is_there() {
    let registry = all();
    let entries = entries(&registry);
    let wrong: Vec<String> =
        entries.iter().flat_map(|entry| attributes::complaints(entry, &entries)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A path without the numbers in it.
fn plain(path: &Path) -> Path {
    Path(path.0.iter().filter(|segment| matches!(segment, Segment::Key(_))).cloned().collect())
}

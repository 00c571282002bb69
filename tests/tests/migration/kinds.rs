//! No kind is forgotten.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use provision_aws::Aws;
use provision_engine::builtin;
use provision_engine::event::Clock;

use crate::terraform::{fixture, instances};

/// What Terraform does not have, and why.
const OURS: [(&str, &str); 2] = [
    ("aws_media_convert_job_template", "its AWS provider has queues of MediaConvert alone"),
    ("key_rotation", "it rotates nothing by itself"),
];

const FIXTURES: [&str; 9] = [
    "catalog.tfstate",
    "delivery.tfstate",
    "identities.tfstate",
    "local.tfstate",
    "monitoring.tfstate",
    "names.tfstate",
    "storage.tfstate",
    "storytime-prod.tfstate",
    "storytime.tfstate",
];

/// Time stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        0
    }

    fn sleep(&self, _duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }
}

#[test]
fn every_kind_has_a_fixture() {
    let mut registry = provision_aws::registry(&Arc::new(Aws::new()));
    builtin::register(&mut registry, Arc::new(Still));
    let kinds: BTreeSet<&str> = registry.kinds().map(|kind| kind.name()).collect();
    let ours: BTreeSet<&str> = OURS.iter().map(|(kind, _)| *kind).collect();
    let states = FIXTURES.map(|name| serde_json::from_str(&fixture(name)).unwrap());
    let met: BTreeSet<String> = states.iter().flat_map(instances).map(|(_, kind, _)| kind).collect();
    let met: BTreeSet<&str> = met.iter().map(String::as_str).collect();
    let forgotten: Vec<_> = kinds.difference(&met).filter(|kind| !ours.contains(*kind)).collect();
    assert!(forgotten.is_empty(), "no state of Terraform's in tests/fixtures/terraform has {forgotten:?}");
    assert!(ours.is_subset(&kinds) && ours.is_disjoint(&met), "what is ours alone is a kind of ours alone");
    // What is an argument here is one of a kind, and not a kind itself.
    for part in registry.kinds().flat_map(|kind| kind.parts()) {
        assert!(!kinds.contains(part), "{part} is an argument, and a kind");
    }
}

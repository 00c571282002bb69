//! What kinds say that they need is there in AWS's Service Authorization Reference, and is about what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provision_aws::state::StateLocation;
use provision_aws::{Aws, registry};
use provision_engine::kind::ResourceKind;
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::value::{Map, Value};
use regex::Regex;
use serde::Deserialize;

/// The reference, as far as kinds need it.
#[derive(Deserialize)]
struct Reference {
    /// ARNs by service and type.
    resources: BTreeMap<String, BTreeMap<String, Form>>,
    actions: BTreeMap<String, Action>,
}

#[derive(Deserialize)]
struct Action {
    /// The types of resources that it can be limited to.
    resources: Vec<String>,
    /// Whether it is about one of them in any case.
    required: bool,
}

/// An ARN whose changing parts are `${…}`.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Form(Regex);

impl From<String> for Form {
    fn from(form: String) -> Self {
        let mut pattern = regex::escape(&form);
        // What only the place tells is left to it by kinds, too.
        for part in Regex::new(r"\\\$\\\{(\w+)\\\}").unwrap().captures_iter(&pattern.clone()) {
            if !["Partition", "Region", "Account"].contains(&&part[1]) {
                pattern = pattern.replacen(&part[0], ".+", 1);
            }
        }
        Self(Regex::new(&format!("^{pattern}$")).unwrap())
    }
}

impl Reference {
    fn read() -> Self {
        serde_json::from_str(include_str!("../fixtures/service_authorization/actions.json")).unwrap()
    }

    /// What is wrong with a permission.
    fn objection(&self, permission: &Permission) -> Option<String> {
        let Permission { action, resource, .. } = permission;
        let Some(known) = self.actions.get(action) else { return Some("there is no such action".to_owned()) };
        let is_special = match action.as_str() {
            // Of composite alarms nothing is told but to who may see all: says the reference of the API.
            "cloudwatch:DescribeAlarms" => resource == "*",
            // Behind an alias that is not there, there is no key.
            "kms:DescribeKey" => resource.contains(":alias/"),
            _ => false,
        };
        if is_special {
            return None;
        }
        if resource == "*" {
            return known.required.then(|| format!("it can be limited to {:?}", known.resources));
        }
        let service = action.split(':').next().unwrap();
        let fits = |kind: &String| self.resources[service][kind].0.is_match(resource);
        let expected = &known.resources;
        (!known.resources.iter().any(fits))
            .then(|| format!("it is about {expected:?}, and not about {resource}"))
    }
}

/// Attributes of which all, none, or all but what is not known are given.
fn variants(kind: &dyn ResourceKind) -> Vec<Value> {
    let all = |value: &Value| {
        let names = kind.schema().attributes.keys();
        Value::Map(names.map(|name| (name.clone(), value.clone())).collect::<Map>())
    };
    let table = Value::Map(Map::from([("key".to_owned(), Value::from("value"))]));
    vec![
        all(&Value::Unknown),
        all(&Value::Null),
        all(&Value::from(true)),
        all(&Value::from(false)),
        all(&table),
        all(&Value::List(vec![Value::Unknown])),
    ]
}

#[test]
fn kinds_need_what_the_reference_knows() {
    let reference = Reference::read();
    let registry = registry(&Arc::new(Aws::new()));
    let mut objections = BTreeSet::new();
    let mut note = |kind: &str, permissions: Vec<Permission>| {
        for permission in permissions {
            if let Some(objection) = reference.objection(&permission) {
                objections.insert(format!("{kind}: {}: {objection}", permission.action));
            }
        }
    };
    for kind in registry.kinds() {
        let variants = variants(kind);
        let changed: BTreeSet<String> = kind.schema().attributes.keys().cloned().collect();
        for attributes in &variants {
            for prior in &variants {
                for act in [Act::Read, Act::Find, Act::Create, Act::Update, Act::Delete] {
                    let of =
                        Undertaking { prior, changed: &changed, ..Undertaking::of(act, None, attributes) };
                    note(kind.name(), kind.permissions(of));
                }
            }
        }
    }
    for kind in registry.data_sources() {
        for configuration in [Value::Unknown, Value::Null] {
            note(kind.name(), kind.permissions(&configuration));
        }
    }
    let location = StateLocation {
        bucket: "states".to_owned(),
        kms_key_id: Some("key".to_owned()),
        lock_table: Some("locks".to_owned()),
        ..StateLocation::default()
    };
    note("[state]", provision_aws::state::permissions(&location, "a.json", false));
    assert!(objections.is_empty(), "{objections:#?}");
}

#[test]
fn every_act_on_every_kind_needs_something() {
    let registry = registry(&Arc::new(Aws::new()));
    // It waits, and changes nothing.
    let passive = |kind: &dyn ResourceKind| kind.name() == "aws_acm_certificate_validation";
    for kind in registry.kinds() {
        let given = &variants(kind)[0];
        for act in [Act::Read, Act::Find, Act::Create, Act::Delete] {
            let needed = kind.permissions(Undertaking::of(act, None, given));
            let is_idle = act == Act::Delete && passive(kind);
            assert!(!needed.is_empty() || is_idle, "{} needs nothing to {act:?}", kind.name());
        }
    }
}

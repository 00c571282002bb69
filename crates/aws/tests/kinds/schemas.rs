//! What the schemas of all kinds have in common.

use std::sync::Arc;

use provision_aws::{Aws, registry};
use provision_engine::schema::{Attribute, Schema, Type};

fn patterns(schema: &Schema, found: &mut Vec<(String, bool)>) {
    for attribute in schema.attributes.values() {
        patterns_of(attribute, found);
    }
}

fn patterns_of(attribute: &Attribute, found: &mut Vec<(String, bool)>) {
    found.extend(
        attribute.constraints.pattern.iter().map(|pattern| (pattern.source.clone(), pattern.is_valid())),
    );
    match &attribute.r#type {
        Type::Object(schema) => patterns(schema, found),
        Type::List(element) | Type::Set(element) | Type::Map(element) => patterns_of(element, found),
        _ => {}
    }
}

#[test]
fn every_pattern_is_a_regular_expression() {
    let registry = registry(&Arc::new(Aws::new()));
    let mut found = Vec::new();
    registry.kinds().for_each(|kind| patterns(kind.schema(), &mut found));
    registry.data_sources().for_each(|kind| patterns(kind.schema(), &mut found));
    assert!(found.len() > 100, "there are patterns");
    let invalid: Vec<_> = found.iter().filter(|(_, is_valid)| !is_valid).collect();
    assert!(invalid.is_empty(), "{invalid:?}");
}

//! Resources, data sources and uses of modules, as JSON Schema: what each takes beside its own arguments.

use serde_json::{Value as Json, json};

use super::table::{closed, described, members, named, one_or_several, text};
use crate::schema::json::{EXPRESSION, or_expression, refer, with};

/// The use of a module. Which variables that has is known only from its own file.
pub(super) fn call() -> Json {
    let call = json!({
        "type": "object",
        "properties": members(vec![
            ("source", text("The module's directory, relative to this file.")),
            ("for_each", refer("for_each")),
            ("depends_on", refer("depends_on")),
            ("lifecycle", described("How often there is one.", closed(vec![("enabled", enabled())]))),
        ]),
    });
    with(call, "required", json!(["source"]))
}

/// All resources of a kind, by name.
pub(super) fn resource(arguments: Json) -> Json {
    block(arguments, refer("lifecycle"))
}

/// All data sources of a kind, by name.
pub(super) fn data_source(arguments: Json) -> Json {
    block(arguments, refer("lifecycle_of_data"))
}

/// What the blocks of all kinds have in common.
pub(super) fn definitions() -> Vec<(&'static str, Json)> {
    vec![
        ("for_each", for_each()),
        ("depends_on", depends_on()),
        ("region", text("The region that it is in, if not the environment's.")),
        ("lifecycle", lifecycle()),
        ("lifecycle_of_data", lifecycle_of_data()),
    ]
}

fn lifecycle() -> Json {
    let addresses = |description: &str| with(depends_on(), "description", json!(description));
    let ignored = json!({
        "description": "The arguments whose differences are left alone, such as `tags` or `versioning.enabled`, or \
            \"all\" of them.",
        "type": ["array", "string"],
        "pattern": format!("^all$|{EXPRESSION}"),
        "items": { "type": "string" },
    });
    let lifecycle = closed(vec![
        ("enabled", enabled()),
        (
            "prevent_destroy",
            described("Whether a plan that would destroy it is an error.", or_expression("boolean")),
        ),
        (
            "create_before_destroy",
            described(
                "Whether a replacement is made before what it replaces is deleted.",
                or_expression("boolean"),
            ),
        ),
        ("ignore_changes", ignored),
        ("replace_triggered_by", addresses("Addresses of what it is replaced together with.")),
        ("precondition", conditions("What must be true before anything is done to it.")),
        (
            "postcondition",
            conditions("What must be true of it once that is done: `self` is what it is then."),
        ),
    ]);
    described("How often there is one, and how it may change.", lifecycle)
}

fn lifecycle_of_data() -> Json {
    let lifecycle = closed(vec![
        ("enabled", enabled()),
        ("precondition", conditions("What must be true before it is read.")),
        ("postcondition", conditions("What must be true of what was read: `self`.")),
    ]);
    described("Whether it is read, and what must be true of it.", lifecycle)
}

/// `lifecycle.enabled`.
pub(super) fn enabled() -> Json {
    let enabled = described("Whether there is one at all.", or_expression("boolean"));
    with(enabled, "default", json!(true))
}

/// All blocks of a kind: its arguments, and those that every block takes.
fn block(mut arguments: Json, lifecycle: Json) -> Json {
    let description = arguments.get("description").cloned().unwrap_or_default();
    let own = [
        ("for_each", refer("for_each")),
        ("depends_on", refer("depends_on")),
        ("region", refer("region")),
        ("lifecycle", lifecycle),
    ];
    for (name, schema) in own {
        arguments["properties"][name] = schema;
    }
    with(named(arguments), "description", description)
}

fn for_each() -> Json {
    json!({
        "description": "One for each element of a map, a set or a list of strings: `each.key`, `each.value`.",
        "type": ["object", "array", "string"],
        "pattern": EXPRESSION,
    })
}

fn depends_on() -> Json {
    json!({
        "description": "Addresses of what comes before it although it names nothing of it.",
        "type": "array",
        "items": { "type": "string", "not": refer("expression") },
    })
}

/// Conditions with the message that is said where one does not hold: one, or several.
pub(super) fn conditions(description: &str) -> Json {
    let condition = closed(vec![
        ("condition", described("What must be true.", or_expression("boolean"))),
        ("error_message", text("What to say if it is not.")),
    ]);
    described(description, one_or_several(with(condition, "required", json!(["condition", "error_message"]))))
}

//! The language as JSON Schema, for editors: what environment files and modules can say.
//!
//! It is draft-07, which the editors of TOML know. What the language reads before anything is evaluated is plain;
//! everything else can be an expression.

use serde_json::{Value as Json, json};

use crate::checklist::ProbeKind;
use crate::kind::Registry;
use crate::schema::json::{self, refer, with};

mod block;
mod table;

use block::{call, conditions, data_source, enabled, resource};
use table::{closed, described, flag, members, named, one_of, one_or_several, tables, text};

/// What an environment file can say.
pub fn environment(registry: &Registry) -> Json {
    let mut sections = vec![("env", env()), ("state", state())];
    sections.extend(shared(registry));
    sections.push(("import", imports()));
    let file = file(
        "An environment of provision",
        "One environment: what it is called and where, and all that it has.",
        sections,
    );
    with(file, "required", json!(["env"]))
}

/// What the `module.toml` of a module can say.
pub fn module(registry: &Registry) -> Json {
    let mut sections = vec![("description", text("What the module is for."))];
    sections.extend(shared(registry));
    file("A module of provision", "A part that environments and other modules use.", sections)
}

fn file(title: &str, description: &str, sections: Vec<(&str, Json)>) -> Json {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "description": description,
        "type": "object",
        "properties": members(sections),
        "additionalProperties": refer("nothing_else"),
        "definitions": members(json::definitions().into_iter().chain(block::definitions()).collect()),
    })
}

/// What both kinds of files have.
fn shared(registry: &Registry) -> Vec<(&'static str, Json)> {
    let resources = registry.kinds().map(|kind| (kind.name(), resource(kind.schema().json_schema())));
    let data = registry.data_sources().map(|kind| (kind.name(), data_source(kind.schema().json_schema())));
    vec![
        ("variable", described("The inputs: `var.NAME`.", named(variable()))),
        ("locals", described("Named values: `local.NAME`.", named(json!({})))),
        ("module", described("The modules that this one uses: `module.NAME.OUTPUT`.", named(call()))),
        (
            "data",
            described(
                "What is managed elsewhere, and read: `data.KIND.NAME.ATTRIBUTE`.",
                closed(data.collect()),
            ),
        ),
        ("resource", described("What there is to be: `KIND.NAME.ATTRIBUTE`.", closed(resources.collect()))),
        ("output", described("What this gives to its user.", named(output()))),
        (
            "check",
            described(
                "What must be true once it has been applied: `provision verify` looks.",
                named(check()),
            ),
        ),
        ("moved", moved()),
        ("removed", removed()),
    ]
}

fn env() -> Json {
    let name = |what: &str| with(text(what), "pattern", json!("^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"));
    let account = text("The only AWS account that may be touched.");
    let env = closed(vec![
        ("name", name("The environment, such as dev. It becomes part of names.")),
        ("project", name("What this is an environment of. It becomes part of names.")),
        (
            "region",
            with(
                text("The AWS region, for all that says no other."),
                "pattern",
                json!(r"^[a-z]+(-[a-z]+)+-\d+$"),
            ),
        ),
        ("account_id", with(account, "pattern", json!(r"^\d{12}$"))),
        ("protect", flag("Whether a delete or a replacement needs --allow-destroy.", false)),
        (
            "tags",
            json!({
                "description": "Tags of every resource that bears tags. Its own come first.",
                "type": "object",
                "additionalProperties": { "type": "string" },
            }),
        ),
    ]);
    described("The environment.", with(env, "required", json!(["name", "project", "region"])))
}

fn state() -> Json {
    let lease = json!({
        "description": "Seconds for which the lock outlives a holder that has stopped renewing it.",
        "type": "integer",
        "minimum": 1,
        "maximum": 3600,
        "default": 60,
    });
    let mut state = closed(vec![
        ("backend", one_of("Where the state is kept.", &["local", "s3"])),
        ("path", text("The file, for the backend `local`.")),
        ("bucket", text("The bucket, for the backend `s3`. `provision bootstrap` makes it.")),
        ("key", text("The object in the bucket. Without it: `PROJECT/ENV.json`.")),
        ("region", text("The region of the bucket and of the lock table, if not the environment's.")),
        ("kms_key_id", text("The KMS key that the state is encrypted with: ARN, id or alias.")),
        ("role_arn", text("The role to assume for the state, and for nothing else.")),
        ("lock", one_of("Where the lock is.", &["s3", "dynamodb"])),
        ("lock_table", text("The DynamoDB table of the lock, for the lock `dynamodb`.")),
        ("lock_lease", lease),
    ]);
    state["allOf"] = json!([needs("backend", "s3", "bucket"), needs("lock", "dynamodb", "lock_table"),]);
    described("Where the state is kept. Without it: `state/PROJECT-ENV.json`.", state)
}

/// That a value of one key asks for another key.
fn needs(key: &str, value: &str, needed: &str) -> Json {
    let mut is_said = json!({ "required": [key], "properties": {} });
    is_said["properties"][key] = json!({ "const": value });
    json!({ "if": is_said, "then": { "required": [needed] } })
}

fn variable() -> Json {
    let types = ["string", "number", "bool", "any", "list(string)", "set(string)", "map(string)"];
    let r#type = json!({
        "description": "What it can be: `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, or \
            `object({ name = type, other = optional(type, default) })`.",
        "type": "string",
        "anyOf": [{ "enum": types }, { "pattern": r"^\s*(list|set|map|object)\s*\(" }],
        "default": "any",
    });
    closed(vec![
        ("description", text("What it is for.")),
        ("type", r#type),
        (
            "default",
            json!({ "description": "What it is where nothing is given. Without one, a value must be given." }),
        ),
        ("sensitive", flag("Whether its value is a secret.", false)),
        ("validation", conditions("What must hold of it.")),
    ])
}

fn output() -> Json {
    let output = closed(vec![
        ("description", text("What it is.")),
        ("value", json!({ "description": "Its value." })),
        ("sensitive", flag("Whether its value is a secret, which is never shown.", false)),
    ]);
    with(output, "required", json!(["value"]))
}

fn check() -> Json {
    let probes = ProbeKind::ALL.map(|kind| (kind.name(), one_or_several(kind.schema().json_schema())));
    let skip =
        json!({ "description": "The reason for which it is not run; null where it is.", "type": "string" });
    let mut check = closed(
        [
            ("description", text("Its line in the checklist.")),
            (
                "severity",
                with(
                    one_of("What it means that it does not hold.", &["error", "warning"]),
                    "default",
                    json!("error"),
                ),
            ),
            ("lifecycle", described("Whether there is one.", closed(vec![("enabled", enabled())]))),
            ("skip", skip),
            (
                "no_changes",
                flag("Whether it is that an apply would change nothing in the whole environment.", false),
            ),
            ("assert", conditions("What must be true of what there is.")),
        ]
        .into_iter()
        .chain(probes)
        .collect(),
    );
    let blocks = ["no_changes", "assert"].into_iter().chain(ProbeKind::ALL.map(ProbeKind::name));
    check["anyOf"] = blocks.map(|block| json!({ "required": [block] })).collect();
    with(check, "required", json!(["description"]))
}

fn moved() -> Json {
    let moved = closed(vec![
        ("from", text("The address that it had.")),
        ("to", text("The address that it has now.")),
    ]);
    tables(
        "What has another address now: nothing is destroyed for that.",
        with(moved, "required", json!(["from", "to"])),
    )
}

fn removed() -> Json {
    let destroy = with(flag("Whether it is destroyed, rather than forgotten.", true), "default", json!(true));
    let removed = closed(vec![
        ("from", text("The address of what is configured no more.")),
        ("lifecycle", described("What becomes of it.", closed(vec![("destroy", destroy)]))),
    ]);
    tables("What is configured no more, and what becomes of it.", with(removed, "required", json!(["from"])))
}

fn imports() -> Json {
    let import = closed(vec![
        ("to", text("The address of the resource that it becomes.")),
        ("id", text("What AWS knows it by.")),
        ("for_each", refer("for_each")),
    ]);
    tables("What exists already, and is taken over.", with(import, "required", json!(["to", "id"])))
}

#[cfg(test)]
mod tests;

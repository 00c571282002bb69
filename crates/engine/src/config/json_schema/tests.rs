#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value as Json;

use super::{environment, module};
use crate::config::Configuration;
use crate::kind::Registry;
use crate::source::Diagnostics;

/// What an environment file is told of keys that the language does not know.
fn unknown_keys(text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("environment.toml");
    std::fs::write(&path, text).unwrap();
    let mut diagnostics = Diagnostics::default();
    Configuration::load(&path, &Registry::new(), &mut diagnostics);
    let messages = diagnostics.0.into_iter().map(|diagnostic| diagnostic.message);
    messages.filter(|message| message.starts_with("unknown key")).collect()
}

/// A table with all that a schema has.
fn table(header: &str, schema: &Json) -> String {
    let keys = schema["properties"].as_object().unwrap().keys();
    let lines: String = keys.map(|key| format!("{key} = \"\"\n")).collect();
    format!("{header}\n{lines}\n")
}

#[test]
fn the_language_knows_what_the_schema_offers() {
    let schema = environment(&Registry::new());
    let sections = &schema["properties"];
    let of = |section: &str| &sections[section]["additionalProperties"];
    let mut text = table("[env]", &sections["env"]);
    text.push_str(&table("[variable.x]", of("variable")));
    text.push_str(&table("[output.x]", of("output")));
    text.push_str(&table("[check.x]", of("check")));
    text.push_str(&table("[resource.a_kind.x.lifecycle]", &schema["definitions"]["lifecycle"]));
    text.push_str(&table("[data.a_kind.x.lifecycle]", &schema["definitions"]["lifecycle_of_data"]));
    text.push_str(&table("[variable.y.validation]", &of("variable")["properties"]["validation"]));
    let lifecycle = &schema["definitions"]["lifecycle"]["properties"];
    text.push_str(&table("[resource.a_kind.y.lifecycle.precondition]", &lifecycle["precondition"]));
    for section in ["moved", "removed", "import"] {
        text.push_str(&table(&format!("[[{section}]]"), &sections[section]["items"]));
    }
    assert_eq!(unknown_keys(&text), Vec::<String>::new());
    // Where the state is kept decides what is said of it.
    let state = table("[state]", &sections["state"]).replace("backend = \"\"", "backend = \"s3\"");
    assert_eq!(unknown_keys(&format!("[env]\n{state}")), ["unknown key `path`"]);
    assert_eq!(unknown_keys("[env]\n[state]\npath = \"x\""), Vec::<String>::new());
}

#[test]
fn the_sections_are_those_of_the_language() {
    for section in environment(&Registry::new())["properties"].as_object().unwrap().keys() {
        assert_eq!(unknown_keys(&format!("{section} = {{}}\n")), Vec::<String>::new(), "{section}");
    }
    let environment = environment(&Registry::new());
    let module = module(&Registry::new());
    let sections =
        |schema: &Json| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let only = |these: &Json, others: &Json| -> Vec<String> {
        sections(these).into_iter().filter(|section| !sections(others).contains(section)).collect()
    };
    assert_eq!(only(&environment, &module), ["env", "state", "import"]);
    assert_eq!(only(&module, &environment), ["description"]);
}

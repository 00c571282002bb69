//! Where bytes come in from outside: environment files with their modules, expressions, states and plan files. Each of
//! these takes any bytes at all, and has to come back. What it says of them is checked only as far as that can be done
//! whatever they are.
//!
//! The fuzz targets in `fuzz/` call the same functions.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use provision_engine::config::Configuration;
use provision_engine::event::Clock;
use provision_engine::expression::Expression;
use provision_engine::expression::evaluate::{Access, Failure, Names, evaluate};
use provision_engine::function::{self, Files};
use provision_engine::kind::Registry;
use provision_engine::plan::{Aim, Inputs, Outcome, PlanDocument, plan, with_unknown};
use provision_engine::refresh::Observation;
use provision_engine::source::{Diagnostics, Place, SourceFile};
use provision_engine::state::{Errored, State, StateFile};
use provision_engine::value::{Map, Value};
use serde::Deserialize;
use serde_json::json;

/// Begins another file in the bytes of a configuration: a line of this and the name of a module.
const MODULE: &str = "#=== ";

/// What stands between a state and its journal.
const JOURNAL: &str = "\n#=== journal\n";

/// Validates an environment file and what modules come with it, in that directory, as `validate` does. What is wrong
/// must be somewhere.
pub(crate) fn env_file(bytes: &[u8], registry: &Registry, directory: &Path) {
    // Nothing is left of what was validated before.
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            std::fs::remove_dir_all(entry.path()).expect("a directory can be removed");
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split(MODULE);
    let first = parts.next().unwrap_or_default();
    if parts.clone().next().is_none() {
        // Without modules the bytes are as they came: they may be no text.
        write(&directory.join("env.toml"), bytes);
    } else {
        write(&directory.join("env.toml"), first.as_bytes());
    }
    for part in parts {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        if !name.is_empty() && name.len() < 20 && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            write(&directory.join(name).join("module.toml"), text.as_bytes());
        }
    }
    let mut diagnostics = Diagnostics::default();
    let configuration = Configuration::load(&directory.join("env.toml"), registry, &mut diagnostics);
    if let Some(configuration) = &configuration {
        let state = State::new(&configuration.environment, "lineage".to_owned(), &[7; 32]);
        let (observation, aim) = (Observation::default(), Aim::default());
        if let Some(more) = planned(configuration, registry, &state, &observation, &aim) {
            diagnostics.0.extend(more.0);
        }
    }
    assert!(configuration.is_some() || !diagnostics.0.is_empty(), "what is refused is told why");
    for diagnostic in &diagnostics.0 {
        assert!(!diagnostic.message.is_empty());
        diagnostic.place.iter().for_each(check_place);
    }
    let _ = diagnostics.to_string();
}

/// Parses an expression, and evaluates it among values of all sorts.
pub(crate) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let written = toml::Value::String(text.to_owned()).to_string();
    let file = Arc::new(SourceFile { path: "env.toml".into(), text: written });
    let whole = Place { start: 0, end: file.text.len(), file };
    let said = match Expression::parse(text, &whole) {
        Ok(None) => return,
        Ok(Some(expression)) => {
            expression.references.iter().for_each(|reference| check_place(&reference.place));
            evaluate(&expression, &Scope::default()).err()
        }
        Err(diagnostic) => Some(diagnostic),
    };
    said.iter().flat_map(|diagnostic| &diagnostic.place).for_each(check_place);
}

/// Reads a state with its journal, in that directory, as every command does. What can be read is what is written.
pub(crate) fn state(bytes: &[u8], directory: &Path) {
    let text = String::from_utf8_lossy(bytes);
    let (document, journal) = match text.split_once(JOURNAL) {
        Some((document, journal)) => (document.as_bytes(), Some(journal)),
        None => (bytes, None),
    };
    let path = directory.join("state.json");
    write(&path, document);
    let beside = |suffix: &str| directory.join(format!("state.json{suffix}"));
    match journal {
        Some(journal) => write(&beside(".journal"), journal.as_bytes()),
        None => drop(std::fs::remove_file(beside(".journal"))),
    }
    write(&beside(".log"), document);
    let file = StateFile::local(path, Arc::new(NoTime));
    let _ = block_on(file.history());
    if let Ok(Some(mut state)) = block_on(file.read()) {
        check_state(&state);
        let mut before = state.clone();
        before.serial = 0;
        let _ = Errored { errored: String::new(), state: before }.reconcile(&mut state);
    }
    if let Ok(mut state) = State::parse("state.json", document) {
        for address in state.resources.keys().cloned().collect::<Vec<_>>() {
            let _ =
                (address.is_data(), address.block_name(), address.names_module(), address.names_resource());
            let _ = state.rename(address.as_str(), "module.a[\"b\"].kind.other");
            state.forget(address.block());
        }
        check_state(&state);
    }
    let _ = Errored::parse(document);
}

/// Reads a plan file: the document that it shows, and what it was made from, of which a plan is made again. Gives what
/// is to be drawn.
pub(crate) fn plan_file(bytes: &[u8], registry: &Registry, directory: &Path) -> Option<PlanDocument> {
    #[derive(Deserialize)]
    struct Made {
        #[serde(default)]
        aim: Aim,
        #[serde(default)]
        observation: Observation,
        #[serde(default)]
        variables: BTreeMap<String, Value>,
    }
    if let Ok(made) = serde_json::from_slice::<Made>(bytes) {
        let path = directory.join("planned.toml");
        if !path.exists() {
            write(&path, PLANNED.as_bytes());
        }
        let configuration = Configuration::load(&path, registry, &mut Diagnostics::default());
        let configuration = configuration.expect("a configuration that is right");
        let state = planned_state(&configuration);
        let inputs = Inputs {
            configuration: &configuration,
            registry,
            variables: &made.variables,
            state: &state,
            observation: &made.observation,
            aim: &made.aim,
            offline: false,
        };
        if let Ok(Outcome::Planned(plan, _)) = plan(&inputs) {
            let _ = serde_json::to_string(&PlanDocument::new(&plan, &inputs)).expect("a plan can be written");
        }
    }
    let document: PlanDocument = serde_json::from_slice(bytes).ok()?;
    let written = serde_json::to_string(&document).expect("what was read can be written");
    let again: PlanDocument = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).ok(), Some(written));
    for change in document.effective() {
        let _ = with_unknown(&change.after, &change.after_unknown);
    }
    let _ = document.expected_outputs();
    Some(document)
}

/// What plan files are made of again.
const PLANNED: &str = r#"[env]
name = "dev"
project = "story"
region = "us-east-1"

[variable.size]
type = "number"
default = 1

[resource.terraform_data.a]
input = { size = "${var.size}", list = ["x", "y"] }

[resource.terraform_data.b]
for_each = ["one", "two"]
input = "${terraform_data.a.output.size} ${each.key}"
lifecycle = { replace_triggered_by = ["terraform_data.a"] }

[resource.terraform_data.c]
triggers_replace = "${terraform_data.b[\"one\"].output}"

[output.b]
value = "${terraform_data.b[\"two\"].output}"
"#;

fn planned_state(configuration: &Configuration) -> State {
    let mut state = State::new(&configuration.environment, "lineage".to_owned(), &[7; 32]);
    let resource =
        json!({ "kind": "terraform_data", "id": "1", "attributes": { "input": "x", "output": "x" } });
    for address in ["terraform_data.a", "terraform_data.b[\"two\"]", "terraform_data.gone"] {
        let resource = serde_json::from_value(resource.clone()).expect("a resource");
        state.resources.insert(address.into(), resource);
    }
    state
}

fn planned(
    configuration: &Configuration,
    registry: &Registry,
    state: &State,
    observation: &Observation,
    aim: &Aim,
) -> Option<Diagnostics> {
    let variables = BTreeMap::new();
    let inputs =
        Inputs { configuration, registry, variables: &variables, state, observation, aim, offline: true };
    match plan(&inputs) {
        Ok(Outcome::Planned(plan, _)) => {
            let _ = serde_json::to_string(&PlanDocument::new(&plan, &inputs)).expect("a plan can be written");
            None
        }
        Ok(Outcome::Needs(_)) => None,
        Err(diagnostics) => Some(diagnostics),
    }
}

fn check_state(state: &State) {
    let document = state.to_document().expect("a state can be written");
    let again = State::parse("again", &document).expect("what was written can be read");
    assert_eq!(again.to_document().ok(), Some(document), "and is the same");
}

fn check_place(place: &Place) {
    let text = &place.file.text;
    assert!(place.start <= place.end && place.end <= text.len().max(1), "{place:?} is in its file");
    let _ = (place.line_and_column(), place.text());
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory can be made");
    std::fs::write(path, bytes).expect("a file can be written");
}

/// Values of all sorts, and all functions; no files.
#[derive(Default)]
struct Scope {
    sensitive: Cell<bool>,
}

impl Names for Scope {
    fn resolve(&self, root: &str, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        let value = match root {
            "text" => Value::from("abc"),
            "number" => Value::from(5),
            "yes" => Value::from(true),
            "nothing" => Value::Null,
            "list" => Value::from_json(json!(["a", "b", "c"])),
            "numbers" => Value::from_json(json!([1, 2.5, -3, 1e300])),
            "map" => Value::from_json(json!({ "x": 1, "y z": [2] })),
            "objects" => {
                Value::from_json(json!([{ "name": "n1", "tags": ["t"] }, { "name": "n2", "tags": [] }]))
            }
            "partly" => Value::List(vec!["a".into(), Value::Unknown]),
            "unknown" => return Ok((Value::Unknown, accesses.len())),
            "secret" => {
                self.sensitive.set(true);
                Value::from("secret")
            }
            _ => return Err(Failure::new("there is no such name")),
        };
        Ok((value, 0))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let function = function::function(name).ok_or("there is no such function")?;
        function.call(arguments, &NoFiles(self))
    }

    fn is_sensitive(&self) -> bool {
        self.sensitive.get()
    }

    fn mark_sensitive(&self, sensitive: bool) {
        self.sensitive.set(sensitive);
    }
}

/// No files, and templates that are text.
struct NoFiles<'a>(&'a Scope);

impl Files for NoFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(path.as_bytes().to_vec())
    }

    fn exists(&self, path: &str) -> bool {
        path.len().is_multiple_of(2)
    }

    fn list(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(vec!["a.txt".to_owned(), "b/c.txt".to_owned()])
    }

    fn template(&self, source: &str, variables: &Map) -> Result<Value, String> {
        provision_engine::expression::evaluate::render(source, variables, self.0)
    }

    fn environment_variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// It is always a certain moment.
struct NoTime;

impl Clock for NoTime {
    fn now(&self) -> i64 {
        1_700_000_000
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Files, function, functions, names};
use crate::value::{Map, Value, Withheld};

mod collections;
mod dates;
mod files;
mod formats;
mod numbers;
mod properties;
mod texts;

/// Files and variables that are nowhere but here. Templates insert `${name}`.
#[derive(Default)]
struct Memory {
    files: BTreeMap<&'static str, &'static [u8]>,
    variables: BTreeMap<&'static str, &'static str>,
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(path).map(|bytes| bytes.to_vec()).ok_or_else(|| format!("{path}: no such file"))
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        let paths: Vec<String> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(directory)?.strip_prefix('/'))
            .map(str::to_owned)
            .collect();
        if paths.is_empty() { Err(format!("{directory}: no such directory")) } else { Ok(paths) }
    }

    fn template(&self, source: &str, variables: &Map) -> Result<Value, String> {
        let mut text = source.to_owned();
        for (name, value) in variables {
            text = text.replace(&format!("${{{name}}}"), value.as_str().ok_or("not a string")?);
        }
        Ok(Value::from(text))
    }

    fn environment_variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }
}

/// JSON as a value, in which the strings `<unknown>` and `<withheld>` stand for these.
fn value(json: Json) -> Value {
    match json {
        Json::String(text) if text == "<unknown>" => Value::Unknown,
        Json::String(text) if text == "<withheld>" => {
            Value::from(Withheld { digest: None, source: Some("tls_private_key.it".to_owned()) })
        }
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(object) => {
            Value::Map(object.into_iter().map(|(key, item)| (key, value(item))).collect())
        }
        other => Value::from_json(other),
    }
}

/// The other way around.
fn shown(value: &Value) -> Json {
    match value {
        Value::Unknown => json!("<unknown>"),
        Value::Withheld(_) => json!("<withheld>"),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(map) => Json::Object(map.iter().map(|(key, item)| (key.clone(), shown(item))).collect()),
        other => other.to_json(),
    }
}

fn call_with(files: &Memory, name: &str, arguments: Json) -> Result<Value, String> {
    let Value::List(arguments) = value(arguments) else { panic!("arguments are a list") };
    function(name).expect("there is such a function").call(&arguments, files)
}

fn call(name: &str, arguments: Json) -> Result<Value, String> {
    call_with(&Memory::default(), name, arguments)
}

/// Checks calls against their results; an expected result that is an object `{"error": …}` is a part of a message.
#[track_caller]
fn check(cases: Json) {
    check_with(&Memory::default(), cases);
}

#[track_caller]
fn check_with(files: &Memory, cases: Json) {
    for case in cases.as_array().expect("cases") {
        let (name, arguments, expected) = (case[0].as_str().expect("a name"), &case[1], &case[2]);
        let result = call_with(files, name, arguments.clone());
        match (expected.get("error").and_then(Json::as_str), result) {
            (Some(part), Err(message)) => {
                assert!(message.contains(part), "{name}{arguments}: {message}, not {part}");
            }
            (None, Ok(result)) => assert_eq!(&shown(&result), expected, "{name}{arguments}"),
            (_, Ok(result)) => panic!("{name}{arguments} is {}, not {expected}", shown(&result)),
            (_, Err(message)) => panic!("{name}{arguments} fails with {message}, not {expected}"),
        }
    }
}

#[test]
fn all_of_terraform_s_functions_that_are_promised_are_there() {
    for name in "abs ceil floor log max min parseint pow signum sum chomp endswith format formatlist indent join \
                 lower regex regexall replace split startswith strcontains strrev substr title trim trimprefix \
                 trimsuffix trimspace upper alltrue anytrue chunklist coalesce coalescelist compact concat contains \
                 distinct element flatten index keys length lookup matchkeys merge one range reverse \
                 setintersection setproduct setsubtract setunion slice sort transpose values zipmap base64decode \
                 base64encode csvdecode jsondecode jsonencode urlencode file fileexists fileset filebase64 \
                 templatefile basename dirname pathexpand formatdate timeadd timecmp base64sha256 base64sha512 \
                 filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512 md5 sha1 sha256 sha512 \
                 uuidv5 fingerprint export tobool tolist tomap tonumber toset tostring env_var"
        .split_whitespace()
    {
        assert!(function(name).is_some(), "{name}");
    }
    assert!(function("timestamp").is_none());
    assert!(names().is_sorted());
}

#[test]
fn every_function_documents_itself() {
    for function in functions() {
        let variadic = usize::from(function.variadic);
        assert_eq!(
            function.names.len(),
            function.parameters + function.optional + variadic,
            "{}",
            function.name
        );
        assert!(function.description.ends_with('.'), "{}", function.name);
    }
    let signature = |name| function(name).map(|function| function.signature()).unwrap_or_default();
    assert_eq!(signature("substr"), "substr(str, offset, length)");
    assert_eq!(signature("lookup"), "lookup(input_map, key[, default])");
    assert_eq!(signature("max"), "max(numbers...)");
    assert_eq!(signature("format"), "format(format, args...)");
}

#[test]
fn the_number_of_arguments_is_checked() {
    check(json!([
        ["upper", [], { "error": "upper(str) expects 1 argument, and `str` is missing" }],
        ["upper", ["a", "b"], { "error": "expects only 1 argument, not 2" }],
        ["lookup", [{}], { "error": "lookup(input_map, key[, default]) expects at least 2 arguments" }],
        ["lookup", [{}, "a", 1, 2], { "error": "expects only 3 arguments, not 4" }],
        ["setunion", [], { "error": "`first_set` is missing" }],
    ]));
}

#[test]
fn what_depends_on_the_unknown_is_unknown() {
    check(json!([
        ["upper", ["<unknown>"], "<unknown>"],
        ["join", [",", ["a", "<unknown>"]], "<unknown>"],
        ["jsonencode", [{ "a": "<unknown>" }], "<unknown>"],
        ["jsonencode", [{ "a": ["<withheld>"] }], "<withheld>"],
        ["upper", ["<withheld>"], "<withheld>"],
        ["format", ["%s%s", "<withheld>", "<unknown>"], "<unknown>"],
        ["keys", ["<withheld>"], "<withheld>"],
    ]));
    let withheld = call("upper", json!(["<withheld>"])).expect("no error");
    let secret = Withheld { digest: None, source: Some("tls_private_key.it".to_owned()) };
    assert!(withheld == Value::from(secret));
}

#[test]
fn a_partial_function_keeps_what_is_known() {
    check(json!([
        ["keys", [{ "a": "<unknown>" }], ["a"]],
        ["values", [{ "a": "<unknown>", "b": 1 }], ["<unknown>", 1]],
        ["length", [["<unknown>", "<withheld>"]], 2],
        ["merge", [{ "a": "<unknown>" }, { "b": 1 }], { "a": "<unknown>", "b": 1 }],
        ["concat", [["<unknown>"], [1]], ["<unknown>", 1]],
        ["element", [["<unknown>", 1], 1], 1],
        ["one", [["<unknown>"]], "<unknown>"],
        ["zipmap", [["a"], ["<withheld>"]], { "a": "<withheld>" }],
        ["zipmap", [["<unknown>"], [1]], "<unknown>"],
        ["zipmap", [["<withheld>"], [1]], "<withheld>"],
        ["lookup", [{ "a": 1 }, "a", "<unknown>"], 1],
        ["lookup", [{ "a": "<unknown>", "b": 1 }, "b"], 1],
        ["lookup", [{}, "a", "<unknown>"], "<unknown>"],
        ["lookup", ["<unknown>", "a", 1], "<unknown>"],
        ["lookup", [{}, "<withheld>", 1], "<withheld>"],
        ["coalesce", ["a", "<unknown>"], "a"],
        ["coalesce", ["", "<unknown>", "a"], "<unknown>"],
        ["coalesce", [null, "<withheld>"], "<withheld>"],
        ["coalescelist", [["a"], "<unknown>"], ["a"]],
        ["coalescelist", [[], "<unknown>"], "<unknown>"],
        ["contains", [["a", "<unknown>"], "a"], true],
        ["contains", [["a", "<unknown>"], "b"], "<unknown>"],
        ["contains", [["a", "<withheld>"], "b"], "<withheld>"],
        ["contains", [["a", "<withheld>", "<unknown>"], "b"], "<unknown>"],
        ["alltrue", [["<unknown>", false]], false],
        ["alltrue", [["<unknown>", true]], "<unknown>"],
        ["anytrue", [["<unknown>", true]], true],
        ["anytrue", [["<withheld>", false]], "<withheld>"],
        ["flatten", [[[{ "a": "<unknown>" }], [1]]], [{ "a": "<unknown>" }, 1]],
        ["flatten", [["<unknown>", [1]]], "<unknown>"],
        ["flatten", [["<withheld>", [1]]], "<withheld>"],
        ["formatlist", ["%s!", ["a", "<unknown>", "<withheld>"]], ["a!", "<unknown>", "<withheld>"]],
        ["tolist", [["a", "<unknown>"]], ["a", "<unknown>"]],
        ["tolist", [[1, "<unknown>"]], "<unknown>"],
        ["tolist", [[1, "<withheld>"]], "<withheld>"],
        ["tomap", [{ "a": 1, "b": "<unknown>" }], "<unknown>"],
        ["toset", [["a", "<unknown>"]], "<unknown>"],
        ["reverse", [["<unknown>", 1]], [1, "<unknown>"]],
        ["slice", [["<unknown>", 1], 1, 2], [1]],
        ["chunklist", [["<unknown>", 1], 1], [["<unknown>"], [1]]],
        ["setproduct", [["<unknown>"], [1]], [["<unknown>", 1]]],
    ]));
}

#[test]
fn no_message_quotes_an_argument() {
    for function in functions() {
        for count in function.parameters..=function.parameters + 2 {
            let paths = ["path", "name"].contains(&function.names.first().copied().unwrap_or_default());
            if paths || ["format", "formatlist", "formatdate"].contains(&function.name) {
                continue;
            }
            for secret in [json!("hunter2("), json!(["hunter2("]), json!({ "hunter2(": "hunter2(" })] {
                let arguments = Json::Array(vec![secret; count]);
                if let Err(message) = call(function.name, arguments) {
                    assert!(!message.contains("hunter2"), "{}: {message}", function.name);
                }
            }
        }
    }
}

use serde_json::json;

use super::*;

/// No files at all.
struct Nothing;

impl Files for Nothing {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path} cannot be read"))
    }

    fn exists(&self, _path: &str) -> bool {
        false
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        Err(format!("{directory} cannot be read"))
    }

    fn template(&self, _source: &str, _variables: &Map) -> Result<Value, String> {
        Err("there are no templates here".to_owned())
    }

    fn environment_variable(&self, _name: &str) -> Option<String> {
        None
    }
}

fn written(arguments: serde_json::Value, write: fn(&mut Block<'_>)) -> Written {
    let mut block = Block::new(&Value::from_json(arguments), &Nothing);
    write(&mut block);
    block.finish()
}

fn at(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.path.to_string()).collect()
}

#[test]
fn what_is_not_taken_is_an_error() {
    let arguments = json!({ "name": "n", "size": 0, "off": false, "list": [], "inner": { "deep": 1 } });
    let written = written(arguments, |block| {
        block.same(&["name"]);
        block.block("inner", "Inner", |_| {});
    });
    assert_eq!(Value::Map(written.properties).to_json(), json!({ "Name": "n" }));
    assert_eq!(at(&written.problems), ["inner.deep", "size"]);
}

#[test]
fn what_the_resource_works_without_is_noted() {
    let arguments = json!({ "inner": { "force": true, "skip": false }, "label": "l", "absent": null });
    let written = written(arguments, |block| {
        block.note("label", "no labels");
        block.note("absent", "nothing to note");
        block.block("inner", "Inner", |inner| {
            inner.note("force", "no force");
            inner.note("skip", "nothing to note");
        });
    });
    assert_eq!(written.problems, []);
    assert_eq!(at(&written.notes), ["label", "inner.force"]);
}

#[test]
fn what_goes_without_saying_is_not_said() {
    let arguments = json!({ "mode": "A", "size": 1, "one": { "a": "b" }, "none": { "a": "a" } });
    let written = written(arguments, |block| {
        block.unless("mode", "Mode", "A");
        block.unless("size", "Size", 2);
        block.element("one", "Rules.One", |rule| rule.unless("a", "A", "a"));
        block.element("none", "Rules.None", |rule| rule.unless("a", "A", "a"));
    });
    assert_eq!(written.problems, []);
    assert_eq!(
        Value::Map(written.properties).to_json(),
        json!({ "Size": 1, "Rules": { "One": [{ "A": "b" }] } })
    );
}

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Expression;
use super::evaluate::{Access, Failure, Names, evaluate};
use crate::source::{Place, SourceFile};
use crate::value::{Map, Value, Withheld};

/// Some names, and all functions that need no files.
#[derive(Default)]
struct Scope {
    sensitive: Cell<bool>,
}

impl Names for Scope {
    fn resolve(&self, root: &str, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        let known = json!({
            "text": "abc", "number": 5, "yes": true, "nothing": null, "empty": [],
            "list": ["a", "b"], "map": { "x": 1, "y z": 2 },
            "objects": [{ "name": "n1", "tags": ["t"] }, { "name": "n2", "tags": [] }],
        });
        match root {
            "unknown" => Ok((Value::Unknown, accesses.len())),
            "partly" => Ok((Value::List(vec!["a".into(), Value::Unknown]), 0)),
            "withheld" => Ok((Withheld::default().into(), accesses.len())),
            "secret" => {
                self.sensitive.set(true);
                Ok(("secret".into(), 0))
            }
            root => match known.get(root) {
                Some(value) => Ok((Value::from_json(value.clone()), 0)),
                None => Err(Failure::new(format!("there is nothing named `{root}`"))),
            },
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, String> {
        struct NoFiles;
        impl crate::function::Files for NoFiles {
            fn read(&self, _: &str) -> Result<Vec<u8>, String> {
                Err("no files".to_owned())
            }
            fn exists(&self, _: &str) -> bool {
                false
            }
            fn list(&self, _: &str) -> Result<Vec<String>, String> {
                Err("no files".to_owned())
            }
            fn template(&self, _: &str, _: &Map) -> Result<Value, String> {
                Err("no files".to_owned())
            }
            fn environment_variable(&self, _: &str) -> Option<String> {
                None
            }
        }
        let function =
            crate::function::function(function).ok_or_else(|| format!("no function `{function}`"))?;
        function.call(arguments, &NoFiles)
    }

    fn is_sensitive(&self) -> bool {
        self.sensitive.get()
    }

    fn mark_sensitive(&self, sensitive: bool) {
        self.sensitive.set(sensitive);
    }
}

fn parsed(text: &str) -> Expression {
    let source = format!("'''{text}'''");
    let end = source.len();
    let file = Arc::new(SourceFile { path: "a.toml".into(), text: source });
    Expression::parse(text, &Place { start: 0, end, file }).unwrap().unwrap()
}

/// The value of a string, with "(unknown)" and "(withheld)" for what is that.
fn value(text: &str) -> Json {
    match evaluate(&parsed(text), &Scope::default()) {
        Ok(value) => shown(&value),
        Err(diagnostic) => format!("{:?} {}", diagnostic.place.unwrap().text(), diagnostic.message).into(),
    }
}

fn shown(value: &Value) -> Json {
    match value {
        Value::Unknown => "(unknown)".into(),
        Value::Withheld(_) => "(withheld)".into(),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(map) => Json::Object(map.iter().map(|(key, item)| (key.clone(), shown(item))).collect()),
        plain => plain.to_json(),
    }
}

#[test]
fn a_whole_interpolation_keeps_its_type() {
    assert_eq!(value("${number}"), json!(5));
    assert_eq!(value("${list}"), json!(["a", "b"]));
    assert_eq!(value("${nothing}"), json!(null));
    assert_eq!(value("${number} "), json!("5 "));
    assert_eq!(value("$${number} %%{if} ${yes}"), json!("${number} %{if} true"));
}

#[test]
fn white_space_is_stripped_where_it_is_asked_for() {
    assert_eq!(value("a \n ${~ text ~} \n b"), json!("aabcb"));
    assert_eq!(value("a ${~ text} b"), json!("aabc b"));
    assert_eq!(value("a ${text ~} b"), json!("a abcb"));
    assert_eq!(value("%{ for x in list ~}\n  ${x}\n%{ endfor ~}\nend"), json!("a\nb\nend"));
    assert_eq!(value("%{ if yes ~}\n  then\n%{~ else ~}\n  else\n%{~ endif ~}\n end"), json!("thenend"));
    assert_eq!(value("%{ if !yes ~}\n  then\n%{~ else ~}\n  else\n%{~ endif ~}\n end"), json!("elseend"));
    assert_eq!(value("[%{~ if yes } x %{ endif ~} ]"), json!("[ x ]"));
    assert_eq!(value("%{ if yes } ${~ text ~} %{ endif }"), json!("abc"));
}

#[test]
fn directives_choose_and_repeat() {
    assert_eq!(value("%{ if yes }a%{ else }b%{ endif }"), json!("a"));
    assert_eq!(value("%{ if !yes }a%{ endif }"), json!(""));
    assert_eq!(value("%{ for i, x in list }${i}=${x};%{ endfor }"), json!("0=a;1=b;"));
    assert_eq!(value("%{ for k, v in map }${k}=${v};%{ endfor }"), json!("x=1;y z=2;"));
    assert_eq!(value("a%{ if unknown == 1 }b%{ endif }"), json!("(unknown)"));
    assert_eq!(value("%{ for x in unknown }b%{ endfor }"), json!("(unknown)"));
}

#[test]
fn comprehensions() {
    assert_eq!(value("${[for x in list : upper(x)]}"), json!(["A", "B"]));
    assert_eq!(value("${[for i, x in list : i if x != \"a\"]}"), json!([1]));
    assert_eq!(value("${{ for k, v in map : v => k }}"), json!({ "1": "x", "2": "y z" }));
    assert_eq!(value("${{ for o in objects : \"all\" => o.name... }}"), json!({ "all": ["n1", "n2"] }));
    assert_eq!(value("${[for x in unknown : x]}"), json!("(unknown)"));
    assert_eq!(value("${[for x in partly : x]}"), json!(["a", "(unknown)"]));
    assert_eq!(value("${[for x in partly : x if x != \"b\"]}"), json!("(unknown)"));
    assert_eq!(value("${{ for x in partly : x => 1 }}"), json!("(unknown)"));
    assert_eq!(
        value("${{ for o in objects : \"all\" => o.name }}"),
        json!("\"{ for o in objects : \\\"all\\\" => o.name }\" the key \"all\" comes twice")
    );
}

#[test]
fn traversals_and_splats() {
    assert_eq!(value("${objects[1].name}"), json!("n2"));
    assert_eq!(value("${map[\"y z\"]}"), json!(2));
    assert_eq!(value("${objects[*].name}"), json!(["n1", "n2"]));
    assert_eq!(value("${objects.*.name}"), json!(["n1", "n2"]));
    assert_eq!(value("${objects[*].tags[0]}"), json!("\"[0]\" there is no such element in a list of 0"));
    assert_eq!(value("${nothing[*].name}"), json!([]));
    assert_eq!(value("${map[*].x}"), json!([1]));
    assert_eq!(value("${unknown[*].name}"), json!("(unknown)"));
    assert_eq!(value("${withheld[*].name}"), json!("(withheld)"));
    assert_eq!(value("${list[unknown]}"), json!("(unknown)"));
    assert_eq!(value("${partly[0]}"), json!("a"));
}

#[test]
fn what_is_not_known_stays_so_but_where_it_makes_no_difference() {
    assert_eq!(value("${unknown.a.b[1]}"), json!("(unknown)"));
    assert_eq!(value("a ${unknown}"), json!("(unknown)"));
    assert_eq!(value("a ${withheld}"), json!("(withheld)"));
    assert_eq!(value("${unknown && false}"), json!(false));
    assert_eq!(value("${unknown || true}"), json!(true));
    assert_eq!(value("${unknown == 1}"), json!("(unknown)"));
    assert_eq!(value("${unknown == null}"), json!("(unknown)"));
    assert_eq!(value("${partly == null}"), json!(false), "a list is not null, whatever is in it");
    assert_eq!(value("${null != partly}"), json!(true));
    assert_eq!(value("${unknown ? 1 : 2}"), json!("(unknown)"));
    assert_eq!(value("${unknown ? 1 : 1}"), json!(1));
    assert_eq!(value("${[unknown, 1]}"), json!(["(unknown)", 1]));
    assert_eq!(value("${!unknown}"), json!("(unknown)"));
    assert_eq!(value("${-unknown}"), json!("(unknown)"));
}

#[test]
fn failures_can_be_caught() {
    assert_eq!(value("${try(map.z, \"none\")}"), json!("none"));
    assert_eq!(value("${try(map.x, \"none\")}"), json!(1));
    assert_eq!(value("${try(unknown.z, \"none\")}"), json!("(unknown)"));
    assert_eq!(value("${can(map.z)}"), json!(false));
    assert_eq!(value("${can(map.x)}"), json!(true));
    assert_eq!(value("${can(unknown)}"), json!("(unknown)"));
    assert_eq!(value("${try(map.z, list[9])}"), json!("\"[9]\" there is no such element in a list of 2"));
}

#[test]
fn operators() {
    assert_eq!(value("${1 + 2 * 3 - 4 / 8}"), json!(6.5));
    assert_eq!(value("${7 % 4}"), json!(3));
    assert_eq!(value("${-number}"), json!(-5));
    assert_eq!(value("${number > 4 && !(number >= 6)}"), json!(true));
    assert_eq!(value("${1.0 == 1}"), json!(true));
    assert_eq!(value("${\"1\" == 1}"), json!(false));
    assert_eq!(value("${9223372036854775807 + 1}"), json!(9.223372036854776e18));
    assert_eq!(value("${\"3\" + 4}"), json!(7));
}

#[test]
fn errors_point_at_the_part_that_is_wrong() {
    assert_eq!(value("a ${map.z} b"), json!("\".z\" there is no `z` in this"));
    assert_eq!(value("a ${list.name} b"), json!("\".name\" a list has no attribute `name`"));
    assert_eq!(value("${1 / 0}"), json!("\"1 / 0\" division by zero"));
    assert_eq!(value("${1 + text}"), json!("\"1 + text\" expected a number, found a string"));
    assert_eq!(value("${upper(1, 2)}").as_str().unwrap().split_once(' ').unwrap().0, "\"upper(1,");
    assert_eq!(
        value("${[for x in text : x]}"),
        json!("\"text\" `for` goes over a list or a map, not a string")
    );
    assert_eq!(value("a ${list}"), json!("\"${list}\" a list cannot be put into text"));
    assert_eq!(value("${text ? 1 : 2}"), json!("\"text\" expected a boolean, found a string"));
}

#[test]
fn what_is_no_secret_speaks_for_itself_alone() {
    let is_sensitive = |text: &str| {
        let scope = Scope::default();
        evaluate(&parsed(text), &scope).unwrap();
        scope.is_sensitive()
    };
    assert!(is_sensitive("${secret}"));
    assert!(is_sensitive("${sensitive(text)}"));
    assert!(!is_sensitive("${nonsensitive(secret)}"));
    assert!(is_sensitive("${secret}${nonsensitive(text)}"));
    assert!(is_sensitive("${[secret, nonsensitive(secret)]}"));
    assert!(!is_sensitive("${text}"));
}

mod references {
    use super::super::*;
    use crate::source::SourceFile;
    use std::sync::Arc;

    fn parsed(source: &str, text: &str) -> Expression {
        let file = Arc::new(SourceFile { path: "a.toml".into(), text: source.to_owned() });
        let place = Place { start: 4, end: source.len(), file };
        Expression::parse(text, &place).unwrap().unwrap()
    }

    #[test]
    fn references_know_their_place_through_escapes() {
        let expression = parsed(
            r#"a = "\"x\" ${var.name} ${join(\",\", local.b)}""#,
            r#""x" ${var.name} ${join(",", local.b)}"#,
        );
        let found: Vec<_> = expression.references.iter().map(|reference| reference.place.text()).collect();
        assert_eq!(found, ["var.name", "local.b"]);
    }

    #[test]
    fn bound_names_are_no_references() {
        let expression = parsed(
            "a = '${[for x in var.list : x.y if x.z == each.key]}'",
            "${[for x in var.list : x.y if x.z == each.key]}",
        );
        let found: Vec<_> = expression.references.iter().map(|reference| reference.names.join(".")).collect();
        assert_eq!(found, ["var.list", "each.key"]);
    }
}

#[test]
fn an_expression_by_itself_is_found_where_it_stands() {
    let text = "1\n  upper(var.name) # of line 2".to_owned();
    let file = Arc::new(SourceFile { path: "console".into(), text });
    let place = Place { file: file.clone(), start: 4, end: 19 };
    let expression = Expression::bare(place.text(), &place).unwrap();
    let references: Vec<&str> =
        expression.references.iter().map(|reference| reference.place.text()).collect();
    assert_eq!(references, ["var.name"]);
    let wrong = Place { file, start: 4, end: 9 };
    let error = Expression::bare("upper(", &wrong).unwrap_err();
    assert_eq!(error.place.unwrap().line_and_column().0, 2);
}

#[test]
fn what_is_nested_too_deeply_is_refused_where_it_is() {
    let refused = |text: &str| {
        let file = Arc::new(SourceFile { path: "x.toml".into(), text: format!("'{text}'") });
        let place = Place { start: 0, end: file.text.len(), file };
        Expression::parse(text, &place).err().map(|diagnostic| diagnostic.message)
    };
    let too_deep = Some("this expression is nested too deeply".to_owned());
    let nested = |open: &str, close: &str, depth: usize| {
        format!("${{{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("(", ")"), ("[", "]"), ("{ a = ", " }"), ("upper(", ")"), (r#""${"#, r#"}""#)] {
        assert_eq!(refused(&nested(open, close, 30)), None, "{open}");
        assert_eq!(refused(&nested(open, close, 100_000)), too_deep, "{open}");
    }
    for (open, few, many) in [("!", 30, 100_000), ("true ? 1 : ", 30, 100_000), ("1 + ", 100, 100_000)] {
        assert_eq!(refused(&nested(open, "", few)), None, "{open}");
        assert_eq!(refused(&nested(open, "", many)), too_deep, "{open}");
    }
    let directives = |depth: usize| "%{ if true }".repeat(depth) + "x" + &"%{ endif }".repeat(depth);
    assert_eq!(refused(&directives(30)), None);
    assert_eq!(refused(&directives(100_000)), too_deep);
    assert_eq!(refused(&format!("{} ${{1}}", "(".repeat(1000))), None, "brackets in text are text");
}

#[test]
fn a_plain_reference_means_what_it_means_among_other_things() {
    let paths = [
        "map.x",
        "map.y.z",
        "map.nothing",
        "text.x",
        "list.x",
        "nowhere.x.y",
        "unknown.a.b",
        "withheld.a",
        "secret.a",
        "objects.name",
        "nothing.x",
        "a-b.c_d.e",
    ];
    for path in paths {
        let (plain, parsed_whole) = (parsed(&format!("${{{path}}}")), parsed(&format!("${{ {path} }}")));
        assert!(matches!(plain.form(), super::Form::Reference), "{path}");
        assert!(matches!(parsed_whole.form(), super::Form::Template(_)), "{path}");
        let names = |expression: &Expression| {
            let reference = &expression.references[0];
            assert_eq!(expression.references.len(), 1);
            (reference.names.clone(), reference.place.text().to_owned())
        };
        assert_eq!(names(&plain), names(&parsed_whole));
        assert_eq!(value(&format!("${{{path}}}")), value(&format!("${{ {path} }}")), "{path}");
    }
    for other in
        ["${true.x}", "${list[0].x}", "${text}", "${map.x} ", "${map.x}${map.x}", "${objects[*].name}"]
    {
        assert!(matches!(parsed(other).form(), super::Form::Template(_)), "{other}");
    }
}

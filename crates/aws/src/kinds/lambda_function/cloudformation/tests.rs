#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use provision_engine::cloudformation::Written;
use provision_engine::schema::Schema;
use serde_json::json;

use super::super::Function;
use super::super::package::tests::Tree;
use super::*;

const PYTHON: &[u8] = b"def handler(event, context):\n    return event\n";

fn files() -> Tree {
    Tree(vec![
        ("one/report.py", PYTHON),
        ("one/__pycache__/report.cpython-311.pyc", b"\x00"),
        ("two/report.py", PYTHON),
        ("two/sizes.py", b"KILO = 1024\n"),
        ("module/report.mjs", b"export const handler = async () => {};\n"),
        ("script/report.js", b"exports.handler = async () => {};\n"),
    ])
}

/// A function with these arguments beside those that every function has.
fn written(arguments: serde_json::Value) -> Written {
    let mut function = json!({
        "function_name": "report", "role": "arn:aws:iam::123456789012:role/report", "runtime": "python3.11",
        "handler": "report.handler",
    });
    for (name, value) in arguments.as_object().unwrap() {
        function[name] = value.clone();
    }
    let (function, problems) = Schema::of::<Function>().check(&Value::from_json(function));
    assert_eq!(problems, []);
    let files = files();
    let mut block = Block::new(&function, &files);
    (COUNTERPART.resource.unwrap().properties)(&mut block);
    block.finish()
}

#[test]
fn a_single_file_is_in_the_template() {
    for source in [json!({ "source_dir": "one" }), json!({ "source_file": "one/report.py" })] {
        let written = written(source);
        assert_eq!(written.problems, []);
        assert_eq!(
            Value::Map(written.properties).to_json(),
            json!({
                "FunctionName": "report", "Role": "arn:aws:iam::123456789012:role/report",
                "Runtime": "python3.11", "Handler": "index.handler",
                "Code": { "ZipFile": String::from_utf8_lossy(PYTHON) },
            })
        );
        assert_eq!(written.notes.len(), 1);
    }
    let written = written(json!({ "source_dir": "script", "runtime": "nodejs22.x" }));
    assert_eq!(written.problems, []);
    assert_eq!(written.properties["Handler"].as_str(), Some("index.handler"));
}

#[test]
fn what_no_template_can_hold_is_refused() {
    for source in [
        json!({ "source_dir": "two" }),
        // CloudFormation would make a file of it that is no module.
        json!({ "source_dir": "module", "runtime": "nodejs22.x" }),
        json!({ "source_dir": "one", "runtime": "ruby3.4" }),
        json!({ "filename": "made.zip" }),
        json!({ "source_dir": "nowhere" }),
    ] {
        let written = written(source.clone());
        assert_eq!(written.problems.len(), 1, "{source}: {:?}", written.problems);
        assert!(!written.properties.contains_key("Code"), "{source}");
        assert_eq!(written.properties["Handler"].as_str(), Some("report.handler"));
    }
}

#[test]
fn a_package_in_a_bucket_stays_there() {
    let written = written(json!({ "s3_bucket": "packages", "s3_key": "report.zip", "memory_size": 256 }));
    assert_eq!(written.problems, []);
    assert_eq!(
        written.properties["Code"].to_json(),
        json!({ "S3Bucket": "packages", "S3Key": "report.zip" })
    );
    assert_eq!(written.properties["MemorySize"].as_i64(), Some(256));
}

//! What is refused before any call.

use serde_json::{Value as Json, json};

use super::{KIND, PACKAGE};
use crate::lab::Lab;

const ROLE: &str = "arn:aws:iam::123456789012:role/r";

#[tokio::test]
async fn name_what_is_wrong() {
    let lab = Lab::new().await;
    let refuses = |more: Json, expected: &[&str]| {
        let mut configuration = json!({
            "function_name": "f",
            "role": ROLE,
            "handler": "index.handler",
            "runtime": "python3.11",
        });
        for (name, value) in more.as_object().unwrap() {
            configuration[name] = value.clone();
        }
        assert_eq!(lab.problems(KIND, configuration), expected);
    };
    refuses(json!({}), &["source_dir: nothing says where the code is"]);
    refuses(
        json!({ "zip_file": PACKAGE, "function_name": "a b", "timeout": 0, "architectures": [] }),
        &[
            "architectures: `architectures` has at least 1 elements, not 0",
            "function_name: `function_name` does not match ^[a-zA-Z0-9-_]+$",
            "timeout: `timeout` is at least 1",
        ],
    );
    refuses(
        json!({ "source_dir": "a", "filename": "b" }),
        &[
            "source_dir: `filename` and `source_dir` exclude each other",
            "source_dir: nothing says where the code is",
        ],
    );
    refuses(
        json!({ "source_file": "/nonexistent/index.py" }),
        &["source_file: /nonexistent/index.py cannot be read: No such file or directory (os error 2)"],
    );
    refuses(json!({ "s3_bucket": "packages" }), &["s3_key: `s3_bucket` goes with `s3_key`"]);
    refuses(
        json!({ "zip_file": PACKAGE, "s3_object_version": "1", "image_config": { "command": ["x"] } }),
        &[
            "s3_object_version: `s3_object_version` goes with `s3_bucket`",
            "image_config: `image_config` is for functions of the type Image",
        ],
    );
    refuses(
        json!({ "zip_file": PACKAGE, "handler": null, "runtime": null }),
        &[
            "handler: a function of the type Zip needs `handler`",
            "runtime: a function of the type Zip needs `runtime`",
        ],
    );
    refuses(
        json!({ "package_type": "Image" }),
        &[
            "image_uri: a function of the type Image needs `image_uri`",
            "handler: a function of the type Image has no `handler`",
            "runtime: a function of the type Image has no `runtime`",
        ],
    );
    refuses(
        json!({
            "zip_file": PACKAGE,
            "environment": { "variables": { "AWS_REGION": "x", "9": "y", "LONG": "z".repeat(4096) } },
            "logging_config": { "application_log_level": "DEBUG" },
            "file_system_config": {
                "arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1",
                "local_mount_path": "/mnt/a",
            },
        }),
        &[
            "environment.variables[\"9\"]: `9` is no name of an environment variable",
            "environment.variables.AWS_REGION: `AWS_REGION` is reserved: Lambda sets it itself",
            "environment.variables: Lambda takes 4096 bytes here, and these are 4113",
            "logging_config.application_log_level: `application_log_level` needs the format JSON",
            "file_system_config: a file system can be reached from a network only",
        ],
    );
}

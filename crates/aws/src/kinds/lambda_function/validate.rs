//! What Lambda would refuse in a function's configuration, beyond what the schema says.

use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use super::logging::LoggingConfig;
use crate::given::Given;

/// The most bytes that all environment variables can have, with their names. From the quotas of AWS Lambda.
const ENVIRONMENT: usize = 4 * 1024;

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = of_code(configuration);
    problems.extend(of_environment(configuration.get("environment").get("variables")));
    problems.extend(LoggingConfig::problems(configuration));
    let given = Given(configuration);
    if given.has("file_system_config") && given.lacks("vpc_config") {
        problems.push(
            Problem::new("file_system_config", "a file system can be reached from a network only")
                .with_hint("add `vpc_config`"),
        );
    }
    problems
}

fn of_code(configuration: &Value) -> Vec<Problem> {
    let given = Given(configuration);
    let mut problems = Vec::new();
    for name in ["s3_key", "s3_object_version"] {
        if given.has(name) && given.lacks("s3_bucket") {
            problems.push(Problem::new(name, format!("`{name}` goes with `s3_bucket`")));
        }
    }
    if given.has("s3_bucket") && given.lacks("s3_key") {
        problems.push(Problem::new("s3_key", "`s3_bucket` goes with `s3_key`").with_hint("add it (string)"));
    }
    let is_packaged = !(given.lacks("zip_file") && given.lacks("s3_bucket"));
    match configuration.get("package_type").as_str() {
        Some("Image") => {
            if given.lacks("image_uri") {
                problems.push(
                    Problem::new("image_uri", "a function of the type Image needs `image_uri`")
                        .with_hint("add it (string), or set `package_type = \"Zip\"`"),
                );
            }
            for name in ["handler", "runtime", "layers", "zip_file", "s3_bucket"] {
                if given.has(name) {
                    problems.push(
                        Problem::new(name, format!("a function of the type Image has no `{name}`"))
                            .with_hint("the image says it itself, or `image_config` does"),
                    );
                }
            }
        }
        Some(_) => {
            if !is_packaged && given.lacks("image_uri") {
                problems.push(
                    Problem::new("source_dir", "nothing says where the code is").with_hint(
                        "add `source_dir`, `source_file`, `filename`, or `s3_bucket` and `s3_key`; or `image_uri` with \
                         `package_type = \"Image\"`",
                    ),
                );
            }
            for name in ["image_uri", "image_config"] {
                if given.has(name) {
                    problems.push(
                        Problem::new(name, format!("`{name}` is for functions of the type Image"))
                            .with_hint("set `package_type = \"Image\"`"),
                    );
                }
            }
            for name in ["handler", "runtime"] {
                if given.lacks(name) && given.lacks("image_uri") {
                    problems.push(
                        Problem::new(name, format!("a function of the type Zip needs `{name}`"))
                            .with_hint("add it (string)"),
                    );
                }
            }
        }
        None => {}
    }
    problems
}

/// Names that Lambda sets itself. From its documentation of environment variables.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

fn of_environment(variables: &Value) -> Vec<Problem> {
    let Some(named) = variables.as_map() else { return Vec::new() };
    let path = Path::root().key("environment").key("variables");
    let mut problems = Vec::new();
    for name in named.keys() {
        let is_name = name.len() > 1
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        if RESERVED.contains(&name.as_str()) {
            problems.push(
                Problem::new(path.key(name), format!("`{name}` is reserved: Lambda sets it itself"))
                    .with_hint("choose another name"),
            );
        } else if !is_name {
            problems.push(
                Problem::new(path.key(name), format!("`{name}` is no name of an environment variable"))
                    .with_hint(
                        "it begins with a letter, and has two or more letters, digits and underscores",
                    ),
            );
        }
    }
    let size: usize = named.iter().map(|(name, value)| name.len() + value.as_str().map_or(0, str::len)).sum();
    if size > ENVIRONMENT {
        problems.push(
            Problem::new(path, format!("Lambda takes {ENVIRONMENT} bytes here, and these are {size}"))
                .with_hint("keep what is large in a file of the package, in S3 or in Secrets Manager"),
        );
    }
    problems
}

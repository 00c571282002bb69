//! A function as `AWS::Lambda::Function`.

use provision_engine::cloudformation::{Block, Counterpart, Returned};
use provision_engine::value::Value;

use super::package;

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::Lambda::Function", function).with(&[
        ("id", Returned::Ref),
        ("function_name", Returned::Ref),
        ("arn", Returned::GetAtt("Arn")),
        (
            "invoke_arn",
            Returned::Sub(
                "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${.Arn}/invocations",
            ),
        ),
        // No version is published: see `publish`.
        ("version", Returned::Known(|_| Some("$LATEST".into()))),
        ("qualified_arn", Returned::Sub("${.Arn}:$LATEST")),
        (
            "qualified_invoke_arn",
            Returned::Sub(
                "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${.Arn}:$LATEST/invocations",
            ),
        ),
    ]);

fn function(function: &mut Block<'_>) {
    // It looks at the runtime, and puts a handler of its own for code that is in the template.
    code(function);
    function.same(&["function_name", "description", "role", "runtime", "handler", "layers"]);
    function.unless("package_type", "PackageType", "Zip");
    function.block("image_config", "ImageConfig", |image| {
        image.same(&["command", "entry_point", "working_directory"]);
    });
    function.unless("architectures", "Architectures", Value::List(vec!["x86_64".into()]));
    function.unless("memory_size", "MemorySize", 128);
    function.unless("timeout", "Timeout", 3);
    function.block("ephemeral_storage", "EphemeralStorage", |storage| storage.unless("size", "Size", 512));
    function.block("environment", "Environment", |environment| environment.same(&["variables"]));
    function.same(&["kms_key_arn", "code_signing_config_arn"]);
    function.block("dead_letter_config", "DeadLetterConfig", |config| config.same(&["target_arn"]));
    function.block("tracing_config", "TracingConfig", |tracing| {
        tracing.unless("mode", "Mode", "PassThrough");
    });
    function.block("logging_config", "LoggingConfig", |logging| {
        logging.unless("log_format", "LogFormat", "Text");
        logging.same(&["log_group", "application_log_level", "system_log_level"]);
    });
    network(function);
    function.block("snap_start", "SnapStart", |snap_start| snap_start.unless("apply_on", "ApplyOn", "None"));
    function.block("durable_config", "DurableConfig", |durable| {
        durable.same(&["execution_timeout"]);
        durable.rename("retention_period", "RetentionPeriodInDays");
    });
    function.block("tenancy_config", "TenancyConfig", |tenancy| tenancy.same(&["tenant_isolation_mode"]));
    function.within("capacity_provider_config", |config| {
        config.block(
            "lambda_managed_instances_capacity_provider_config",
            "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig",
            |instances| {
                instances.same(&["capacity_provider_arn", "per_execution_environment_max_concurrency"]);
                instances.rename(
                    "execution_environment_memory_gib_per_vcpu",
                    "ExecutionEnvironmentMemoryGiBPerVCpu",
                );
            },
        );
    });
    function.unless("reserved_concurrent_executions", "ReservedConcurrentExecutions", -1);
    function.refuse(
        "publish",
        "leave it out of what is exported: there, a version is a resource of its own, AWS::Lambda::Version",
    );
    if function.take("publish_to").as_str() == Some("LATEST_PUBLISHED") {
        function.put("PublishToLatestPublished", true);
    }
    function.ours(&["skip_destroy"]);
    function.tags();
}

fn network(function: &mut Block<'_>) {
    function.block("vpc_config", "VpcConfig", |network| {
        network.same(&["subnet_ids", "security_group_ids"]);
        network.unless("ipv6_allowed_for_dual_stack", "Ipv6AllowedForDualStack", false);
    });
    function.element("file_system_config", "FileSystemConfigs", |files| {
        files.same(&["arn", "local_mount_path"]);
    });
}

const ELSEWHERE: &str = "a template can hold one file of Python or of JavaScript; put the package into a bucket, and \
                         name it with `s3_bucket` and `s3_key`";

/// Where the code is. A template can hold a single file, and no package.
fn code(function: &mut Block<'_>) {
    for (name, property) in [
        ("s3_bucket", "Code.S3Bucket"),
        ("s3_key", "Code.S3Key"),
        ("s3_object_version", "Code.S3ObjectVersion"),
        ("image_uri", "Code.ImageUri"),
        ("source_kms_key_arn", "Code.SourceKMSKeyArn"),
    ] {
        function.rename(name, property);
    }
    // CloudFormation has a digest of its own of what it deploys.
    function.ours(&["source_code_hash"]);
    for name in ["source_dir", "source_file"] {
        let path = function.get(name).as_str().map(str::to_owned);
        match path.map(|path| inline(function, name, &path)) {
            None => {}
            Some(Ok(Some(inline))) => {
                function.put("Code.ZipFile", inline.text);
                function.put("Handler", inline.handler);
                function.take("handler");
                function.note(
                    name,
                    "the template holds the code itself, which is in a file named `index` there: the `Handler` says so",
                );
            }
            Some(Ok(None)) => function.refuse(name, ELSEWHERE),
            Some(Err(message)) => {
                function.take(name);
                function.wrong(name, message);
            }
        }
    }
    for name in ["filename", "zip_file"] {
        function.refuse(name, ELSEWHERE);
    }
}

/// Code that a template can hold.
struct Inline {
    text: String,
    handler: String,
}

/// The most characters of code that a template can hold. From CloudFormation's documentation of `Code`.
const LIMIT: usize = 4 * 1024 * 1024;

/// The code at a path, if it is such that CloudFormation packages it: it makes a file `index.py` or `index.js` of it.
fn inline(function: &Block<'_>, argument: &str, path: &str) -> Result<Option<Inline>, String> {
    let entries = package::entries(argument, path, function.files())?;
    let runtime = function.get("runtime").as_str().unwrap_or_default();
    let extension = match runtime {
        python if python.starts_with("python") => ".py",
        node if node.starts_with("nodejs") => ".js",
        _ => return Ok(None),
    };
    let handler = function.get("handler").as_str().and_then(|handler| handler.rsplit_once('.'));
    let mut entries = entries.into_iter();
    let (Some((name, content)), None, Some((_, called))) = (entries.next(), entries.next(), handler) else {
        return Ok(None);
    };
    let text = String::from_utf8(content).ok().filter(|text| text.len() <= LIMIT);
    Ok(text
        .filter(|_| name.ends_with(extension))
        .map(|text| Inline { text, handler: format!("index.{called}") }))
}

#[cfg(test)]
mod tests;

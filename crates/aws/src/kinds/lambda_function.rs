//! `aws_lambda_function`.
//!
//! What a configuration names as source becomes a package in [`package`]; what is sent to Lambda is in [`changes`].

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State};
use provision_engine::cloudformation::Counterpart;
use provision_engine::function::Files;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token, WriteOnly};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::terraform::Exported;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, create_named, repeat_while};
use crate::clients::{Reader, Writer};
use crate::lambda::{ABSENT, READY, TAKEN, is_busy, is_ready, passes};
use crate::reads::{Ahead, beside};
use crate::tags::{self, Tags};

mod blocks;
mod changes;
mod cloudformation;
mod logging;
mod package;
mod permissions;
mod terraform;
mod validate;
mod versions;

use blocks::{
    CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment, EphemeralStorage, FileSystemConfig,
    ImageConfig, SnapStart, TenancyConfig, TracingConfig, VpcConfig,
};
use futures::future::join;
use logging::LoggingConfig;

/// A function of AWS Lambda: code that runs when something happens, and for as long as it takes. From the Lambda API
/// (`CreateFunction`); its id is its name.
///
/// The code is a directory (`source_dir`), a file (`source_file`), a package that was made elsewhere (`filename`, or in
/// a bucket), or a container image (`image_uri`). A directory or file is packaged here, into the same bytes on every
/// machine, so that nothing but a change of the code is a change; code that was changed at AWS is a difference too.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// Name, unique in the account and the region.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[a-zA-Z0-9-_]+$"),
        extend("forces_replacement" = true)
    )]
    function_name: String,
    /// What the function is for.
    #[schemars(length(max = 256))]
    description: Option<String>,
    /// ARN of the role that the function takes on: Lambda must be trusted to assume it.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:iam::\d{12}:role/.+$"))]
    role: String,
    /// Whether the code is a package (`Zip`) or a container image (`Image`).
    #[schemars(extend("enum" = ["Zip", "Image"], "forces_replacement" = true))]
    #[serde(default = "zip")]
    package_type: String,
    /// What in the code is called, such as `index.handler`.
    #[schemars(length(max = 128), regex(pattern = r"^[^\s]+$"))]
    handler: Option<String>,
    /// Language and version that the code is run with, such as `python3.11`.
    #[schemars(regex(pattern = r"^[a-z0-9.-]+$"))]
    runtime: Option<String>,
    /// Directory of the code, packaged without what interpreters, editors and version control leave there. Relative
    /// to the module's directory.
    #[schemars(extend("path" = true))]
    source_dir: Option<String>,
    /// File that is all of the code, packaged under its name. Relative to the module's directory.
    #[schemars(extend("path" = true))]
    source_file: Option<String>,
    /// Package that was made elsewhere. Relative to the module's directory.
    #[schemars(extend("path" = true))]
    filename: Option<String>,
    /// The package itself, in base64. Filled in from `source_dir`, `source_file` or `filename`.
    #[schemars(extend("resent" = true, "open" = true))]
    #[serde(default)]
    zip_file: WriteOnly<String>,
    /// SHA-256 of the package in base64: by which a change of the code is seen. Computed, but for a package in a bucket,
    /// whose change is seen only with it, or with `s3_object_version`.
    #[schemars(extend("computed" = true))]
    source_code_hash: Option<String>,
    /// Bucket of the package, in the function's region.
    #[schemars(length(min = 3, max = 63), extend("kept" = true))]
    s3_bucket: Option<String>,
    /// Key of the package in its bucket.
    #[schemars(length(min = 1, max = 1024), extend("kept" = true))]
    s3_key: Option<String>,
    /// Version of the package in its bucket.
    #[schemars(length(min = 1, max = 1024), extend("kept" = true))]
    s3_object_version: Option<String>,
    /// ARN of the KMS key that encrypts the package; absent: a key of Lambda's own.
    source_kms_key_arn: Option<String>,
    /// URI of the container image in Amazon ECR.
    image_uri: Option<String>,
    /// What the container image runs in place of what it says itself.
    image_config: Option<ImageConfig>,
    /// Instruction set: `x86_64` or `arm64`.
    #[schemars(length(min = 1, max = 1), inner(regex(pattern = r"^(x86_64|arm64)$")))]
    #[serde(default = "x86_64")]
    architectures: Vec<String>,
    /// ARNs of layers: packages that several functions share. Later ones are laid over earlier ones.
    #[schemars(length(max = 5))]
    #[serde(default)]
    layers: Vec<String>,
    /// Memory in MB; the processor's share grows with it.
    #[schemars(range(min = 128, max = 32768))]
    #[serde(default = "little_memory")]
    memory_size: i32,
    /// The longest that an invocation can take, in seconds.
    #[schemars(range(min = 1, max = 5400))]
    #[serde(default = "a_moment")]
    timeout: i32,
    /// The function's `/tmp`.
    #[serde(default)]
    ephemeral_storage: EphemeralStorage,
    /// What the code finds in its environment.
    environment: Option<Environment>,
    /// ARN of the KMS key that encrypts the environment variables; absent: the key `aws/lambda`.
    kms_key_arn: Option<String>,
    /// Where events go that the function fails at.
    dead_letter_config: Option<DeadLetterConfig>,
    /// Whether invocations are traced.
    #[serde(default)]
    tracing_config: TracingConfig,
    /// The function's log.
    #[serde(default)]
    logging_config: LoggingConfig,
    /// Network that the function runs in; absent: one of Lambda's, with access to the internet.
    vpc_config: Option<VpcConfig>,
    /// File system that the function finds at a path. Needs `vpc_config`.
    file_system_config: Option<FileSystemConfig>,
    /// Whether published versions start from a snapshot.
    snap_start: Option<SnapStart>,
    /// That a run of the function can be interrupted and goes on where it was. Can only be had from the start.
    #[schemars(extend("forces_replacement" = true))]
    durable_config: Option<DurableConfig>,
    /// Whether tenants are kept apart.
    #[schemars(extend("forces_replacement" = true))]
    tenancy_config: Option<TenancyConfig>,
    /// Instances of one's own that the function runs on.
    capacity_provider_config: Option<CapacityProviderConfig>,
    /// ARN of the configuration that says whose signatures code needs.
    #[schemars(length(max = 200))]
    code_signing_config_arn: Option<String>,
    /// How many invocations can run at once, set aside for this function; 0: none; -1: as many as the account has left.
    #[schemars(range(min = -1))]
    #[serde(default = "unreserved")]
    reserved_concurrent_executions: i32,
    /// Whether each change is published as a version. A function that is not as its last version is published anew.
    #[serde(default)]
    publish: bool,
    /// Where to publish, too: what runs on instances of one's own.
    #[schemars(extend("enum" = ["LATEST_PUBLISHED"], "kept" = true))]
    publish_to: Option<String>,
    /// Whether a destroy leaves the function in place and only forgets it.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    skip_destroy: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// ARN with the version that was published last; without, with `$LATEST`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    qualified_arn: Computed<String>,
    /// ARN that API Gateway invokes it by.
    #[serde(default)]
    invoke_arn: Computed<String>,
    /// ARN that API Gateway invokes the version by that was published last.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    qualified_invoke_arn: Computed<String>,
    /// Version that was published last; without, `$LATEST`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    version: Computed<String>,
    /// When it was changed last, as in ISO 8601.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    last_modified: Computed<String>,
    /// SHA-256 of the package that is deployed, in base64.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    code_sha256: Computed<String>,
    /// Size of the package in bytes.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    source_code_size: Computed<i64>,
    /// ARN of the job that signed the package.
    #[serde(default)]
    signing_job_arn: Computed<String>,
    /// ARN of the profile that the package was signed with.
    #[serde(default)]
    signing_profile_version_arn: Computed<String>,
}

/// The argument that tells whether the code is the same.
const DIGEST: &str = "source_code_hash";

fn zip() -> String {
    "Zip".to_owned()
}

fn x86_64() -> Vec<String> {
    vec!["x86_64".to_owned()]
}

fn little_memory() -> i32 {
    128
}

fn a_moment() -> i32 {
    3
}

fn unreserved() -> i32 {
    -1
}

#[async_trait]
impl Kind for Function {
    const NAME: &'static str = "aws_lambda_function";
    const TAKES: Duration = READY;
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = terraform::PACKAGED;
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        validate::problems(configuration)
    }

    fn read_files(configuration: &mut Value, files: &dyn Files) -> Vec<Problem> {
        package::read(configuration, files)
    }

    fn adapt_to_terraform(exported: &mut Exported<'_>) {
        terraform::adapt(exported);
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let lambda = reader.lambda();
        let answer = async { lambda.get_function().function_name(id).send().await.unless(ABSENT) };
        let published = async {
            match prior.publish {
                true => versions::last(lambda, id).await,
                false => Ok(Some(None)),
            }
        };
        let signing = |()| async move {
            lambda.get_function_code_signing_config().function_name(id).send().await.unless(ABSENT)
        };
        let signing_ahead = Ahead::ask((prior.package_type == zip()).then_some(()), signing);
        let rest = async { Ok(join(published, signing_ahead).await) };
        let Some((answer, (published, signing_ahead))) = beside(answer, rest).await? else {
            return Ok(None);
        };
        let Some(configuration) = answer.configuration() else { return Ok(None) };
        let mut function = Self::of(configuration, prior)?;
        if prior.publish {
            let Some(published) = published? else { return Ok(None) };
            function.publish = match &published {
                Some(published) => !Self::of(published, prior)?.differs(&function),
                None => false,
            };
            function.version = published.and_then(|published| published.version).into();
        }
        function.tell(&answer);
        if function.package_type == zip() {
            let Some(signing) = signing_ahead.by((), signing).await? else { return Ok(None) };
            function.code_signing_config_arn = set(Some(signing.code_signing_config_arn()));
        }
        function.qualify();
        Ok(Some(function))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let answer = reader.lambda().get_function().function_name(&self.function_name).send().await;
        Ok(answer.unless(ABSENT)?.map(|_| self.function_name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = self.create_request(writer.lambda())?;
        let create = async {
            // The role may have been made a moment ago, or what permits it something.
            repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
            Ok(self.function_name.clone())
        };
        let name = create_named(self, writer.reader(), token, TAKEN, create).await?;
        if self.reserved_concurrent_executions == unreserved() {
            return Ok(Created::complete(name));
        }
        let bare = Self { reserved_concurrent_executions: unreserved(), ..self.clone() };
        Ok(Created::bare(name, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let lambda = writer.lambda();
        self.sign(lambda, id, prior).await?;
        self.configure(lambda, id, prior).await?;
        self.replace_code(lambda, id, prior).await?;
        self.publish_version(lambda, id, prior).await?;
        self.reserve(lambda, id, prior).await?;
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(arn) = prior.arn.as_deref() {
            if !set.is_empty() {
                let set = Some(set.into_iter().collect());
                lambda.tag_resource().resource(arn).set_tags(set).send().await.or_fail()?;
            }
            if !remove.is_empty() {
                lambda.untag_resource().resource(arn).set_tag_keys(Some(remove)).send().await.or_fail()?;
            }
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        if prior.skip_destroy {
            return Ok(());
        }
        repeat_while(is_busy, READY, || async {
            writer.lambda().delete_function().function_name(id).send().await.unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    /// A change that Lambda has taken can still fail, when it makes the function ready.
    async fn settled(&self, reader: &Reader, id: &str) -> Result<bool, KindError> {
        let answer = reader.lambda().get_function().function_name(id).send().await.unless(ABSENT)?;
        let Some(function) = answer.and_then(|answer| answer.configuration) else { return Ok(true) };
        let failed = |reason: Option<&str>| {
            let reason = reason.unwrap_or("Lambda gives no reason");
            Err(KindError::new(format!("the function {id} cannot be made ready: {reason}"))
                .with_hint("correct what it complains of, and apply again with a change of the function"))
        };
        if function.state() == Some(&State::Failed) {
            return failed(function.state_reason());
        }
        if function.last_update_status() == Some(&LastUpdateStatus::Failed) {
            return failed(function.last_update_status_reason());
        }
        Ok(is_ready(&function))
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

impl Function {
    /// What a configuration of Lambda's says, whether of the function or of one of its versions.
    fn of(answer: &FunctionConfiguration, prior: &Self) -> Result<Self, KindError> {
        let name = answer.function_name().unwrap_or_default();
        let text = |text: Option<&str>| Computed(text.map(str::to_owned));
        Ok(Self {
            function_name: name.to_owned(),
            description: set(answer.description()),
            role: answer.role().unwrap_or_default().to_owned(),
            package_type: answer.package_type().map_or_else(zip, |kind| kind.as_str().to_owned()),
            handler: set(answer.handler()),
            runtime: set(answer.runtime().map(|runtime| runtime.as_str())),
            source_code_hash: set(answer.code_sha256()),
            image_config: ImageConfig::read(answer.image_config_response()),
            architectures: answer.architectures.as_ref().map_or_else(x86_64, |architectures| {
                architectures.iter().map(|architecture| architecture.as_str().to_owned()).collect()
            }),
            layers: answer.layers().iter().filter_map(|layer| layer.arn.clone()).collect(),
            memory_size: answer.memory_size().unwrap_or_else(little_memory),
            timeout: answer.timeout().unwrap_or_else(a_moment),
            ephemeral_storage: EphemeralStorage::read(answer.ephemeral_storage()),
            environment: Environment::read(answer.environment())?,
            kms_key_arn: set(answer.kms_key_arn()),
            dead_letter_config: DeadLetterConfig::read(answer.dead_letter_config()),
            tracing_config: TracingConfig::read(answer.tracing_config()),
            logging_config: LoggingConfig::read(answer.logging_config(), name, &prior.logging_config),
            vpc_config: VpcConfig::read(answer.vpc_config()),
            file_system_config: FileSystemConfig::read(answer.file_system_configs()),
            snap_start: SnapStart::read(answer.snap_start(), prior.snap_start.as_ref()),
            durable_config: DurableConfig::read(answer.durable_config()),
            tenancy_config: TenancyConfig::read(answer.tenancy_config()),
            capacity_provider_config: CapacityProviderConfig::read(answer.capacity_provider_config()),
            reserved_concurrent_executions: unreserved(),
            arn: text(answer.function_arn()),
            version: text(answer.version()),
            last_modified: text(answer.last_modified()),
            code_sha256: text(answer.code_sha256()),
            source_code_size: Some(answer.code_size()).into(),
            signing_job_arn: text(answer.signing_job_arn()),
            signing_profile_version_arn: text(answer.signing_profile_version_arn()),
            ..Self::default()
        })
    }

    /// Adds what Lambda says beside the configuration.
    fn tell(&mut self, answer: &GetFunctionOutput) {
        let code = answer.code();
        self.image_uri = set(code.and_then(|code| code.image_uri()));
        self.source_kms_key_arn = set(code.and_then(|code| code.source_kms_key_arn()));
        let reserved =
            answer.concurrency().and_then(|concurrency| concurrency.reserved_concurrent_executions());
        self.reserved_concurrent_executions = reserved.unwrap_or_else(unreserved);
        self.tags = tags::own(answer.tags.clone().unwrap_or_default());
    }

    /// Fills in the ARNs that follow from the function's own and its version.
    fn qualify(&mut self) {
        let Some(arn) = self.arn.as_deref().map(str::to_owned) else { return };
        let version = self.version.as_deref().unwrap_or("$LATEST");
        let qualified = format!("{arn}:{version}");
        self.invoke_arn = invoked_by_api_gateway(&arn).into();
        self.qualified_invoke_arn = invoked_by_api_gateway(&qualified).into();
        self.qualified_arn = qualified.into();
    }
}

/// The ARN under which API Gateway knows a function. From its documentation of Lambda integrations.
fn invoked_by_api_gateway(arn: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(1);
    let (partition, _, region) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"))
}

fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

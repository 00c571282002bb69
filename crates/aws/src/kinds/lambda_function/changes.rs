//! What is sent to Lambda: the create, and then only what differs. Lambda takes one change of a function at a time.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, FunctionCode, FunctionVersionLatestPublished, PackageType, Runtime,
};
use aws_smithy_types::base64;
use provision_engine::kind::KindError;

use super::blocks::{
    CapacityProviderConfig, DeadLetterConfig, Environment, FileSystemConfig, ImageConfig, SnapStart,
    VpcConfig,
};
use super::{Function, unreserved};
use crate::call::{Outcome, PROPAGATION, repeat_while};
use crate::lambda::{ABSENT, passes, wait_until_ready};

impl Function {
    /// The create, with all that a create can say.
    pub(super) fn create_request(&self, lambda: &Client) -> Result<CreateFunctionFluentBuilder, KindError> {
        let code = FunctionCode::builder()
            .set_zip_file(self.package()?)
            .set_s3_bucket(self.s3_bucket.clone())
            .set_s3_key(self.s3_key.clone())
            .set_s3_object_version(self.s3_object_version.clone())
            .set_source_kms_key_arn(self.source_kms_key_arn.clone())
            .set_image_uri(self.image_uri.clone())
            .build();
        let request = lambda
            .create_function()
            .function_name(&self.function_name)
            .set_description(self.description.clone())
            .role(&self.role)
            .package_type(PackageType::from(self.package_type.as_str()))
            .set_handler(self.handler.clone())
            .set_runtime(self.runtime.as_deref().map(Runtime::from))
            .code(code)
            .set_image_config(self.image_config.as_ref().map(|config| ImageConfig::sdk(Some(config))))
            .set_architectures(Some(self.sdk_architectures()))
            .set_layers((!self.layers.is_empty()).then(|| self.layers.clone()))
            .memory_size(self.memory_size)
            .timeout(self.timeout)
            .ephemeral_storage(self.ephemeral_storage.sdk()?)
            .set_environment(self.environment.as_ref().map(|environment| Environment::sdk(Some(environment))))
            .set_kms_key_arn(self.kms_key_arn.clone())
            .set_dead_letter_config(
                self.dead_letter_config.as_ref().map(|config| DeadLetterConfig::sdk(Some(config))),
            )
            .tracing_config(self.tracing_config.sdk())
            .logging_config(self.logging_config.sdk(&self.function_name))
            .set_vpc_config(self.vpc_config.as_ref().map(|config| VpcConfig::sdk(Some(config))))
            .set_file_system_configs(
                self.file_system_config
                    .is_some()
                    .then(|| FileSystemConfig::sdk(self.file_system_config.as_ref()))
                    .transpose()?,
            )
            .set_snap_start(self.snap_start.as_ref().map(|config| SnapStart::sdk(Some(config))))
            .set_durable_config(self.durable_config.as_ref().map(|config| config.sdk()))
            .set_tenancy_config(self.tenancy_config.as_ref().map(|config| config.sdk()).transpose()?)
            .set_capacity_provider_config(
                self.capacity_provider_config.as_ref().map(CapacityProviderConfig::sdk).transpose()?,
            )
            .set_code_signing_config_arn(self.code_signing_config_arn.clone())
            .publish(self.publish)
            .set_publish_to(self.sdk_publish_to())
            .set_tags((!self.tags.is_empty()).then(|| self.tags.clone().into_iter().collect()));
        Ok(request)
    }

    /// Whether the code or the configuration is another: what a version is a copy of.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.is_configured_anew(other) || self.has_new_code(other)
    }

    fn has_new_code(&self, prior: &Self) -> bool {
        self.source_code_hash.is_some() && self.source_code_hash != prior.source_code_hash
            || self.s3_bucket != prior.s3_bucket
            || self.s3_key != prior.s3_key
            || self.s3_object_version != prior.s3_object_version
            || self.source_kms_key_arn != prior.source_kms_key_arn
            || self.image_uri != prior.image_uri
            || self.architectures != prior.architectures
    }

    fn is_configured_anew(&self, prior: &Self) -> bool {
        self.description != prior.description
            || self.role != prior.role
            || self.handler != prior.handler
            || self.runtime != prior.runtime
            || self.image_config != prior.image_config
            || self.layers != prior.layers
            || self.memory_size != prior.memory_size
            || self.timeout != prior.timeout
            || self.ephemeral_storage != prior.ephemeral_storage
            || self.environment != prior.environment
            || self.kms_key_arn != prior.kms_key_arn
            || self.dead_letter_config != prior.dead_letter_config
            || self.tracing_config != prior.tracing_config
            || self.logging_config != prior.logging_config
            || !VpcConfig::same(self.vpc_config.as_ref(), prior.vpc_config.as_ref())
            || self.file_system_config != prior.file_system_config
            || !SnapStart::same(self.snap_start.as_ref(), prior.snap_start.as_ref())
            || self.capacity_provider_config != prior.capacity_provider_config
    }

    /// Changes of the configuration alone: code that did not change is not sent again.
    pub(super) async fn configure(&self, lambda: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        if !self.is_configured_anew(prior) {
            return Ok(());
        }
        // An empty text is how Lambda is told that there is none.
        let changed = |new: &Option<String>, old: &Option<String>| {
            (new != old).then(|| new.clone().unwrap_or_default())
        };
        let has_new_files = self.file_system_config != prior.file_system_config;
        let request = lambda
            .update_function_configuration()
            .function_name(id)
            .set_description(changed(&self.description, &prior.description))
            .set_role((self.role != prior.role).then(|| self.role.clone()))
            .set_handler(self.handler.clone().filter(|_| self.handler != prior.handler))
            .set_runtime(self.runtime.as_deref().filter(|_| self.runtime != prior.runtime).map(Runtime::from))
            .set_image_config(
                (self.image_config != prior.image_config)
                    .then(|| ImageConfig::sdk(self.image_config.as_ref())),
            )
            .set_layers((self.layers != prior.layers).then(|| self.layers.clone()))
            .set_memory_size((self.memory_size != prior.memory_size).then_some(self.memory_size))
            .set_timeout((self.timeout != prior.timeout).then_some(self.timeout))
            .set_ephemeral_storage(
                (self.ephemeral_storage != prior.ephemeral_storage)
                    .then(|| self.ephemeral_storage.sdk())
                    .transpose()?,
            )
            .set_environment(
                (self.environment != prior.environment).then(|| Environment::sdk(self.environment.as_ref())),
            )
            .set_kms_key_arn(changed(&self.kms_key_arn, &prior.kms_key_arn))
            .set_dead_letter_config(
                (self.dead_letter_config != prior.dead_letter_config)
                    .then(|| DeadLetterConfig::sdk(self.dead_letter_config.as_ref())),
            )
            .set_tracing_config(
                (self.tracing_config != prior.tracing_config).then(|| self.tracing_config.sdk()),
            )
            .set_logging_config(
                (self.logging_config != prior.logging_config).then(|| self.logging_config.sdk(id)),
            )
            .set_vpc_config(
                (!VpcConfig::same(self.vpc_config.as_ref(), prior.vpc_config.as_ref()))
                    .then(|| VpcConfig::sdk(self.vpc_config.as_ref())),
            )
            .set_file_system_configs(
                has_new_files.then(|| FileSystemConfig::sdk(self.file_system_config.as_ref())).transpose()?,
            )
            .set_snap_start(
                (!SnapStart::same(self.snap_start.as_ref(), prior.snap_start.as_ref()))
                    .then(|| SnapStart::sdk(self.snap_start.as_ref())),
            )
            .set_capacity_provider_config(
                self.capacity_provider_config
                    .as_ref()
                    .filter(|config| prior.capacity_provider_config.as_ref() != Some(config))
                    .map(CapacityProviderConfig::sdk)
                    .transpose()?,
            );
        wait_until_ready(lambda, id).await?;
        repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }

    pub(super) async fn replace_code(
        &self,
        lambda: &Client,
        id: &str,
        prior: &Self,
    ) -> Result<(), KindError> {
        if !self.has_new_code(prior) {
            return Ok(());
        }
        let package = self.package()?;
        if package.is_none() && self.s3_bucket.is_none() && self.image_uri.is_none() {
            return Err(KindError::new("the package of the function is not known to this run"));
        }
        let request = lambda
            .update_function_code()
            .function_name(id)
            .set_zip_file(package)
            .set_s3_bucket(self.s3_bucket.clone())
            .set_s3_key(self.s3_key.clone())
            .set_s3_object_version(self.s3_object_version.clone())
            .set_source_kms_key_arn(self.source_kms_key_arn.clone())
            .set_image_uri(self.image_uri.clone())
            .set_architectures(Some(self.sdk_architectures()));
        wait_until_ready(lambda, id).await?;
        repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }

    /// Publishes what was changed. Lambda makes no second version of what the last one is.
    pub(super) async fn publish_version(
        &self,
        lambda: &Client,
        id: &str,
        prior: &Self,
    ) -> Result<(), KindError> {
        if !self.publish || (prior.publish && !self.differs(prior)) {
            return Ok(());
        }
        let request = lambda.publish_version().function_name(id).set_publish_to(self.sdk_publish_to());
        wait_until_ready(lambda, id).await?;
        repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }

    /// Changes whose signatures code needs. Comes before the code.
    pub(super) async fn sign(&self, lambda: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        if self.code_signing_config_arn == prior.code_signing_config_arn {
            return Ok(());
        }
        match &self.code_signing_config_arn {
            Some(arn) => {
                let put = lambda.put_function_code_signing_config().function_name(id);
                put.code_signing_config_arn(arn).send().await.or_fail()?;
            }
            None => {
                let delete = lambda.delete_function_code_signing_config().function_name(id);
                delete.send().await.unless(ABSENT)?;
            }
        }
        Ok(())
    }

    pub(super) async fn reserve(&self, lambda: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        let reserved = self.reserved_concurrent_executions;
        if reserved == prior.reserved_concurrent_executions {
            return Ok(());
        }
        if reserved == unreserved() {
            lambda.delete_function_concurrency().function_name(id).send().await.unless(ABSENT)?;
        } else {
            let put = lambda.put_function_concurrency().function_name(id);
            put.reserved_concurrent_executions(reserved).send().await.or_fail()?;
        }
        Ok(())
    }

    fn package(&self) -> Result<Option<Blob>, KindError> {
        let package = self.zip_file.value().map(base64::decode).transpose();
        let package = package.map_err(|_| KindError::new("the package is no base64"))?;
        Ok(package.map(Blob::new))
    }

    fn sdk_architectures(&self) -> Vec<Architecture> {
        self.architectures.iter().map(|architecture| architecture.as_str().into()).collect()
    }

    fn sdk_publish_to(&self) -> Option<FunctionVersionLatestPublished> {
        self.publish_to.as_deref().map(FunctionVersionLatestPublished::from)
    }
}

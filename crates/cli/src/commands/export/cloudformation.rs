//! Templates of AWS CloudFormation.

use std::path::Path;
use std::sync::Arc;

use provision_aws::Aws;
use provision_engine::cloudformation::export;
use provision_engine::config::Configuration;
use provision_engine::source::Diagnostics;

use crate::error::CommandError;
use crate::session::registry;
use crate::variables::{self, VariableArguments};

/// The template of an environment file, or of a module in its directory. Variables that are given are no parameters of it.
pub(super) fn template(target: &Path, arguments: &VariableArguments) -> Result<String, CommandError> {
    let registry = registry(&Arc::new(Aws::new()));
    let mut diagnostics = Diagnostics::default();
    let is_module = target.is_dir();
    let configuration = match is_module {
        true => Configuration::of_module(target, &registry, &mut diagnostics),
        false => Configuration::load(target, &registry, &mut diagnostics),
    };
    diagnostics.into_result()?;
    let configuration =
        configuration.ok_or_else(|| CommandError::new(format!("{} cannot be used", target.display())))?;
    let given = variables::stated(arguments, &configuration)?;
    Ok(export(&configuration, &registry, given, is_module)?.template)
}

//! `provision schema`: what each kind of resource takes and gives, and what modules do.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use provision_aws::Aws;
use provision_engine::config::{Configuration, json_schema};
use provision_engine::kind::Registry;
use provision_engine::source::Diagnostics;

use crate::error::CommandError;
use crate::session;
use crate::view;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kind, such as aws_s3_bucket, or a data source, such as data.aws_region; all if none is named
    kind: Option<String>,
    /// List the names alone
    #[arg(long)]
    kinds: bool,
    /// Write a file a kind, and an index, into this directory
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
    /// Write the inputs and outputs of every module in this directory into its README.md, between the comments that
    /// mark their place
    #[arg(long, value_name = "DIRECTORY")]
    modules: Option<PathBuf>,
    /// Print the JSON Schema of environment files or of modules, by which editors know what can be written
    #[arg(long, value_enum, value_name = "FILE", conflicts_with_all = ["kind", "kinds", "out"])]
    json_schema: Option<File>,
    /// Write both JSON Schemas into this directory
    #[arg(long, value_name = "DIRECTORY")]
    json_schemas: Option<PathBuf>,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum File {
    /// An environment file
    Env,
    /// The module.toml of a module
    Module,
}

impl File {
    /// The name under which the schema is written.
    fn name(self) -> &'static str {
        match self {
            Self::Env => "environment.schema.json",
            Self::Module => "module.schema.json",
        }
    }

    fn json_schema(self, registry: &Registry) -> String {
        view::json::text(&match self {
            Self::Env => json_schema::environment(registry),
            Self::Module => json_schema::module(registry),
        })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let registry = session::registry(&Arc::new(Aws::new()));
    let kinds = registry.kinds().map(|kind| (kind.name().to_owned(), kind.schema()));
    let data = registry.data_sources().map(|kind| (format!("data.{}", kind.name()), kind.schema()));
    let all: Vec<_> = kinds.chain(data).collect();
    let mut out = anstream::stdout();
    if let Some(file) = arguments.json_schema {
        out.write_all(file.json_schema(&registry).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.kinds {
        for (name, _) in &all {
            writeln!(out, "{name}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(directory) = &arguments.out {
        std::fs::create_dir_all(directory)?;
        for (name, schema) in &all {
            std::fs::write(directory.join(format!("{name}.md")), view::reference::markdown(name, schema))?;
        }
        let names: Vec<_> = all.iter().map(|(name, schema)| (name.as_str(), *schema)).collect();
        std::fs::write(directory.join("README.md"), view::reference::index(&names))?;
    }
    if let Some(directory) = &arguments.modules {
        describe_modules(directory)?;
    }
    if let Some(directory) = &arguments.json_schemas {
        std::fs::create_dir_all(directory)?;
        for file in [File::Env, File::Module] {
            std::fs::write(directory.join(file.name()), file.json_schema(&registry))?;
        }
    }
    if arguments.out.is_some() || arguments.modules.is_some() || arguments.json_schemas.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<_> =
        all.iter().filter(|(name, _)| arguments.kind.as_ref().is_none_or(|kind| kind == name)).collect();
    if let (Some(kind), []) = (&arguments.kind, chosen.as_slice()) {
        let hint = match provision_engine::spelling::nearest(kind, all.iter().map(|(name, _)| name.as_str()))
        {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "provision schema --kinds lists what there is".to_owned(),
        };
        return Err(CommandError::with_hint(format!("there is no kind `{kind}`"), hint));
    }
    for (position, (name, schema)) in chosen.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        out.write_all(view::reference::markdown(name, schema).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes anew what the modules below a directory take and give into their READMEs.
fn describe_modules(directory: &Path) -> Result<(), CommandError> {
    let mut modules: Vec<PathBuf> = std::fs::read_dir(directory)
        .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", directory.display())))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    modules.retain(|module| module.join("module.toml").is_file());
    modules.sort();
    for module in modules {
        let mut diagnostics = Diagnostics::default();
        let Some(loaded) = Configuration::load_module(&module, &mut diagnostics) else {
            return Err(diagnostics.into());
        };
        let path = module.join("README.md");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", path.display())))?;
        let Some(text) = view::interface::written_into(&text, &loaded) else {
            return Err(CommandError::with_hint(
                format!("{} has no place for the inputs and outputs of the module", path.display()),
                format!("add the lines `{}` and `{}`", view::interface::BEGIN, view::interface::END),
            ));
        };
        std::fs::write(&path, text)?;
    }
    Ok(())
}

//! Configurations: environment files, and the modules that they use.
//!
//! A configuration is read whole and checked without any value: names, references, and what the blocks of the
//! language can hold. [`crate::evaluate`] gives it values.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::thread::Builder;

use self::ahead::Shelf;
use self::load::Loader;
use crate::expression::Expression;
use crate::kind::Registry;
use crate::source::{Diagnostics, SourceFile};

mod ahead;
mod backend;
mod block;
mod check;
mod checklist;
mod environment;
mod fields;
pub mod json_schema;
mod load;
mod order;
mod processor;
mod transition;
pub mod tree;
mod variable;

pub use backend::{Backend, S3Backend};
pub(crate) use block::with_own_arguments;
pub use block::{Block, BlockName, Lifecycle, Module, ModuleCall, Output, Repetition};
pub use checklist::Check;
pub use environment::Environment;
pub use order::{ModulePath, PlacedBlock};
pub use transition::{Import, Moved, Placed, Removed};
pub use variable::{Validation, Variable};

/// The stack of a thread that reads configurations, or evaluates what is in them, in bytes. Expressions nest as deep as
/// people write them, and both follow.
pub const STACK: usize = 256 * 1024 * 1024;

/// A configuration: an environment, its modules, and every file that they were read from.
pub struct Configuration {
    /// What `[env]` and `[state]` say.
    pub environment: Environment,
    /// The environment file as the module that it is too.
    pub root: Arc<Module>,
    /// All modules where they are used, the root first.
    pub modules: Vec<ModulePath>,
    /// All resources and data sources, each after those that it names.
    pub blocks: Vec<PlacedBlock>,
    /// All files, the environment's first.
    pub files: Vec<Arc<SourceFile>>,
    /// Whether something is wrong with it already, so that what is not known may be so for that reason.
    pub(crate) is_faulty: bool,
}

impl Configuration {
    /// Reads an environment file and all modules that it uses, and checks what can be checked without values.
    /// What is wrong is added to `diagnostics`; `None` if that leaves nothing to go on with.
    pub fn load(path: &FilePath, registry: &Registry, diagnostics: &mut Diagnostics) -> Option<Self> {
        let before = diagnostics.0.len();
        let file = match SourceFile::read(path) {
            Ok(file) => file,
            Err(diagnostic) => {
                diagnostics.push(match diagnostic.place {
                    Some(_) => diagnostic,
                    None => diagnostic.with_hint("name an environment file, such as envs/dev.toml"),
                });
                return None;
            }
        };
        let shelf = Shelf::default();
        std::thread::scope(|scope| {
            let (shelf, read, here) = (&shelf, file.clone(), processor::current());
            // Where there is no thread for it, all is made when it is needed.
            let ahead = Builder::new().stack_size(STACK);
            let _ = ahead.spawn_scoped(scope, move || {
                processor::avoid(here);
                ahead::make_ready(registry, shelf, read);
            });
            let mut loader = Loader::new(shelf, diagnostics);
            let (environment, root) = loader.environment(file)?;
            let files = loader.into_files();
            check::check(&root, registry, diagnostics);
            let (modules, blocks) = order::order(&root, diagnostics);
            let is_faulty = diagnostics.0.len() > before;
            Some(Self { environment: environment?, root, modules, blocks, files, is_faulty })
        })
    }

    /// Reads a module by itself, such as to tell what it takes and gives. What is wrong is added to `diagnostics`.
    pub fn load_module(directory: &FilePath, diagnostics: &mut Diagnostics) -> Option<Arc<Module>> {
        Loader::new(&Shelf::default(), diagnostics).module_at(directory, None)
    }

    /// A module by itself as a configuration: with no environment around it that anybody knows.
    pub fn of_module(
        directory: &FilePath,
        registry: &Registry,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let before = diagnostics.0.len();
        let shelf = Shelf::default();
        let mut loader = Loader::new(&shelf, diagnostics);
        let root = loader.module_at(directory, None)?;
        let files = loader.into_files();
        check::check(&root, registry, diagnostics);
        let (modules, blocks) = order::order(&root, diagnostics);
        let is_faulty = diagnostics.0.len() > before;
        let environment = Environment::unknown(directory);
        Some(Self { environment, root, modules, blocks, files, is_faulty })
    }

    /// Checks an expression by itself as if it stood in the environment file: that each name in it leads to something.
    pub(crate) fn check_expression(
        &self,
        expression: &Expression,
        registry: &Registry,
    ) -> Result<(), Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        check::check_expression(expression, &self.root, registry, &mut diagnostics);
        diagnostics.into_result()
    }

    /// The directory of the environment file: `path.root`.
    pub fn directory(&self) -> PathBuf {
        self.root.directory.clone()
    }
}

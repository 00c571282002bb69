//! The environments and modules of this repository in a directory of their own, validated without a process for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use provision_engine::config::{Configuration, Module};
use provision_engine::event::Clock;
use provision_engine::kind::Registry;
use provision_engine::plan::{Aim, Inputs, Outcome, plan};
use provision_engine::refresh::Observation;
use provision_engine::source::{Diagnostic, Diagnostics};
use provision_engine::state::State;
use tempfile::TempDir;

/// A copy of `envs/` and `modules/`.
pub(crate) struct Project {
    directory: TempDir,
    pub(crate) registry: Registry,
}

/// What a file of a project is used by.
pub(crate) struct Use {
    /// The environment with the fewest files that uses it.
    pub(crate) environment: String,
    /// The resources and data sources of it that there are in that environment.
    pub(crate) there: BTreeSet<String>,
}

impl Project {
    pub(crate) fn new() -> Self {
        let directory = TempDir::with_prefix("provision-").unwrap();
        for part in ["envs", "modules"] {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part), &directory.path().join(part));
        }
        let mut registry = provision_aws::registry(&Arc::new(provision_aws::Aws::new()));
        provision_engine::builtin::register(&mut registry, Arc::new(Still));
        Self { directory, registry }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(path)).unwrap()
    }

    /// What is wrong with an environment where a file has this in it.
    pub(crate) fn validate_with(&self, environment: &str, path: &str, bytes: &[u8]) -> Vec<Diagnostic> {
        let path = self.directory.path().join(path);
        let before = std::fs::read(&path).ok();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let diagnostics = self.validate(environment).0;
        match before {
            Some(before) => std::fs::write(path, before).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        diagnostics
    }

    /// What is wrong with an environment, in the order in which it is said; and what is configured, as `validate` and
    /// every command that plans find it out.
    fn validate(&self, environment: &str) -> (Vec<Diagnostic>, Option<Configuration>) {
        let mut diagnostics = Diagnostics::default();
        let path = self.directory.path().join(environment);
        let configuration = Configuration::load(&path, &self.registry, &mut diagnostics);
        if let Some(configuration) = &configuration
            && let Err(more) = self.plan(configuration)
        {
            let known: Vec<_> = diagnostics.0.iter().filter_map(|known| known.place.clone()).collect();
            let is_new = |new: &Diagnostic| !new.place.as_ref().is_some_and(|place| known.contains(place));
            more.0.into_iter().filter(is_new).for_each(|diagnostic| diagnostics.push(diagnostic));
        }
        diagnostics.sort();
        (diagnostics.0, configuration)
    }

    /// The addresses of what a plan of nothing would make.
    fn plan(&self, configuration: &Configuration) -> Result<Vec<String>, Diagnostics> {
        let state = State::new(&configuration.environment, String::new(), &[]);
        let inputs = Inputs {
            configuration,
            registry: &self.registry,
            variables: &BTreeMap::new(),
            state: &state,
            observation: &Observation::default(),
            aim: &Aim::default(),
            offline: true,
        };
        match plan(&inputs)? {
            Outcome::Planned(plan, _) => {
                Ok(plan.changes.iter().map(|change| change.address.to_string()).collect())
            }
            Outcome::Needs(_) => panic!("nothing is read offline"),
        }
    }

    /// All files of all environments, each with what uses it.
    pub(crate) fn uses(&self) -> BTreeMap<String, Use> {
        let mut uses: BTreeMap<String, (usize, Use)> = BTreeMap::new();
        for environment in environments(&self.directory.path().join("envs"), "envs") {
            let (diagnostics, configuration) = self.validate(&environment);
            assert!(diagnostics.is_empty(), "{environment} is right: {diagnostics:#?}");
            let configuration = configuration.unwrap();
            let addresses = self.plan(&configuration).unwrap();
            for file in &configuration.files {
                let mut there = BTreeSet::new();
                for address in &addresses {
                    let (module, block) = located(&configuration.root, address);
                    if module.file == *file {
                        there.insert(block);
                    }
                }
                let (path, size) = (self.relative(&file.path), configuration.files.len());
                if uses.get(&path).is_none_or(|(least, known)| {
                    size < *least || (size == *least && there.len() > known.there.len())
                }) {
                    uses.insert(path, (size, Use { environment: environment.clone(), there }));
                }
            }
        }
        uses.into_iter().map(|(path, (_, used))| (path, used)).collect()
    }

    /// A path as the files of the project are called here.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(self.directory.path()).unwrap_or(path).display().to_string()
    }
}

/// The module that an address is in, and its block there.
fn located<'m>(root: &'m Module, address: &str) -> (&'m Module, String) {
    let keys = regex::Regex::new(r#"\["[^"]*"\]"#).unwrap();
    let address = keys.replace_all(address, "");
    let (mut module, mut rest) = (root, &*address);
    while let Some((name, inside)) = rest.strip_prefix("module.").and_then(|rest| rest.split_once('.')) {
        (module, rest) = (&module.modules[name].module, inside);
    }
    (module, rest.to_owned())
}

fn environments(directory: &Path, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(environments(&entry.path(), &name));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// It is always a certain moment.
struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_700_000_000
    }

    fn sleep(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }
}

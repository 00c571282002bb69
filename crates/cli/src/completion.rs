//! What a shell completes: beside commands and options, environment files, and the names that are in them.
//!
//! The shell calls the command itself for that, with what was typed. What an argument can be is told by the name of its
//! value. Nothing is asked and nothing is called: a state in S3 is not looked into.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::CompleteEnv;
use provision_aws::Aws;
use provision_engine::config::{Backend, Configuration};
use provision_engine::kind::Registry;
use provision_engine::plan::{Aim, Inputs, Outcome, plan};
use provision_engine::refresh::Observation;
use provision_engine::source::Diagnostics;
use provision_engine::state::{State, StateFile};

use crate::project::Project;
use crate::session::{self, TokioClock};

/// The variable by which the script of a shell says that it wants to complete.
pub(crate) const VARIABLE: &str = "PROVISION_COMPLETE";

/// Answers a shell that completes, and ends the process then.
pub(crate) fn answer() {
    let command = || completed(crate::Arguments::command());
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// A command whose arguments know what they can be.
fn completed(command: clap::Command) -> clap::Command {
    command.mut_subcommands(completed).mut_args(|argument| {
        let names = argument.get_value_names().unwrap_or_default();
        match Word::of(&names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")) {
            words if words.is_empty() => argument,
            words => argument.add(ArgValueCompleter::new(Words(words))),
        }
    })
}

/// What can be written as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// The path of an environment file.
    Environment,
    /// The address of a resource.
    Address,
    /// The name of an output.
    Output,
    /// The name of a check.
    Check,
    /// The name of a variable, with `=` after it.
    Variable,
    /// The name of a kind.
    Kind,
}

impl Word {
    /// What the name of a value, such as `ENV] [ADDRESS`, stands for.
    fn of(name: &str) -> Vec<Self> {
        let parts: Vec<&str> = name
            .split(|character: char| !character.is_ascii_alphabetic())
            .filter(|part| !part.is_empty())
            .collect();
        match parts.as_slice() {
            ["NAME", "VALUE"] => return vec![Self::Variable],
            ["KIND"] => return vec![Self::Kind],
            _ => {}
        }
        let has_environment = parts.iter().any(|part| matches!(*part, "ENV" | "ENVIRONMENT"));
        let mut words = Vec::new();
        for part in parts {
            let word = match part {
                "ENV" | "ENVIRONMENT" => Self::Environment,
                "ADDRESS" | "ADDR" => Self::Address,
                "FROM" | "TO" if has_environment => Self::Address,
                "NAME" if has_environment => Self::Output,
                "CHECK" => Self::Check,
                _ => continue,
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

/// Completes an argument that can be each of these.
struct Words(Vec<Word>);

impl ValueCompleter for Words {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let named = named_environment();
        let mut candidates = Vec::new();
        if self.0.contains(&Word::Environment) && (named.is_none() || self.0.len() == 1) {
            candidates.extend(PathCompleter::any().filter(is_toml).complete(current));
        }
        if self.0 != [Word::Environment] {
            let names = self.names(named.or_else(|| Project::here().remembered().ok()).as_deref());
            let typed = current.to_string_lossy();
            candidates.extend(names.into_iter().filter_map(|(name, help)| {
                let spelled = spelled(&name);
                let help =
                    help.lines().next().filter(|line| !line.is_empty()).map(|line| line.to_owned().into());
                spelled.starts_with(&*typed).then(|| CompletionCandidate::new(spelled).help(help))
            }));
        }
        candidates
    }
}

impl Words {
    /// The names that there are, each with what it is of.
    fn names(&self, environment: Option<&Path>) -> Vec<(String, String)> {
        let registry = session::registry(&Arc::new(Aws::new()));
        if self.0 == [Word::Kind] {
            let kinds = registry.kinds().map(|kind| (kind.name().to_owned(), kind.schema()));
            let data = registry.data_sources().map(|kind| (format!("data.{}", kind.name()), kind.schema()));
            return kinds.chain(data).map(|(name, schema)| (name, schema.description.clone())).collect();
        }
        let mut ignored = Diagnostics::default();
        let Some((path, configuration)) =
            environment.and_then(|path| Some((path, Configuration::load(path, &registry, &mut ignored)?)))
        else {
            return Vec::new();
        };
        let root = &configuration.root;
        let names = self.0.iter().flat_map(|word| -> Vec<(String, String)> {
            let said = |(name, description): (&String, &String)| (name.clone(), description.clone());
            match word {
                Word::Environment | Word::Kind => Vec::new(),
                Word::Address => addresses(path, &configuration, &registry),
                Word::Output => {
                    root.outputs.iter().map(|(name, output)| said((name, &output.description))).collect()
                }
                Word::Check => {
                    root.checks.iter().map(|(name, check)| said((name, &check.description))).collect()
                }
                Word::Variable => root
                    .variables
                    .iter()
                    .map(|(name, variable)| (format!("{name}="), variable.description.clone()))
                    .collect(),
            }
        });
        names.collect()
    }
}

/// The addresses of all that is configured or in a state on this machine.
fn addresses(path: &Path, configuration: &Configuration, registry: &Registry) -> Vec<(String, String)> {
    let environment = &configuration.environment;
    let state = match &environment.backend {
        Backend::Local { path: at } => {
            let file = StateFile::local(
                Project::around(path).state(environment, at.as_deref()),
                Arc::new(TokioClock),
            );
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.ok().and_then(|runtime| runtime.block_on(file.read()).ok().flatten())
        }
        Backend::S3(_) => None,
    };
    let state = state.unwrap_or_else(|| State::new(environment, String::new(), &[]));
    let inputs = Inputs {
        configuration,
        registry,
        variables: &std::collections::BTreeMap::new(),
        state: &state,
        observation: &Observation::default(),
        aim: &Aim::default(),
        offline: true,
    };
    let mut addresses: Vec<String> = match plan(&inputs) {
        Ok(Outcome::Planned(plan, _)) => {
            plan.changes.iter().map(|change| change.address.to_string()).collect()
        }
        // Where something is wrong, or a variable has no value, what was applied is known all the same.
        _ => state.resources.keys().map(ToString::to_string).collect(),
    };
    addresses.sort();
    addresses.into_iter().map(|address| (address, String::new())).collect()
}

/// The environment that was typed already.
fn named_environment() -> Option<PathBuf> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(2);
    words.map(PathBuf::from).filter(|word| is_toml(word) && word.is_file()).last()
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

/// A name as it is typed. The scripts of other shells quote what they complete; that of bash does not.
fn spelled(name: &str) -> String {
    let is_bash = std::env::var_os("_CLAP_COMPLETE_COMP_TYPE").is_some();
    let mut spelled = String::with_capacity(name.len());
    for character in name.chars() {
        if is_bash && matches!(character, '[' | ']' | '"' | '\\' | ' ' | '\'' | '$') {
            spelled.push('\\');
        }
        spelled.push(character);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::Word::{self, Address, Check, Environment, Kind, Output, Variable};

    #[test]
    fn what_an_argument_can_be_is_told_by_the_name_of_its_value() {
        let cases: [(&str, &[Word]); 9] = [
            ("ENVIRONMENT", &[Environment]),
            ("ENV|PLANFILE", &[Environment]),
            ("ENV] [ADDRESS", &[Environment, Address]),
            ("ENV] [FROM] [TO", &[Environment, Address]),
            ("ENV] [NAME", &[Environment, Output]),
            ("ENV] [CHECK", &[Environment, Check]),
            ("NAME=VALUE", &[Variable]),
            ("KIND", &[Kind]),
            ("NAME|ARN", &[]),
        ];
        for (name, words) in cases {
            assert_eq!(Word::of(name), words, "{name}");
        }
    }
}

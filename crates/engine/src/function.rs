//! The functions of the expression language: Terraform's, under the same names.
//!
//! A function is pure: its result follows from its arguments, from files and from environment variables, which
//! [`Files`] reads. That is why some of Terraform's are left out on purpose: `timestamp`, `plantimestamp`, `uuid`
//! and `bcrypt` answer something else each time, so that no two plans would agree and an apply would find
//! another value than the plan showed. What has to be random or to be dated belongs in a resource, whose state
//! remembers it. `abspath` is left out because its answer differs between machines.
//!
//! Sets are lists here, in order and without duplicates. Text is counted in characters.
//!
//! No message of an error quotes an argument: it could be a secret. The exceptions are paths of files, names of
//! environment variables and formats, without which the message would be useless.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::value::{Map, Value, Withheld};

use arguments::Arguments;

mod arguments;
mod collection;
pub mod conversion;
pub(crate) mod date;
mod directory;
mod encoding;
mod filesystem;
mod format;
mod glob;
mod hash;
pub(crate) mod json;
mod logic;
mod map;
mod numeric;
mod order;
mod regular;
mod set;
mod string;

pub use directory::Directory;
pub(crate) use hash::fingerprint;

/// What functions read from outside of the configuration. Paths are relative to the file that the call is in.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// What the system says, with the path.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Whether there is a file (and not a directory) at that path.
    fn exists(&self, path: &str) -> bool;

    /// The files in a directory and in those below it, relative to it and with `/` between the parts.
    ///
    /// # Errors
    /// What the system says, with the path.
    fn list(&self, directory: &str) -> Result<Vec<String>, String>;

    /// What a template becomes with these variables, and with no other name in scope.
    ///
    /// # Errors
    /// What is wrong with the template or in evaluating it.
    fn template(&self, source: &str, variables: &Map) -> Result<Value, String>;

    /// The template of AWS CloudFormation that the module in a directory becomes, with these inputs fixed.
    ///
    /// # Errors
    /// What is wrong with the module, or what a template cannot say of it.
    fn export(&self, directory: &str, _inputs: &Map) -> Result<String, String> {
        Err(format!("{directory} cannot be exported from here"))
    }

    /// The value of an environment variable, if it is set.
    fn environment_variable(&self, name: &str) -> Option<String>;
}

type Run = fn(&Arguments<'_>) -> Result<Value, String>;

/// A function of the language.
pub struct Function {
    /// What it is called by.
    pub name: &'static str,
    /// The names of its parameters, in order: the required ones, the optional ones, then the one that repeats.
    pub names: &'static [&'static str],
    /// How many arguments it needs.
    pub parameters: usize,
    /// How many more it takes.
    pub optional: usize,
    /// Whether it takes any number of arguments after these.
    pub variadic: bool,
    /// Whether it can work with arguments of which parts are unknown.
    pub partial: bool,
    /// Whether it judges by itself what wholly unknown arguments mean.
    lazy: bool,
    /// What it does, in a sentence.
    pub description: &'static str,
    run: Run,
}

impl Function {
    const fn new(
        name: &'static str,
        names: &'static [&'static str],
        run: Run,
        description: &'static str,
    ) -> Self {
        let parameters = names.len();
        Self {
            name,
            names,
            parameters,
            optional: 0,
            variadic: false,
            partial: false,
            lazy: false,
            description,
            run,
        }
    }

    /// The last so many parameters can be left out.
    const fn optional(mut self, count: usize) -> Self {
        self.parameters -= count;
        self.optional = count;
        self
    }

    /// The last parameter takes any number of arguments, even none.
    const fn variadic(mut self) -> Self {
        self.parameters -= 1;
        self.variadic = true;
        self
    }

    /// See [`Function::partial`].
    const fn partial(mut self) -> Self {
        self.partial = true;
        self
    }

    /// See [`Function::lazy`].
    const fn lazy(mut self) -> Self {
        self.partial = true;
        self.lazy = true;
        self
    }

    /// How it is called: `substr(string, offset, length)`.
    pub fn signature(&self) -> String {
        let mut text = format!("{}(", self.name);
        for (position, name) in self.names.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            text.push_str(&if self.variadic && position + 1 == self.names.len() {
                format!("{separator}{name}...")
            } else if position >= self.parameters {
                format!("[{separator}{name}]")
            } else {
                format!("{separator}{name}")
            });
        }
        text.push(')');
        text
    }

    /// Calls it. What depends on something unknown is unknown, and what depends on a secret that is no longer
    /// known is [`Value::Withheld`].
    ///
    /// # Errors
    /// The wrong number of arguments, arguments of the wrong type, and what the function itself cannot do.
    pub fn call(&self, arguments: &[Value], files: &dyn Files) -> Result<Value, String> {
        self.check_arity(arguments.len())?;
        if !self.lazy
            && let Some(unavailable) = self.unavailable(arguments)
        {
            return Ok(unavailable);
        }
        (self.run)(&Arguments::new(self, arguments, files))
            .map_err(|message| format!("`{}` failed: {message}", self.name))
    }

    fn check_arity(&self, given: usize) -> Result<(), String> {
        let most = self.parameters + self.optional;
        if given < self.parameters {
            let missing = self.names.get(given).copied().unwrap_or_default();
            let least = if self.variadic || self.optional > 0 { "at least " } else { "" };
            return Err(format!(
                "not enough arguments: {} expects {least}{}, and `{missing}` is missing",
                self.signature(),
                count(self.parameters, "argument")
            ));
        }
        if given > most && !self.variadic {
            return Err(format!(
                "too many arguments: {} expects only {}, not {given}",
                self.signature(),
                count(most, "argument")
            ));
        }
        Ok(())
    }

    /// The result if the arguments do not allow for one.
    fn unavailable(&self, arguments: &[Value]) -> Option<Value> {
        let holds = |predicate: &dyn Fn(&Value) -> bool| {
            arguments
                .iter()
                .any(|argument| if self.partial { predicate(argument) } else { argument.any(predicate) })
        };
        if holds(&|value| value.is_unknown()) {
            return Some(Value::Unknown);
        }
        if holds(&|value| matches!(value, Value::Withheld(_))) {
            return arguments.iter().find_map(withheld);
        }
        None
    }
}

/// What stands for something computed from this, if there is a withheld secret in it.
fn withheld(value: &Value) -> Option<Value> {
    value.withheld().first().map(|secret| Withheld { digest: None, source: secret.source.clone() }.into())
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

static FUNCTIONS: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    [
        collection::FUNCTIONS,
        conversion::FUNCTIONS,
        date::FUNCTIONS,
        encoding::FUNCTIONS,
        filesystem::FUNCTIONS,
        hash::FUNCTIONS,
        logic::FUNCTIONS,
        map::FUNCTIONS,
        numeric::FUNCTIONS,
        regular::FUNCTIONS,
        set::FUNCTIONS,
        string::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .map(|function| (function.name, function))
    .collect()
});

/// The function of that name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name).copied()
}

/// The function of that name, or what is wrong with the name.
pub(crate) fn named(name: &str) -> Result<&'static Function, String> {
    function(name).ok_or_else(|| {
        match crate::spelling::nearest(name, names().chain(crate::expression::OWN_FUNCTIONS)) {
            Some(nearest) => format!("there is no function `{name}`; did you mean `{nearest}`?"),
            None => format!("there is no function `{name}`"),
        }
    })
}

/// All functions, by name.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.values().copied()
}

/// The names of all functions, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied()
}

#[cfg(test)]
mod tests;

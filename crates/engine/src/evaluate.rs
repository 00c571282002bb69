//! The values of a configuration: of its variables, locals and outputs, and of the arguments of its resources,
//! as far as they are known.
//!
//! Values are computed when they are asked for, and kept until something that they depend on is set anew. Whatever
//! resource an evaluation touches on its way is noted: that is what the result depends on.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use crate::address::Address;
use crate::config::tree::{Content, Node};
use crate::config::{BlockName, Configuration, Module};
use crate::expression::evaluate as expression;
use crate::function::Files;
use crate::hash::{HashMap, HashSet, IndexMap};
use crate::kind::Registry;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::{Map, Path, Value};

mod ahead;
mod condition;
mod context;
mod expansion;
mod files;
mod guide;
mod inputs;
mod symbols;

pub(crate) use condition::Verdict;
use context::Context;
use expansion::Children;
pub use expansion::Expansion;
pub(crate) use guide::Guide;
pub(crate) use symbols::Symbols;

/// The values of one configuration.
pub struct Evaluation<'a> {
    configuration: &'a Configuration,
    registry: &'a Registry,
    /// The variables of the environment, where they are given from outside of its file.
    inputs: BTreeMap<String, Value>,
    /// What stands for what will never be known here, if it is a template that is written.
    symbols: Option<&'a dyn Symbols>,
    instances: RefCell<IndexMap<InstanceName, Rc<Instance>>>,
    expansions: RefCell<HashMap<(InstanceName, BlockName), Rc<Expansion>>>,
    values: RefCell<BTreeMap<Address, Value>>,
    /// The named values that were made of each of these.
    dependents: RefCell<HashMap<Address, Vec<Named>>>,
    /// What each module instance waits for.
    waits: RefCell<HashMap<InstanceName, Rc<BTreeSet<Address>>>>,
    /// The paths in these that were filled from something sensitive, where there are any.
    sensitive: RefCell<HashMap<Address, Vec<Path>>>,
    /// Whether data sources are going to be read before the plan is made.
    provisional: Cell<bool>,
    /// Whether something is wrong that was said elsewhere.
    faulty: Cell<bool>,
    diagnostics: RefCell<Diagnostics>,
    files: RefCell<BTreeMap<PathBuf, String>>,
    /// Who has decided how often there is each thing, if that is shared with others.
    guide: Option<Guide>,
    /// Whether its values only stand for others, so that variables are not validated.
    stands_in: bool,
}

/// A module in one of its uses.
struct Instance {
    /// The index of its [`crate::config::ModulePath`].
    path: usize,
    parent: Option<Rc<Instance>>,
    name: InstanceName,
    each: Option<Each>,
    children: RefCell<HashMap<String, Rc<Children>>>,
    known: RefCell<HashMap<Name, Rc<Evaluated>>>,
    /// What is being evaluated: a value that needs itself is unknown, and was complained about.
    evaluating: RefCell<HashSet<Name>>,
}

/// The name of a module instance, which is the beginning of its addresses: empty, or with a dot at its end.
pub type InstanceName = Rc<str>;

/// A named value of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    Variable(String),
    Local(String),
    Output(String),
}

/// A named value of a module instance.
type Named = (Rc<Instance>, Name);

/// The element of `for_each` that an instance stands for.
#[derive(Debug, Clone)]
pub struct Each {
    /// `each.key`
    pub key: String,
    /// `each.value`
    pub value: Value,
}

/// A value, and what was seen on the way to it.
#[derive(Debug, Clone, Default)]
pub struct Evaluated {
    /// The value.
    pub value: Value,
    /// The paths in it that were filled from something sensitive.
    pub sensitive: Vec<Path>,
    /// The resources and data sources that it depends on.
    pub dependencies: Rc<BTreeSet<Address>>,
}

impl Evaluated {
    fn is_sensitive(&self) -> bool {
        !self.sensitive.is_empty()
    }

    /// Whether what a path leads to was filled from something sensitive, or has something in it that was.
    fn is_sensitive_at(&self, path: &Path) -> bool {
        self.sensitive.iter().any(|secret| secret.starts_with(path) || path.starts_with(secret))
    }
}

impl<'a> Evaluation<'a> {
    /// Values of a configuration with these values for its variables.
    pub fn new(
        configuration: &'a Configuration,
        registry: &'a Registry,
        inputs: BTreeMap<String, Value>,
    ) -> Self {
        let root = Rc::new(Instance::new(0, None, "".into(), None));
        Self {
            configuration,
            registry,
            inputs,
            symbols: None,
            instances: RefCell::new([(root.name.clone(), root)].into_iter().collect()),
            expansions: RefCell::default(),
            values: RefCell::default(),
            dependents: RefCell::default(),
            waits: RefCell::default(),
            sensitive: RefCell::default(),
            provisional: Cell::default(),
            faulty: Cell::new(configuration.is_faulty),
            diagnostics: RefCell::default(),
            files: RefCell::default(),
            guide: None,
            stands_in: false,
        }
    }

    /// Says what a resource or data source is now, for those that refer to it.
    pub fn set(&self, address: Address, value: Value) {
        for (instance, name) in self.dependents.borrow_mut().remove(&address).into_iter().flatten() {
            instance.known.borrow_mut().remove(&name);
        }
        self.values.borrow_mut().insert(address, value);
    }

    /// Says which paths in what a resource or data source is were filled from something sensitive. A plan has to
    /// know; an apply goes by the plan.
    pub fn set_sensitive(&self, address: Address, paths: Vec<Path>) {
        if !paths.is_empty() {
            self.sensitive.borrow_mut().insert(address, paths);
        }
    }

    /// Says that more will be known when the plan is made anew: a data source is going to be read.
    pub fn make_provisional(&self) {
        self.provisional.set(true);
    }

    /// Says that something is wrong with a resource: what is not known may be so for that reason.
    pub(crate) fn make_faulty(&self) {
        self.faulty.set(true);
    }

    /// The value of an output of the environment.
    pub fn output(&self, name: &str) -> Rc<Evaluated> {
        self.output_of(&self.root(), name)
    }

    /// Evaluates and validates all variables, and all locals and outputs: what is wrong with those that no
    /// resource uses is wrong too.
    pub fn evaluate_everything(&self) {
        let mut position = 0;
        loop {
            let Some(instance) =
                self.instances.borrow().get_index(position).map(|(_, instance)| instance.clone())
            else {
                break;
            };
            let module = self.module_of(&instance);
            for name in module.variables.keys() {
                self.variable_of(&instance, name);
            }
            for name in module.locals.keys() {
                self.local_of(&instance, name);
            }
            for name in module.outputs.keys() {
                self.output_of(&instance, name);
            }
            for name in module.modules.keys() {
                self.children(&instance, name);
            }
            position += 1;
        }
    }

    /// Evaluates a tree in that module instance.
    pub fn node(&self, instance: &str, each: Option<&Each>, node: &Node) -> Evaluated {
        let Some(instance) = self.instances.borrow().get(instance).cloned() else {
            return Evaluated::default();
        };
        self.evaluate(&instance, each, node)
    }

    /// Gives `read` the files around the module of that instance. What it reads is among [`Evaluation::files_read`].
    pub(crate) fn with_files<T>(&self, instance: &str, read: impl FnOnce(&dyn Files) -> T) -> T {
        let instance = self.instances.borrow().get(instance).cloned().unwrap_or_else(|| self.root());
        let names = Context::new(self, instance.clone(), None);
        read(&files::ModuleFiles { evaluation: self, instance: &instance, names: &names })
    }

    /// What is wrong so far; it is taken out.
    pub fn take_diagnostics(&self) -> Diagnostics {
        std::mem::take(&mut self.diagnostics.borrow_mut())
    }

    /// The SHA-256 of each file that functions have read.
    pub fn files_read(&self) -> BTreeMap<PathBuf, String> {
        self.files.borrow().clone()
    }

    fn evaluate(&self, instance: &Rc<Instance>, each: Option<&Each>, node: &Node) -> Evaluated {
        self.evaluate_ahead(instance, node);
        let context = Context::new(self, instance.clone(), each.or(instance.each.as_ref()).cloned());
        let mut sensitive = Vec::new();
        let value = self.tree(&context, node, &Path::root(), &mut sensitive);
        Evaluated { value, sensitive, dependencies: context.into_dependencies() }
    }

    fn tree(&self, context: &Context<'_, 'a>, node: &Node, path: &Path, sensitive: &mut Vec<Path>) -> Value {
        match &node.content {
            Content::Literal(value) => value.clone(),
            Content::Expression(source) => {
                context.reset_sensitive();
                let value = match expression::evaluate(source, context) {
                    Ok(value) => value,
                    Err(diagnostic) => {
                        self.complain(diagnostic);
                        Value::Unknown
                    }
                };
                if expression::Names::is_sensitive(context) {
                    sensitive.push(path.clone());
                }
                value
            }
            Content::List(nodes) => Value::List(
                nodes
                    .iter()
                    .enumerate()
                    .map(|(index, node)| self.tree(context, node, &path.index(index), sensitive))
                    .collect(),
            ),
            Content::Table(table) => Value::Map(
                table
                    .iter()
                    .map(|(key, entry)| {
                        (key.clone(), self.tree(context, &entry.node, &path.key(key), sensitive))
                    })
                    .collect::<Map>(),
            ),
        }
    }

    /// A named value: as it was kept, or evaluated now.
    fn named(
        &self,
        instance: &Rc<Instance>,
        name: Name,
        evaluate: impl FnOnce() -> Evaluated,
    ) -> Rc<Evaluated> {
        if let Some(known) = instance.known.borrow().get(&name) {
            return known.clone();
        }
        if !instance.evaluating.borrow_mut().insert(name.clone()) {
            return Rc::new(Evaluated::unknown());
        }
        let evaluated = Rc::new(evaluate());
        instance.evaluating.borrow_mut().remove(&name);
        let mut dependents = self.dependents.borrow_mut();
        for address in &*evaluated.dependencies {
            dependents.entry(address.clone()).or_default().push((instance.clone(), name.clone()));
        }
        instance.known.borrow_mut().insert(name, evaluated.clone());
        evaluated
    }

    fn local_of(&self, instance: &Rc<Instance>, name: &str) -> Rc<Evaluated> {
        let module = self.module_of(instance);
        let Some(entry) = module.locals.get(name) else { return Rc::new(Evaluated::unknown()) };
        self.named(instance, Name::Local(name.to_owned()), || self.evaluate(instance, None, &entry.node))
    }

    fn output_of(&self, instance: &Rc<Instance>, name: &str) -> Rc<Evaluated> {
        let module = self.module_of(instance);
        let Some(output) = module.outputs.get(name) else { return Rc::new(Evaluated::unknown()) };
        self.named(instance, Name::Output(name.to_owned()), || {
            let mut evaluated = self.evaluate(instance, None, &output.value);
            if output.sensitive {
                evaluated.sensitive = vec![Path::root()];
            }
            evaluated
        })
    }

    pub(crate) fn complain(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    fn complain_at(&self, place: &Place, message: String, hint: Option<String>) {
        self.complain(Diagnostic { hint, ..Diagnostic::at(place, message) });
    }

    fn root(&self) -> Rc<Instance> {
        self.instances.borrow()[0].clone()
    }

    fn module_of(&self, instance: &Instance) -> &'a Module {
        &self.configuration.modules[instance.path].module
    }
}

impl Evaluated {
    fn unknown() -> Self {
        Self { value: Value::Unknown, ..Self::default() }
    }
}

impl Instance {
    fn new(path: usize, parent: Option<Rc<Self>>, name: InstanceName, each: Option<Each>) -> Self {
        Self {
            path,
            parent,
            name,
            each,
            children: RefCell::default(),
            known: RefCell::default(),
            evaluating: RefCell::default(),
        }
    }
}

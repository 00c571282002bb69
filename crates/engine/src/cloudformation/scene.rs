//! What all cases of one export share: what is exported, its symbols, its parameters, and what must hold of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::address::Address;
use crate::config::{BlockName, Configuration, Variable};
use crate::hash::IndexMap;
use crate::kind::Registry;
use crate::schema::{Attribute, Schema, Type};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::symbol::{Piece, as_symbol, pieces};
use crate::value::{Map, Value};

use super::condition::{Condition, Test};
use super::parameter::{Allowed, Form, Parameter};
use super::render::Renderer;
use super::rules::Rule;
use super::symbol::{Symbol, Symbols};
use super::tree::Tree;
use super::{Counterpart, pascal};

/// The parameter for `env.name` of a module's user.
pub(super) const ENVIRONMENT: &str = "EnvironmentName";
/// The parameter for `env.project` of a module's user.
pub(super) const PROJECT: &str = "ProjectName";

/// See the module.
pub(super) struct Scene<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) registry: &'a Registry,
    /// The variables that are given: they are no parameters.
    pub(super) inputs: BTreeMap<String, Value>,
    /// Whether it is a module by itself that is exported.
    pub(super) is_module: bool,
    symbols: RefCell<Symbols>,
    pub(super) parameters: RefCell<IndexMap<String, Parameter>>,
    /// The names of resources in the template.
    pub(super) names: RefCell<BTreeMap<Address, String>>,
    /// What must hold of parameters together.
    rules: RefCell<Vec<Tree<bool>>>,
    /// Those of them that the template has to state, beside validations.
    pub(super) required: RefCell<Vec<Rule>>,
    /// The region that the stack has to be in, if it cannot be in any.
    region: RefCell<Option<String>>,
    /// The SHA-256 of each file that functions have read.
    pub(super) files_read: RefCell<BTreeMap<PathBuf, String>>,
    /// The variables that CloudFormation has no parameters for.
    pub(super) fixed: RefCell<BTreeSet<String>>,
    /// What the reader of the template has to know.
    pub(super) notes: RefCell<BTreeSet<String>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        configuration: &'a Configuration,
        registry: &'a Registry,
        inputs: BTreeMap<String, Value>,
        is_module: bool,
    ) -> Self {
        let scene = Self {
            configuration,
            registry,
            inputs,
            is_module,
            symbols: RefCell::default(),
            parameters: RefCell::default(),
            names: RefCell::default(),
            rules: RefCell::default(),
            required: RefCell::default(),
            region: RefCell::default(),
            files_read: RefCell::default(),
            fixed: RefCell::default(),
            notes: RefCell::default(),
        };
        if is_module {
            for (name, what) in [
                (PROJECT, "The project, with which names begin"),
                (ENVIRONMENT, "The environment, such as dev"),
            ] {
                scene.ask(name, what, false);
            }
        }
        scene
    }

    // --- Symbols ---

    /// The value that stands for something.
    pub(super) fn stand_for(&self, what: Symbol) -> Value {
        self.symbols.borrow_mut().stand_for(what)
    }

    /// What a value stands for, if it is a symbol and nothing else.
    pub(super) fn of(&self, value: &Value) -> Option<Symbol> {
        self.symbols.borrow().of(value).cloned()
    }

    /// What the symbol of that number stands for.
    pub(super) fn symbol(&self, number: usize) -> Option<Symbol> {
        self.symbols.borrow().get(number).cloned()
    }

    /// All that symbols in a value stand for.
    pub(super) fn symbols_in(&self, value: &Value) -> Vec<Symbol> {
        match value {
            Value::String(text) => pieces(text)
                .into_iter()
                .filter_map(|piece| match piece {
                    Piece::Symbol(number) => self.symbol(number),
                    Piece::Text(_) => None,
                })
                .collect(),
            Value::List(items) => items.iter().flat_map(|item| self.symbols_in(item)).collect(),
            Value::Map(map) => map.values().flat_map(|item| self.symbols_in(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a condition can be made of a text: it has nothing but text and parameters in it.
    pub(super) fn is_of_parameters(&self, text: &str) -> bool {
        self.symbols_in(&Value::from(text))
            .iter()
            .all(|symbol| matches!(symbol, Symbol::Parameter(_) | Symbol::Pseudo(_)))
    }

    // --- Parameters ---

    /// Adds the parameter of a variable, unless it is there.
    pub(super) fn declare(&self, name: &str, make: impl FnOnce() -> Option<Parameter>) {
        if !self.parameters.borrow().contains_key(name)
            && let Some(parameter) = make()
        {
            self.parameters.borrow_mut().insert(name.to_owned(), parameter);
        }
    }

    /// Adds a parameter that nobody has declared.
    pub(super) fn ask(&self, name: &str, description: &str, secret: bool) {
        let parameter = || Parameter { description: description.to_owned(), secret, ..Parameter::default() };
        self.parameters.borrow_mut().entry(name.to_owned()).or_insert_with(parameter);
    }

    /// Whether a parameter is a number.
    pub(super) fn is_number(&self, parameter: &str) -> bool {
        self.parameters.borrow().get(parameter).is_some_and(|parameter| parameter.form == Form::Number)
    }

    /// Whether a parameter can be the empty text.
    pub(super) fn may_be_empty(&self, parameter: &str) -> bool {
        self.parameters.borrow().get(parameter).is_some_and(Parameter::may_be_empty)
    }

    /// Everything that a text can be, if that is a parameter with a choice.
    pub(super) fn choices(&self, text: &str) -> Option<Vec<String>> {
        let Symbol::Parameter(name) = self.symbol(as_symbol(text)?)? else { return None };
        let parameters = self.parameters.borrow();
        let values = &parameters.get(&name)?.allowed.values;
        (!values.is_empty()).then(|| values.clone())
    }

    /// Lets parameters be no more than the attributes can be whose value they are.
    pub(super) fn narrow(&self, schema: &Schema, value: &Value) {
        for (name, attribute) in &schema.attributes {
            self.narrow_attribute(attribute, value.get(name));
        }
    }

    fn narrow_attribute(&self, attribute: &Attribute, value: &Value) {
        match (&attribute.r#type, value) {
            (Type::Object(schema), value) => self.narrow(schema, value),
            (Type::List(element) | Type::Set(element) | Type::Map(element), Value::List(items)) => {
                items.iter().for_each(|item| self.narrow_attribute(element, item));
            }
            (_, value) => {
                if let Some(Symbol::Parameter(name)) = self.of(value)
                    && let Some(parameter) = self.parameters.borrow_mut().get_mut(&name)
                {
                    parameter.narrow(attribute);
                }
            }
        }
    }

    /// Lets a parameter be no more than what it is handed on to allows.
    pub(super) fn restrict(&self, parameter: &str, allowed: &Allowed) {
        if let Some(parameter) = self.parameters.borrow_mut().get_mut(parameter) {
            parameter.restrict(allowed);
        }
    }

    /// What the template asks for with a parameter that nobody has declared, and that has no default.
    pub(super) fn asks_for(&self, parameter: &str) -> Option<Parameter> {
        let is_declared = |name: &String| pascal(name) == parameter;
        let declared = self.configuration.root.variables.keys().any(is_declared);
        if declared || [ENVIRONMENT, PROJECT].contains(&parameter) {
            return None;
        }
        let parameters = self.parameters.borrow();
        parameters.get(parameter).filter(|parameter| parameter.default.is_none()).cloned()
    }

    /// Says what a parameter is where nothing needs it.
    pub(super) fn spare(&self, parameter: &str, spare: &'static str) {
        if let Some(parameter) = self.parameters.borrow_mut().get_mut(parameter) {
            parameter.spare = Some(spare);
        }
    }

    /// Gives a parameter that nobody has declared a default.
    pub(super) fn default_to(&self, parameter: &str, default: &str) {
        if let Some(parameter) = self.parameters.borrow_mut().get_mut(parameter) {
            parameter.default = Some(default.to_owned());
        }
    }

    /// Notes that a variable has no parameter.
    pub(super) fn note_fixed(&self, name: &str, variable: &Variable) {
        self.fixed.borrow_mut().insert(name.to_owned());
        self.note(format!(
            "`{name}` ({}) is no parameter, since CloudFormation has none of that type: it is as it is by default. \
             Export again with --var {name}=… for another value.",
            variable.type_text
        ));
    }

    /// Notes something for the reader of the template.
    pub(super) fn note(&self, text: String) {
        self.notes.borrow_mut().insert(text);
    }

    // --- Rules ---

    /// Adds something that must hold of parameters.
    pub(super) fn lay_down(&self, rule: Tree<bool>) {
        self.rules.borrow_mut().push(rule);
    }

    /// Adds what parameters must be like for anything to be made of them. `wrong`: what is the matter otherwise.
    pub(super) fn require(&self, validity: Tree<bool>, wrong: &Diagnostics) {
        let condition = validity.condition();
        let message = wrong.0.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        match &condition {
            Condition::Test(Test::Given { parameter, list: true }) => {
                if let Some(parameter) = self.parameters.borrow_mut().get_mut(parameter) {
                    parameter.allowed.pattern.get_or_insert_with(|| ".+".to_owned());
                }
            }
            condition if Renderer::is_for_rules(condition) => {
                self.required.borrow_mut().push(Rule { condition: condition.clone(), message });
            }
            _ => self.note(format!("Not checked by the template: {message}.")),
        }
        self.lay_down(validity);
    }

    /// Whether a rule is broken by these answers, whatever others there will be.
    pub(super) fn forbids(&self, path: &[(Test, bool)]) -> bool {
        let answer = |test: &Test| path.iter().find(|(known, _)| known == test).map(|(_, answer)| *answer);
        self.rules.borrow().iter().any(|rule| rule.given(&answer) == Some(false))
    }

    /// Says which region the stack has to be in.
    pub(super) fn be_in(&self, region: &str, place: &Place) -> Result<(), Diagnostics> {
        let mut known = self.region.borrow_mut();
        match known.get_or_insert_with(|| region.to_owned()) == region {
            true => Ok(()),
            false => {
                let message = "something else has to be in another region, and all of a stack is in one";
                Err(Diagnostic::at(place, message).with_hint("export them apart").into())
            }
        }
    }

    /// The region that the stack has to be in, if it cannot be in any.
    pub(super) fn region(&self) -> Option<String> {
        self.region.borrow().clone()
    }

    // --- What is exported ---

    /// `env`: of a module, nobody knows it yet.
    pub(super) fn environment(&self) -> Value {
        let mut environment = self.configuration.environment.value();
        if let Value::Map(map) = &mut environment {
            let parameter = |name: &str| self.stand_for(Symbol::Parameter(name.to_owned()));
            map.insert("region".to_owned(), self.stand_for(Symbol::Pseudo("AWS::Region")));
            map.insert("account_id".to_owned(), self.stand_for(Symbol::Pseudo("AWS::AccountId")));
            if self.is_module {
                map.insert("name".to_owned(), parameter(ENVIRONMENT));
                map.insert("project".to_owned(), parameter(PROJECT));
                map.insert("tags".to_owned(), Value::Map(Map::new()));
            }
        }
        environment
    }

    /// What a kind is in a template.
    pub(super) fn counterpart(&self, block: &BlockName) -> Option<Counterpart> {
        match block.data {
            true => self.registry.data(&block.kind)?.cloudformation(),
            false => self.registry.kind(&block.kind)?.cloudformation(),
        }
    }

    /// The schema of a kind.
    pub(super) fn schema(&self, block: &BlockName) -> Option<&'a Schema> {
        match block.data {
            true => self.registry.data(&block.kind).map(|kind| kind.schema()),
            false => self.registry.kind(&block.kind).map(|kind| kind.schema()),
        }
    }

    /// The arguments that a kind takes.
    pub(super) fn settable(&self, block: &BlockName) -> Vec<String> {
        let attributes = self.schema(block).into_iter().flat_map(|schema| &schema.attributes);
        attributes.filter(|(_, attribute)| !attribute.read_only).map(|(name, _)| name.clone()).collect()
    }
}

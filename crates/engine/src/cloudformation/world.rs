//! One case of a template's conditions: the answers to the tests that come up while something is evaluated.
//!
//! What is evaluated asks for variables and compares them. Where that is for the template to decide, the first answer
//! is yes; then everything is evaluated again with the last such answer turned into no, until all cases were seen.

use std::cell::RefCell;

use hcl_edit::expr::BinaryOperator;

use crate::address::Address;
use crate::config::{BlockName, Variable};
use crate::evaluate::{Evaluation, Symbols};
use crate::expression::evaluate::Failure;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::Value;

use super::condition::Test;
use super::parameter::{self, Form, Parameter};
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::Tree;
use super::{Returned, operations, pascal};

/// No more cases than this are gone through for one block.
const MOST_CASES: usize = 4096;

/// One case.
pub(super) struct World<'s> {
    scene: &'s Scene<'s>,
    /// The answers that are laid down; all after these are yes.
    script: Vec<bool>,
    path: RefCell<Vec<(Test, bool)>>,
    /// What could not be said in a template, where `try` or `can` may have hidden that.
    refused: RefCell<Option<String>>,
}

/// What is wrong, with what to do about what a template cannot say.
fn hinted(mut wrong: Diagnostics, refused: &str) -> Diagnostics {
    for diagnostic in wrong.0.iter_mut().filter(|diagnostic| diagnostic.message == refused) {
        diagnostic.hint.get_or_insert_with(|| FIX.to_owned());
    }
    wrong
}

/// Evaluates something in every case. `place`: where to complain about what no expression stands for.
pub(super) fn explore<T>(
    scene: &Scene<'_>,
    place: &Place,
    evaluate: &mut dyn FnMut(&Evaluation<'_>) -> Result<T, Diagnostics>,
) -> Result<Tree<T>, Diagnostics> {
    let mut cases = Vec::new();
    let mut invalid = None;
    let mut script = Vec::new();
    loop {
        let world = World { scene, script, path: RefCell::default(), refused: RefCell::default() };
        let evaluation =
            Evaluation::new(scene.configuration, scene.registry, scene.inputs.clone()).with_symbols(&world);
        let outcome = evaluate(&evaluation);
        let wrong = evaluation.take_diagnostics();
        scene.files_read.borrow_mut().extend(evaluation.files_read());
        drop(evaluation);
        if let Some(message) = world.refused.into_inner() {
            hinted(wrong, &message).into_result()?;
            return Err(Diagnostic::at(place, message).with_hint(FIX).into());
        }
        let path = world.path.into_inner();
        script = path.iter().map(|(_, answer)| *answer).collect();
        let outcome = outcome?;
        match wrong.into_result() {
            Ok(()) => cases.push((path, Some(outcome))),
            Err(wrong) => {
                cases.push((path, None));
                invalid.get_or_insert(wrong);
            }
        }
        while script.last() == Some(&false) {
            script.pop();
        }
        let Some(last) = script.last_mut() else { break };
        *last = false;
        if cases.len() >= MOST_CASES {
            let message = "this depends on more conditions than a template can reasonably have";
            return Err(Diagnostic::at(place, message).with_hint(FIX).into());
        }
    }
    if let Some(wrong) = invalid {
        // Nothing can be made of some parameters, as nothing could of such variables: then it is a rule to give others.
        let validity = Tree::of(cases).map(|tree| tree.map(&mut |case: &Option<T>| case.is_some()));
        return match validity {
            Some(validity) if validity.leaves().into_iter().any(|is_valid| *is_valid) => {
                scene.require(validity, &wrong);
                explore(scene, place, evaluate)
            }
            _ => Err(wrong),
        };
    }
    let cases = cases.into_iter().filter_map(|(path, case)| Some((path, case?))).collect();
    Tree::of(cases).ok_or_else(|| Diagnostic::at(place, "there is no case to go by").into())
}

/// What to do where a template cannot say something.
pub(super) const FIX: &str =
    "give the variables that it depends on with --var: then it is computed, and they are no parameters";
/// What to do where CloudFormation does not tell what AWS chooses.
const CHOSEN: &str = "set it: what AWS chooses, CloudFormation does not tell";

impl World<'_> {
    /// The answer to a test.
    pub(super) fn decide(&self, test: Test) -> bool {
        // That a parameter is empty is that it is not given.
        if let Test::Equal(text, right) = &test
            && right.is_empty()
            && let Some(Symbol::Parameter(parameter)) = self.scene.of(&Value::from(text.as_str()))
        {
            return !self.decide(Test::Given { parameter, list: false });
        }
        if let Some(answer) = self.known(&test) {
            return answer;
        }
        let mut path = self.path.borrow_mut();
        for answer in [true, false] {
            path.push((test.clone(), !answer));
            let is_forbidden = self.scene.forbids(&path);
            path.pop();
            if is_forbidden {
                return answer;
            }
        }
        let answer = self.script.get(path.len()).copied().unwrap_or(true);
        path.push((test, answer));
        answer
    }

    /// The answer that follows from those that were given.
    fn known(&self, test: &Test) -> Option<bool> {
        let path = self.path.borrow();
        if let Some((_, answer)) = path.iter().find(|(known, _)| known == test) {
            return Some(*answer);
        }
        let Test::Equal(left, right) = test else { return None };
        let mut excluded = vec![right.as_str()];
        for (known, answer) in path.iter() {
            match known {
                Test::Equal(other, value) if other == left => match answer {
                    // It is one thing, so it is no other.
                    true if !crate::value::symbol::has_symbol(value) => return Some(false),
                    _ => excluded.push(value),
                },
                _ => {}
            }
        }
        // Of all that it can be, this is what is left.
        let choices = self.scene.choices(left)?;
        let others = choices.iter().filter(|choice| **choice != *right);
        let is_left = others.into_iter().all(|choice| excluded[1..].contains(&choice.as_str()));
        is_left.then_some(true)
    }

    /// Something that a template cannot say.
    fn refuse<T>(&self, message: impl Into<String>) -> Result<T, String> {
        let message = message.into();
        self.refused.borrow_mut().get_or_insert_with(|| message.clone());
        Err(message)
    }

    fn is_given(&self, parameter: &str, form: Form) -> bool {
        self.decide(Test::Given { parameter: parameter.to_owned(), list: form == Form::List })
    }

    /// A parameter that is there because a template cannot know something.
    fn ask(&self, address: &Address, attribute: &str, description: &str, secret: bool) -> Value {
        let name = self.scene.parameter_for(address, attribute);
        self.scene.ask(&name, description, secret);
        self.scene.stand_for(Symbol::Parameter(name))
    }

    /// All arguments of a block, as they are set.
    fn arguments(&self, block: &BlockName, argument: &dyn Fn(&str) -> Value) -> Value {
        let names = self.scene.settable(block);
        Value::Map(names.into_iter().map(|name| (name.clone(), argument(&name))).collect())
    }
}

impl Symbols for World<'_> {
    fn variable(
        &self,
        name: &str,
        variable: &Variable,
        default: &dyn Fn() -> Value,
    ) -> Result<Value, Failure> {
        let Some(form) = parameter::form(&variable.r#type) else {
            // CloudFormation has no parameters of that type: its default goes into the template.
            if variable.default.is_none() {
                let message = format!(
                    "a template has no parameters of the type {}, and `{name}` has no default",
                    variable.type_text
                );
                let hint = format!("give its value: --var {name}=…");
                return self.refuse(message).map_err(|message| Failure::new(message).with_hint(hint));
            }
            self.scene.note_fixed(name, variable);
            let mut problems = Vec::new();
            return Ok(variable.r#type.check(&default(), &crate::value::Path::root(), &mut problems));
        };
        let parameter = pascal(name);
        let computed = default();
        self.scene.declare(&parameter, || {
            let known = if computed.has_symbol() { Value::Null } else { computed.clone() };
            Parameter::of(variable, &known)
        });
        let falls_back = variable.default.is_some() && (computed.is_null() || computed.has_symbol());
        Ok(match form {
            Form::Boolean if falls_back && !self.is_given(&parameter, form) => computed,
            Form::Boolean => Value::Bool(self.decide(Test::True(parameter))),
            // One that must be given can be empty too, if it is a list.
            Form::List if !self.is_given(&parameter, form) => {
                match computed.has_symbol() || computed.is_null() {
                    true if variable.default.is_some() => computed,
                    _ => Value::List(Vec::new()),
                }
            }
            Form::List => Value::List(vec![self.scene.stand_for(Symbol::Elements(parameter))]),
            _ if falls_back && !self.is_given(&parameter, form) => computed,
            _ => self.scene.stand_for(Symbol::Parameter(parameter)),
        })
    }

    fn environment(&self) -> Value {
        self.scene.environment()
    }

    fn attribute(
        &self,
        block: &BlockName,
        address: &Address,
        name: &str,
        argument: &dyn Fn(&str) -> Value,
    ) -> Result<Value, Failure> {
        let Some(counterpart) = self.scene.counterpart(block) else {
            let message = self.refuse::<Value>(format!("{} cannot be part of a template", block.kind));
            return message.map_err(Failure::from);
        };
        let symbol = || self.scene.stand_for(Symbol::Attribute(address.clone(), name.to_owned()));
        let unknowable_but = |hint: &str| {
            let message = format!("`{name}` of {address} cannot be had in a template");
            self.refuse(message).map_err(|message| Failure::new(message).with_hint(hint))
        };
        let unknowable = || unknowable_but(FIX);
        let declared = self.scene.schema(block).and_then(|schema| schema.attributes.get(name));
        let settable = declared.filter(|attribute| !attribute.read_only);
        match counterpart.returned(name) {
            Some(Returned::Ref | Returned::GetAtt(_) | Returned::Sub(_) | Returned::Sign) => Ok(symbol()),
            Some(Returned::Argument(other)) => Ok(argument(other)),
            Some(Returned::Known(known)) => match known(&self.arguments(block, argument)) {
                Some(value) => Ok(value),
                None => unknowable(),
            },
            Some(Returned::Structure(make)) => {
                let token = |attribute: &str| {
                    self.scene.stand_for(Symbol::Attribute(address.clone(), attribute.to_owned()))
                };
                Ok(make(&self.arguments(block, argument), &token))
            }
            Some(Returned::Parameter(description)) => Ok(self.ask(address, name, description, false)),
            Some(Returned::ParameterLike(description, spare)) => {
                let value = self.ask(address, name, description, false);
                self.scene.spare(&self.scene.parameter_for(address, name), spare);
                Ok(value)
            }
            Some(Returned::Secret(description)) => Ok(self.ask(address, name, description, true)),
            None if settable.is_some() => match argument(name) {
                // AWS chooses: what, is known of few.
                Value::Null if settable.is_some_and(|attribute| attribute.computed) => {
                    let usual = settable.and_then(|attribute| attribute.usual.clone());
                    usual.map_or_else(|| unknowable_but(CHOSEN), Ok)
                }
                value => Ok(value),
            },
            None => unknowable(),
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        if !arguments.iter().any(Value::has_symbol) {
            return None;
        }
        match operations::call(self.scene, function, arguments, &|test| self.decide(test)) {
            Some(Err(message)) => Some(self.refuse(message)),
            other => other,
        }
    }

    fn operate(
        &self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> Option<Result<Value, String>> {
        if !left.has_symbol() && !right.has_symbol() {
            return None;
        }
        match operations::operate(self.scene, operator, left, right, &|test| self.decide(test)) {
            Some(Err(message)) => Some(self.refuse(message)),
            other => other,
        }
    }

    fn whole(&self, address: &Address) -> Value {
        self.scene.stand_for(Symbol::Whole(address.clone()))
    }

    fn is_whole(&self, value: &Value) -> Option<Address> {
        match self.scene.of(value) {
            Some(Symbol::Whole(address)) => Some(address),
            _ => None,
        }
    }

    fn iterate(&self, collection: &Value) -> Result<(), String> {
        match collection.items().iter().any(|item| matches!(self.scene.of(item), Some(Symbol::Elements(_)))) {
            true => self.refuse("a template cannot go over the elements of a parameter"),
            false => Ok(()),
        }
    }
}

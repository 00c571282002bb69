//! The values of variables: given, or defaults; of the right type, and valid.

use super::*;
use crate::config::Variable;

impl Evaluation<'_> {
    pub(super) fn variable_of(&self, instance: &Rc<Instance>, name: &str) -> Rc<Evaluated> {
        let Some(variable) = self.module_of(instance).variables.get(name) else {
            return Rc::new(Evaluated::unknown());
        };
        // The validations of a variable name it: it is kept before they are looked at.
        let key = Name::Variable(name.to_owned());
        let is_kept = instance.known.borrow().contains_key(&key);
        let evaluated = self.named(instance, key, || self.input(instance, name, variable));
        // Of a template, rules are made of them.
        let is_judged =
            !is_kept && self.symbols.is_none() && !self.stands_in && evaluated.value.is_wholly_known();
        if is_judged && !self.is_valid(instance, name, variable) {
            // Nothing is to be made of a value that must not be.
            let invalid = Rc::new(Evaluated { value: Value::Unknown, ..Evaluated::clone(&evaluated) });
            instance.known.borrow_mut().insert(Name::Variable(name.to_owned()), invalid.clone());
            return invalid;
        }
        evaluated
    }

    fn input(&self, instance: &Rc<Instance>, name: &str, variable: &Variable) -> Evaluated {
        let (mut evaluated, node) = match &instance.parent {
            None => match self.inputs.get(name) {
                Some(value) => (Evaluated { value: value.clone(), ..Evaluated::default() }, None),
                None => match self.symbols {
                    Some(symbols) => return self.symbol_for(symbols, instance, name, variable),
                    None => (Evaluated::default(), None),
                },
            },
            Some(parent) => {
                let path = &self.configuration.modules[instance.path];
                let entry =
                    self.module_of(parent).modules.get(&path.name).and_then(|call| call.arguments.get(name));
                match entry {
                    Some(entry) => {
                        let each = instance.each.as_ref();
                        (self.evaluate(parent, each, &entry.node), Some(&entry.node))
                    }
                    None if self.is_misspelled_in(parent, instance, name) => return Evaluated::unknown(),
                    None => (Evaluated::default(), None),
                }
            }
        };
        let mut node = node;
        if evaluated.value.is_null() {
            match &variable.default {
                Some(default) => {
                    evaluated = self.evaluate(instance, None, default);
                    node = Some(default);
                }
                None if instance.parent.is_none() => {
                    self.complain_at(
                        &variable.place,
                        format!("the variable `{name}` has no value"),
                        Some(format!("give one with --var {name}=…, PROVISION_VAR_{name}, or a default")),
                    );
                    return Evaluated::unknown();
                }
                // Null was given on purpose.
                None if node.is_some() => {}
                // Its absence was said when the configuration was checked.
                None => return Evaluated::unknown(),
            }
        }
        let mut problems = Vec::new();
        let value = variable.r#type.check(&evaluated.value, &Path::root(), &mut problems);
        for problem in problems {
            let place = node.map_or(&variable.place, |node| node.place_of(&problem.path, problem.at_key));
            let message = match problem.path.0.is_empty() {
                true => format!("the variable `{name}`: {}", problem.message),
                false => format!("the variable `{name}`: {}: {}", problem.path, problem.message),
            };
            self.complain_at(place, message, problem.hint);
        }
        evaluated.value = value;
        if variable.sensitive {
            evaluated.sensitive = vec![Path::root()];
        }
        evaluated
    }

    /// What stands for a variable of the outermost module that nothing is given for.
    fn symbol_for(
        &self,
        symbols: &dyn Symbols,
        instance: &Rc<Instance>,
        name: &str,
        variable: &Variable,
    ) -> Evaluated {
        let default = || {
            variable.default.as_ref().map_or(Value::Null, |node| self.evaluate(instance, None, node).value)
        };
        match symbols.variable(name, variable, &default) {
            Ok(value) => Evaluated { value, ..Evaluated::default() },
            Err(failure) => {
                self.complain_at(&variable.place, failure.message, failure.hint);
                Evaluated::unknown()
            }
        }
    }

    /// Whether a variable is given under a name that there is not: that has been said, and what it is given is not known.
    fn is_misspelled_in(&self, parent: &Instance, instance: &Instance, name: &str) -> bool {
        let path = &self.configuration.modules[instance.path];
        self.configuration.is_faulty
            && self
                .module_of(parent)
                .modules
                .get(&path.name)
                .is_some_and(|call| call.misspelled_inputs().any(|meant| meant == name))
    }

    fn is_valid(&self, instance: &Rc<Instance>, name: &str, variable: &Variable) -> bool {
        let mut valid = true;
        for validation in &variable.validations {
            if self.evaluate(instance, None, &validation.condition).value.as_bool() == Some(false) {
                let message = self.evaluate(instance, None, &validation.error_message).value;
                let message = message.as_str().unwrap_or("its validation does not hold");
                self.complain_at(
                    self.given_at(instance, name).unwrap_or(&variable.place),
                    format!("the variable `{name}`: {message}"),
                    None,
                );
                valid = false;
            }
        }
        valid
    }

    /// Where the value of an argument stands, that is written there in a module. One that the module only hands on stands
    /// where the module got it.
    pub(crate) fn source_of(&self, instance: &str, place: &Place) -> Place {
        let text = place.text().trim_matches(['"', '\'']);
        let handed_on = text.strip_prefix("${var.").and_then(|text| text.strip_suffix('}'));
        let instance = self.instances.borrow().get(instance).cloned();
        let given =
            handed_on.zip(instance.as_ref()).and_then(|(name, instance)| self.given_at(instance, name));
        given.unwrap_or(place).clone()
    }

    /// Where the value of a variable stands. One that a module only hands on stands where the module got it.
    fn given_at(&self, instance: &Instance, name: &str) -> Option<&Place> {
        let Some(parent) = instance.parent.as_ref() else {
            let variable = self.module_of(instance).variables.get(name)?;
            return variable
                .default
                .as_ref()
                .filter(|_| !self.inputs.contains_key(name))
                .map(|node| &node.place);
        };
        let path = &self.configuration.modules[instance.path];
        let place = &self.module_of(parent).modules.get(&path.name)?.arguments.get(name)?.node.place;
        let text = place.text().trim_matches(['"', '\'']);
        let handed_on = text.strip_prefix("${var.").and_then(|text| text.strip_suffix('}'));
        Some(handed_on.and_then(|name| self.given_at(parent, name)).unwrap_or(place))
    }
}

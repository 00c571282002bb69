//! Values that nobody here will ever know, because a template is written of the configuration and carried out elsewhere.

use std::rc::Rc;

use hcl_edit::expr::BinaryOperator;

use super::context::Context;
use super::*;
use crate::config::Variable;
use crate::expression::evaluate::{Access, Failure, follow};

/// What stands for such values, and what can be done with it.
pub(crate) trait Symbols {
    /// A variable of the outermost module. `default`: its default.
    fn variable(
        &self,
        name: &str,
        variable: &Variable,
        default: &dyn Fn() -> Value,
    ) -> Result<Value, Failure>;

    /// `env`
    fn environment(&self) -> Value;

    /// An attribute of a resource or a data source. `argument`: what an argument of it is set to.
    fn attribute(
        &self,
        block: &BlockName,
        address: &Address,
        name: &str,
        argument: &dyn Fn(&str) -> Value,
    ) -> Result<Value, Failure>;

    /// The result of a function, if it is given something that such a value is in.
    fn call(&self, function: &str, arguments: &[Value]) -> Option<Result<Value, String>>;

    /// The result of an operator, if it is given something that such a value is in.
    fn operate(&self, operator: BinaryOperator, left: &Value, right: &Value)
    -> Option<Result<Value, String>>;

    /// What stands for all of a resource, for somebody to ask for an attribute of it.
    fn whole(&self, address: &Address) -> Value;

    /// The resource that a value stands for all of.
    fn is_whole(&self, value: &Value) -> Option<Address>;

    /// Fails if the elements of a list cannot be told one by one.
    fn iterate(&self, collection: &Value) -> Result<(), String>;
}

impl<'a> Evaluation<'a> {
    /// The same, with these in place of what is not known.
    pub(crate) fn with_symbols(self, symbols: &'a dyn Symbols) -> Self {
        Self { symbols: Some(symbols), ..self }
    }
}

impl<'a> Context<'_, 'a> {
    /// An attribute for which something stands, or what its argument is set to.
    pub(super) fn symbol(
        &self,
        symbols: &'a dyn Symbols,
        block: &BlockName,
        (address, each): (&Address, Option<&Each>),
        accesses: &[Access],
        after: usize,
    ) -> Result<(Value, usize), Failure> {
        let Some(Access::Attribute(name)) = accesses.get(after) else {
            return Ok((symbols.whole(address), after));
        };
        let value = self.attribute_of(symbols, self.instance(), block, (address, each), name)?;
        // What is read from what a template knows nothing of is not known there either.
        match accesses.get(after + 1) {
            Some(access) if !value.is_null() => follow(&value, access).map(|value| (value, after + 2)),
            _ => Ok((value, after + 1)),
        }
    }

    /// The member of something, where that is a value that stands for all of a resource.
    pub(super) fn follow_symbol(&self, value: &Value, access: &Access) -> Option<Result<Value, Failure>> {
        let symbols = self.evaluation.symbols?;
        let address = symbols.is_whole(value)?;
        let Access::Attribute(name) = access else { return None };
        let instance = self.evaluation.instances.borrow().get(address.module()).cloned()?;
        let block = address.block_name();
        let expansion = self.evaluation.expansion(&instance.name, &block);
        let (_, each) = expansion.instances().into_iter().find(|(known, _)| *known == address)?;
        Some(self.attribute_of(symbols, &instance, &block, (&address, each.as_ref()), name))
    }

    fn attribute_of(
        &self,
        symbols: &'a dyn Symbols,
        instance: &Rc<Instance>,
        block: &BlockName,
        (address, each): (&Address, Option<&Each>),
        name: &str,
    ) -> Result<Value, Failure> {
        symbols.attribute(block, address, name, &|name| self.argument(instance, block, each, name))
    }

    /// What an argument of a block is set to, or its default.
    fn argument(&self, instance: &Rc<Instance>, block: &BlockName, each: Option<&Each>, name: &str) -> Value {
        let schema = self.schema(block).and_then(|schema| schema.attributes.get(name));
        let module = self.evaluation.module_of(instance);
        let declared = module.blocks.get(block).and_then(|block| block.arguments.table()?.get(name));
        let value =
            declared.map_or(Value::Null, |entry| self.evaluation.evaluate(instance, each, &entry.node).value);
        match (value, schema) {
            (Value::Null, Some(schema)) => schema.complete(&schema.default.clone().unwrap_or_default()),
            (value, Some(schema)) => schema.complete(&value),
            (value, None) => value,
        }
    }
}

impl Evaluation<'_> {
    /// A variable of a module's instance.
    pub(crate) fn variable_at(&self, instance: &str, name: &str) -> Value {
        let instance = self.instances.borrow().get(instance).cloned();
        instance.map_or(Value::Null, |instance| self.variable_of(&instance, name).value.clone())
    }

    /// The name of the module that an instance is of, and what that is in: its whole chain, the innermost first.
    pub(crate) fn calls_around(&self, instance: &str) -> Vec<(InstanceName, &crate::config::ModuleCall)> {
        let mut calls = Vec::new();
        let mut at = self.instances.borrow().get(instance).cloned();
        while let Some(instance) = at {
            if let Some(parent) = &instance.parent
                && let Some(call) =
                    self.module_of(parent).modules.get(&self.configuration.modules[instance.path].name)
            {
                calls.push((Rc::clone(&parent.name), call));
            }
            at = instance.parent.clone();
        }
        calls
    }
}

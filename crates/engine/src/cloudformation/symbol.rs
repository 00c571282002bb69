//! What symbols stand for while a template is written.

use indexmap::IndexSet;

use crate::address::Address;
use crate::value::Value;
use crate::value::symbol::{as_symbol, symbol};

/// What a symbol stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// The value of a parameter.
    Parameter(String),
    /// All elements of a parameter that is a list, where it has some: it stands in a list, in their place.
    Elements(String),
    /// The elements of something that is a list in one text, with this between them.
    Joined(Box<Symbol>, String),
    /// How many elements a list has, as far as that is known: at least so many.
    AtLeast(usize),
    /// A pseudo parameter, such as `AWS::Region`.
    Pseudo(&'static str),
    /// All of a resource, for somebody to ask for an attribute of it.
    Whole(Address),
    /// An attribute of a resource of the template.
    Attribute(Address, String),
}

/// All symbols of one template.
#[derive(Debug, Default)]
pub(super) struct Symbols(IndexSet<Symbol>);

impl Symbols {
    /// The value that stands for something.
    pub(super) fn stand_for(&mut self, what: Symbol) -> Value {
        Value::String(symbol(self.0.insert_full(what).0))
    }

    /// What the symbol of that number stands for.
    pub(super) fn get(&self, number: usize) -> Option<&Symbol> {
        self.0.get_index(number)
    }

    /// What a value stands for, if it is a symbol and nothing else.
    pub(super) fn of(&self, value: &Value) -> Option<&Symbol> {
        self.get(as_symbol(value.as_str()?)?)
    }
}

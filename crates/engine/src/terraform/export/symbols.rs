//! What symbols stand for that only Terraform will know, or is to look up again. They become interpolations in the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::value::symbol::{Piece, as_symbol, pieces, symbol};
use crate::value::{Map, Value};

/// All symbols of an export.
#[derive(Default)]
pub(super) struct Symbols {
    entries: RefCell<Vec<Symbol>>,
    numbers: RefCell<BTreeMap<String, usize>>,
    /// What lists of symbols are as a whole.
    lists: RefCell<BTreeMap<Vec<String>, usize>>,
    /// Those that were written since somebody asked, and all that were.
    used: RefCell<BTreeSet<usize>>,
    ever_used: RefCell<BTreeSet<String>>,
}

#[derive(Clone)]
struct Symbol {
    /// What it is in Terraform.
    reference: String,
    /// Whose attribute it is of.
    of: Option<Address>,
    /// What it stands for: as it is now, or else a sample.
    value: String,
    /// Whether that is a sample.
    is_sample: bool,
    /// Whether it has no reference of its own, but as an element of a list.
    is_element: bool,
}

impl Symbols {
    /// What stands for a text that is now so, or that nobody knows yet.
    pub(super) fn text(&self, of: Option<&Address>, reference: String, value: Option<&str>) -> Value {
        Value::from(self.symbol(of, reference, value, false))
    }

    /// What stands for a list: of a symbol each element. One that is alone can be referred to by itself; of others
    /// nobody knows in which order Terraform has them.
    pub(super) fn list(&self, of: &Address, reference: &str, items: &[Value]) -> Value {
        let is_text = |item: &Value| item.as_str().is_some();
        let items: Vec<Value> = match items {
            [Value::Map(map)] => {
                let member = |(name, value): (&String, &Value)| {
                    let value = match value.as_str() {
                        Some(text) => self.text(Some(of), format!("one({reference}).{name}"), Some(text)),
                        None => value.clone(),
                    };
                    (name.clone(), value)
                };
                return Value::List(vec![Value::Map(map.iter().map(member).collect::<Map>())]);
            }
            [single] if is_text(single) => {
                vec![self.text(Some(of), format!("one({reference})"), single.as_str())]
            }
            items if items.len() > 1 && items.iter().all(is_text) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    Value::from(self.symbol(Some(of), format!("{reference}[{at}]"), item.as_str(), true))
                })
                .collect(),
            items => return Value::List(items.to_vec()),
        };
        let whole = self.number(&self.symbol(Some(of), reference.to_owned(), Some(""), false));
        let elements = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        self.lists.borrow_mut().extend(whole.map(|whole| (elements, whole)));
        Value::List(items)
    }

    fn symbol(
        &self,
        of: Option<&Address>,
        reference: String,
        value: Option<&str>,
        is_element: bool,
    ) -> String {
        let mut entries = self.entries.borrow_mut();
        let number = *self.numbers.borrow_mut().entry(reference.clone()).or_insert(entries.len());
        if number == entries.len() {
            entries.push(Symbol {
                reference,
                of: of.cloned(),
                value: value.map_or_else(|| sample(number), str::to_owned),
                is_sample: value.is_none(),
                is_element,
            });
        }
        symbol(number)
    }

    /// The number of the symbol that a text is, and nothing else.
    fn number(&self, text: &str) -> Option<usize> {
        as_symbol(text).filter(|number| *number < self.entries.borrow().len())
    }

    /// Whether a text is one symbol, and nothing else.
    pub(super) fn is_symbol(&self, text: &str) -> bool {
        self.number(text).is_some_and(|number| !self.entries.borrow()[number].is_element)
    }

    /// A value with what its symbols stand for.
    pub(super) fn filled_in(&self, value: &Value) -> Value {
        self.map_texts(value, &|symbols, text| {
            symbols.replace(text, &mut |text, out| out.push_str(text), &mut |_, symbol, out| {
                out.push_str(&symbol.value);
            })
        })
    }

    /// A text as a template of Terraform's, in which symbols are interpolations.
    pub(super) fn template(&self, text: &str) -> String {
        self.replace(text, &mut |text, out| out.push_str(&literal(text)), &mut |number, symbol, out| {
            match symbol.is_element {
                true => out.push_str(&literal(&symbol.value)),
                false => {
                    self.note(number, symbol);
                    // `$${` would be a literal `${`.
                    let dollars = out.len() - out.trim_end_matches('$').len();
                    if dollars > 0 {
                        let dollars = out.split_off(out.len() - dollars);
                        out.push_str(&format!("${{\"{dollars}\"}}"));
                    }
                    out.push_str(&format!("${{{}}}", symbol.reference));
                }
            }
        })
    }

    /// What a list is as a whole, if it is all of one.
    pub(super) fn whole(&self, items: &[Value]) -> Option<String> {
        let elements: Vec<String> =
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        let number = *self.lists.borrow().get(&elements)?;
        let whole = self.entries.borrow()[number].clone();
        self.note(number, &whole);
        Some(format!("${{{}}}", whole.reference))
    }

    fn note(&self, number: usize, symbol: &Symbol) {
        self.used.borrow_mut().insert(number);
        self.ever_used.borrow_mut().insert(symbol.reference.clone());
    }

    /// Whether a reference was written.
    pub(super) fn was_used(&self, reference: &str) -> bool {
        self.ever_used.borrow().contains(reference)
    }

    /// JSON text of a value, in which symbols stay symbols. Where a symbol stands for what JSON would write otherwise,
    /// Terraform is to do that.
    pub(super) fn json(&self, value: &Value) -> Value {
        let text = value.to_json().to_string();
        Value::from(self.replace(&text, &mut |text, out| out.push_str(text), &mut |number, symbol, out| {
            let plain = serde_json::Value::from(symbol.value.as_str()).to_string();
            let is_plain = symbol.is_sample || plain.trim_matches('"') == symbol.value;
            let written = match is_plain {
                true => crate::value::symbol::symbol(number),
                false => self.symbol(
                    symbol.of.as_ref(),
                    format!("substr(jsonencode({0}), 1, length(jsonencode({0})) - 2)", symbol.reference),
                    Some(plain.strip_prefix('"').and_then(|plain| plain.strip_suffix('"')).unwrap_or(&plain)),
                    false,
                ),
            };
            out.push_str(&written);
        }))
    }

    /// The resources and data sources that were referred to since this was last asked.
    pub(super) fn take_used(&self) -> BTreeSet<Address> {
        let used = std::mem::take(&mut *self.used.borrow_mut());
        let entries = self.entries.borrow();
        used.into_iter().filter_map(|number| entries[number].of.clone()).collect()
    }

    fn map_texts(&self, value: &Value, map: &dyn Fn(&Self, &str) -> String) -> Value {
        match value {
            Value::String(text) => Value::from(map(self, text)),
            Value::List(items) => Value::List(items.iter().map(|item| self.map_texts(item, map)).collect()),
            Value::Map(entries) => Value::Map(
                entries.iter().map(|(key, item)| (map(self, key), self.map_texts(item, map))).collect(),
            ),
            other => other.clone(),
        }
    }

    /// A text, piece by piece: what is plain, and what is a symbol.
    fn replace(
        &self,
        text: &str,
        plain: &mut dyn FnMut(&str, &mut String),
        symbol: &mut dyn FnMut(usize, &Symbol, &mut String),
    ) -> String {
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => plain(text, &mut out),
                Piece::Symbol(number) => {
                    let known = self.entries.borrow().get(number).cloned();
                    known.iter().for_each(|known| symbol(number, known, &mut out));
                }
            }
        }
        out
    }
}

/// A text that stands for one that nobody knows, and that hardly any function would leave as it is: what is made of it
/// shows whether it was looked into.
fn sample(number: usize) -> String {
    format!(" Sample/{number}:Ab-C_d.e,F|g;h=i@J ")
}

/// A text in which Terraform evaluates nothing.
pub(super) fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

//! Imports: what exists already, and is to become a resource's.

use super::*;
use crate::config::tree::Node;
use crate::evaluate::Each;
use crate::kind::ResourceKind;
use crate::refresh::ImportRequest;

/// An import that somebody asks for.
pub(super) struct Wanted<'a> {
    id: Id<'a>,
    /// Where it stands, if it is in a file.
    place: Option<&'a Place>,
}

enum Id<'a> {
    Given(&'a str),
    Expression(&'a Node, Option<Each>),
}

impl<'a> Planner<'_, 'a> {
    /// All imports that are asked for, by the configuration and by the command.
    pub(super) fn wanted_imports(&mut self) -> BTreeMap<Address, Wanted<'a>> {
        let mut wanted = BTreeMap::new();
        for (address, id) in &self.inputs.aim.imports {
            wanted.insert(address.clone(), Wanted { id: Id::Given(id), place: None });
        }
        for import in &self.inputs.configuration.root.imports {
            let elements = match &import.for_each {
                None => vec![None],
                Some(node) => self.elements(node).into_iter().map(Some).collect(),
            };
            for each in elements {
                let to = self.evaluation.node("", each.as_ref(), &import.to).value;
                let Some(to) = to.as_str() else {
                    let message = "the address of an import has to be known before anything is read";
                    self.diagnostics.push(Diagnostic::at(&import.to.place, message));
                    continue;
                };
                let id = Id::Expression(&import.id, each);
                wanted.insert(Address::from(to), Wanted { id, place: Some(&import.place) });
            }
        }
        wanted
    }

    fn elements(&mut self, node: &Node) -> Vec<Each> {
        let each = |key: &str, value: &Value| Each { key: key.to_owned(), value: value.clone() };
        match self.evaluation.node("", None, node).value {
            Value::Map(map) => map.iter().map(|(key, value)| each(key, value)).collect(),
            Value::List(items) => items.iter().filter_map(|item| Some(each(item.as_str()?, item))).collect(),
            other => {
                let message = format!("`for_each` is a map or a set of strings, not {}", other.type_name());
                self.diagnostics.push(Diagnostic::at(&node.place, message));
                Vec::new()
            }
        }
    }

    /// Whether a resource has to be read before it can be planned: it is to be imported. Says so if it cannot be.
    pub(super) fn must_be_imported(
        &mut self,
        address: &Address,
        kind: &dyn ResourceKind,
        region: &Option<String>,
        configuration: &Value,
    ) -> bool {
        let Some(wanted) = self.imports.get(address) else { return false };
        if self.inputs.offline {
            return false;
        }
        let place = wanted.place.cloned();
        let id = match &wanted.id {
            Id::Given(id) => Value::from(*id),
            Id::Expression(node, each) => self.evaluation.node("", each.as_ref(), node).value,
        };
        let problem = match (&id, self.inputs.observation.imports.get(address)) {
            (Value::String(id), None) => {
                self.evaluation.make_provisional();
                self.requests.imports.push(ImportRequest {
                    address: address.clone(),
                    kind: kind.name().to_owned(),
                    region: region.clone(),
                    id: id.clone(),
                    configuration: configuration.clone(),
                    place,
                });
                return true;
            }
            (Value::String(id), Some(_)) => format!("there is no {} with the id `{id}`", kind.name()),
            (Value::Unknown, _) if !self.requests.is_empty() => return true,
            (Value::Unknown, _) => "the id of an import has to be known before the apply".to_owned(),
            (other, _) => format!("the id of an import is a string, not {}", other.type_name()),
        };
        self.diagnostics.push(Diagnostic { place, ..Diagnostic::new(problem) });
        false
    }

    /// Complains about imports into what is not configured.
    pub(super) fn imports_into_nothing(&mut self) {
        for (address, wanted) in &self.imports {
            let is_selected = self.selection.is_none_or(|selection| selection.contains(address));
            if is_selected && !self.positions.contains_key(address) && !self.current.contains_key(address) {
                let diagnostic = Diagnostic {
                    place: wanted.place.cloned(),
                    ..Diagnostic::new(format!("there is no `{address}` in the configuration to import into"))
                };
                let hint =
                    format!("write its block, or have it written: provision import {address} ID --generate");
                self.diagnostics.push(diagnostic.with_hint(hint));
            }
        }
    }
}

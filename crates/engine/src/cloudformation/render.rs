//! Properties, outputs and conditions as CloudFormation writes them: symbols become `!Ref`, `!GetAtt` and `!Sub`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::address::Address;
use crate::value::symbol::{Piece, has_symbol, pieces};
use crate::value::{Map, Value};

use super::condition::{Condition, Conditions, Test};
use super::parameter::Form;
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::Node;
use super::uses::Uses;
use super::yaml::Yaml;
use super::{Returned, pascal};

/// What is written, and what it has made use of.
pub(super) struct Renderer<'s, 'a> {
    pub(super) scene: &'s Scene<'a>,
    conditions: RefCell<Conditions>,
    /// The parameters that are named somewhere.
    pub(super) used: RefCell<Uses>,
    /// What holds where something is being written.
    holds: RefCell<Vec<(Condition, bool)>>,
    /// What could not be written.
    pub(super) impossible: RefCell<Vec<String>>,
    /// The resources of the template.
    resources: BTreeSet<Address>,
}

/// A part of a text.
enum Part {
    Text(String),
    Ref(String),
    GetAtt(String, String),
    /// Something that `!Sub` has no short form for.
    Other(Yaml),
}

impl<'s, 'a> Renderer<'s, 'a> {
    pub(super) fn new(scene: &'s Scene<'a>, resources: BTreeSet<Address>) -> Self {
        Self {
            scene,
            conditions: RefCell::default(),
            used: RefCell::default(),
            holds: RefCell::default(),
            impossible: RefCell::default(),
            resources,
        }
    }

    /// Properties of a resource that is there when `present` holds.
    pub(super) fn properties(&self, present: &Condition, node: &Node) -> Option<Yaml> {
        self.where_is(present, true, || self.node(node))
    }

    fn where_is<T>(&self, condition: &Condition, holds: bool, write: impl FnOnce() -> T) -> T {
        self.holds.borrow_mut().push((condition.clone(), holds));
        let written = write();
        self.holds.borrow_mut().pop();
        written
    }

    /// A value that parameters are in which can be left empty: it is there only if they are not. The rules of the template
    /// may say so already, but not to whoever looks at this property alone.
    fn unless_empty(&self, value: &Value) -> Yaml {
        let mut yaml = self.value(value);
        for parameter in self.parameters_in(value) {
            let parameters = self.scene.parameters.borrow();
            let Some(declared) = parameters.get(&parameter).filter(|declared| declared.is_optional) else {
                continue;
            };
            let given = Condition::Test(Test::Given { parameter, list: declared.form == Form::List });
            drop(parameters);
            let is_given = given.within(&self.holds.borrow());
            if is_given != Some(true) {
                let name = Yaml::text(self.condition(&given, ""));
                yaml = Yaml::tag("If", Yaml::List(vec![name, yaml, Yaml::reference("AWS::NoValue")]));
            }
        }
        yaml
    }

    fn parameters_in(&self, value: &Value) -> BTreeSet<String> {
        fn parameter(symbol: Symbol) -> Option<String> {
            match symbol {
                Symbol::Parameter(name) | Symbol::Elements(name) => Some(name),
                Symbol::Joined(inner, _) => parameter(*inner),
                _ => None,
            }
        }
        self.scene.symbols_in(value).into_iter().filter_map(parameter).collect()
    }

    /// Properties; `None` if there is nothing.
    pub(super) fn node(&self, node: &Node) -> Option<Yaml> {
        Some(match node {
            Node::Any | Node::Nothing => return None,
            Node::Value(value) => self.unless_empty(value),
            Node::List(items) => Yaml::List(items.iter().filter_map(|item| self.node(item)).collect()),
            Node::Map(entries) => Yaml::Map(
                entries.iter().filter_map(|(key, value)| Some((key.clone(), self.node(value)?))).collect(),
            ),
            Node::If(condition, yes, no) => {
                if let (Condition::Test(Test::True(parameter)), Node::Value(yes), Node::Value(no)) =
                    (condition, &**yes, &**no)
                    && (yes.as_bool(), no.as_bool()) == (Some(true), Some(false))
                {
                    return Some(self.parameter(parameter));
                }
                let is_known = condition.within(&self.holds.borrow());
                match is_known {
                    Some(true) => return self.node(yes),
                    Some(false) => return self.node(no),
                    None => {}
                }
                let side = |node| self.node(node).unwrap_or_else(|| Yaml::reference("AWS::NoValue"));
                let name = Yaml::text(self.condition(condition, ""));
                let yes = self.where_is(condition, true, || side(yes));
                let no = self.where_is(condition, false, || side(no));
                match yes == no {
                    true => yes,
                    false => Yaml::tag("If", Yaml::List(vec![name, yes, no])),
                }
            }
        })
    }

    /// The name of a condition, which is written if it was not yet. `suggested`: what to call it if it is more than a test.
    pub(super) fn condition(&self, condition: &Condition, suggested: &str) -> String {
        let name = match condition {
            Condition::Test(test) => self.test_name(test),
            Condition::Not(inner) => match &**inner {
                Condition::Test(test) => format!("Not{}", self.test_name(test)),
                _ => suggested.to_owned(),
            },
            _ => suggested.to_owned(),
        };
        // What it is made of has a name of its own.
        if !matches!(condition, Condition::Test(_)) {
            for test in condition.tests() {
                self.condition(&Condition::Test(test.clone()), "");
            }
        }
        self.conditions.borrow_mut().name(condition, &name)
    }

    /// All conditions that have a name.
    pub(super) fn conditions(&self) -> Yaml {
        let named = |test: &Test| {
            Yaml::tag("Condition", Yaml::text(self.condition(&Condition::Test(test.clone()), "")))
        };
        let conditions: Vec<(String, Condition)> = {
            let conditions = self.conditions.borrow();
            conditions.iter().map(|(name, condition)| (name.clone(), condition.clone())).collect()
        };
        Yaml::Map(
            conditions
                .into_iter()
                .map(|(name, condition)| {
                    let yaml = match &condition {
                        Condition::Test(test) => self.test(test),
                        other => other.yaml(&named),
                    };
                    (name, yaml)
                })
                .collect(),
        )
    }

    /// A test, written out.
    pub(super) fn test(&self, test: &Test) -> Yaml {
        let equal = |left: Yaml, right: Yaml| Yaml::tag("Equals", Yaml::List(vec![left, right]));
        match test {
            Test::True(parameter) => equal(self.parameter(parameter), Yaml::text("true")),
            Test::Equal(left, right) => equal(self.text(left), self.text(right)),
            Test::Given { parameter, list } => {
                let value = self.parameter(parameter);
                let value = if *list { join("", value) } else { value };
                Yaml::tag("Not", Yaml::List(vec![equal(value, Yaml::text(""))]))
            }
        }
    }

    fn test_name(&self, test: &Test) -> String {
        match test {
            Test::Given { parameter, .. } => format!("Has{parameter}"),
            Test::True(parameter) => format!("{parameter}IsTrue"),
            Test::Equal(left, right) => {
                let word = |text: &str| -> String {
                    pieces(text)
                        .iter()
                        .map(|piece| match piece {
                            Piece::Text(text) => pascal(text),
                            Piece::Symbol(number) => match self.scene.symbol(*number) {
                                Some(Symbol::Parameter(name)) => name,
                                Some(Symbol::Pseudo(name)) => name.trim_start_matches("AWS::").to_owned(),
                                _ => String::new(),
                            },
                        })
                        .collect()
                };
                let right = if right.is_empty() { "Empty".to_owned() } else { word(right) };
                format!("{}Is{right}", word(left))
            }
        }
    }

    /// A value without conditions.
    pub(super) fn value(&self, value: &Value) -> Yaml {
        match value {
            Value::String(text) => self.text(text),
            Value::List(items) => self.list(items),
            Value::Map(map) => self.map(map),
            other => Yaml::of(other),
        }
    }

    fn map(&self, map: &Map) -> Yaml {
        Yaml::Map(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| {
                    if has_symbol(key) {
                        self.impossible
                            .borrow_mut()
                            .push("a key of a table cannot depend on a parameter".to_owned());
                    }
                    (key.clone(), self.value(value))
                })
                .collect(),
        )
    }

    /// A list. Parameters that are lists are put in between by joining all, and splitting that.
    fn list(&self, items: &[Value]) -> Yaml {
        let parameter = |item: &Value| match self.scene.of(item) {
            Some(Symbol::Elements(name)) => Some(self.parameter(&name)),
            _ => None,
        };
        if let [single] = items
            && let Some(whole) = parameter(single)
        {
            return whole;
        }
        if !items.iter().any(|item| parameter(item).is_some()) {
            return Yaml::List(items.iter().map(|item| self.value(item)).collect());
        }
        let texts = items.iter().map(|item| match parameter(item) {
            Some(whole) => join(",", whole),
            None => self.value(item),
        });
        let all = join(",", Yaml::List(texts.collect()));
        Yaml::tag("Split", Yaml::List(vec![Yaml::text(","), all]))
    }

    /// A text with what symbols in it stand for.
    pub(super) fn text(&self, text: &str) -> Yaml {
        if !has_symbol(text) {
            return Yaml::text(text);
        }
        let mut parts = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text.to_owned())),
                Piece::Symbol(number) => {
                    parts.extend(self.scene.symbol(number).iter().flat_map(|symbol| self.symbol(symbol)));
                }
            }
        }
        substituted(parts)
    }

    fn symbol(&self, symbol: &Symbol) -> Vec<Part> {
        match symbol {
            Symbol::Parameter(name) => {
                self.used.borrow_mut().note(name, &self.holds.borrow());
                vec![Part::Ref(name.clone())]
            }
            Symbol::Pseudo(name) => vec![Part::Ref((*name).to_owned())],
            Symbol::Attribute(address, name) => self.attribute(address, name),
            Symbol::Joined(source, separator) => {
                let list = match &**source {
                    Symbol::Elements(name) => self.parameter(name),
                    other => substituted(self.symbol(other)),
                };
                vec![Part::Other(join(separator, list))]
            }
            Symbol::Elements(name) => {
                self.cannot(format!("the parameter {name} is a list, and stands where there is one value"))
            }
            Symbol::Whole(address) => self
                .cannot(format!("all of {address} at once cannot be had in a template: name its attribute")),
            Symbol::AtLeast(_) => {
                self.cannot("the number of elements of a parameter cannot be had".to_owned())
            }
        }
    }

    fn attribute(&self, address: &Address, name: &str) -> Vec<Part> {
        let block = address.block_name();
        let returned = self.scene.counterpart(&block).and_then(|counterpart| counterpart.returned(name));
        let id = || {
            if !self.resources.contains(address) && !block.data {
                self.impossible
                    .borrow_mut()
                    .push(format!("{address} is no resource of the template by itself"));
            }
            self.scene.logical_id(address)
        };
        match returned {
            Some(Returned::Ref) => vec![Part::Ref(id())],
            Some(Returned::GetAtt(attribute)) => vec![Part::GetAtt(id(), attribute.to_owned())],
            Some(Returned::Sub(template)) => parts_of(template, &id),
            _ => self.cannot(format!("`{name}` of {address} cannot be had in a template")),
        }
    }

    fn cannot(&self, message: String) -> Vec<Part> {
        self.impossible.borrow_mut().push(message);
        Vec::new()
    }

    fn parameter(&self, name: &str) -> Yaml {
        self.used.borrow_mut().note(name, &self.holds.borrow());
        Yaml::reference(name)
    }

    /// What a template must not be carried out without, as a rule has it: rules name no conditions.
    pub(super) fn assertion(&self, condition: &Condition) -> Yaml {
        condition.yaml(&|test| self.test(test))
    }

    /// Whether a condition asks for something that rules cannot: what is in a list.
    pub(super) fn is_for_rules(condition: &Condition) -> bool {
        !condition.tests().iter().any(|test| matches!(test, Test::Given { list: true, .. }))
    }
}

fn join(separator: &str, list: Yaml) -> Yaml {
    Yaml::tag("Join", Yaml::List(vec![Yaml::text(separator), list]))
}

/// The parts of what [`Returned::Sub`] says.
fn parts_of(template: &str, id: &dyn Fn() -> String) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(match name.strip_prefix('.') {
            Some(attribute) => Part::GetAtt(id(), attribute.to_owned()),
            None if name == "Ref" => Part::Ref(id()),
            None => Part::Ref(name.to_owned()),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// The shortest that says it.
fn substituted(mut parts: Vec<Part>) -> Yaml {
    if parts.len() == 1 {
        return match parts.remove(0) {
            Part::Text(text) => Yaml::Text(text),
            Part::Ref(name) => Yaml::reference(name),
            Part::GetAtt(id, attribute) => Yaml::tag("GetAtt", Yaml::text(format!("{id}.{attribute}"))),
            Part::Other(yaml) => yaml,
        };
    }
    let mut text = String::new();
    let mut variables: Vec<(String, Yaml)> = Vec::new();
    for part in parts {
        match part {
            Part::Text(plain) => text += &plain.replace("${", "${!"),
            Part::Ref(name) => text += &format!("${{{name}}}"),
            Part::GetAtt(id, attribute) => text += &format!("${{{id}.{attribute}}}"),
            Part::Other(yaml) => {
                let known = variables.iter().find(|(_, known)| *known == yaml).map(|(name, _)| name.clone());
                let name = known.unwrap_or_else(|| {
                    let name = format!("List{}", variables.len() + 1);
                    variables.push((name.clone(), yaml));
                    name
                });
                text += &format!("${{{name}}}");
            }
        }
    }
    match variables.is_empty() {
        true => Yaml::tag("Sub", Yaml::Text(text)),
        false => Yaml::tag("Sub", Yaml::List(vec![Yaml::Text(text), Yaml::Map(variables)])),
    }
}

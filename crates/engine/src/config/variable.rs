//! Variables: the inputs of an environment or a module, and their types.

use hcl_edit::expr::{Expression as Syntax, ObjectKey};

use super::fields::Fields;
use super::tree::{Entry, Node};
use crate::expression::nesting;
use crate::schema::{Attribute, Schema, Type};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::Value;

/// An input.
#[derive(Debug)]
pub struct Variable {
    /// What it is for.
    pub description: String,
    /// What it can be, as it was written; `any` when it was not.
    pub type_text: String,
    /// What it can be.
    pub r#type: Attribute,
    /// What it is when none is given. Without one, a value must be given.
    pub default: Option<Node>,
    /// Whether its value is a secret.
    pub sensitive: bool,
    /// What must hold of it.
    pub validations: Vec<Validation>,
    /// Where its name stands.
    pub place: Place,
}

/// A condition that must be met, by an input or by what there is.
#[derive(Debug)]
pub struct Validation {
    /// The condition, an expression that gives a boolean.
    pub condition: Node,
    /// What to say if it does not hold.
    pub error_message: Node,
}

impl Variable {
    pub(super) fn read(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Self> {
        const KNOWN: &[&str] = &["description", "type", "default", "sensitive", "validation"];
        let mut fields = Fields::of(&entry.node, KNOWN, diagnostics)?;
        let type_node = fields.node("type");
        let type_text = fields.text("type").unwrap_or_else(|| "any".to_owned());
        let r#type = match parse_type(&type_text) {
            Ok(r#type) => r#type,
            Err(message) => {
                let place = type_node.map_or(&entry.key, |node| &node.place);
                fields.diagnostics.push(Diagnostic::at(place, message).with_hint(
                    "types are string, number, bool, any, list(…), set(…), map(…) and object({ name = type })",
                ));
                Attribute::default()
            }
        };
        let mut variable = Self {
            description: fields.text("description").unwrap_or_default(),
            type_text,
            r#type,
            default: fields.node("default").cloned(),
            sensitive: fields.boolean("sensitive").unwrap_or_default(),
            validations: Vec::new(),
            place: entry.key.clone(),
        };
        variable.validations = Validation::read_all(&mut fields, "validation");
        Some(variable)
    }
}

impl Validation {
    /// The blocks of that name: one, or several.
    pub(super) fn read_all(fields: &mut Fields<'_, '_>, name: &str) -> Vec<Self> {
        let Some(node) = fields.node(name) else { return Vec::new() };
        let nodes = node.list().map_or_else(|| vec![node], |nodes| nodes.iter().collect());
        let what = format!("a{} {name}", if name.starts_with(['a', 'e', 'i', 'o']) { "n" } else { "" });
        nodes.into_iter().filter_map(|node| Self::read(node, &what, fields.diagnostics)).collect()
    }

    /// What is to be evaluated.
    pub(super) fn nodes(&self) -> [&Node; 2] {
        [&self.condition, &self.error_message]
    }

    /// `what`: what this is in its block, with an article.
    fn read(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let fields = Fields::of(node, &["condition", "error_message"], diagnostics)?;
        match (fields.node("condition"), fields.node("error_message")) {
            (Some(condition), Some(error_message)) => {
                Some(Self { condition: condition.clone(), error_message: error_message.clone() })
            }
            (condition, _) => {
                let missing =
                    if condition.is_none() { "condition = \"${…}\"" } else { "error_message = \"…\"" };
                let message = format!("{what} has a `condition` and an `error_message`");
                fields
                    .diagnostics
                    .push(Diagnostic::at(&node.place, message).with_hint(format!("add {missing}")));
                None
            }
        }
    }
}

/// Terraform's type expressions, such as `map(list(string))`.
fn parse_type(text: &str) -> Result<Attribute, String> {
    if nesting::too_deep_in_expression(text).is_some() {
        return Err("this type is nested too deeply".to_owned());
    }
    let syntax: Syntax = text.parse().map_err(|_| format!("`{text}` is no type"))?;
    Ok(Attribute { r#type: type_of(&syntax)?, ..Attribute::default() })
}

fn type_of(syntax: &Syntax) -> Result<Type, String> {
    match syntax {
        Syntax::Variable(name) => match name.as_str() {
            "string" => Ok(Type::String),
            "number" => Ok(Type::Number),
            "bool" => Ok(Type::Bool),
            "any" => Ok(Type::Any),
            other => Err(format!("`{other}` is no type")),
        },
        Syntax::FuncCall(call) => {
            let name = call.name.name.as_str();
            let argument = match call.args.iter().collect::<Vec<_>>().as_slice() {
                [argument] => *argument,
                _ => return Err(format!("`{name}` takes one type")),
            };
            let element = || {
                Ok::<_, String>(Box::new(Attribute { r#type: type_of(argument)?, ..Attribute::default() }))
            };
            match name {
                "list" => Ok(Type::List(element()?)),
                "set" => Ok(Type::Set(element()?)),
                "map" => Ok(Type::Map(element()?)),
                "object" => object_type(argument),
                other => Err(format!("`{other}` is no type")),
            }
        }
        other => Err(format!("`{}` is no type", other.to_string().trim())),
    }
}

fn object_type(syntax: &Syntax) -> Result<Type, String> {
    let Syntax::Object(object) = syntax else {
        return Err("an object's type is written `object({ name = type })`".to_owned());
    };
    let mut schema = Schema::default();
    for (key, value) in object {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(Syntax::Variable(name)) => name.as_str().to_owned(),
            ObjectKey::Expression(Syntax::String(name)) => name.as_str().to_owned(),
            ObjectKey::Expression(other) => return Err(format!("`{}` is no name", other.to_string().trim())),
        };
        schema.attributes.insert(name, Box::new(member_type(value.expr())?));
    }
    Ok(Type::Object(schema))
}

/// A member of an object: its type, or `optional(type, default)`.
fn member_type(syntax: &Syntax) -> Result<Attribute, String> {
    if let Syntax::FuncCall(call) = syntax
        && call.name.name.as_str() == "optional"
    {
        return match call.args.iter().collect::<Vec<_>>().as_slice() {
            [member] => Ok(Attribute { r#type: type_of(member)?, ..Attribute::default() }),
            [member, default] => Ok(Attribute {
                r#type: type_of(member)?,
                default: Some(constant(default)?),
                ..Attribute::default()
            }),
            _ => Err("`optional` takes a type and, if you like, a default".to_owned()),
        };
    }
    Ok(Attribute { r#type: type_of(syntax)?, required: true, ..Attribute::default() })
}

fn constant(syntax: &Syntax) -> Result<Value, String> {
    match syntax {
        Syntax::Null(_) => Ok(Value::Null),
        Syntax::Bool(boolean) => Ok(Value::Bool(*boolean.value())),
        Syntax::Number(number) => Ok(number
            .value()
            .as_i64()
            .map(Value::from)
            .or(number.value().as_f64().map(Value::from))
            .unwrap_or_default()),
        Syntax::String(text) => Ok(Value::from(text.as_str())),
        Syntax::Array(array) => array.iter().map(constant).collect::<Result<_, _>>().map(Value::List),
        Syntax::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let name = match key {
                    ObjectKey::Ident(name) => name.as_str().to_owned(),
                    ObjectKey::Expression(key) => key.to_string().trim().trim_matches('"').to_owned(),
                };
                Ok((name, constant(value.expr())?))
            })
            .collect::<Result<_, String>>()
            .map(Value::Map),
        other => Err(format!("`{}` is no constant", other.to_string().trim())),
    }
}

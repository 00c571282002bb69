//! Parameters of a template: the inputs of what is exported, and what a template cannot know by itself.

use std::collections::BTreeSet;

use crate::config::Variable;
use crate::schema::{Attribute, Constraints, Type};
use crate::value::Value;

use super::constraint;
use super::yaml::Yaml;

/// A parameter.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameter {
    /// What it is for.
    pub(super) description: String,
    /// How it is read.
    pub(super) form: Form,
    /// What it is if none is given, as text.
    pub(super) default: Option<String>,
    /// Whether nothing is given where it is empty, and not an empty text.
    pub(super) is_optional: bool,
    /// Whether it is a secret.
    pub(super) secret: bool,
    /// What it is where nothing needs it.
    pub(super) spare: Option<&'static str>,
    /// What it can be.
    pub(super) allowed: Allowed,
}

/// How a parameter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// Text.
    #[default]
    Text,
    /// A number. What has none as well is text.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Texts with commas between them.
    List,
}

/// What a parameter can be.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Allowed {
    pub(super) values: Vec<String>,
    pub(super) pattern: Option<String>,
    pub(super) least: Option<f64>,
    pub(super) greatest: Option<f64>,
    pub(super) shortest: Option<usize>,
    pub(super) longest: Option<usize>,
}

impl Parameter {
    /// The parameter that a variable becomes, with its default where that is known; `None` if CloudFormation has none for
    /// its type.
    pub(super) fn of(variable: &Variable, known: &Value) -> Option<Self> {
        let form = form(&variable.r#type)?;
        let default = variable.default.is_some().then(|| text(known).unwrap_or_default());
        let is_optional = variable.default.is_some() && known.is_null();
        let (mut allowed, unsaid) = constraint::of(variable);
        let mut description = variable.description.replace('\n', " ");
        for message in unsaid {
            description = format!("{} ({message})", description.trim_end_matches('.'));
        }
        if default.is_none() && form == Form::Text && allowed == Allowed::default() {
            allowed.shortest = Some(1);
        }
        let secret = variable.sensitive;
        Some(Self { description, form, default, is_optional, secret, spare: None, allowed })
    }

    /// Whether nothing can be given for it.
    pub(super) fn can_be_empty(&self) -> bool {
        self.default.as_deref() == Some("")
    }

    /// Whether it can be the empty text: by default, or because nothing that is said of it forbids that.
    pub(super) fn may_be_empty(&self) -> bool {
        let Allowed { values, pattern, shortest, .. } = &self.allowed;
        let is_free = values.is_empty() && pattern.is_none() && shortest.is_none_or(|length| length == 0);
        self.form == Form::Text && self.default.is_some() && (self.can_be_empty() || is_free)
    }

    /// Takes over what an attribute can be whose value it is.
    pub(super) fn narrow(&mut self, attribute: &Attribute) {
        let Constraints { one_of, minimum, maximum, .. } = &attribute.constraints;
        if self.allowed.values.is_empty() {
            self.allowed.values = one_of.iter().filter_map(text).collect();
        }
        if self.form == Form::Number {
            self.allowed.least = self.allowed.least.or(*minimum);
            self.allowed.greatest = self.allowed.greatest.or(*maximum);
        }
    }

    /// Takes over what something allows that it is handed on to, where nothing was said yet.
    pub(super) fn restrict(&mut self, other: &Allowed) {
        let allowed = &mut self.allowed;
        if allowed.values.is_empty() {
            allowed.values.clone_from(&other.values);
        }
        allowed.pattern = allowed.pattern.take().or_else(|| other.pattern.clone());
        allowed.least = allowed.least.or(other.least);
        allowed.greatest = allowed.greatest.or(other.greatest);
        allowed.shortest = allowed.shortest.or(other.shortest);
        allowed.longest = allowed.longest.or(other.longest);
    }

    /// As a template has it.
    pub(super) fn yaml(&self) -> Yaml {
        let mut entries: Vec<(String, Yaml)> = Vec::new();
        let mut put = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
        if !self.description.is_empty() {
            put("Description", Yaml::text(self.description.as_str()));
        }
        // A number cannot be left out.
        let form = if self.can_be_empty() && self.form == Form::Number { Form::Text } else { self.form };
        put(
            "Type",
            Yaml::text(match form {
                Form::Text | Form::Boolean => "String",
                Form::Number => "Number",
                Form::List => "CommaDelimitedList",
            }),
        );
        let number = |value: f64| Value::from(value);
        if let Some(default) = &self.default {
            put(
                "Default",
                match (form, default.parse::<f64>()) {
                    (Form::Number, Ok(value)) => Yaml::of(&number(value)),
                    _ => Yaml::text(default.as_str()),
                },
            );
        }
        let Allowed { values, pattern, least, greatest, shortest, longest } = &self.allowed;
        let values: BTreeSet<String> = match self.form {
            Form::Boolean => ["true", "false"].map(str::to_owned).into(),
            _ => values.iter().cloned().collect(),
        };
        if !values.is_empty() && self.form != Form::List {
            let empty = self.can_be_empty().then(String::new);
            let mut values: Vec<Yaml> = empty.into_iter().chain(values).map(Yaml::text).collect();
            if form == Form::Number {
                values = numbers(&self.allowed.values).map(|value| Yaml::of(&number(value))).collect();
            }
            put("AllowedValues", Yaml::List(values));
        } else if let Some(pattern) = pattern {
            let pattern = if self.can_be_empty() { format!("^$|{pattern}") } else { pattern.clone() };
            put("AllowedPattern", Yaml::text(pattern));
        } else if self.form == Form::Number && form == Form::Text {
            put("AllowedPattern", Yaml::text(r"^$|^-?[0-9]+(\.[0-9]+)?$"));
        }
        if form == Form::Number {
            least.iter().for_each(|value| put("MinValue", Yaml::of(&number(*value))));
            greatest.iter().for_each(|value| put("MaxValue", Yaml::of(&number(*value))));
        }
        if form == Form::Text && !self.can_be_empty() {
            shortest.iter().for_each(|length| put("MinLength", Yaml::of(&Value::from(*length as i64))));
            longest.iter().for_each(|length| put("MaxLength", Yaml::of(&Value::from(*length as i64))));
        }
        if self.secret {
            put("NoEcho", Yaml::of(&Value::Bool(true)));
        }
        Yaml::Map(entries)
    }
}

/// Texts as numbers, the least first.
fn numbers(texts: &[String]) -> impl Iterator<Item = f64> {
    let mut numbers: Vec<f64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.into_iter()
}

/// How a value of that type is read; `None` if a parameter cannot be of it.
pub(super) fn form(r#type: &Attribute) -> Option<Form> {
    match &r#type.r#type {
        Type::String => Some(Form::Text),
        Type::Number | Type::Integer => Some(Form::Number),
        Type::Bool => Some(Form::Boolean),
        Type::List(element) | Type::Set(element) if matches!(element.r#type, Type::String) => {
            Some(Form::List)
        }
        _ => None,
    }
}

/// A value as the text of a parameter; none if it is not there.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(text).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

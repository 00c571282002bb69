//! The schema of a kind: what a configuration can say, derived from the kind's struct.
//!
//! Types, constraints, defaults and documentation come from serde and schemars. A field bears a flag as
//! `#[schemars(extend("forces_replacement" = true))]`:
//!
//! | flag | meaning |
//! | --- | --- |
//! | `forces_replacement` | AWS cannot change it in place |
//! | `computed` | AWS chooses a value when none is set, and that is no difference |
//! | `volatile` | computed anew with each change, such as an ETag |
//! | `kept` | an argument that AWS does not know, such as `force_destroy`; the state remembers it |
//! | `resent` | write-only, and sent again with any change, since AWS takes one thing with the other |
//! | `sensitive` | never shown, and kept as a digest |
//! | `repeats` | the name of an argument whose value this has: where that is a secret, so is this |
//! | `tells` | the names of arguments of which this tells something, such as a hash: where one is a secret, so is this |
//! | `usual` | the value that AWS chooses when none is set, so that it need not be written down |
//! | `apart` | the kind of resource that can say this in place of the argument |
//! | `path` | a path from the directory of the module |
//! | `open` | write-only for its size, and no secret by itself |
//! | `compare` | `"case_insensitive"`, `"trimmed"`, `"dns_name"` or `"arn_or_id"`: what makes no difference |
//! | `uniqueItems` | on a list: a set, whose order makes no difference |
//! | `enum` | on a string: the values that it can have |
//!
//! Fields of type [`Computed`](crate::kind::Computed), [`WriteOnly`](crate::kind::WriteOnly) and
//! [`Ephemeral`](crate::kind::Ephemeral) are flagged by their type.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::value::{Map, Path, Value};

mod check;
pub(crate) mod json;
mod policy;
mod secret;
mod typed;

/// What a table of arguments can hold.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// What it is for.
    pub description: String,
    /// Its arguments and attributes, by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// One argument or attribute.
#[derive(Debug, Clone, Default)]
pub struct Attribute {
    /// What it is for.
    pub description: String,
    /// What it can hold.
    pub r#type: Type,
    /// The value it has when none is set.
    pub default: Option<Value>,
    /// Whether a configuration must set it.
    pub required: bool,
    /// Whether AWS computes it and a configuration cannot set it.
    pub read_only: bool,
    /// Whether its value is sent and never kept.
    pub write_only: bool,
    /// Whether its value is sent with every change, and not only when it has changed itself.
    pub resent: bool,
    /// Whether a change of it replaces the resource.
    pub forces_replacement: bool,
    /// Whether AWS chooses a value when none is set.
    pub computed: bool,
    /// Whether any change of the resource may change it.
    pub volatile: bool,
    /// Whether only the state knows it.
    pub kept: bool,
    /// Whether it is never shown, and kept as a digest.
    pub sensitive: bool,
    /// The argument whose value this has.
    pub repeats: Option<String>,
    /// The arguments of which this tells something.
    pub tells: Vec<String>,
    /// The value that AWS chooses when none is set, where it is always the same.
    pub usual: Option<Value>,
    /// The kind of resource that can say this in its place.
    pub apart: Option<String>,
    /// Whether it is a path from the directory of the module.
    pub path: bool,
    /// Whether it is write-only for its size, and no secret by itself.
    pub open: bool,
    /// What makes no difference.
    pub compare: Comparison,
    /// What values it can have.
    pub constraints: Constraints,
}

/// The type of an attribute.
#[derive(Debug, Clone, Default)]
pub enum Type {
    /// Anything at all.
    #[default]
    Any,
    /// A string.
    String,
    /// A number, whole or not.
    Number,
    /// A whole number.
    Integer,
    /// A boolean.
    Bool,
    /// A list, whose order matters.
    List(Box<Attribute>),
    /// A set, whose order does not matter.
    Set(Box<Attribute>),
    /// A map from names to values of one type.
    Map(Box<Attribute>),
    /// A block.
    Object(Schema),
    /// JSON, compared by meaning.
    Document,
    /// An IAM policy, compared by meaning.
    Policy,
}

/// Which differences of spelling make no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comparison {
    /// None.
    #[default]
    Exact,
    /// Upper and lower case.
    CaseInsensitive,
    /// White space around it, as around a PEM.
    Trimmed,
    /// Upper and lower case, and a dot at the end.
    DnsName,
    /// Whether a resource is named by its ARN or by the id at the ARN's end.
    ArnOrId,
}

/// The values that an attribute can have.
#[derive(Debug, Clone, Default)]
pub struct Constraints {
    /// One of these, if there are any.
    pub one_of: Vec<Value>,
    /// A string matches this regular expression.
    pub pattern: Option<Pattern>,
    /// The least number.
    pub minimum: Option<f64>,
    /// The greatest number.
    pub maximum: Option<f64>,
    /// The least number of characters or elements.
    pub minimum_length: Option<usize>,
    /// The greatest number of characters or elements.
    pub maximum_length: Option<usize>,
}

/// A regular expression, compiled when it is first needed.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Its source.
    pub source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        self.compiled
            .get_or_init(|| Regex::new(&self.source).ok())
            .as_ref()
            .is_none_or(|regex| regex.is_match(text))
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub path: Path,
    /// Whether the key is at fault rather than its value.
    pub at_key: bool,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem with the value at that path (`"versioning.enabled"`).
    pub fn new(path: impl Into<Path>, message: impl Into<String>) -> Self {
        Self { path: path.into(), at_key: false, message: message.into(), hint: None }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Schema {
    /// The schema of a struct.
    pub fn of<T: JsonSchema>() -> Self {
        Self::from_json(&Self::json_schema_of::<T>())
    }

    /// The JSON Schema of a struct, with nothing referred to by name.
    pub fn json_schema_of<T: JsonSchema>() -> Json {
        SchemaSettings::draft2020_12()
            .with(|settings| {
                settings.inline_subschemas = true;
                settings.meta_schema = None;
            })
            .into_generator()
            .into_root_schema_for::<T>()
            .to_value()
    }

    fn from_json(json: &Json) -> Self {
        let required: Vec<&str> = strings(json, "required");
        let attributes = json
            .get("properties")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(name, property)| {
                let mut attribute = Attribute::from_json(property);
                attribute.required =
                    required.contains(&name.as_str()) && !attribute.read_only && !attribute.write_only;
                (name.clone(), attribute)
            })
            .collect();
        Self { description: text(json, "description").unwrap_or_default(), attributes }
    }

    /// Attributes as expressions see them: with the id, and with all that is not set null or empty.
    pub fn complete(&self, attributes: &Value, id: Value) -> Value {
        match self.complete_block(attributes) {
            Value::Map(mut map) => {
                map.insert("id".to_owned(), id);
                Value::Map(map)
            }
            other => other,
        }
    }

    fn complete_block(&self, attributes: &Value) -> Value {
        let complete =
            |name: &String, attribute: &Attribute| (name.clone(), attribute.complete(attributes.get(name)));
        Value::Map(self.attributes.iter().map(|(name, attribute)| complete(name, attribute)).collect())
    }

    /// Whether resources of this kind bear tags, so that those of the environment are merged into them.
    pub fn is_taggable(&self) -> bool {
        self.attributes.get("tags").is_some_and(|tags| matches!(tags.r#type, Type::Map(_)))
    }
}

impl Attribute {
    pub(crate) fn complete(&self, value: &Value) -> Value {
        match (&self.r#type, value) {
            (Type::List(_) | Type::Set(_), Value::Null) => Value::List(Vec::new()),
            (Type::Map(_), Value::Null) => Value::Map(Map::new()),
            (Type::Object(schema), Value::Map(_)) => schema.complete_block(value),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                Value::List(items.iter().map(|item| element.complete(item)).collect())
            }
            _ => value.clone(),
        }
    }

    fn from_json(json: &Json) -> Self {
        // `Option<Block>` is `anyOf: [block, null]`, with the field's own description and flags outside.
        let inner = json
            .get("anyOf")
            .and_then(Json::as_array)
            .and_then(|options| {
                options.iter().find(|option| option.get("type").and_then(Json::as_str) != Some("null"))
            })
            .unwrap_or(json);
        let flag = |name: &str| {
            [json, inner].iter().any(|part| part.get(name).and_then(Json::as_bool) == Some(true))
        };
        let number = |name: &str| inner.get(name).or_else(|| json.get(name)).and_then(Json::as_f64);
        let length =
            |string: &str, list: &str| number(string).or_else(|| number(list)).map(|length| length as usize);
        Self {
            description: text(json, "description").or_else(|| text(inner, "description")).unwrap_or_default(),
            r#type: Type::from_json(inner, flag("uniqueItems")),
            default: json
                .get("default")
                .filter(|default| !default.is_null())
                .cloned()
                .map(Value::from_json)
                .filter(|value| !value.is_empty()),
            required: false,
            read_only: flag("readOnly"),
            write_only: flag("writeOnly"),
            resent: flag("resent"),
            forces_replacement: flag("forces_replacement"),
            computed: flag("computed"),
            volatile: flag("volatile"),
            kept: flag("kept"),
            sensitive: flag("sensitive"),
            repeats: text(json, "repeats"),
            tells: strings(json, "tells").into_iter().map(str::to_owned).collect(),
            usual: json.get("usual").cloned().map(Value::from_json),
            apart: text(json, "apart"),
            path: flag("path"),
            open: flag("open"),
            compare: match json.get("compare").and_then(Json::as_str) {
                Some("case_insensitive") => Comparison::CaseInsensitive,
                Some("trimmed") => Comparison::Trimmed,
                Some("dns_name") => Comparison::DnsName,
                Some("arn_or_id") => Comparison::ArnOrId,
                _ => Comparison::Exact,
            },
            constraints: Constraints {
                one_of: [json, inner]
                    .iter()
                    .find_map(|part| part.get("enum").and_then(Json::as_array))
                    .into_iter()
                    .flatten()
                    .filter(|value| !value.is_null())
                    .map(|value| Value::from_json(value.clone()))
                    .collect(),
                pattern: text(inner, "pattern")
                    .or_else(|| text(json, "pattern"))
                    .map(|source| Pattern { source, compiled: OnceLock::new() }),
                minimum: number("minimum"),
                maximum: number("maximum"),
                minimum_length: length("minLength", "minItems"),
                maximum_length: length("maxLength", "maxItems"),
            },
        }
    }
}

impl Type {
    fn from_json(json: &Json, unique: bool) -> Self {
        match json.get("format").and_then(Json::as_str) {
            Some("json") => return Self::Document,
            Some("policy") => return Self::Policy,
            _ => {}
        }
        let named = match json.get("type") {
            Some(Json::String(name)) => Some(name.as_str()),
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
            _ => None,
        };
        let element = |json: Option<&Json>| Box::new(json.map(Attribute::from_json).unwrap_or_default());
        match named {
            Some("string") => Self::String,
            Some("number") => Self::Number,
            Some("integer") => Self::Integer,
            Some("boolean") => Self::Bool,
            Some("array") if unique || json.get("uniqueItems").and_then(Json::as_bool) == Some(true) => {
                Self::Set(element(json.get("items")))
            }
            Some("array") => Self::List(element(json.get("items"))),
            Some("object") if json.get("properties").is_some() => Self::Object(Schema::from_json(json)),
            Some("object") => Self::Map(element(json.get("additionalProperties"))),
            _ => Self::Any,
        }
    }

    /// The name of the type, for messages and documentation.
    pub fn describe(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::String => "string".to_owned(),
            Self::Number | Self::Integer => "number".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::List(element) => format!("list({})", element.r#type.describe()),
            Self::Set(element) => format!("set({})", element.r#type.describe()),
            Self::Map(element) => format!("map({})", element.r#type.describe()),
            Self::Object(_) => "object".to_owned(),
            Self::Document => "JSON".to_owned(),
            Self::Policy => "IAM policy".to_owned(),
        }
    }
}

fn text(json: &Json, name: &str) -> Option<String> {
    json.get(name).and_then(Json::as_str).map(str::to_owned)
}

fn strings<'a>(json: &'a Json, name: &str) -> Vec<&'a str> {
    json.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

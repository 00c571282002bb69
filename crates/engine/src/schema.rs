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

use regex_lite::Regex;
use schemars::{JsonSchema, schema_for};

use crate::value::{Map, Path, Value};

mod check;
mod generated;
pub(crate) mod json;
mod policy;
mod secret;
mod typed;

/// What a table of arguments can hold.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// What it is for.
    pub description: String,
    /// Its arguments and attributes, by name. Boxed: most blocks have few, and a node of the map has room for eleven.
    pub attributes: BTreeMap<String, Box<Attribute>>,
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

/// A regular expression, compiled when it is first needed. Of its classes (`\d`, `\w`, `\s`) only ASCII is, as in AWS's
/// patterns; to compile it for all of Unicode would take longer than to check all else of a block.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Its source.
    pub source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        self.compiled().is_none_or(|regex| regex.is_match(text))
    }

    /// Whether it is a regular expression. What is none says nothing of any text.
    pub fn is_valid(&self) -> bool {
        self.compiled().is_some()
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.source).ok()).as_ref()
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
        generated::schema(&schema_for!(T).to_value())
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
}

impl Type {
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

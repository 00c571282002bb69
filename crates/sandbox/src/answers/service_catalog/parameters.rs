//! What a request says.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Answer, invalid};
use crate::{proxy::Request, reply::Refusal};

/// Tags, by key.
pub(super) type Tags = BTreeMap<String, String>;

/// How many tags a resource can have.
const MOST_TAGS: usize = 20;

/// The parameters of a request, or a table among them.
pub(super) struct Parameters(Map<String, Value>);

impl Parameters {
    pub(super) fn of(request: &Request) -> Result<Self, Refusal> {
        if request.body().is_empty() {
            return Ok(Self(Map::new()));
        }
        serde_json::from_slice(request.body()).map(Self).map_err(|error| {
            Refusal::new(400, "SerializationException", format!("the body is not a JSON object: {error}"))
        })
    }

    pub(super) fn value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    pub(super) fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str()
    }

    /// A table among the parameters; an empty one if there is none.
    pub(super) fn table(&self, name: &str) -> Self {
        Self(self.get(name).as_object().cloned().unwrap_or_default())
    }

    /// The members of a list.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        self.get(name).as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| {
            let name = name.chars().enumerate().map(|(index, letter)| match index {
                0 => letter.to_ascii_lowercase(),
                _ => letter,
            });
            let name: String = name.collect();
            validation(format!(
                "Value null at '{name}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    /// Refuses texts that are longer than they may be.
    pub(super) fn limit(&self, limits: &[(&str, usize)]) -> Result<(), Refusal> {
        let too_long =
            |(name, most): &&(&str, usize)| self.text(name).is_some_and(|text| text.chars().count() > *most);
        match limits.iter().find(too_long) {
            Some((name, most)) => Err(validation(format!("{name} has more than {most} characters."))),
            None => Ok(()),
        }
    }

    /// The token by which a repeated request is known.
    pub(super) fn token(&self) -> Option<&str> {
        ["IdempotencyToken", "ProvisionToken", "UpdateToken", "TerminateToken"]
            .iter()
            .find_map(|name| self.text(name))
            .filter(|token| !token.is_empty())
    }

    /// The tags in a list of them.
    pub(super) fn tags(&self, name: &str) -> Result<Tags, Refusal> {
        let mut tags = Tags::new();
        for tag in self.list(name) {
            let (Some(key), Some(value)) = (tag["Key"].as_str(), tag["Value"].as_str()) else {
                return Err(validation("A tag needs a Key and a Value."));
            };
            if key.is_empty() || key.starts_with("aws:") {
                return Err(invalid(format!("The tag key \"{key}\" is not valid.")));
            }
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(invalid(format!("The tag key {key} is there twice.")));
            }
        }
        check_number(&tags)?;
        Ok(tags)
    }

    /// Adds and removes the tags that a request says.
    pub(super) fn change_tags(&self, tags: &mut Tags) -> Result<(), Refusal> {
        let mut changed = tags.clone();
        for key in self.list("RemoveTags").iter().filter_map(Value::as_str) {
            changed.remove(key);
        }
        changed.extend(self.tags("AddTags")?);
        check_number(&changed)?;
        *tags = changed;
        Ok(())
    }

    /// A page of a list.
    pub(super) fn page(&self, name: &str, items: Vec<Value>) -> Answer {
        let size = self.get("PageSize").as_u64().unwrap_or(20);
        let size = usize::try_from(size).ok().filter(|size| (1..=100).contains(size));
        let size = size.ok_or_else(|| validation("PageSize is not valid."))?;
        let start = match self.text("PageToken").filter(|token| !token.is_empty()) {
            Some(token) => token.parse::<usize>().map_err(|_| invalid("PageToken is not valid."))?,
            None => 0,
        };
        let mut answer = json!({});
        if start + size < items.len() {
            answer["NextPageToken"] = json!((start + size).to_string());
        }
        answer[name] = items.into_iter().skip(start).take(size).collect();
        Ok(answer)
    }
}

fn check_number(tags: &Tags) -> Result<(), Refusal> {
    match tags.len() > MOST_TAGS {
        true => Err(invalid(format!("A resource can have {MOST_TAGS} tags."))),
        false => Ok(()),
    }
}

/// Tags in the form of an answer.
pub(super) fn listed(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

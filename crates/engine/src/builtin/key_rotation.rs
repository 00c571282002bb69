//! `key_rotation`: which generations of a key are trusted, and which of them is in use.
//!
//! A rotation has three moments. It begins: there is another generation, trusted beside the one in use. It is handed
//! over: whoever uses the key uses the new one, which a `time_static` behind that says. And it ends: once the overlap
//! after that is over, the old generation is trusted no more. What is trusted is told while planning, so that
//! `for_each` can make a key of each generation, and each moment survives a crash, since all of it is in the state.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::address::Address;
use crate::cloudformation::{Counterpart, Returned};
use crate::function::date::duration;
use crate::kind::{Circumstances, Computed, Created, Kind, KindError, Token};
use crate::permission::{Permission, Undertaking};
use crate::schema::Problem;
use crate::state::State;
use crate::value::{Path, Segment, Value};

/// Says which generations of a key there are, so that a key can be changed for another while both are good.
///
/// `provision rotate` begins another generation. What was signed with the one before it stays good for the `overlap`,
/// counted from the handover; the first plan after that lets it go. Not from Terraform, which cannot tell that while
/// planning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// How long a generation stays trusted after the next one came into use, such as `24h` or `90m`: as long as
    /// something lives that was signed with it.
    pub overlap: String,
    /// Address, in this module, of the `time_static` that depends on whatever puts the key into use. Its triggers have
    /// a `generation`, which is that of this resource. It is named as text, and not waited for.
    pub handover: String,
    /// The number of the newest generation, from 1.
    #[serde(default)]
    pub generation: Computed<i64>,
    /// The numbers of all generations that are trusted, as texts: for `for_each`.
    #[serde(default)]
    pub trusted: Computed<Vec<String>>,
}

#[async_trait]
impl Kind for KeyRotation {
    const NAME: &'static str = "key_rotation";
    const REMOTE: bool = false;
    // A stack rotates nothing: it has the first generation.
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("generation", Returned::Known(|_| Some(Value::from(Generations::first().newest)))),
        ("trusted", Returned::Known(|_| Some(Generations::first().trusted()))),
    ]));
    const IS_IN_TERRAFORM: bool = false;
    type Reader = ();
    type Writer = ();

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(text) = configuration.get("overlap").as_str()
            && duration(text).is_none_or(|overlap| overlap.is_negative())
        {
            let problem = Problem::new("overlap", format!("`{text}` is no duration"));
            problems.push(problem.with_hint("write it as 24h, 90m or 1h30m"));
        }
        problems
    }

    fn foresee(configuration: &mut Value, circumstances: &Circumstances<'_>) -> Vec<Problem> {
        let (Some(overlap), Some(handover)) = (
            configuration.get("overlap").as_str().and_then(duration),
            configuration.get("handover").as_str(),
        ) else {
            return Vec::new();
        };
        let recorded = match (circumstances.recorded)(handover) {
            Ok(recorded) => recorded,
            Err(message) => {
                let hint = "name the `time_static` that says since when the key is in use";
                return vec![Problem::new("handover", message).with_hint(hint)];
            }
        };
        let now = circumstances.time.and_then(|time| OffsetDateTime::from_unix_timestamp(time).ok());
        let mut generations =
            circumstances.prior.and_then(Generations::of).unwrap_or_else(Generations::first);
        let ends = generations.handed_over(recorded).and_then(|since| since.checked_add(overlap));
        if now.zip(ends).is_some_and(|(now, ends)| now >= ends) {
            generations.trusted = vec![generations.newest];
        }
        // One that is under way is gone on with: the command that began it may have been killed.
        if circumstances.rotate && generations.trusted.len() == 1 && circumstances.prior.is_some() {
            generations.newest += 1;
            generations.trusted.push(generations.newest);
        }
        generations.write(configuration);
        Vec::new()
    }

    async fn read(_reader: &(), _id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(Some(prior.clone()))
    }

    async fn find(&self, _reader: &(), _token: &Token) -> Result<Option<String>, KindError> {
        Ok(None)
    }

    async fn create(&self, _writer: &(), token: &Token) -> Result<Created<Self>, KindError> {
        Ok(Created::Known { id: token.as_str().to_owned(), attributes: self.clone() })
    }

    async fn update(&self, _writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(_writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

/// How far a rotation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationStatus {
    /// The address of the `key_rotation`.
    pub address: Address,
    /// The newest generation.
    pub generation: i64,
    /// The older ones that are still trusted.
    pub older: Vec<i64>,
    /// When the newest one came into use; none if it has not yet.
    pub handed_over: Option<OffsetDateTime>,
    /// When the older ones are let go of; none before the handover.
    pub ends: Option<OffsetDateTime>,
}

/// The rotations of an environment, as its state knows them.
pub fn rotations(state: &State) -> Vec<RotationStatus> {
    let rotations = state.resources.iter().filter(|(_, resource)| resource.kind == KeyRotation::NAME);
    let status = rotations.filter_map(|(address, resource)| {
        let attributes = &resource.attributes;
        let generations = Generations::of(attributes)?;
        let handover = address.sibling(attributes.get("handover").as_str()?);
        let recorded = state.resources.get(&handover).map(|resource| &resource.attributes);
        let handed_over = generations.handed_over(recorded);
        let overlap = duration(attributes.get("overlap").as_str()?)?;
        Some(RotationStatus {
            address: address.clone(),
            generation: generations.newest,
            older: generations.trusted.iter().copied().filter(|one| *one != generations.newest).collect(),
            handed_over,
            ends: handed_over.and_then(|since| since.checked_add(overlap)),
        })
    });
    status.collect()
}

/// The generations of a key.
struct Generations {
    newest: i64,
    trusted: Vec<i64>,
}

impl Generations {
    fn first() -> Self {
        Self { newest: 1, trusted: vec![1] }
    }

    fn of(attributes: &Value) -> Option<Self> {
        let trusted = attributes.get("trusted").items().iter().filter_map(|one| one.as_str()?.parse().ok());
        Some(Self { newest: attributes.get("generation").as_i64()?, trusted: trusted.collect() })
    }

    /// Since when the newest one is in use, going by what the state has of the handover.
    fn handed_over(&self, recorded: Option<&Value>) -> Option<OffsetDateTime> {
        let path = Path(["triggers", "generation"].map(|key| Segment::Key(key.to_owned())).to_vec());
        let recorded = recorded?;
        let is_newest = recorded.at(&path).as_str().is_some_and(|one| one == self.newest.to_string());
        let since = recorded.get("rfc3339").as_str().filter(|_| is_newest)?;
        OffsetDateTime::parse(since, &Rfc3339).ok()
    }

    fn trusted(&self) -> Value {
        Value::List(self.trusted.iter().map(|one| Value::from(one.to_string())).collect())
    }

    fn write(&self, configuration: &mut Value) {
        if let Value::Map(arguments) = configuration {
            arguments.insert("generation".to_owned(), Value::from(self.newest));
            arguments.insert("trusted".to_owned(), self.trusted());
        }
    }
}

#[cfg(test)]
mod tests;

//! `time_static`: a moment that is kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::Time;
use crate::cloudformation::Counterpart;
use crate::kind::{Computed, Created, Kind, KindError, Token};
use crate::permission::{Permission, Undertaking};
use crate::schema::Problem;
use crate::value::Value;

/// Keeps the time at which it was made, or the one that it is given. From Terraform's `time` provider; its id is its
/// time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeStatic {
    /// Values whose change makes it anew, at the time of then.
    #[serde(default)]
    #[schemars(extend("forces_replacement" = true))]
    pub triggers: BTreeMap<String, String>,
    /// The time, as RFC 3339 has it.
    #[schemars(extend("computed" = true, "forces_replacement" = true))]
    pub rfc3339: Option<String>,
    /// The time in seconds of Unix time.
    #[serde(default)]
    pub unix: Computed<i64>,
    /// Its year, in UTC as all that follows.
    #[serde(default)]
    pub year: Computed<i32>,
    /// Its month, from 1.
    #[serde(default)]
    pub month: Computed<u8>,
    /// Its day of the month, from 1.
    #[serde(default)]
    pub day: Computed<u8>,
    /// Its hour.
    #[serde(default)]
    pub hour: Computed<u8>,
    /// Its minute.
    #[serde(default)]
    pub minute: Computed<u8>,
    /// Its second.
    #[serde(default)]
    pub second: Computed<u8>,
}

impl TimeStatic {
    fn at(&self, time: OffsetDateTime) -> Result<Self, KindError> {
        let text = match &self.rfc3339 {
            Some(text) => text.clone(),
            None => time.format(&Rfc3339).map_err(|error| KindError::new(error.to_string()))?,
        };
        let utc = time.to_offset(UtcOffset::UTC);
        Ok(Self {
            triggers: self.triggers.clone(),
            rfc3339: Some(text),
            unix: utc.unix_timestamp().into(),
            year: utc.year().into(),
            month: u8::from(utc.month()).into(),
            day: utc.day().into(),
            hour: utc.hour().into(),
            minute: utc.minute().into(),
            second: utc.second().into(),
        })
    }
}

fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[async_trait]
impl Kind for TimeStatic {
    const NAME: &'static str = "time_static";
    const REMOTE: bool = false;
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied());
    type Reader = Time;
    type Writer = Time;

    fn validate(configuration: &Value) -> Vec<Problem> {
        match configuration.get("rfc3339").as_str() {
            Some(text) if parse(text).is_none() => {
                let problem = Problem::new("rfc3339", format!("`{text}` is no time as RFC 3339 has it"));
                vec![problem.with_hint("write it as 2026-01-31T12:00:00Z")]
            }
            _ => Vec::new(),
        }
    }

    async fn read(_time: &Time, _id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(Some(prior.clone()))
    }

    async fn find(&self, _time: &Time, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(None)
    }

    async fn create(&self, time: &Time, _token: &Token) -> Result<Created<Self>, KindError> {
        let given = self.rfc3339.as_deref().and_then(parse);
        let now = given.map_or_else(|| OffsetDateTime::from_unix_timestamp(time.now()), Ok);
        let attributes = self.at(now.map_err(|error| KindError::new(error.to_string()))?)?;
        Ok(Created::Known { id: attributes.rfc3339.clone().unwrap_or_default(), attributes })
    }

    async fn update(&self, _time: &Time, _id: &str, _prior: &Self) -> Result<(), KindError> {
        // Every argument forces a replacement, so there is nothing that an update could change.
        Ok(())
    }

    async fn delete(_time: &Time, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;

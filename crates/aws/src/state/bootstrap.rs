//! Making the place where states are kept, before there is any state.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use provision_engine::kind::KindError;

use super::StateLocation;
use crate::account::account_id;
use crate::clients::Aws;
use crate::throttling::paced;

mod bucket;
mod table;

/// Something that states need, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What it is, such as `S3 bucket storytime-state`.
    pub what: String,
    /// What was done.
    pub outcome: Outcome,
}

/// What was done about something that has to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there, and was made.
    Made,
    /// It was there, and these of its settings were not as they have to be.
    Changed(Vec<String>),
    /// It was there, as it has to be.
    Found,
}

impl fmt::Display for Prepared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Made => write!(formatter, "{}: made", self.what),
            Outcome::Changed(settings) => write!(formatter, "{}: changed {}", self.what, settings.join(", ")),
            Outcome::Found => write!(formatter, "{}: found", self.what),
        }
    }
}

/// Makes what `location` needs, or makes it right: the bucket (with versions, encrypted, closed to the public and to
/// what does not come through TLS, with old versions removed after a while) and the lock table (paid for by request,
/// protected from deletion). It can be repeated at any time. Settings that states do not depend on are left alone, and
/// so is a KMS key that the bucket has where `location` names none. `tags` are added to what is there.
///
/// # Errors
///
/// If the bucket belongs to another account, the table is not one of locks, or AWS refuses something.
pub async fn bootstrap(
    aws: &Aws,
    location: &StateLocation,
    tags: &BTreeMap<String, String>,
) -> Result<Vec<Prepared>, KindError> {
    let configuration = location.configuration(aws).await.map_err(|error| KindError::new(error.message))?;
    let builder = aws_sdk_dynamodb::config::Builder::from(&configuration);
    let aws = Arc::new(Aws::with_config(configuration.clone()));
    let builder = paced!(builder, aws.paces().of("dynamodb", &configuration), &configuration);
    let account = account_id(&aws).await?;
    let mut prepared = vec![bucket::prepare(&aws, &account, location, tags).await?];
    if let Some(table) = &location.lock_table {
        let client = aws_sdk_dynamodb::Client::from_conf(builder.build());
        prepared.push(table::prepare(&client, table, tags).await?);
    }
    Ok(prepared)
}

impl Prepared {
    fn new(what: String, is_new: bool, changed: Vec<String>) -> Self {
        let outcome = match (is_new, changed.is_empty()) {
            (true, _) => Outcome::Made,
            (false, true) => Outcome::Found,
            (false, false) => Outcome::Changed(changed),
        };
        Self { what, outcome }
    }
}

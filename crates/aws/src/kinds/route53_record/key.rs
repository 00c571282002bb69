//! What tells one record set from another, and how an id says it.

use std::fmt;

use aws_sdk_route53::types::RrType;
use provision_engine::kind::KindError;

use super::{Record, bare_id, get_zone};
use crate::clients::Reader;
use crate::dns;

/// The zone, the name as it is configured, the type and the set identifier.
pub(super) struct Key {
    pub(super) zone_id: String,
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) set_identifier: Option<String>,
}

impl Key {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            zone_id: bare_id(&record.zone_id).to_owned(),
            name: record.name.trim_end_matches('.').to_ascii_lowercase(),
            r#type: record.r#type.clone(),
            set_identifier: record.set_identifier.clone(),
        }
    }

    /// Names and identifiers may have underscores too: the type is the first part that is one, and types alone are
    /// in capitals.
    pub(super) fn parse(id: &str) -> Result<Self, KindError> {
        let malformed = || {
            KindError::new(format!("{id} is no id of a record"))
                .with_hint("it is `<zone_id>_<name>_<type>`, with `_<set_identifier>` if there is one")
        };
        let (zone_id, rest) = id.split_once('_').ok_or_else(malformed)?;
        let parts: Vec<&str> = rest.split('_').collect();
        let is_type = |part: &&str| RrType::values().contains(part);
        let position = parts.iter().skip(1).position(is_type).ok_or_else(malformed)? + 1;
        let (name, rest) = parts.split_at(position);
        Ok(Self {
            zone_id: zone_id.to_owned(),
            name: name.join("_"),
            r#type: rest.first().map(|part| (*part).to_owned()).unwrap_or_default(),
            set_identifier: (rest.len() > 1).then(|| rest[1..].join("_")),
        })
    }

    /// The whole name, for which a zone must say its own; `None` if there is no such zone.
    pub(super) async fn fqdn(&self, reader: &Reader, prior: &Record) -> Result<Option<String>, KindError> {
        if let Some(known) = prior.fqdn.as_deref() {
            return Ok(Some(known.to_owned()));
        }
        // The id has no dot at the end of the name, which makes it a whole one.
        let name = if dns::same(&prior.name, &self.name) { &prior.name } else { &self.name };
        let known = reader.zone_names().get(&self.zone_id).cloned();
        let zone = match known {
            Some(zone) => zone,
            None => {
                let Some((zone, _)) = get_zone(reader.route53(), &self.zone_id).await? else {
                    return Ok(None);
                };
                reader.zone_names().insert(self.zone_id.clone(), zone.name.clone());
                zone.name
            }
        };
        Ok(Some(dns::complete(name, &zone)))
    }
}

/// As in Terraform.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}_{}", self.zone_id, self.name, self.r#type)?;
        self.set_identifier.as_ref().map_or(Ok(()), |identifier| write!(formatter, "_{identifier}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_apart() {
        for (id, name, kind, set) in [
            ("Z1_www.example.com_A", "www.example.com", "A", None),
            ("Z1__acme-challenge.example.com_CNAME", "_acme-challenge.example.com", "CNAME", None),
            ("Z1__TXT", "", "TXT", None),
            ("Z1_a_b_A_blue_A", "a_b", "A", Some("blue_A")),
        ] {
            let key = Key::parse(id).unwrap_or_else(|error| unreachable!("{id}: {error}"));
            assert_eq!((key.name.as_str(), key.r#type.as_str()), (name, kind), "{id}");
            assert_eq!(key.set_identifier.as_deref(), set, "{id}");
            assert_eq!(key.to_string(), id);
        }
        assert!(Key::parse("Z1_www.example.com").is_err());
        assert!(Key::parse("www.example.com").is_err());
    }
}

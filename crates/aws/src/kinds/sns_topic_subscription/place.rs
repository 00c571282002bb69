//! Where a subscription is found: by its ARN, or among those of its topic by its protocol and endpoint.

use provision_engine::kind::KindError;

use crate::call::Outcome;
use crate::clients::Reader;
use crate::sns::ABSENT;

/// What an id says.
pub(super) enum Place<'a> {
    /// The ARN.
    Arn(&'a str),
    /// Topic, protocol and endpoint.
    Parts(&'a str, &'a str, &'a str),
}

/// What the topic says of a subscription.
pub(super) enum Listed {
    /// It has this ARN.
    Confirmed(String),
    /// It has one too, which AWS does not tell.
    Pending,
}

impl Listed {
    pub(super) fn into_arn(self) -> Option<String> {
        match self {
            Self::Confirmed(arn) => Some(arn),
            Self::Pending => None,
        }
    }
}

impl<'a> Place<'a> {
    pub(super) fn of(id: &'a str) -> Result<Self, KindError> {
        let mut parts = id.splitn(3, '|');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(topic), Some(protocol), Some(endpoint)) => Ok(Self::Parts(topic, protocol, endpoint)),
            (Some(arn), None, None) if arn.starts_with("arn:") => Ok(Self::Arn(arn)),
            _ => Err(KindError::new(format!("{id:?} is no id of a subscription"))
                .with_hint("write its ARN, or `<topic_arn>|<protocol>|<endpoint>`")),
        }
    }

    pub(super) fn arn(&self) -> Option<&'a str> {
        match self {
            Self::Arn(arn) => Some(arn),
            Self::Parts(..) => None,
        }
    }

    pub(super) fn parts(&self) -> Option<(&'a str, &'a str, &'a str)> {
        match self {
            Self::Arn(_) => None,
            Self::Parts(topic, protocol, endpoint) => Some((topic, protocol, endpoint)),
        }
    }

    /// The subscription among those of its topic. One that is known by its ARN is not looked for.
    pub(super) async fn listed(&self, reader: &Reader) -> Result<Option<Listed>, KindError> {
        let Some((topic, protocol, endpoint)) = self.parts() else { return Ok(None) };
        let mut pages = reader.sns().list_subscriptions_by_topic().topic_arn(topic).into_paginator().send();
        while let Some(page) = pages.next().await {
            let Some(page) = page.unless(ABSENT)? else { return Ok(None) };
            let found = page.subscriptions().iter().find(|listed| {
                listed.protocol() == Some(protocol)
                    && listed.endpoint().is_some_and(|shown| is_same_endpoint(endpoint, shown))
                    && listed.subscription_arn() != Some("Deleted")
            });
            if let Some(found) = found {
                let arn = found.subscription_arn().filter(|arn| arn.starts_with("arn:"));
                return Ok(Some(arn.map_or(Listed::Pending, |arn| Listed::Confirmed(arn.to_owned()))));
            }
        }
        Ok(None)
    }
}

/// Whether `shown` is how SNS shows an endpoint: a URL with asterisks in place of the password.
pub(super) fn is_same_endpoint(endpoint: &str, shown: &str) -> bool {
    endpoint == shown
        || without_password(endpoint).is_some_and(|hidden| Some(hidden) == without_password(shown))
}

/// A URL without the password in it; `None` if there is none.
fn without_password(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or(rest);
    let (user, _password) = authority.split_once('@')?.0.split_once(':')?;
    let end_of_user = scheme.len() + "://".len() + user.len();
    let host = url.find('@')?;
    Some((url.get(..end_of_user)?, url.get(host..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_known_again_with_its_password_hidden() {
        let endpoint = "https://user:secret@example.com/hook";
        assert!(is_same_endpoint(endpoint, "https://user:****@example.com/hook"));
        assert!(!is_same_endpoint(endpoint, "https://other:****@example.com/hook"));
        assert!(!is_same_endpoint(endpoint, "https://user:****@example.com/other"));
        assert!(!is_same_endpoint("https://example.com/a", "https://example.com/b"));
        assert!(is_same_endpoint("a@example.com", "a@example.com"));
    }

    #[test]
    fn an_id_is_an_arn_or_has_three_parts() {
        let parts = Place::of("arn:aws:sns:us-east-1:123456789012:t|https|https://example.com/?a|b").ok();
        let parts = parts.as_ref().and_then(Place::parts).map(|(_, _, endpoint)| endpoint);
        assert_eq!(parts, Some("https://example.com/?a|b"));
        assert!(Place::of("arn:aws:sns:us-east-1:123456789012:t:1").is_ok_and(|place| place.arn().is_some()));
        assert!(Place::of("t|email").is_err());
        assert!(Place::of("t").is_err());
    }
}

//! Which arguments a configuration gives, as far as that is known: an unknown one may turn out to be null.

use provision_engine::value::Value;

/// The arguments of a configuration or of a block of it.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a>(pub(crate) &'a Value);

impl Given<'_> {
    /// Whether it is known to be given; `false` says as much as nothing.
    pub(crate) fn has(self, name: &str) -> bool {
        !self.lacks(name) && !self.0.get(name).is_unknown()
    }

    /// Whether it is known not to be given.
    pub(crate) fn lacks(self, name: &str) -> bool {
        let value = self.0.get(name);
        value.is_empty() || value.as_bool() == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use provision_engine::value::Map;

    use super::*;

    #[test]
    fn what_is_not_known_is_neither_given_nor_lacking() {
        let arguments = Value::Map(Map::from([
            ("unknown".to_owned(), Value::Unknown),
            ("text".to_owned(), Value::from("a")),
            ("off".to_owned(), Value::from(false)),
            ("none".to_owned(), Value::List(Vec::new())),
        ]));
        let given = Given(&arguments);
        assert!(!given.has("unknown") && !given.lacks("unknown"));
        assert!(given.has("text") && !given.lacks("text"));
        for name in ["off", "none", "absent"] {
            assert!(given.lacks(name) && !given.has(name), "{name}");
        }
    }
}

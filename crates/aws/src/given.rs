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

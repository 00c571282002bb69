//! Addresses: what the state and the plan call a resource.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::BlockName;

/// The address of one resource or data source, such as `module.cdn.aws_s3_bucket.logs["eu"]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Address(Arc<str>);

impl Address {
    /// The address of a block's instance. `module` is the address of its module with a dot at the end, or empty.
    pub fn new(module: &str, block: &BlockName, key: Option<&str>) -> Self {
        match key {
            Some(key) => Self(format!("{module}{block}[{key:?}]").into()),
            None => Self(format!("{module}{block}").into()),
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of a data source.
    pub fn is_data(&self) -> bool {
        self.within_module().0
    }

    /// The kind of the resource or data source.
    pub fn kind(&self) -> &str {
        self.within_module().1
    }

    /// Whether it is a data source, and its kind.
    fn within_module(&self) -> (bool, &str) {
        let mut rest = self.block();
        while let Some(inside) = rest.strip_prefix("module.") {
            let name = inside.find(['.', '[']).unwrap_or(inside.len());
            rest = &inside[name..];
            if rest.starts_with('[') {
                rest = rest.find("\"].").map_or("", |end| &rest[end + 2..]);
            }
            rest = rest.strip_prefix('.').unwrap_or(rest);
        }
        let (data, rest) = rest.strip_prefix("data.").map_or((false, rest), |rest| (true, rest));
        (data, rest.split('.').next().unwrap_or_default())
    }

    /// The address without its key: that of the block that it comes from.
    pub fn block(&self) -> &str {
        match (self.0.ends_with(']'), self.0.rfind("[\"")) {
            (true, Some(end)) => &self.0[..end],
            _ => &self.0,
        }
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.as_str().to_owned()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

//! Addresses: what the state and the plan call a resource.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::BlockName;
use crate::value::is_identifier;

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

    /// The address of a block of the same module, such as `aws_s3_bucket.logs`.
    pub fn sibling(&self, block: &str) -> Self {
        Self(format!("{}{block}", self.module()).into())
    }

    /// Whether it is that of a data source.
    pub fn is_data(&self) -> bool {
        self.within_module().0
    }

    /// The kind of the resource or data source.
    pub fn kind(&self) -> &str {
        self.within_module().1
    }

    /// The block that it comes from, within its module.
    pub fn block_name(&self) -> BlockName {
        let (data, kind) = self.within_module();
        let name = self.block().rsplit('.').next().unwrap_or_default();
        BlockName { data, kind: kind.to_owned(), name: name.to_owned() }
    }

    /// Whether it is a data source, and its kind.
    fn within_module(&self) -> (bool, &str) {
        let rest = &self.block()[self.module().len()..];
        let (data, rest) = rest.strip_prefix("data.").map_or((false, rest), |rest| (true, rest));
        (data, rest.split('.').next().unwrap_or_default())
    }

    /// The address within its module, such as `aws_s3_bucket.logs["eu"]`.
    pub fn name(&self) -> &str {
        &self.0[self.module().len()..]
    }

    /// The addresses of the modules that it is in, the outermost first: `module.a`, `module.a.module.b`.
    pub fn modules(&self) -> Vec<&str> {
        let module = self.module();
        let mut modules = Vec::new();
        let mut at = 0;
        while let Some(inside) = module[at..].strip_prefix("module.") {
            let name = inside.find(['.', '[']).unwrap_or(inside.len());
            let end = at + "module.".len() + name + key_length(&inside[name..]);
            modules.push(&module[..end]);
            at = (end + 1).min(module.len());
        }
        modules
    }

    /// The address of the module with a dot at the end, or nothing.
    pub(crate) fn module(&self) -> &str {
        let block = self.block();
        let mut rest = block;
        while let Some(inside) = rest.strip_prefix("module.") {
            let name = inside.find(['.', '[']).unwrap_or(inside.len());
            rest = &inside[name..];
            rest = &rest[key_length(rest)..];
            rest = rest.strip_prefix('.').unwrap_or(rest);
        }
        &block[..block.len() - rest.len()]
    }

    /// Whether it is that of a module, or of an instance of one, and of nothing in it.
    pub fn names_module(&self) -> bool {
        let whole = format!("{}.", self.0);
        Self(format!("{whole}a.b").into()).module() == whole
    }

    /// Whether it is that of a resource, or of an instance of one.
    pub fn names_resource(&self) -> bool {
        let rest = self.block()[self.module().len()..].split('.').collect::<Vec<_>>();
        matches!(rest.as_slice(), [kind, name] if is_identifier(kind) && is_identifier(name))
    }

    /// What it has after another, if it is that or in it: an instance of a resource, a resource of a module.
    pub fn below(&self, above: &str) -> Option<&str> {
        let rest = self.0.strip_prefix(above)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    }

    /// What it has after the address of a module, with a dot at its end, whatever keys that is used with; and the
    /// module with those keys.
    pub fn within(&self, module: &[&str]) -> Option<(&str, &str)> {
        let mut at = 0;
        for name in module {
            let rest = self.0[at..].strip_prefix("module.")?.strip_prefix(name)?;
            let key = key_length(rest);
            let rest = rest[key..].strip_prefix('.')?;
            at = self.0.len() - rest.len();
        }
        Some(self.0.split_at(at))
    }

    /// Its key of `for_each` as it is written, such as `["A"]`, if it has one.
    pub fn key(&self) -> Option<&str> {
        Some(&self.0[self.block().len()..]).filter(|key| !key.is_empty())
    }

    /// The address without its key: that of the block that it comes from.
    pub fn block(&self) -> &str {
        let mut at = 0;
        while let Some(found) = self.0[at..].find('[') {
            let end = at + found + key_length(&self.0[at + found..]).max(1);
            if end == self.0.len() {
                return &self.0[..at + found];
            }
            at = end;
        }
        &self.0
    }
}

/// The length of the `["key"]` that a text begins with; 0 if it begins with none. Anything can be in a key.
fn key_length(text: &str) -> usize {
    let Some(key) = text.strip_prefix("[\"") else { return 0 };
    let mut escaped = false;
    for (at, character) in key.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return 2 + at + if key[at..].starts_with("\"]") { 2 } else { 1 },
            _ => {}
        }
    }
    text.len()
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

#[cfg(test)]
mod tests;

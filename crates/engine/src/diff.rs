//! What would change: a configuration against what is there, attribute by attribute.

use crate::digest::DigestKey;
use crate::schema::{Attribute, Schema, Type};
use crate::value::{Map, Path, Value};

/// The outcome of comparing a configuration with what is there.
#[derive(Debug, Clone)]
pub struct Diff {
    /// What the resource will be; unknown where only the apply can tell.
    pub after: Value,
    /// The arguments that differ.
    pub changes: Vec<Difference>,
}

/// One argument that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub path: Path,
    /// Whether AWS can only change it by making the resource anew.
    pub forces_replacement: bool,
}

impl Diff {
    /// Whether there is anything to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The arguments that demand a replacement.
    pub fn replace_because(&self) -> Vec<Path> {
        self.changes
            .iter()
            .filter(|change| change.forces_replacement)
            .map(|change| change.path.clone())
            .collect()
    }
}

/// What a resource that does not exist yet will be.
pub fn create(schema: &Schema, configuration: &Value) -> Value {
    let mut differ = Differ { changes: Vec::new(), digest_key: None };
    differ.block(schema, &Value::Null, configuration, &Path::root(), false)
}

/// Compares a checked configuration with what is there. `digest_key` is what the digests of write-only values
/// in `before` were made with.
pub fn diff(schema: &Schema, before: &Value, configuration: &Value, digest_key: &DigestKey) -> Diff {
    let mut differ = Differ { changes: Vec::new(), digest_key: Some(digest_key) };
    let mut after = differ.block(schema, before, configuration, &Path::root(), false);
    if !differ.changes.is_empty()
        && let Value::Map(after) = &mut after
    {
        for (name, attribute) in &schema.attributes {
            let configured = configuration.get(name);
            if attribute.volatile && configured.is_null() {
                after.insert(name.clone(), Value::Unknown);
            } else if attribute.resent && !configured.is_null() {
                after.insert(name.clone(), configured.clone());
            }
        }
    }
    Diff { after, changes: differ.changes }
}

/// The arguments in which what was read differs from what the state says: what someone else changed. What the
/// configuration leaves to AWS is nobody's: another resource may have its say there. `digest_key` is what the
/// digests in `recorded` were made with.
pub fn drift(
    schema: &Schema,
    recorded: &Value,
    read: &Value,
    configuration: &Value,
    digest_key: &DigestKey,
) -> Vec<Path> {
    let mut drift = Drift { digest_key, paths: Vec::new() };
    drift.of_block(schema, [recorded, read, configuration], &Path::root());
    drift.paths
}

struct Drift<'a> {
    digest_key: &'a DigestKey,
    paths: Vec<Path>,
}

impl Drift<'_> {
    fn of_block(&mut self, schema: &Schema, sides: [&Value; 3], path: &Path) {
        for (name, attribute) in &schema.attributes {
            let sides = sides.map(|side| side.get(name));
            let left_to_aws = attribute.computed && sides[2].is_null();
            if !attribute.read_only && !attribute.volatile && !attribute.write_only && !left_to_aws {
                self.of(attribute, sides, &path.key(name));
            }
        }
    }

    fn of(&mut self, attribute: &Attribute, sides: [&Value; 3], path: &Path) {
        let [recorded, read, configuration] = sides;
        match (&attribute.r#type, recorded, read) {
            (_, Value::Withheld(_), read) => {
                if !self.digest_key.withhold(read, "").seems(recorded) {
                    self.paths.push(path.clone());
                }
            }
            (Type::Object(schema), Value::Map(_), Value::Map(_)) => self.of_block(schema, sides, path),
            (Type::List(element), Value::List(recorded), Value::List(read))
                if recorded.len() == read.len() =>
            {
                for (index, (recorded, read)) in recorded.iter().zip(read).enumerate() {
                    let configuration = configuration.items().get(index).unwrap_or(&Value::Null);
                    self.of(element, [recorded, read, configuration], &path.index(index));
                }
            }
            (Type::Map(element), Value::Map(old), Value::Map(new)) if old.keys().eq(new.keys()) => {
                for (key, old) in old {
                    self.of(element, [old, read.get(key), configuration.get(key)], &path.key(key));
                }
            }
            _ if attribute.same(recorded, read) => {}
            _ => self.paths.push(path.clone()),
        }
    }
}

struct Differ<'a> {
    changes: Vec<Difference>,
    digest_key: Option<&'a DigestKey>,
}

impl Differ<'_> {
    fn block(
        &mut self,
        schema: &Schema,
        before: &Value,
        configuration: &Value,
        path: &Path,
        forced: bool,
    ) -> Value {
        let mut after = Map::new();
        for (name, attribute) in &schema.attributes {
            let value = self.attribute(
                attribute,
                before.get(name),
                configuration.get(name),
                &path.key(name),
                forced,
                before.is_null(),
            );
            if !value.is_null() {
                after.insert(name.clone(), value);
            }
        }
        Value::Map(after)
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        before: &Value,
        configured: &Value,
        path: &Path,
        forced: bool,
        new: bool,
    ) -> Value {
        let forced = forced || attribute.forces_replacement;
        // What was foreseen of a read-only attribute is as good as configured.
        if attribute.read_only && configured.is_null() {
            return if new { Value::Unknown } else { before.clone() };
        }
        if configured.is_null() && attribute.computed {
            return if new { Value::Unknown } else { before.clone() };
        }
        if !new && let Some(unchanged) = self.same_secret(before, configured) {
            if !unchanged {
                self.change(path, forced);
            }
            // A write-only argument is sent when it has changed; anything else is part of what is sent.
            let is_kept = unchanged && (attribute.write_only || matches!(configured, Value::Withheld(_)));
            return if is_kept { before.clone() } else { configured.clone() };
        }
        match (&attribute.r#type, before, configured) {
            (_, _, Value::Unknown) => {
                self.change(path, forced);
                Value::Unknown
            }
            (Type::Object(schema), Value::Map(_), Value::Map(_)) => {
                self.block(schema, before, configured, path, forced)
            }
            (Type::Object(schema), _, Value::Map(_)) => {
                // `cookies = { items = [] }` says no more than leaving the block out does.
                if !(before.is_null() && is_hollow(configured)) {
                    self.change(path, forced);
                }
                self.quietly(|differ| differ.block(schema, &Value::Null, configured, path, forced))
            }
            (Type::List(element), Value::List(old), Value::List(new)) => {
                Value::List(self.list(element, old, new, path, forced))
            }
            (Type::Set(element), Value::List(old), Value::List(new)) => {
                let (items, same) = self.set(element, old, new, path);
                if !same {
                    self.change(path, forced);
                }
                Value::List(items)
            }
            (Type::List(element) | Type::Set(element), _, Value::List(new)) => {
                if !new.is_empty() {
                    self.change(path, forced);
                }
                self.quietly(|differ| {
                    Value::List(
                        new.iter()
                            .map(|item| differ.attribute(element, &Value::Null, item, path, forced, true))
                            .collect(),
                    )
                })
            }
            (Type::Map(element), Value::Map(_) | Value::Null, Value::Map(new)) => {
                Value::Map(self.map(element, before, new, path, forced))
            }
            _ if attribute.same(before, configured) => before.clone(),
            _ => {
                self.change(path, forced);
                configured.clone()
            }
        }
    }

    fn map(&mut self, element: &Attribute, before: &Value, new: &Map, path: &Path, forced: bool) -> Map {
        let gone = before.as_map().into_iter().flat_map(Map::keys).filter(|key| !new.contains_key(*key));
        for key in gone {
            self.change(&path.key(key), forced);
        }
        new.iter()
            .map(|(key, item)| {
                let path = path.key(key);
                let after = match before.as_map().and_then(|before| before.get(key)) {
                    Some(before) => self.attribute(element, before, item, &path, forced, false),
                    None => {
                        self.change(&path, forced);
                        self.quietly(|differ| {
                            differ.attribute(element, &Value::Null, item, &path, forced, true)
                        })
                    }
                };
                (key.clone(), after)
            })
            .collect()
    }

    fn list(
        &mut self,
        element: &Attribute,
        old: &[Value],
        new: &[Value],
        path: &Path,
        forced: bool,
    ) -> Vec<Value> {
        for index in new.len()..old.len() {
            self.change(&path.index(index), forced);
        }
        new.iter()
            .enumerate()
            .map(|(index, item)| match old.get(index) {
                Some(before) => self.attribute(element, before, item, &path.index(index), forced, false),
                None => {
                    self.change(&path.index(index), forced);
                    self.quietly(|differ| differ.attribute(element, &Value::Null, item, path, forced, true))
                }
            })
            .collect()
    }

    /// Pairs each configured element with an old one that it does not change, and says whether all have one.
    fn set(&mut self, element: &Attribute, old: &[Value], new: &[Value], path: &Path) -> (Vec<Value>, bool) {
        let mut rest: Vec<&Value> = old.iter().collect();
        let mut same = old.len() == new.len();
        let items = new
            .iter()
            .map(|item| {
                for position in 0..rest.len() {
                    let mut attempt = Differ { changes: Vec::new(), digest_key: self.digest_key };
                    let after = attempt.attribute(element, rest[position], item, path, false, false);
                    if attempt.changes.is_empty() {
                        rest.swap_remove(position);
                        return after;
                    }
                }
                same = false;
                self.quietly(|differ| differ.attribute(element, &Value::Null, item, path, false, true))
            })
            .collect();
        (items, same)
    }

    /// Whether a value of which only the digest is left on one side or both is the same; `None` if neither is.
    fn same_secret(&self, before: &Value, configured: &Value) -> Option<bool> {
        match (before, configured) {
            (Value::Withheld(old), Value::Withheld(new)) => {
                Some(new.digest.is_none() || old.digest == new.digest)
            }
            (Value::Withheld(_), Value::Unknown) => None,
            (Value::Withheld(old), plain) => Some(
                !plain.is_null() && self.digest_key.is_some_and(|key| Some(key.digest(plain)) == old.digest),
            ),
            (plain, Value::Withheld(new)) if !plain.is_null() => {
                Some(self.digest_key.is_some_and(|key| Some(key.digest(plain)) == new.digest))
            }
            _ => None,
        }
    }

    fn change(&mut self, path: &Path, forces_replacement: bool) {
        self.changes.push(Difference { path: path.clone(), forces_replacement });
    }

    /// Runs something without recording what it finds: the whole is a change already.
    fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let found = std::mem::take(&mut self.changes);
        let result = run(self);
        self.changes = found;
        result
    }
}

/// Whether nothing is in this but empty lists and blocks. Reading leaves such blocks out.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.values().all(is_hollow),
        _ => false,
    }
}

#[cfg(test)]
mod tests;

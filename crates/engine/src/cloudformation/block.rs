//! A block of arguments on its way to properties. What is not taken is an error, so that nothing is lost in silence.

use crate::function::Files;
use crate::schema::Problem;
use crate::value::{Map, Path, Value};

use super::pascal;

/// A block of arguments, and the properties that are made of it. Texts and numbers in it may stand for what only
/// CloudFormation will know: they are handed on, and not looked into. Booleans are always known.
pub struct Block<'a> {
    path: Path,
    arguments: Map,
    properties: Map,
    problems: Vec<Problem>,
    ours: Vec<Path>,
    notes: Vec<Problem>,
    files: &'a dyn Files,
}

/// What a block has become.
#[derive(Debug, Default)]
pub struct Written {
    /// The properties.
    pub properties: Map,
    /// What is wrong: an argument was neither taken nor is it this engine's own business.
    pub problems: Vec<Problem>,
    /// The arguments that only tell how to go about it here.
    pub ours: Vec<Path>,
    /// What the properties do not do, and whoever uses them must be told.
    pub notes: Vec<Problem>,
}

impl<'a> Block<'a> {
    /// A block with these arguments. Paths of files start where `files` does.
    pub fn new(arguments: &Value, files: &'a dyn Files) -> Self {
        Self::at(Path::root(), arguments, files)
    }

    fn at(path: Path, arguments: &Value, files: &'a dyn Files) -> Self {
        let arguments = arguments.as_map().cloned().unwrap_or_default();
        Self {
            path,
            arguments,
            properties: Map::new(),
            problems: Vec::new(),
            ours: Vec::new(),
            notes: Vec::new(),
            files,
        }
    }

    /// The properties, and what is wrong with them: what was not taken has no property.
    pub fn finish(mut self) -> Written {
        let left: Vec<String> = self
            .arguments
            .iter()
            .filter(|(_, value)| !is_nothing(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in left {
            self.problems.push(
                Problem::new(self.path.key(&name), format!("CloudFormation has no property for `{name}`"))
                    .with_hint("leave it out of what is exported"),
            );
        }
        Written { properties: self.properties, problems: self.problems, ours: self.ours, notes: self.notes }
    }

    /// The files around the module.
    pub fn files(&self) -> &'a dyn Files {
        self.files
    }

    /// An argument, which stays.
    pub fn get(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.arguments.get(name).unwrap_or(&NULL)
    }

    /// An argument, which goes; null if it is not set.
    pub fn take(&mut self, name: &str) -> Value {
        self.arguments.remove(name).unwrap_or_default()
    }

    /// Sets a property, unless the value is null or empty. Dots lead into properties of properties.
    pub fn put(&mut self, property: &str, value: impl Into<Value>) {
        let value = value.into();
        if !value.is_empty() {
            put(&mut self.properties, property, value);
        }
    }

    /// Arguments whose properties have the same name, written CloudFormation's way: `billing_mode` is `BillingMode`.
    pub fn same(&mut self, names: &[&str]) {
        for name in names {
            self.rename(name, &pascal(name));
        }
    }

    /// An argument whose property has another name.
    pub fn rename(&mut self, name: &str, property: &str) {
        let value = self.take(name);
        self.put(property, value);
    }

    /// An argument whose property has another name, unless it is what goes without saying there.
    pub fn unless(&mut self, name: &str, property: &str, usual: impl Into<Value>) {
        let value = self.take(name);
        if value != usual.into() {
            self.put(property, value);
        }
    }

    /// A boolean that has words there.
    pub fn words(&mut self, name: &str, property: &str, yes: &str, no: &str) {
        match self.take(name).as_bool() {
            Some(true) => self.put(property, yes),
            Some(false) => self.put(property, no),
            None => {}
        }
    }

    /// A block whose properties are those of a property.
    pub fn block(&mut self, name: &str, property: &str, write: fn(&mut Block<'_>)) {
        let value = self.take(name);
        if let Some(properties) = self.inner(&self.path.key(name), &value, write) {
            self.put(property, Value::Map(properties));
        }
    }

    /// A block whose properties are those of the only element of a property.
    pub fn element(&mut self, name: &str, property: &str, write: fn(&mut Block<'_>)) {
        let value = self.take(name);
        let properties = self.inner(&self.path.key(name), &value, write);
        if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
            self.put(property, Value::List(vec![Value::Map(properties)]));
        }
    }

    /// A block whose properties stand beside those of this one.
    pub fn within(&mut self, name: &str, write: fn(&mut Block<'_>)) {
        let value = self.take(name);
        for (property, value) in self.inner(&self.path.key(name), &value, write).unwrap_or_default() {
            put(&mut self.properties, &property, value);
        }
    }

    /// All arguments that are left, whose properties are those of a property: many kinds of CloudFront's have them in
    /// a `…Config`.
    pub fn rest(&mut self, property: &str, write: fn(&mut Block<'_>)) {
        let left = Value::Map(std::mem::take(&mut self.arguments));
        if let Some(properties) = self.inner(&self.path.clone(), &left, write) {
            self.put(property, Value::Map(properties));
        }
    }

    /// Blocks whose properties are those of the elements of a property.
    pub fn blocks(&mut self, name: &str, property: &str, write: fn(&mut Block<'_>)) {
        let elements = self.take_blocks(name, write);
        self.put(property, Value::List(elements));
    }

    /// The same, given back instead of being set.
    pub fn take_blocks(&mut self, name: &str, write: fn(&mut Block<'_>)) -> Vec<Value> {
        let value = self.take(name);
        let path = self.path.key(name);
        let blocks = value.items().iter().enumerate();
        blocks.filter_map(|(at, block)| self.inner(&path.index(at), block, write)).map(Value::Map).collect()
    }

    fn inner(&mut self, path: &Path, value: &Value, write: fn(&mut Block<'_>)) -> Option<Map> {
        value.as_map()?;
        let mut block = Block::at(path.clone(), value, self.files);
        write(&mut block);
        let written = block.finish();
        self.problems.extend(written.problems);
        self.ours.extend(written.ours);
        self.notes.extend(written.notes);
        Some(written.properties)
    }

    /// Makes all that was set so far the one element of a property.
    pub fn element_of(&mut self, property: &str) {
        let element = std::mem::take(&mut self.properties);
        self.put(property, Value::List(vec![Value::Map(element)]));
    }

    /// Tags, as a list of keys and values.
    pub fn tags(&mut self) {
        self.pairs("tags", "Tags", ["Key", "Value"]);
    }

    /// A map that is a list there, of tables that have its keys and its values under these names.
    pub fn pairs(&mut self, name: &str, property: &str, names: [&str; 2]) {
        let pairs = self.take_pairs(name, names);
        self.put(property, Value::List(pairs));
    }

    /// Tags, given back instead of being set.
    pub fn take_tags(&mut self) -> Vec<Value> {
        self.take_pairs("tags", ["Key", "Value"])
    }

    fn take_pairs(&mut self, name: &str, [key, value]: [&str; 2]) -> Vec<Value> {
        let map = self.take(name);
        let pair = |(name, item): (&String, &Value)| {
            super::table([(key, name.as_str().into()), (value, item.clone())])
        };
        map.as_map().into_iter().flatten().map(pair).collect()
    }

    /// A policy or another document, which is a table there: text is read as JSON.
    pub fn document(&mut self, name: &str, property: &str) {
        match self.take(name) {
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(json) => self.put(property, Value::from_json(json)),
                Err(error) => self.wrong(name, format!("this is no JSON: {error}")),
            },
            table => self.put(property, table),
        }
    }

    /// A document that is text there too: a table is written as JSON.
    pub fn text(&mut self, name: &str, property: &str) {
        match self.take(name) {
            value @ (Value::Map(_) | Value::List(_)) => self.put(property, value.to_json().to_string()),
            text => self.put(property, text),
        }
    }

    /// Arguments that tell how to go about it here, and mean nothing to CloudFormation.
    pub fn ours(&mut self, names: &[&str]) {
        for name in names {
            self.arguments.remove(*name);
            self.ours.push(self.path.key(*name));
        }
    }

    /// An argument that CloudFormation has nothing for, and why, or what to do.
    pub fn refuse(&mut self, name: &str, hint: &str) {
        let value = self.take(name);
        if !is_nothing(&value) {
            self.problems.push(
                Problem::new(self.path.key(name), format!("CloudFormation has no property for `{name}`"))
                    .with_hint(hint),
            );
        }
    }

    /// An argument that CloudFormation has nothing for, and that the resource works without: what whoever uses the
    /// template must be told.
    pub fn note(&mut self, name: &str, text: &str) {
        let value = self.take(name);
        if !is_nothing(&value) {
            self.notes.push(Problem::new(self.path.key(name), text));
        }
    }

    /// Says that something is wrong with an argument.
    pub fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(self.path.key(name), message));
    }
}

/// Whether leaving it out loses nothing: not set, empty, or off.
fn is_nothing(value: &Value) -> bool {
    value.is_empty() || value.as_bool() == Some(false)
}

fn put(properties: &mut Map, property: &str, value: Value) {
    match property.split_once('.') {
        None => drop(properties.insert(property.to_owned(), value)),
        Some((outer, rest)) => {
            let inner = properties.entry(outer.to_owned()).or_insert_with(|| Value::Map(Map::new()));
            if let Value::Map(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;

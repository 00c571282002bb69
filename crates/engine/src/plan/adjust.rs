//! What becomes of a configuration before it is compared: tags of the environment, the content of
//! files, and changes to be ignored.

use std::collections::BTreeSet;

use super::{Inputs, Origin};
use crate::address::Address;
use crate::function::Files;
use crate::kind::{Circumstances, ResourceKind};
use crate::schema::{Problem, Schema};
use crate::value::{Map, Path, Segment, Value};

/// A configuration as it is compared and sent: with the environment's tags, with what the files that it names hold, and
/// with what can be foreseen of it. Beside it, all that is wrong with it beyond what the schema can say.
pub(crate) fn completed(
    inputs: &Inputs<'_>,
    kind: &dyn ResourceKind,
    (address, origin): (&Address, &Origin),
    configuration: Value,
    prior: Option<&Value>,
    files: &dyn Files,
) -> (Value, Vec<Problem>) {
    let mut configuration = with_tags(inputs, kind, configuration);
    let mut problems = kind.read_files(&mut configuration, files);
    problems.extend(kind.validate(&configuration));
    let circumstances = Circumstances {
        prior,
        time: inputs.observation.time,
        rotate: inputs.aim.rotates(address),
        recorded: &|sibling| recorded(inputs, (address, origin), sibling),
    };
    problems.extend(kind.foresee(&mut configuration, &circumstances));
    (configuration, problems)
}

/// What the state says of a resource of the same module.
fn recorded<'a>(
    inputs: &Inputs<'a>,
    (address, origin): (&Address, &Origin),
    sibling: &str,
) -> Result<Option<&'a Value>, String> {
    let blocks = &inputs.configuration.modules[origin.module].module.blocks;
    let is_there = blocks.keys().any(|block| block.to_string() == sibling);
    // Where something is wrong, it may be there under a name that is misspelled.
    if !is_there && !inputs.configuration.is_faulty {
        return Err(format!("there is no `{sibling}` in this module"));
    }
    Ok(inputs.state.resources.get(&address.sibling(sibling)).map(|resource| &resource.attributes))
}

/// A configuration with the environment's tags under its own.
fn with_tags(inputs: &Inputs<'_>, kind: &dyn ResourceKind, mut configuration: Value) -> Value {
    let tags = &inputs.configuration.environment.tags;
    if !tags.is_empty()
        && kind.schema().is_taggable()
        && let Value::Map(arguments) = &mut configuration
    {
        let merged = match arguments.remove("tags").unwrap_or_default() {
            Value::Unknown => Value::Unknown,
            own => {
                let shared = tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
                Value::Map(shared.chain(own.as_map().cloned().unwrap_or_default()).collect())
            }
        };
        arguments.insert("tags".to_owned(), merged);
    }
    configuration
}

/// A configuration with what it has at these paths taken from what is there.
pub(crate) fn ignoring(paths: &[Path], mut configuration: Value, before: &Value) -> Value {
    for path in paths {
        if path.0.is_empty() {
            return before.clone();
        }
        put(&mut configuration, &path.0, before.at(path).clone());
    }
    configuration
}

fn put(value: &mut Value, path: &[Segment], new: Value) {
    match (path, value) {
        ([], value) => *value = new,
        ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
            put(
                map.entry(key.clone())
                    .or_insert_with(|| if rest.is_empty() { Value::Null } else { Value::Map(Map::new()) }),
                rest,
                new,
            );
        }
        ([Segment::Index(index), rest @ ..], Value::List(items)) => {
            if let Some(item) = items.get_mut(*index) {
                put(item, rest, new);
            }
        }
        _ => {}
    }
}

/// The arguments that a configuration says nothing of.
pub(super) fn unsaid(schema: &Schema, configuration: &Value) -> BTreeSet<String> {
    schema.attributes.keys().filter(|name| configuration.get(name).is_null()).cloned().collect()
}

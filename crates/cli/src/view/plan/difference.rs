//! What changes in a value: only that, down to the element of a list, the member of a document and the line of a
//! text.

use std::collections::{BTreeMap, BTreeSet};

use provision_engine::plan::{ChangeDocument, with_unknown};
use provision_engine::state::OutputValue;
use provision_engine::value::{Map, Path, Value};

use super::one_side;
use super::sequence::{Edit, edits, most_alike, unordered};
use super::texts::{fitted, texts};
use crate::view::text::{Line, Tone, width};
use crate::view::value::{Head, SENSITIVE, STEP, document, draw, draw_aligned, key};

pub(super) const ADDED: (Tone, &str) = (Tone::Good, "+");
pub(super) const REMOVED: (Tone, &str) = (Tone::Bad, "-");
const CHANGED: (Tone, &str) = (Tone::Notice, "~");

/// What is shown of an element of a list although it does not change, to tell which one it is.
const IDENTITIES: &[&str] = &["id", "name", "key", "sid", "Sid", "origin_id", "path_pattern"];

/// What an update or a replacement changes.
pub(super) fn of_resource(change: &ChangeDocument, indent: usize, columns: usize) -> Vec<Line> {
    let after = with_unknown(&change.after, &change.after_unknown);
    let replaced = change.action == "replace";
    let mut new = 0;
    let mut settled = Map::new();
    for name in names(&change.before, &after) {
        let path = Path::root().key(name);
        let (old, configured) = (change.before.get(name), after.get(name));
        let value = match settle(old, configured, &path, &change.changed) {
            // A document without the changed paths, and what any change of the resource may change.
            _ if !replaced && (change.changed.is_empty() || configured.is_unknown()) => configured.clone(),
            value => {
                new += usize::from(configured.is_unknown() && !value.is_unknown());
                value
            }
        };
        settled.insert(name.clone(), value);
    }
    let comparison = Comparison { changed: &change.changed, forces: &change.replace_because, columns };
    let mut lines = Vec::new();
    let same = comparison.members(
        &change.before,
        &Value::Map(settled),
        &Within::path(Path::root()),
        indent,
        &mut lines,
    );
    let mut remarks = Vec::new();
    if same > new {
        remarks.push(format!("{} unchanged", same - new));
    }
    if new > 0 {
        remarks.push(format!("{new} known after apply"));
    }
    if !remarks.is_empty() {
        lines.push(remark(indent + 2, &remarks.join(", ")));
    }
    lines
}

/// Which outputs change, and how.
pub(super) fn of_outputs(
    before: &BTreeMap<String, OutputValue>,
    after: &BTreeMap<String, OutputValue>,
    columns: usize,
) -> Vec<Line> {
    let values = |outputs: &BTreeMap<String, OutputValue>| -> Map {
        outputs.iter().map(|(name, output)| (name.clone(), output.value.clone())).collect()
    };
    let comparison = Comparison { changed: &[], forces: &[], columns };
    let mut lines = Vec::new();
    let (before, after) = (Value::Map(values(before)), Value::Map(values(after)));
    comparison.members(&before, &after, &Within::path(Path::root()), 2, &mut lines);
    lines
}

/// What a value will be, with what no changed path touches as it was: a replacement computes everything anew, and
/// may spell it differently, but that is not what the plan is about.
fn settle(before: &Value, after: &Value, path: &Path, changed: &[String]) -> Value {
    let here = path.to_string();
    if changed.iter().any(|changed| covers(changed, &here)) {
        return after.clone();
    }
    if !changed.iter().any(|changed| covers(&here, changed)) {
        return before.clone();
    }
    match (before, after) {
        (Value::Map(_), Value::Map(_)) => Value::Map(
            names(before, after)
                .into_iter()
                .map(|name| {
                    (name.clone(), settle(before.get(name), after.get(name), &path.key(name), changed))
                })
                .filter(|(_, value)| !value.is_null())
                .collect(),
        ),
        (Value::List(old), Value::List(new)) => Value::List(
            new.iter()
                .enumerate()
                .map(|(index, new)| match old.get(index) {
                    Some(old) => settle(old, new, &path.index(index), changed),
                    None => new.clone(),
                })
                .collect(),
        ),
        _ => after.clone(),
    }
}

/// Whether one path leads to what another leads into.
fn covers(path: &str, inner: &str) -> bool {
    inner
        .strip_prefix(path)
        .is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

fn names<'v>(before: &'v Value, after: &'v Value) -> BTreeSet<&'v String> {
    before.as_map().into_iter().chain(after.as_map()).flat_map(Map::keys).collect()
}

pub(super) fn remark(indent: usize, text: &str) -> Line {
    Line::indented(indent).and(Tone::Faint, format!("# {text}"))
}

/// Where a comparison is.
struct Within {
    /// The path in the resource; none inside of a document.
    path: Option<Path>,
    /// Whether in an IAM policy: lists there are sets, and one value is a list of one.
    policy: bool,
}

impl Within {
    fn path(path: Path) -> Self {
        Self { path: Some(path), policy: false }
    }

    fn key(&self, name: &str) -> Self {
        Self { path: self.path.as_ref().map(|path| path.key(name)), policy: self.policy }
    }

    fn index(&self, index: usize) -> Self {
        Self { path: self.path.as_ref().map(|path| path.index(index)), policy: self.policy }
    }
}

struct Comparison<'a> {
    changed: &'a [String],
    forces: &'a [String],
    columns: usize,
}

impl Comparison<'_> {
    /// Draws the members that differ, and says how many do not.
    fn members(
        &self,
        before: &Value,
        after: &Value,
        within: &Within,
        indent: usize,
        lines: &mut Vec<Line>,
    ) -> usize {
        let (same, different): (Vec<_>, Vec<_>) = names(before, after)
            .into_iter()
            .filter(|name| !(before.get(name).is_empty() && after.get(name).is_empty()))
            .partition(|name| before.get(name) == after.get(name));
        draw_aligned(different.into_iter().map(|name| (name, ())), lines, |(name, ()), pad, lines| {
            let head = Head { indent, name: Some(key(name)), pad, ..Head::default() };
            self.entry(head, before.get(name), after.get(name), &within.key(name), lines);
        });
        same.len()
    }

    /// Draws something that differs.
    fn entry(&self, mut head: Head, before: &Value, after: &Value, within: &Within, lines: &mut Vec<Line>) {
        let path = within.path.as_ref().map(ToString::to_string);
        if path.is_some_and(|path| self.forces.contains(&path)) {
            head.note = Some((Tone::Alarm, "forces replacement"));
        }
        if let (Some(old), Some(new)) = (structure(before), structure(after))
            && (old.as_map().is_some() == new.as_map().is_some())
        {
            return self.inside(head, before, &old, after, &new, within, lines);
        }
        head.mark = Some(CHANGED);
        match (before, after) {
            (before, after) if before.is_empty() => {
                draw(&Head { mark: Some(ADDED), ..head }, after, self.columns, lines);
            }
            (before, after) if after.is_empty() => {
                draw(&Head { mark: Some(REMOVED), ..head }, before, self.columns, lines);
            }
            (Value::Withheld(_), Value::Withheld(_)) => {
                let line = head.line().and(Tone::Faint, SENSITIVE);
                lines.push(if head.note.is_none() { line.with_note(Tone::Notice, "changed") } else { line });
            }
            (Value::String(old), Value::String(new)) if old.contains('\n') || new.contains('\n') => {
                texts(&head, old, new, lines);
            }
            (Value::List(_) | Value::Map(_), after) if !after.is_unknown() => {
                draw(&Head { mark: Some(REMOVED), note: None, ..head.clone() }, before, self.columns, lines);
                draw(&Head { mark: Some(ADDED), ..head }, after, self.columns, lines);
            }
            (before, Value::List(_) | Value::Map(_)) => {
                draw(&Head { mark: Some(REMOVED), note: None, ..head.clone() }, before, self.columns, lines);
                draw(&Head { mark: Some(ADDED), ..head }, after, self.columns, lines);
            }
            (before, after) => self.scalars(&head, before, after, lines),
        }
    }

    /// Draws what differs inside of two maps or two lists. `old` and `new` are the structures of `before` and
    /// `after`, which may be JSON texts.
    #[expect(clippy::too_many_arguments, reason = "both sides come as they are and as what they mean")]
    fn inside(
        &self,
        mut head: Head,
        before: &Value,
        old: &Value,
        after: &Value,
        new: &Value,
        within: &Within,
        lines: &mut Vec<Line>,
    ) {
        head.mark = Some(CHANGED);
        if old == new {
            lines.push(head.line().and(Tone::Faint, "(the same, spelled differently)"));
            return;
        }
        let is_text = before.as_str().is_some() || after.as_str().is_some();
        let is_policy = [old, new].iter().any(|side| !side.get("Statement").is_null());
        let within = Within {
            path: if is_text || is_policy { None } else { within.path.clone() },
            policy: within.policy || is_policy,
        };
        let (open, close) = if old.as_map().is_some() { ("{", "}") } else { ("[", "]") };
        lines.push(head.line().and(Tone::Plain, open));
        let inner = head.column() + STEP;
        let same = match (old, new) {
            (Value::List(old), Value::List(new)) => self.elements(old, new, &within, inner, lines),
            _ => {
                let named = head.name.is_none() && identify(old, new, inner + 2, lines);
                let (old, new) = if within.policy { as_lists(old, new) } else { (old.clone(), new.clone()) };
                self.members(&old, &new, &within, inner, lines).saturating_sub(usize::from(named))
            }
        };
        if same > 0 {
            lines.push(remark(inner + 2, &format!("{same} unchanged")));
        }
        lines.push(Line::indented(head.column()).and(Tone::Plain, close));
    }

    /// Draws the elements that differ, and says how many do not.
    fn elements(
        &self,
        old: &[Value],
        new: &[Value],
        within: &Within,
        indent: usize,
        lines: &mut Vec<Line>,
    ) -> usize {
        let is_set = within.policy
            || within.path.as_ref().is_some_and(|path| self.changed.contains(&path.to_string()));
        // A set whose order alone differs is a list after all.
        let steps = Some(())
            .filter(|()| is_set)
            .and_then(|()| unordered(old, new))
            .unwrap_or_else(|| edits(old, new));
        let mut same = 0;
        let mut position = 0;
        while position < steps.len() {
            if let Edit::Keep(..) = steps[position] {
                same += 1;
                position += 1;
                continue;
            }
            let gap = steps[position..].iter().take_while(|step| !matches!(step, Edit::Keep(..))).count();
            let gap = &steps[position..position + gap];
            position += gap.len();
            let removed =
                gap.iter().filter_map(|step| if let Edit::Remove(i) = step { Some(*i) } else { None });
            let mut added: Vec<usize> = gap
                .iter()
                .filter_map(|step| if let Edit::Insert(j) = step { Some(*j) } else { None })
                .collect();
            for i in removed {
                let successor = most_alike(&old[i], new, &added).map(|position| added.remove(position));
                let head = Head { indent, ..Head::default() };
                match successor {
                    Some(j) => self.entry(head, &old[i], &new[j], &within.index(j), lines),
                    None => draw(&Head { mark: Some(REMOVED), ..head }, &old[i], self.columns, lines),
                }
            }
            for j in added {
                draw(&Head { indent, mark: Some(ADDED), ..Head::default() }, &new[j], self.columns, lines);
            }
        }
        same
    }

    /// Draws `old -> new`: on one line, or on two with the values one below the other, each cut so that the
    /// difference is seen.
    fn scalars(&self, head: &Head, before: &Value, after: &Value, lines: &mut Vec<Line>) {
        const ARROW: &str = " -> ";
        let (old, new) = (one_side(before), one_side(after));
        let room = self.columns.saturating_sub(head.width() + head.note_width());
        let tone = |value: &Value| match value {
            Value::Unknown | Value::Withheld(_) | Value::Null => Tone::Faint,
            _ => Tone::Plain,
        };
        if width(&old) + ARROW.len() + width(&new) <= room {
            let line = head.line().and(tone(before), old).and(Tone::Notice, ARROW).and(tone(after), new);
            lines.push(line);
            return;
        }
        // Where the remark would cost a part of a value, it goes below.
        let cramped = width(&old).max(width(&new)) > room;
        let below = head.note.filter(|_| cramped);
        let head = Head { note: head.note.filter(|_| !cramped), ..head.clone() };
        let room = self.columns.saturating_sub(head.width() + head.note_width());
        let (old, new) = fitted(&old, &new, room);
        lines.push(head.line().and(tone(before), old));
        let indent = head.width().saturating_sub(ARROW.len() - 1);
        lines.push(Line::indented(indent).and(Tone::Notice, &ARROW[1..]).and(tone(after), new));
        if let Some((tone, note)) = below {
            lines.push(Line::indented(indent).and(tone, format!("# {note}")));
        }
    }
}

/// The map or list that a value is, or that is written in it as JSON.
fn structure(value: &Value) -> Option<Value> {
    match value {
        Value::List(_) | Value::Map(_) => Some(value.clone()),
        _ => document(value),
    }
    .filter(|value| !value.is_empty())
}

/// Two parts of a policy, in which one value where the other has a list becomes a list of one.
fn as_lists(old: &Value, new: &Value) -> (Value, Value) {
    let listed = |side: &Value, other: &Value| -> Value {
        let members = side.as_map().into_iter().flatten().map(|(name, value)| {
            let value = match (value, other.get(name)) {
                (Value::List(_), _) => value.clone(),
                (value, Value::List(_)) => Value::List(vec![value.clone()]),
                (value, _) => value.clone(),
            };
            (name.clone(), value)
        });
        Value::Map(members.collect())
    };
    (listed(old, new), listed(new, old))
}

/// Tells which element of a list it is that changes, if it has something to be told by.
fn identify(old: &Value, new: &Value, indent: usize, lines: &mut Vec<Line>) -> bool {
    let found = IDENTITIES.iter().find(|name| !old.get(name).is_empty() && old.get(name) == new.get(name));
    if let Some(name) = found {
        lines.push(
            Line::indented(indent).and(Tone::Faint, format!("{name} = {}", super::inline(old.get(name)))),
        );
    }
    found.is_some()
}

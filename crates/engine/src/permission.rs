//! What a plan has to be permitted to do. Each kind says beside its definition what its calls need ([`Kind::permissions`],
//! [`Data::permissions`]); here it is gathered for all that a plan reads and does.
//!
//! [`Kind::permissions`]: crate::kind::Kind::permissions
//! [`Data::permissions`]: crate::kind::Data::permissions

use std::collections::{BTreeMap, BTreeSet};

use crate::value::Value;

mod gather;

pub use gather::permissions;

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The action as policies name it, such as `s3:GetObject`.
    pub action: String,
    /// What it is done to, with `*` for what is not known. A kind writes `${Partition}`, `${Region}` and `${Account}`
    /// for what only the place tells.
    pub resource: String,
    /// What has to hold of the call besides: a value for each pair of an operator and a key.
    pub conditions: BTreeMap<(String, String), String>,
}

/// Where the resources of an environment are.
#[derive(Clone, Debug)]
pub struct Place {
    /// What names of resources begin with.
    pub partition: String,
    /// The account.
    pub account: String,
    /// The region of what names none.
    pub region: String,
}

/// One thing that a run does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It reads it: before a plan, and after a change.
    Read,
    /// It looks for what an interrupted run may have made.
    Find,
    /// It makes it: with the look whether its place is free, the update that completes it, and the wait until it has
    /// taken effect.
    Create,
    /// It changes it.
    Update,
    /// It deletes it.
    Delete,
}

/// An act, and what is known while planning of the resource that it is done to.
#[derive(Clone, Copy, Debug)]
pub struct Undertaking<'a> {
    /// What is done.
    pub act: Act,
    /// The id; none before a create.
    pub id: Option<&'a str>,
    /// What it was before a change; null where nothing was.
    pub prior: &'a Value,
    /// What it is, or is to be.
    pub attributes: &'a Value,
    /// The arguments that an update changes.
    pub changed: &'a BTreeSet<String>,
    /// The arguments that the configuration leaves to AWS: they are unknown before a create, and not given.
    pub unsaid: &'a BTreeSet<String>,
    /// The resources that it refers to: the kind and the attributes of each.
    pub others: &'a [(&'a str, &'a Value)],
}

impl<'a> Undertaking<'a> {
    /// An act on something of which no more is known than this.
    pub fn of(act: Act, id: Option<&'a str>, attributes: &'a Value) -> Self {
        static NULL: Value = Value::Null;
        static NONE: BTreeSet<String> = BTreeSet::new();
        Self { act, id, prior: &NULL, attributes, changed: &NONE, unsaid: &NONE, others: &[] }
    }

    /// A text among the attributes, where it is known and not empty.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.attributes.get(name).as_str().filter(|text| !text.is_empty())
    }

    /// The same, or `*`.
    pub fn text_or_any(&self, name: &str) -> &'a str {
        self.text(name).unwrap_or("*")
    }

    /// The id, or `*`.
    pub fn id_or_any(&self) -> &'a str {
        self.id.unwrap_or("*")
    }

    /// Whether an attribute is there, or may be.
    pub fn has(&self, name: &str) -> bool {
        !self.unsaid.contains(name) && is_given(self.attributes.get(name))
    }

    /// The attributes of the resources of a kind that it refers to.
    pub fn others(&self, kind: &str) -> impl Iterator<Item = &'a Value> {
        self.others.iter().filter(move |(other, _)| *other == kind).map(|(_, attributes)| *attributes)
    }

    /// Whether a create sets one of these attributes, or an update changes it.
    pub fn sets(&self, names: &[&str]) -> bool {
        names.iter().any(|name| match self.act {
            Act::Create => self.has(name),
            Act::Update => self.differs(name),
            _ => false,
        })
    }

    /// Whether an update changes an argument.
    pub fn differs(&self, name: &str) -> bool {
        self.act == Act::Update && self.changed.contains(name)
    }

    /// Whether something is set: by a create, or by an update.
    pub fn changes(&self) -> bool {
        [Act::Create, Act::Update].contains(&self.act)
    }

    /// Whether an update changes none but these.
    pub fn only_differs(&self, names: &[&str]) -> bool {
        self.changed.iter().all(|name| names.contains(&name.as_str()))
    }

    /// Whether a create or an update gives a map members that it has not, or changes them.
    pub fn adds(&self, name: &str) -> bool {
        let (before, after) = (self.prior.get(name), self.attributes.get(name));
        match (self.act, after.as_map()) {
            (Act::Create, _) => self.has(name),
            (Act::Update, Some(after)) => after.iter().any(|(key, value)| before.get(key) != value),
            (Act::Update, None) => after.is_unknown(),
            _ => false,
        }
    }

    /// Whether an update takes members of a map away.
    pub fn drops(&self, name: &str) -> bool {
        let (before, after) = (self.prior.get(name), self.attributes.get(name));
        let keys = before.as_map().into_iter().flat_map(|before| before.keys());
        self.act == Act::Update && keys.into_iter().any(|key| after.get(key).is_null())
    }

    /// The permissions of a kind, to be listed one after the other.
    pub fn needs(self) -> Needs<'a> {
        Needs { of: self, permissions: Vec::new() }
    }
}

fn is_given(value: &Value) -> bool {
    !value.is_empty() && value.as_bool() != Some(false)
}

/// A list of permissions: what belongs to another act than the one in question is left out.
#[derive(Debug)]
pub struct Needs<'a> {
    of: Undertaking<'a>,
    permissions: Vec<Permission>,
}

impl<'a> Needs<'a> {
    /// What a read needs.
    pub fn read(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Read], resource, actions)
    }

    /// What the search for what an interrupted run may have made needs.
    pub fn find(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Find], resource, actions)
    }

    /// What a create needs, and no update.
    pub fn create(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Create], resource, actions)
    }

    /// What an update needs, and no create.
    pub fn update(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Update], resource, actions)
    }

    /// What a create needs, and an update.
    pub fn change(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Create, Act::Update], resource, actions)
    }

    /// What a create that sets one of these attributes needs, and an update that changes it.
    pub fn setting(self, attributes: &[&str], resource: &str, actions: &[&str]) -> Self {
        if self.of.sets(attributes) { self.change(resource, actions) } else { self }
    }

    /// What a create with `tags` needs, and an update that sets or takes away some.
    pub fn tagging(self, resource: &str, tag: &str, untag: &str) -> Self {
        let (adds, drops) = (self.of.adds("tags"), self.of.drops("tags"));
        self.when(adds, resource, &[tag]).when(drops, resource, &[untag])
    }

    /// What a delete needs.
    pub fn delete(self, resource: &str, actions: &[&str]) -> Self {
        self.on(&[Act::Delete], resource, actions)
    }

    /// What these acts need.
    pub fn on(self, acts: &[Act], resource: &str, actions: &[&str]) -> Self {
        let applies = acts.contains(&self.of.act);
        self.when(applies, resource, actions)
    }

    /// What any act needs, on a condition.
    pub fn when(mut self, applies: bool, resource: &str, actions: &[&str]) -> Self {
        if applies {
            self.permissions.extend(actions.iter().map(|action| Permission::new(*action, resource)));
        }
        self
    }

    /// What some kinds say in the same way.
    pub fn with(self, more: impl FnOnce(Self, Undertaking<'a>) -> Self) -> Self {
        let of = self.of;
        more(self, of)
    }

    /// One permission more, on a condition.
    pub fn also(mut self, applies: bool, permission: impl FnOnce() -> Permission) -> Self {
        if applies {
            self.permissions.push(permission());
        }
        self
    }

    /// The list.
    pub fn done(self) -> Vec<Permission> {
        self.permissions
    }
}

impl Permission {
    /// An action on a resource.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), conditions: BTreeMap::new() }
    }

    /// The same, only where this holds.
    #[must_use]
    pub fn only_if(mut self, operator: &str, key: &str, value: &str) -> Self {
        self.conditions.insert((operator.to_owned(), key.to_owned()), value.to_owned());
        self
    }

    /// The same in that place.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        let fill = |text: &str| {
            text.replace("${Partition}", &place.partition)
                .replace("${Region}", &place.region)
                .replace("${Account}", &place.account)
        };
        self.resource = fill(&self.resource);
        self.conditions.values_mut().for_each(|value| *value = fill(value));
        self
    }
}

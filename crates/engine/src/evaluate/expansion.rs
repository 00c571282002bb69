//! How often there is a resource or a module: `for_each` and `lifecycle.enabled`.

use super::*;
use crate::config::Repetition;

/// The instances of a block in one instance of its module.
#[derive(Debug)]
pub enum Expansion {
    /// It has not been evaluated, or cannot be.
    Unknown,
    /// There is none.
    Disabled,
    /// One.
    One(Address),
    /// One for each element of `for_each`.
    Each(BTreeMap<String, (Address, Each)>),
}

/// The instances of a module in one instance of its user.
pub(super) enum Children {
    Unknown,
    Disabled,
    One(Rc<Instance>),
    Each(BTreeMap<String, Rc<Instance>>),
}

#[derive(Clone)]
pub(super) enum Times {
    Unknown,
    None,
    Once,
    Each(BTreeMap<String, Value>),
}

impl<'a> Evaluation<'a> {
    /// The instances of the module path of that index.
    pub fn instances_of(&self, path: usize) -> Vec<InstanceName> {
        let Some(parent) = self.configuration.modules[path].parent else {
            return vec![self.root().name.clone()];
        };
        let name = &self.configuration.modules[path].name;
        let mut found = Vec::new();
        for parent in self.instances_of(parent) {
            let Some(parent) = self.instances.borrow().get(&parent).cloned() else { continue };
            match self.children(&parent, name).as_ref() {
                Children::Unknown | Children::Disabled => {}
                Children::One(child) => found.push(child.name.clone()),
                Children::Each(children) => found.extend(children.values().map(|child| child.name.clone())),
            }
        }
        found
    }

    /// Decides how often there is a block, and remembers it for those that refer to it.
    pub fn expand(&self, instance: &str, block: &BlockName) -> Rc<Expansion> {
        let Some(place) = self.instances.borrow().get(instance).cloned() else {
            return Rc::new(Expansion::Unknown);
        };
        let Some(declared) = self.module_of(&place).blocks.get(block) else {
            return Rc::new(Expansion::Unknown);
        };
        let expansion = match self.times(&place, &block.to_string(), &declared.repetition) {
            Times::Unknown => Expansion::Unknown,
            Times::None => Expansion::Disabled,
            Times::Once => Expansion::One(Address::new(&place.name, block, None)),
            Times::Each(elements) => Expansion::Each(
                elements
                    .into_iter()
                    .map(|(key, value)| {
                        let address = Address::new(&place.name, block, Some(&key));
                        (key.clone(), (address, Each { key, value }))
                    })
                    .collect(),
            ),
        };
        let expansion = Rc::new(expansion);
        self.expansions.borrow_mut().insert((place.name.clone(), block.clone()), expansion.clone());
        expansion
    }

    pub(super) fn expansion(&self, instance: &str, block: &BlockName) -> Rc<Expansion> {
        let known = self.expansions.borrow().get(&(instance.into(), block.clone())).cloned();
        match (known, self.symbols) {
            (Some(known), _) => known,
            // There is no order in which blocks are come to.
            (None, Some(_)) => self.expand(instance, block),
            (None, None) => Rc::new(Expansion::Unknown),
        }
    }

    /// The addresses that an address in `depends_on` or `replace_triggered_by` stands for.
    pub fn addresses(&self, instance: &str, names: &[String]) -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        let name = |position: usize| names.get(position).cloned().unwrap_or_default();
        match names.first().map(String::as_str) {
            Some("module") => {
                let Some(place) = self.instances.borrow().get(instance).cloned() else { return found };
                let children: Vec<Rc<Instance>> = match self.children(&place, &name(1)).as_ref() {
                    Children::Unknown | Children::Disabled => Vec::new(),
                    Children::One(child) => vec![child.clone()],
                    Children::Each(children) => children.values().cloned().collect(),
                };
                for child in children {
                    let values = self.values.borrow();
                    let from = values.range(Address::from(&*child.name)..).map(|(address, _)| address);
                    let inside = from.take_while(|address| address.as_str().starts_with(&*child.name));
                    found.extend(inside.cloned());
                }
            }
            Some("data") => found.extend(
                self.expansion(instance, &BlockName { data: true, kind: name(1), name: name(2) }).addresses(),
            ),
            Some(kind) => {
                let block = BlockName { data: false, kind: kind.to_owned(), name: name(1) };
                found.extend(self.expansion(instance, &block).addresses());
            }
            None => {}
        }
        found
    }

    /// What all of an instance's module waits for: its own `depends_on`, and its users'. All of that has been
    /// planned when the first block of the module is.
    pub fn waits_of(&self, instance: &InstanceName) -> Rc<BTreeSet<Address>> {
        if let Some(known) = self.waits.borrow().get(instance) {
            return known.clone();
        }
        let waits = Rc::new(self.collect_waits(instance));
        self.waits.borrow_mut().insert(instance.clone(), waits.clone());
        waits
    }

    fn collect_waits(&self, instance: &str) -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        let mut at = self.instances.borrow().get(instance).cloned();
        while let Some(instance) = at {
            if let Some(parent) = &instance.parent {
                let name = &self.configuration.modules[instance.path].name;
                if let Some(call) = self.module_of(parent).modules.get(name) {
                    for reference in &call.repetition.depends_on {
                        found.extend(self.addresses(&parent.name, &reference.names));
                    }
                }
            }
            at = instance.parent.clone();
        }
        found
    }

    pub(super) fn children(&self, instance: &Rc<Instance>, name: &str) -> Rc<Children> {
        if let Some(known) = instance.children.borrow().get(name) {
            return known.clone();
        }
        let Some(call) = self.module_of(instance).modules.get(name) else {
            return Rc::new(Children::Unknown);
        };
        let Some(path) = self.configuration.modules[instance.path].children.get(name).copied() else {
            return Rc::new(Children::Unknown);
        };
        let make = |key: Option<Each>| {
            let prefix = match &key {
                Some(each) => format!("{}module.{name}[{:?}].", instance.name, each.key),
                None => format!("{}module.{name}.", instance.name),
            };
            let child = Rc::new(Instance::new(path, Some(instance.clone()), prefix.into(), key));
            self.instances.borrow_mut().insert(child.name.clone(), child.clone());
            child
        };
        // What needs a module to tell how often there is that module gets nothing of it: the circle was complained about.
        instance.children.borrow_mut().insert(name.to_owned(), Rc::new(Children::Unknown));
        let children = Rc::new(match self.times(instance, &format!("module.{name}"), &call.repetition) {
            Times::Unknown => Children::Unknown,
            Times::None => Children::Disabled,
            Times::Once => Children::One(make(None)),
            Times::Each(elements) => Children::Each(
                elements
                    .into_iter()
                    .map(|(key, value)| (key.clone(), make(Some(Each { key, value }))))
                    .collect(),
            ),
        });
        instance.children.borrow_mut().insert(name.to_owned(), children.clone());
        children
    }

    /// How often there is what is called that in an instance of its module.
    fn times(&self, instance: &Rc<Instance>, called: &str, repetition: &Repetition) -> Times {
        let Some(guide) = &self.guide else { return self.times_by_itself(instance, repetition) };
        match guide.decided(&instance.name, called) {
            None => {
                let times = self.times_by_itself(instance, repetition);
                guide.decide(&instance.name, called, &times);
                times
            }
            Some(Times::Each(decided)) => match self.times_by_itself(instance, repetition) {
                Times::Each(own) if own.keys().eq(decided.keys()) => Times::Each(own),
                _ => Times::Each(decided),
            },
            Some(decided) => decided,
        }
    }

    fn times_by_itself(&self, instance: &Rc<Instance>, repetition: &Repetition) -> Times {
        if let Some(node) = &repetition.enabled {
            let enabled = self.evaluate(instance, None, node);
            match &enabled.value {
                Value::Bool(true) => {}
                Value::Bool(false) => return Times::None,
                Value::String(text) if text == "true" => {}
                Value::String(text) if text == "false" => return Times::None,
                other => return self.undecided(node, "lifecycle.enabled", "true or false", other),
            }
        }
        let Some(node) = &repetition.for_each else { return Times::Once };
        let elements = self.evaluate(instance, None, node);
        if elements.is_sensitive() {
            self.complain_at(
                &node.place,
                "`for_each` comes from something sensitive, and its keys would be shown".to_owned(),
                Some("go over names, and look the secrets up by each.key".to_owned()),
            );
            return Times::Unknown;
        }
        let undecided = |found: &Value| self.undecided(node, "for_each", "a map or a set of strings", found);
        match &elements.value {
            Value::Map(map) => Times::Each(map.clone()),
            Value::List(items) => match items.iter().find(|item| item.as_str().is_none()) {
                Some(other) => undecided(other),
                None => {
                    let keys = items.iter().filter_map(Value::as_str);
                    Times::Each(keys.map(|key| (key.to_owned(), Value::from(key))).collect())
                }
            },
            other => undecided(other),
        }
    }

    fn undecided(&self, node: &Node, what: &str, expected: &str, found: &Value) -> Times {
        let place = &node.place;
        if !found.is_unknown() {
            self.complain_at(place, format!("`{what}` is {expected}, not {}", found.type_name()), None);
        } else if !self.provisional.get() && !self.faulty.get() && self.diagnostics.borrow().0.is_empty() {
            // Where something else is wrong, that may be why it is not known.
            self.complain_at(
                place,
                format!("`{what}` depends on something that is known only after apply"),
                Some("the plan must know how many there are: use names from the configuration".to_owned()),
            );
        }
        Times::Unknown
    }
}

impl Expansion {
    /// The addresses of all instances.
    pub fn addresses(&self) -> Vec<Address> {
        match self {
            Self::Unknown | Self::Disabled => Vec::new(),
            Self::One(address) => vec![address.clone()],
            Self::Each(addresses) => addresses.values().map(|(address, _)| address.clone()).collect(),
        }
    }

    /// The instances: each address, with its element of `for_each`.
    pub fn instances(&self) -> Vec<(Address, Option<Each>)> {
        match self {
            Self::Unknown | Self::Disabled => Vec::new(),
            Self::One(address) => vec![(address.clone(), None)],
            Self::Each(addresses) => {
                addresses.values().map(|(address, each)| (address.clone(), Some(each.clone()))).collect()
            }
        }
    }
}

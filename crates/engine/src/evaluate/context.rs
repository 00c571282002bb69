//! What the names in an expression mean where it stands.

use super::*;
use hcl_edit::expr::BinaryOperator;

use crate::expression::evaluate::{Access, Failure, Names, follow};
use crate::expression::operator;
use crate::schema::Schema;
use crate::value::Segment;

/// A module instance, the element of `for_each` that is evaluated, and what has been seen.
pub(super) struct Context<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    instance: Rc<Instance>,
    each: Option<Each>,
    /// What `self` stands for.
    this: Option<Address>,
    dependencies: RefCell<BTreeSet<Address>>,
    sensitive: Cell<bool>,
}

impl<'e, 'a> Context<'e, 'a> {
    pub(super) fn new(evaluation: &'e Evaluation<'a>, instance: Rc<Instance>, each: Option<Each>) -> Self {
        Self {
            evaluation,
            instance,
            each,
            this: None,
            dependencies: RefCell::default(),
            sensitive: Cell::default(),
        }
    }

    /// The same, where `self` stands for that.
    pub(super) fn of(self, this: Option<&Address>) -> Self {
        Self { this: this.cloned(), ..self }
    }

    pub(super) fn into_dependencies(self) -> Rc<BTreeSet<Address>> {
        Rc::new(self.dependencies.into_inner())
    }

    pub(super) fn reset_sensitive(&self) {
        self.sensitive.set(false);
    }

    /// The part of a named value that accesses lead to, and how many of them that took. Only that part is copied:
    /// the whole may be large, and asked for by many.
    fn take(&self, evaluated: &Evaluated, accesses: &[Access]) -> (Value, usize) {
        self.dependencies.borrow_mut().extend(evaluated.dependencies.iter().cloned());
        if evaluated.is_sensitive_at(&Path(accesses.iter().map_while(segment).collect())) {
            self.sensitive.set(true);
        }
        let mut value = &evaluated.value;
        for (taken, access) in accesses.iter().enumerate() {
            let part = match (value, segment(access)) {
                (Value::Map(map), Some(Segment::Key(name))) => map.get(&name),
                (Value::List(items), Some(Segment::Index(index))) => items.get(index),
                _ => None,
            };
            match part {
                Some(part) => value = part,
                None => return (value.clone(), taken),
            }
        }
        (value.clone(), accesses.len())
    }

    fn each(&self, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        match (&self.each, accesses.first()) {
            (Some(each), Some(Access::Attribute(name))) if name == "key" => {
                Ok((Value::from(each.key.as_str()), 1))
            }
            (Some(each), Some(Access::Attribute(name))) if name == "value" => Ok((each.value.clone(), 1)),
            _ => Ok((Value::Unknown, accesses.len())),
        }
    }

    fn path(&self, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        let absolute = |path: &std::path::Path| {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            Value::from(absolute.display().to_string())
        };
        let value = match accesses.first() {
            Some(Access::Attribute(name)) if name == "module" => {
                absolute(&self.evaluation.module_of(&self.instance).directory)
            }
            Some(Access::Attribute(name)) if name == "root" => {
                absolute(&self.evaluation.configuration.root.directory)
            }
            Some(Access::Attribute(name)) if name == "cwd" => absolute(std::path::Path::new(".")),
            _ => Value::Unknown,
        };
        Ok((value, 1.min(accesses.len())))
    }

    fn module(&self, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        let Some(Access::Attribute(name)) = accesses.first() else {
            return Ok((Value::Unknown, accesses.len()));
        };
        match (self.evaluation.children(&self.instance, name).as_ref(), &accesses[1..]) {
            (Children::Unknown, _) => Ok((Value::Unknown, accesses.len())),
            (Children::Disabled, _) => Ok((Value::Null, accesses.len())),
            (Children::One(child), [Access::Attribute(output), rest @ ..]) => {
                let (value, taken) = self.module_output(child, output, rest);
                Ok((value, 2 + taken))
            }
            (Children::One(child), _) => Ok((self.module_outputs(child), 1)),
            (Children::Each(children), [Access::Index(Value::String(key)), rest @ ..]) => {
                let child = children.get(key).ok_or_else(|| no_such_key(key, children.keys()))?;
                match rest {
                    [Access::Attribute(output), rest @ ..] => {
                        let (value, taken) = self.module_output(child, output, rest);
                        Ok((value, 3 + taken))
                    }
                    _ => Ok((self.module_outputs(child), 2)),
                }
            }
            (Children::Each(children), _) => {
                let all =
                    children.iter().map(|(key, child)| (key.clone(), self.module_outputs(child))).collect();
                Ok((Value::Map(all), 1))
            }
        }
    }

    fn module_output(&self, child: &Rc<Instance>, output: &str, accesses: &[Access]) -> (Value, usize) {
        self.take(&self.evaluation.output_of(child, output), accesses)
    }

    fn module_outputs(&self, child: &Rc<Instance>) -> Value {
        let outputs = self.evaluation.module_of(child).outputs.keys();
        Value::Map(outputs.map(|name| (name.clone(), self.module_output(child, name, &[]).0)).collect())
    }

    /// A resource or data source. `skip`: the accesses that have been taken to tell its kind.
    fn block(
        &self,
        data: bool,
        kind: &str,
        accesses: &[Access],
        skip: usize,
    ) -> Result<(Value, usize), Failure> {
        let Some(Access::Attribute(name)) = accesses.get(skip) else {
            return Ok((Value::Unknown, accesses.len()));
        };
        let block = BlockName { data, kind: kind.to_owned(), name: name.clone() };
        let after = skip + 1;
        match (self.evaluation.expansion(&self.instance.name, &block).as_ref(), accesses.get(after)) {
            (Expansion::Unknown, _) => Ok((Value::Unknown, accesses.len())),
            (Expansion::Disabled, _) => Ok((Value::Null, accesses.len())),
            (Expansion::One(address), _) => self.attribute(&block, (address, None), accesses, after),
            (Expansion::Each(addresses), Some(Access::Index(Value::String(key)))) => {
                let (address, each) = addresses.get(key).ok_or_else(|| no_such_key(key, addresses.keys()))?;
                self.attribute(&block, (address, Some(each)), accesses, after + 1)
            }
            (Expansion::Each(addresses), _) => {
                let all = addresses.iter().map(|(key, (address, _))| {
                    let whole = match self.evaluation.symbols {
                        Some(symbols) => symbols.whole(address),
                        None => self.whole(address),
                    };
                    self.mark_secret(&block, address, &whole, &[]);
                    (key.clone(), whole)
                });
                Ok((Value::Map(all.collect()), after))
            }
        }
    }

    /// An attribute of a resource, which is null where the resource has none.
    fn attribute(
        &self,
        block: &BlockName,
        (address, each): (&Address, Option<&Each>),
        accesses: &[Access],
        after: usize,
    ) -> Result<(Value, usize), Failure> {
        if let Some(symbols) = self.evaluation.symbols {
            return self.symbol(symbols, block, (address, each), accesses, after);
        }
        self.dependencies.borrow_mut().insert(address.clone());
        // What has one attribute asked for is not copied as a whole.
        let values = self.evaluation.values.borrow();
        let whole = values.get(address).unwrap_or(&Value::Unknown);
        self.mark_secret(block, address, whole, &accesses[after..]);
        let Some(access @ Access::Attribute(name)) = accesses.get(after) else {
            return Ok((whole.clone(), after));
        };
        // That a kind has no such attribute was said when the configuration was checked.
        let is_known = |schema: &Schema| name == "id" || schema.attributes.contains_key(name);
        if whole.is_unknown() || !self.schema(block).is_some_and(is_known) {
            return Ok((Value::Unknown, accesses.len()));
        }
        follow(whole, access).map(|value| (value, after + 1))
    }

    fn whole(&self, address: &Address) -> Value {
        self.dependencies.borrow_mut().insert(address.clone());
        self.evaluation.values.borrow().get(address).cloned().unwrap_or(Value::Unknown)
    }

    /// Notes that something sensitive is read, if what the accesses lead to is, or has, that.
    fn mark_secret(&self, block: &BlockName, address: &Address, whole: &Value, accesses: &[Access]) {
        let path = Path(accesses.iter().map_while(segment).collect());
        let is_secret = self.schema(block).is_some_and(|schema| schema.is_secret(whole, &path.0))
            || self.evaluation.sensitive.borrow().get(address).is_some_and(|sensitive| {
                sensitive.iter().any(|secret| secret.starts_with(&path) || path.starts_with(secret))
            });
        if is_secret {
            self.sensitive.set(true);
        }
    }

    pub(super) fn instance(&self) -> &Rc<Instance> {
        &self.instance
    }

    pub(super) fn schema(&self, block: &BlockName) -> Option<&'e Schema> {
        let registry = self.evaluation.registry;
        if block.data {
            registry.data(&block.kind).map(|kind| kind.schema())
        } else {
            registry.kind(&block.kind).map(|kind| kind.schema())
        }
    }
}

/// The step of a path that an access is, if it is known.
fn segment(access: &Access) -> Option<Segment> {
    match access {
        Access::Attribute(name) | Access::Index(Value::String(name)) => Some(Segment::Key(name.clone())),
        Access::Index(index) => index.as_i64().and_then(|at| usize::try_from(at).ok()).map(Segment::Index),
    }
}

fn no_such_key<'k>(key: &str, known: impl Iterator<Item = &'k String>) -> Failure {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let hint = match crate::spelling::nearest(key, known.iter().copied()) {
        Some(nearest) => format!("did you mean [\"{nearest}\"]?"),
        None => format!("there are {}", known.join(", ")),
    };
    Failure::new(format!("there is no [\"{key}\"]")).with_hint(hint)
}

impl Names for Context<'_, '_> {
    fn resolve(&self, root: &str, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        let first = match accesses.first() {
            Some(Access::Attribute(name)) => Some(name.as_str()),
            _ => None,
        };
        match (root, first) {
            ("env", _) => {
                let environment = match self.evaluation.symbols {
                    Some(symbols) => symbols.environment(),
                    None => self.evaluation.configuration.environment.value(),
                };
                match first.is_none_or(|name| environment.as_map().is_some_and(|map| map.contains_key(name)))
                {
                    true => Ok((environment, 0)),
                    // That there is no such field was said when the configuration was checked.
                    false => Ok((Value::Unknown, accesses.len())),
                }
            }
            ("each", _) => self.each(accesses),
            ("path", _) => self.path(accesses),
            ("self", _) => match &self.this {
                Some(this) => self.attribute(&this.block_name(), (this, None), accesses, 0),
                None => Ok((Value::Unknown, accesses.len())),
            },
            ("var" | "local", Some(name)) => {
                let named = match root {
                    "var" => self.evaluation.variable_of(&self.instance, name),
                    _ => self.evaluation.local_of(&self.instance, name),
                };
                let (value, taken) = self.take(&named, &accesses[1..]);
                Ok((value, 1 + taken))
            }
            ("module", _) => self.module(accesses),
            ("data", Some(kind)) => self.block(true, kind, accesses, 1),
            (kind, Some(_)) => self.block(false, kind, accesses, 0),
            // That it names nothing was said when the configuration was checked.
            _ => Ok((Value::Unknown, accesses.len())),
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, String> {
        if let Some(result) = self.evaluation.symbols.and_then(|symbols| symbols.call(function, arguments)) {
            return result;
        }
        crate::function::named(function)?.call(
            arguments,
            &files::ModuleFiles { evaluation: self.evaluation, instance: &self.instance, names: self },
        )
    }

    fn operate(&self, operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
        let symbols = self.evaluation.symbols;
        symbols
            .and_then(|symbols| symbols.operate(operator, left, right))
            .unwrap_or_else(|| operator::binary(operator, left, right))
    }

    fn follow(&self, value: &Value, access: &Access) -> Result<Value, Failure> {
        self.follow_symbol(value, access).unwrap_or_else(|| follow(value, access))
    }

    fn iterate(&self, collection: &Value) -> Result<(), String> {
        self.evaluation.symbols.map_or(Ok(()), |symbols| symbols.iterate(collection))
    }

    fn is_sensitive(&self) -> bool {
        self.sensitive.get()
    }

    fn mark_sensitive(&self, sensitive: bool) {
        self.sensitive.set(sensitive);
    }
}

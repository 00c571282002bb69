//! What can be said about references without any value: that each leads to something.

use std::collections::HashSet;

use super::block::{BlockName, Module, Repetition};
use super::tree::Node;
use super::variable::Validation;
use crate::expression::{Expression, Reference};
use crate::kind::Registry;
use crate::schema::Schema;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::spelling::nearest;

/// Checks a module and those that it uses, each once.
pub(super) fn check(root: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    let mut checker = Checker { registry, diagnostics, seen: HashSet::new() };
    checker.module(root);
}

/// Checks an expression that stands in a module, outside of any block.
pub(super) fn check_expression(
    expression: &Expression,
    module: &Module,
    registry: &Registry,
    diagnostics: &mut Diagnostics,
) {
    let mut checker = Checker { registry, diagnostics, seen: HashSet::new() };
    for reference in &expression.references {
        checker.reference(module, &Scope { repeated: false, this: None }, reference);
    }
}

struct Checker<'a> {
    registry: &'a Registry,
    diagnostics: &'a mut Diagnostics,
    seen: HashSet<*const Module>,
}

impl Checker<'_> {
    fn module(&mut self, module: &Module) {
        if !self.seen.insert(module) {
            return;
        }
        for (name, block) in &module.blocks {
            self.kind(name, &block.place);
        }
        for (name, call) in &module.modules {
            for (argument, entry) in &call.arguments {
                if !call.module.variables.contains_key(argument) {
                    let known: Vec<&str> = call.module.variables.keys().map(String::as_str).collect();
                    let hint = match nearest(argument, known.iter().copied()) {
                        Some(nearest) => format!("did you mean `{nearest}`?"),
                        None => format!("it takes {}", known.join(", ")),
                    };
                    let message = format!("the module `{name}` has no variable `{argument}`");
                    self.diagnostics.push(Diagnostic::at(&entry.key, message).with_hint(hint));
                }
            }
            for (variable, declared) in &call.module.variables {
                if declared.default.is_none() && !call.arguments.contains_key(variable) {
                    self.diagnostics.push(
                        Diagnostic::at(&call.place, format!("the module `{name}` needs `{variable}`"))
                            .with_hint(format!("add {variable} = … ({})", declared.type_text)),
                    );
                }
            }
        }
        for (scope, node) in nodes(module) {
            node.for_each_expression(&mut |expression| {
                for reference in &expression.references {
                    self.reference(module, &scope, reference);
                }
            });
        }
        for (reference, address) in addresses(module) {
            self.address(module, reference, address);
        }
        for call in module.modules.values() {
            self.module(&call.module);
        }
    }

    fn kind(&mut self, name: &BlockName, place: &Place) {
        let (known, found): (Vec<&str>, bool) = if name.data {
            (
                self.registry.data_sources().map(|kind| kind.name()).collect(),
                self.registry.data(&name.kind).is_some(),
            )
        } else {
            (
                self.registry.kinds().map(|kind| kind.name()).collect(),
                self.registry.kind(&name.kind).is_some(),
            )
        };
        if !found {
            let what = if name.data { "data source" } else { "kind of resource" };
            let hint = match nearest(&name.kind, known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`provision schema --kinds` lists what there is".to_owned(),
            };
            let message = format!("there is no {what} `{}`", name.kind);
            self.diagnostics.push(Diagnostic::at(&before(place, &name.kind), message).with_hint(hint));
        }
    }

    fn reference(&mut self, module: &Module, scope: &Scope<'_>, reference: &Reference) {
        let name = |position: usize| reference.names.get(position).map(String::as_str);
        let root = name(0).unwrap_or_default();
        match (root, name(1)) {
            ("var", Some(variable)) => {
                let found = module.variables.contains_key(variable);
                self.among(reference, "variable", variable, found, module.variables.keys());
            }
            ("local", Some(local)) => {
                let found = module.locals.contains_key(local);
                self.among(reference, "local", local, found, module.locals.keys());
            }
            ("env", Some(field)) => {
                let fields = ["name", "project", "region", "account_id", "tags"].map(str::to_owned);
                let found = fields.iter().any(|known| known == field);
                self.among(reference, "field of env", field, found, fields.iter());
            }
            ("path", Some(field)) => {
                let fields = ["module", "root", "cwd"].map(str::to_owned);
                let found = fields.iter().any(|known| known == field);
                self.among(reference, "path", field, found, fields.iter());
            }
            ("each", Some("key" | "value")) if scope.repeated => {}
            ("each", _) => {
                let hint = if scope.repeated {
                    "each.key and each.value are known"
                } else {
                    "add for_each to the block"
                };
                self.nothing(
                    reference,
                    format!("`{}` means nothing here", reference.names.join(".")),
                    Some(hint.to_owned()),
                );
            }
            ("self", _) => match (&scope.this, name(1)) {
                (Some(block), attribute) => {
                    self.block(module, reference, block.data, &block.kind, Some(&block.name), attribute);
                }
                (None, _) => {
                    let hint = "`self` is the resource of a postcondition";
                    self.nothing(reference, "`self` means nothing here".to_owned(), Some(hint.to_owned()));
                }
            },
            ("module", Some(call)) => {
                let found = module.modules.contains_key(call);
                self.among(reference, "module", call, found, module.modules.keys());
                if let (Some(call), Some(output)) = (module.modules.get(call), name(2)) {
                    let found = call.module.outputs.contains_key(output);
                    let outputs = call.module.outputs.keys();
                    self.among(reference, "output of the module", output, found, outputs);
                }
            }
            ("data", Some(kind)) => self.block(module, reference, true, kind, name(2), name(3)),
            ("var" | "local" | "env" | "path" | "module" | "data", None) => {
                self.nothing(
                    reference,
                    format!("`{root}` alone is no value"),
                    Some(format!("name one: {root}.…")),
                );
            }
            (kind, second) => self.block(module, reference, false, kind, second, name(2)),
        }
    }

    fn block(
        &mut self,
        module: &Module,
        reference: &Reference,
        data: bool,
        kind: &str,
        name: Option<&str>,
        attribute: Option<&str>,
    ) {
        let Some(name) = name else {
            let known = ["var", "local", "env", "path", "each", "module", "data"];
            let hint = nearest(kind, known).map(|nearest| format!("did you mean `{nearest}.…`?"));
            self.nothing(
                reference,
                format!("there is nothing named `{kind}`"),
                hint.or(Some("text in an expression needs quotes".to_owned())),
            );
            return;
        };
        let block = BlockName { data, kind: kind.to_owned(), name: name.to_owned() };
        if !module.blocks.contains_key(&block) {
            let written = block.to_string();
            let known: Vec<String> = module.blocks.keys().map(ToString::to_string).collect();
            let kinds: Vec<&str> = if data {
                self.registry.data_sources().map(|kind| kind.name()).collect()
            } else {
                self.registry.kinds().map(|kind| kind.name()).collect()
            };
            let section = if data { "data" } else { "resource" };
            let hint = match (
                nearest(&written, known.iter().map(String::as_str)),
                nearest(kind, kinds.iter().copied()),
            ) {
                (Some(nearest), _) => format!("did you mean `{nearest}`?"),
                (None, Some(nearest)) if nearest != kind => format!("did you mean the kind `{nearest}`?"),
                (None, Some(_)) => format!("add [{section}.{kind}.{name}], or take this away"),
                (None, None) => format!("there is no kind `{kind}`; text in an expression needs quotes"),
            };
            self.nothing(reference, format!("there is no `{written}`"), Some(hint));
            return;
        }
        let schema: Option<&Schema> = if data {
            self.registry.data(kind).map(|kind| kind.schema())
        } else {
            self.registry.kind(kind).map(|kind| kind.schema())
        };
        if let (Some(schema), Some(attribute)) = (schema, attribute)
            && attribute != "id"
            && !schema.attributes.contains_key(attribute)
        {
            let hint = nearest(attribute, schema.attributes.keys().map(String::as_str).chain(["id"]));
            let hint = hint.map_or_else(
                || format!("it has {}", schema.attributes.keys().cloned().collect::<Vec<_>>().join(", ")),
                |nearest| format!("did you mean `{nearest}`?"),
            );
            self.nothing(reference, format!("`{kind}` has no attribute `{attribute}`"), Some(hint));
        }
    }

    /// An address, as `depends_on` and `replace_triggered_by` have it.
    fn address(&mut self, module: &Module, reference: &Reference, must_be_resource: bool) {
        match reference.names.first().map(String::as_str) {
            Some("module") if !must_be_resource => {
                let call = reference.names.get(1).map(String::as_str).unwrap_or_default();
                let found = module.modules.contains_key(call);
                self.among(reference, "module", call, found, module.modules.keys());
            }
            Some("data") => {
                let name = |position: usize| reference.names.get(position).map(String::as_str);
                self.block(module, reference, true, name(1).unwrap_or_default(), name(2), None);
            }
            Some(kind) => {
                let name = |position: usize| reference.names.get(position).map(String::as_str);
                self.block(module, reference, false, kind, name(1), name(2));
            }
            None => {}
        }
    }

    fn among<'n>(
        &mut self,
        reference: &Reference,
        what: &str,
        name: &str,
        found: bool,
        known: impl Iterator<Item = &'n String> + Clone,
    ) {
        if found {
            return;
        }
        let hint = match nearest(name, known.clone().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                let known: Vec<&str> = known.map(String::as_str).collect();
                if known.is_empty() {
                    format!("there is no {what} at all")
                } else {
                    format!("known are {}", known.join(", "))
                }
            }
        };
        self.nothing(reference, format!("there is no {what} `{name}`"), Some(hint));
    }

    fn nothing(&mut self, reference: &Reference, message: String, hint: Option<String>) {
        self.diagnostics.push(Diagnostic { hint, ..Diagnostic::at(&reference.place, message) });
    }
}

/// The place of a kind, which stands before the name of its block unless the file is written in an unusual way.
fn before(name: &Place, kind: &str) -> Place {
    let text = name.file.text.get(..name.start).unwrap_or_default();
    match text.strip_suffix('.').filter(|text| text.ends_with(kind)) {
        Some(text) => Place { file: name.file.clone(), start: text.len() - kind.len(), end: text.len() },
        None => name.clone(),
    }
}

/// What an expression can name where it stands.
struct Scope<'m> {
    /// Whether `each` means something.
    repeated: bool,
    /// What `self` is.
    this: Option<&'m BlockName>,
}

/// Every node of a module with its scope.
fn nodes(module: &Module) -> Vec<(Scope<'_>, &Node)> {
    let mut nodes = Vec::new();
    let mut add = |repeated: bool, node| nodes.push((Scope { repeated, this: None }, node));
    for entry in module.locals.values() {
        add(false, &entry.node);
    }
    for variable in module.variables.values() {
        variable.default.iter().for_each(|default| add(false, default));
        for validation in &variable.validations {
            add(false, &validation.condition);
            add(false, &validation.error_message);
        }
    }
    for output in module.outputs.values() {
        add(false, &output.value);
    }
    for check in module.checks.values() {
        check.nodes().for_each(|node| add(false, node));
    }
    for block in module.blocks.values() {
        let repeated = block.repetition.for_each.is_some();
        add(repeated, &block.arguments);
        block.settings().for_each(|node| add(repeated, node));
    }
    for call in module.modules.values() {
        for entry in call.arguments.values() {
            add(call.repetition.for_each.is_some(), &entry.node);
        }
    }
    for repetition in repetitions(module) {
        repetition.nodes().for_each(|node| add(false, node));
    }
    for import in &module.imports {
        import.for_each.iter().for_each(|node| add(false, node));
        [&import.to, &import.id].into_iter().for_each(|node| add(import.for_each.is_some(), node));
    }
    for (name, block) in &module.blocks {
        let scope = || Scope { repeated: block.repetition.for_each.is_some(), this: Some(name) };
        let conditions = block.lifecycle.postconditions.iter().flat_map(Validation::nodes);
        nodes.extend(conditions.map(|node| (scope(), node)));
    }
    nodes
}

fn repetitions(module: &Module) -> impl Iterator<Item = &Repetition> {
    let blocks = module.blocks.values().map(|block| &block.repetition);
    blocks.chain(module.modules.values().map(|call| &call.repetition))
}

/// The addresses of a module, and whether each must be of a resource.
fn addresses(module: &Module) -> Vec<(&Reference, bool)> {
    let depends_on = repetitions(module)
        .flat_map(|repetition| repetition.depends_on.iter().map(|reference| (reference, false)));
    let triggers = module
        .blocks
        .values()
        .flat_map(|block| block.lifecycle.replace_triggered_by.iter().map(|reference| (reference, true)));
    depends_on.chain(triggers).collect()
}

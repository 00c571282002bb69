//! What can be said about references without any value: that each leads to something.

use super::block::{Block, BlockName, Module, Repetition, no_count, with_own_arguments};
use super::transition::Import;
use super::tree::Node;
use super::variable::Validation;
use crate::address::Address;
use crate::expression::{Expression, OWN_FUNCTIONS, Reference};
use crate::function;
use crate::hash::HashSet;
use crate::kind::Registry;
use crate::schema::Schema;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::spelling::nearest;

/// What names begin with, beside the kinds of resources.
const ROOTS: [&str; 7] = ["var", "local", "env", "path", "each", "module", "data"];

/// Checks a module and those that it uses, each once.
pub(super) fn check(root: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    let mut checker = Checker { registry, diagnostics, seen: HashSet::default() };
    checker.module(root);
}

/// Checks an expression that stands in a module, outside of any block.
pub(super) fn check_expression(
    expression: &Expression,
    module: &Module,
    registry: &Registry,
    diagnostics: &mut Diagnostics,
) {
    let mut checker = Checker { registry, diagnostics, seen: HashSet::default() };
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
            self.arguments(name, block);
        }
        for (name, call) in &module.modules {
            for (argument, entry) in &call.arguments {
                let variables = &call.module.variables;
                if !variables.contains_key(argument) && !is_unreadable(&call.module, "var", argument) {
                    if argument == "count" {
                        self.diagnostics.push(no_count(&entry.key));
                        continue;
                    }
                    let known: Vec<&str> = variables.keys().map(String::as_str).collect();
                    let own = ["source", "for_each", "depends_on", "lifecycle"];
                    let hint = match nearest(argument, known.iter().copied().chain(own)) {
                        Some(nearest) => format!("did you mean `{nearest}`?"),
                        None => format!("it takes {}", known.join(", ")),
                    };
                    let message = format!("the module `{name}` has no variable `{argument}`");
                    self.diagnostics.push(Diagnostic::at(&entry.key, message).with_hint(hint));
                }
            }
            for (variable, declared) in &call.module.variables {
                let is_misspelled = || call.misspelled_inputs().any(|meant| meant == variable);
                if declared.default.is_none() && !call.arguments.contains_key(variable) && !is_misspelled() {
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
                for (name, place) in &expression.calls {
                    if !OWN_FUNCTIONS.contains(&name.as_str())
                        && let Err(message) = function::named(name)
                    {
                        self.diagnostics.push(Diagnostic::at(place, message));
                    }
                }
            });
        }
        for (reference, address) in addresses(module) {
            self.address(module, reference, address);
        }
        module.imports.iter().for_each(|import| self.import(import));
        for call in module.modules.values() {
            self.module(&call.module);
        }
    }

    /// The address of an import, where it is written out. Whether there is such a resource the state decides along with the
    /// configuration: what has been imported may be gone.
    fn import(&mut self, import: &Import) {
        let Some(to) = import.to.literal_str() else { return };
        let address = Address::from(to);
        if address.is_data() || !address.names_resource() {
            let message = format!("`{to}` is no address of a resource");
            let hint = "such as aws_s3_bucket.logs or module.cdn.aws_s3_bucket.logs[\"eu\"]";
            self.diagnostics.push(Diagnostic::at(&import.to.place, message).with_hint(hint));
        }
    }

    /// What is wrong with arguments whatever the expressions in them give: also where there is no such resource now.
    fn arguments(&mut self, name: &BlockName, block: &Block) {
        let Some(schema) = self.schema(name.data, &name.kind) else { return };
        for problem in schema.check(&block.arguments.written()).1 {
            let problem = with_own_arguments(problem);
            let place = block.arguments.place_of(&problem.path, problem.at_key);
            self.diagnostics
                .push(Diagnostic { hint: problem.hint, ..Diagnostic::at(place, problem.message) });
        }
    }

    /// The names of all kinds of resources, or of data sources.
    fn kinds(&self, data: bool) -> Vec<&'static str> {
        match data {
            true => self.registry.data_sources().map(|kind| kind.name()).collect(),
            false => self.registry.kinds().map(|kind| kind.name()).collect(),
        }
    }

    fn schema(&self, data: bool, kind: &str) -> Option<&Schema> {
        match data {
            true => self.registry.data(kind).map(|kind| kind.schema()),
            false => self.registry.kind(kind).map(|kind| kind.schema()),
        }
    }

    fn kind(&mut self, name: &BlockName, place: &Place) {
        if self.schema(name.data, &name.kind).is_none() {
            let known = self.kinds(name.data);
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
                let found = module.variables.contains_key(variable) || is_unreadable(module, "var", variable);
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
                let found = module.modules.contains_key(call) || is_unreadable(module, "module", call);
                self.among(reference, "module", call, found, module.modules.keys());
                if let (Some(call), Some(output)) = (module.modules.get(call), name(2)) {
                    let found = call.module.outputs.contains_key(output)
                        || is_unreadable(&call.module, "output", output);
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
            let hint = nearest(kind, ROOTS).map(|nearest| format!("did you mean `{nearest}.…`?"));
            self.nothing(
                reference,
                format!("there is nothing named `{kind}`"),
                hint.or(Some("text in an expression needs quotes".to_owned())),
            );
            return;
        };
        let block = BlockName { data, kind: kind.to_owned(), name: name.to_owned() };
        if !module.blocks.contains_key(&block) {
            self.no_block(module, reference, &block);
            return;
        }
        if let (Some(schema), Some(attribute)) = (self.schema(data, kind), attribute)
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

    /// That a reference is to a block that is not there, unless that has been said already.
    fn no_block(&mut self, module: &Module, reference: &Reference, block: &BlockName) {
        let BlockName { data, kind, name } = block;
        let (data, kind) = (*data, kind.as_str());
        let written = block.to_string();
        let is_misspelled = |declared: &BlockName| {
            // That its kind is misspelled was said of the block.
            declared.data == data
                && declared.name == *name
                && self.schema(data, &declared.kind).is_none()
                && nearest(&declared.kind, self.kinds(data)) == Some(kind)
        };
        if module.unreadable.contains(&written) || module.blocks.keys().any(is_misspelled) {
            return;
        }
        let known: Vec<String> = module.blocks.keys().map(ToString::to_string).collect();
        let kinds = self.kinds(data);
        let section = if data { "data" } else { "resource" };
        let hint =
            match (nearest(&written, known.iter().map(String::as_str)), nearest(kind, kinds.iter().copied()))
            {
                (Some(nearest), _) => format!("did you mean `{nearest}`?"),
                (None, None) if let Some(root) = nearest(kind, ROOTS).filter(|_| !data) => {
                    format!("did you mean `{root}.{name}`?")
                }
                (None, Some(nearest)) if nearest != kind => format!("did you mean the kind `{nearest}`?"),
                (None, Some(_)) => format!("add [{section}.{kind}.{name}], or take this away"),
                (None, None) => format!("there is no kind `{kind}`; text in an expression needs quotes"),
            };
        self.nothing(reference, format!("there is no `{written}`"), Some(hint));
    }

    /// An address, as `depends_on` and `replace_triggered_by` have it.
    fn address(&mut self, module: &Module, reference: &Reference, must_be_resource: bool) {
        match reference.names.first().map(String::as_str) {
            Some("module") if !must_be_resource => {
                let call = reference.names.get(1).map(String::as_str).unwrap_or_default();
                let found = module.modules.contains_key(call) || is_unreadable(module, "module", call);
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

/// Whether something is declared of which no more is known.
fn is_unreadable(module: &Module, section: &str, name: &str) -> bool {
    module.unreadable.contains(&format!("{section}.{name}"))
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

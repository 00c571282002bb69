//! The resources and data sources, one after another, each after those that it names.

use super::stand_in::StandIn;
use super::writing::depend;
use super::*;
use crate::config::tree::Node;
use crate::config::{Block, BlockName};
use crate::diff;
use crate::evaluate::{Each, InstanceName};
use crate::kind::ResourceKind;
use crate::schema::Schema;

/// One instance of a block.
pub(super) struct Place<'b> {
    pub(super) block: &'b Block,
    pub(super) address: Address,
    pub(super) instance: InstanceName,
    /// The directory of its module.
    pub(super) directory: &'b FilePath,
    /// The element of `for_each` that it stands for: as it is known, with symbols, and with what these stand for.
    pub(super) each: [Option<Each>; 3],
}

/// The arguments of a block.
pub(super) struct Settled {
    /// What is written of them.
    pub(super) written: Value,
    /// What is known of them.
    known: Value,
    /// Where something sensitive went into them.
    sensitive: Vec<Path>,
    /// What they name.
    pub(super) dependencies: BTreeSet<Address>,
}

impl Exporter<'_, '_> {
    pub(super) fn blocks(&mut self) {
        let configuration = self.inputs.configuration;
        for placed in &configuration.blocks {
            let module = &configuration.modules[placed.module].module;
            let Some(block) = module.blocks.get(&placed.name) else { continue };
            let instances = self.known.instances_of(placed.module);
            // The modules have to be there in all evaluations.
            self.symbolic.instances_of(placed.module);
            self.filled.instances_of(placed.module);
            for instance in instances {
                for (address, each) in self.expanded(&instance, &placed.name) {
                    let directory = module.directory.as_path();
                    let place = Place { block, address, instance: instance.clone(), directory, each };
                    match placed.name.data {
                        true => self.data(&placed.name, &place),
                        false => self.resource(&placed.name, &place),
                    }
                }
            }
        }
    }

    fn expanded(&self, instance: &InstanceName, block: &BlockName) -> Vec<(Address, [Option<Each>; 3])> {
        let [known, symbolic, filled] = [&self.known, &self.symbolic, &self.filled]
            .map(|evaluation| evaluation.expand(instance, block).instances());
        let all = known.into_iter().zip(symbolic).zip(filled);
        all.map(|(((address, known), (_, symbolic)), (_, filled))| (address, [known, symbolic, filled]))
            .collect()
    }

    fn resource(&mut self, block: &BlockName, place: &Place<'_>) {
        let Some(kind) = self.inputs.registry.kind(&block.kind) else { return };
        let address = &place.address;
        let change = self.changes.get(address).copied();
        let prior = change.and_then(|change| change.prior.as_ref());
        let id = match (change, prior) {
            (Some(change), Some(prior)) if !change.creates() => Value::from(prior.id.as_str()),
            _ => Value::Unknown,
        };
        let after = change.map_or(Value::Unknown, |change| change.after.clone());
        let known = kind.schema().complete(&after, id);
        let import = prior.and_then(|prior| kind.terraform_import_id(&prior.id, &prior.attributes));
        // What is in nothing but a state, and cannot come into Terraform's, would be another there.
        let is_lost = prior.is_some() && import.is_none() && !kind.is_remote();
        let symbolic = if !kind.is_in_terraform() || is_lost {
            self.left_out.push((address.to_string(), reason(kind).to_owned()));
            known.clone()
        } else {
            let name = self.names.of(address);
            let settled = self.settled(kind.schema(), place, &name);
            let stand_in = StandIn {
                symbols: &self.symbols,
                address,
                name: &name,
                schema: kind.schema(),
                lacking: kind.not_in_terraform(),
                has_same_id: has_same_id(kind, prior.map(|prior| (prior.id.as_str(), import.as_deref()))),
            };
            let symbolic = stand_in.attributes(&known, &settled.written);
            self.write(kind, place, &name, &settled, &known);
            symbolic
        };
        self.set(address, symbolic, known);
        if let Some(change) = change {
            self.known.set_sensitive(address.clone(), change.sensitive.clone());
        }
    }

    fn data(&mut self, block: &BlockName, place: &Place<'_>) {
        let Some(kind) = self.inputs.registry.data(&block.kind) else { return };
        let (address, schema) = (&place.address, kind.schema());
        let name = self.names.of(address);
        let settled = self.settled(schema, place, &name);
        let known = match self.inputs.observation.data.get(address) {
            Some(answer) => schema.complete(&answer.attributes, answer.attributes.get("id").clone()),
            None => schema.complete(&diff::create(schema, &settled.known), Value::Unknown),
        };
        let stand_in = StandIn {
            symbols: &self.symbols,
            address,
            name: &name,
            schema,
            lacking: kind.not_in_terraform(),
            has_same_id: true,
        };
        let symbolic = stand_in.attributes(&known, &settled.written);
        let arguments = self.adapted(schema, &settled.written, place.directory);
        let region = self.region(place, kind.not_in_terraform());
        let (mut block, named) = self.json(address.as_str(), region.as_deref(), &arguments);
        // Terraform reads what depends on a resource during each apply: only what is said to, does.
        let waits = self.waits(place);
        depend(&mut block, waits.difference(&named).filter_map(|address| self.names.given(address)));
        self.document.block(&name, block);
        self.set(address, symbolic, known);
        self.known.set_sensitive(address.clone(), settled.sensitive);
    }

    fn set(&self, address: &Address, symbolic: Value, known: Value) {
        self.filled.set(address.clone(), self.symbols.filled_in(&symbolic));
        self.symbolic.set(address.clone(), symbolic);
        self.known.set(address.clone(), known);
    }

    /// What is written of the arguments.
    fn settled(&mut self, schema: &Schema, place: &Place<'_>, name: &str) -> Settled {
        let [known, symbolic, filled] = [&self.known, &self.symbolic, &self.filled];
        let [each_known, each_symbolic, each_filled] = place.each.each_ref().map(Option::as_ref);
        let arguments = &place.block.arguments;
        let known = known.node(&place.instance, each_known, arguments);
        let evaluated = Evaluated {
            symbolic: symbolic.node(&place.instance, each_symbolic, arguments).value,
            filled: filled.node(&place.instance, each_filled, arguments).value,
            known: known.value,
            sensitive: schema
                .with_repeated(known.sensitive.iter().map(|path| schema.outside_of_sets(path)).collect()),
        };
        let variable = |path: &Path, value: &Value| {
            self.secrets.variable(&self.symbols, (name, &place.address), path, value)
        };
        let mut settling = Settling {
            symbols: &self.symbols,
            schema: Some(schema),
            variable: &variable,
            problems: Vec::new(),
        };
        let written = settling.settle(&evaluated);
        for problem in settling.problems {
            let at = arguments.place_of(&problem.path, problem.at_key);
            self.diagnostics.push(Diagnostic { hint: problem.hint, ..Diagnostic::at(at, problem.message) });
        }
        Settled {
            written,
            known: evaluated.known,
            sensitive: evaluated.sensitive,
            dependencies: BTreeSet::clone(&known.dependencies),
        }
    }

    /// What the block waits for although it need not name it.
    pub(super) fn waits(&self, place: &Place<'_>) -> BTreeSet<Address> {
        let mut waits = BTreeSet::clone(&self.known.waits_of(&place.instance));
        for reference in &place.block.repetition.depends_on {
            waits.extend(self.known.addresses(&place.instance, &reference.names));
        }
        waits
    }

    /// The region of a block, if it is not the environment's, and if Terraform has it in one.
    pub(super) fn region(&self, place: &Place<'_>, lacking: &[&str]) -> Option<String> {
        let node = place.block.region.as_ref().filter(|_| !lacking.contains(&"region"))?;
        let region = self.known.node(&place.instance, place.each[0].as_ref(), node).value;
        region
            .as_str()
            .filter(|region| *region != self.inputs.configuration.environment.region)
            .map(str::to_owned)
    }

    pub(super) fn flag(&self, place: &Place<'_>, node: Option<&Node>) -> bool {
        node.is_some_and(|node| {
            let value = self.known.node(&place.instance, place.each[0].as_ref(), node).value;
            value.as_bool() == Some(true) || value.as_str() == Some("true")
        })
    }
}

/// Why a resource is not in the file.
fn reason(kind: &dyn ResourceKind) -> &'static str {
    match kind.is_in_terraform() {
        false => "Terraform has no such kind",
        true => "Terraform cannot import it, and another one would not be the same: it is written as it is",
    }
}

/// Whether Terraform has the id that we have for what it is.
fn has_same_id(kind: &dyn ResourceKind, prior: Option<(&str, Option<&str>)>) -> bool {
    const ANY: &str = "any";
    let attributes = Value::Map([("id".to_owned(), Value::from(ANY))].into());
    let is_imported_by_it = prior.is_none_or(|(id, import)| import == Some(id));
    kind.id_in_terraform(&attributes).as_deref() == Some(ANY) && is_imported_by_it
}

//! `[[moved]]`, `[[removed]]` and `[[import]]`: what is to become of what the state has, or has not.

use super::fields::Fields;
use super::tree::{Entry, Node};
use crate::address::Address;
use crate::source::{Diagnostic, Diagnostics, Place};

/// What has one address in the state is another's now, and stays what it is. Terraform's `moved`.
#[derive(Debug)]
pub struct Moved {
    /// What it was called in this module: a resource, an instance of one, or a module.
    pub from: Placed,
    /// What it is called.
    pub to: Placed,
}

/// What is configured no more. Terraform's `removed`.
#[derive(Debug)]
pub struct Removed {
    /// What it was called in this module: a resource, an instance of one, or a module.
    pub from: Placed,
    /// Whether it is deleted, or only forgotten.
    pub destroy: bool,
}

/// What exists already, and becomes a resource's. Terraform's `import`.
#[derive(Debug)]
pub struct Import {
    /// Where the block stands.
    pub place: Place,
    /// The address of the resource.
    pub to: Node,
    /// What its kind finds it by.
    pub id: Node,
    /// One for each element of a map or a set.
    pub for_each: Option<Node>,
}

/// An address, and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The address within its module.
    pub address: String,
    /// Where it stands.
    pub place: Place,
}

impl Moved {
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, &["from", "to"], diagnostics)?;
        let (from, to) = (address(&mut fields, node, "from"), address(&mut fields, node, "to"));
        let (from, to) = (from?, to?);
        if is_module(&from.address) != is_module(&to.address) {
            let message = "a resource cannot become a module, nor a module a resource";
            fields.diagnostics.push(Diagnostic::at(&to.place, message));
            return None;
        }
        Some(Self { from, to })
    }
}

impl Removed {
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, &["from", "lifecycle"], diagnostics)?;
        let from = address(&mut fields, node, "from");
        let destroy = fields
            .node("lifecycle")
            .and_then(|node| Fields::of(node, &["destroy"], fields.diagnostics)?.boolean("destroy"))
            .unwrap_or(true);
        Some(Self { from: from?, destroy })
    }
}

impl Import {
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, &["to", "id", "for_each"], diagnostics)?;
        let (to, id) = (needed(&mut fields, node, "to"), needed(&mut fields, node, "id"));
        let for_each = fields.node("for_each").cloned();
        Some(Self { place: node.place.clone(), to: to?.clone(), id: id?.clone(), for_each })
    }
}

/// The blocks of a section, which is an array of tables.
pub(super) fn blocks<'a>(
    section: Option<&'a Entry>,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> &'a [Node] {
    let Some(entry) = section else { return &[] };
    entry.node.list().unwrap_or_else(|| {
        let message = format!("`{name}` can be there several times");
        diagnostics.push(Diagnostic::at(&entry.key, message).with_hint(format!("write it as [[{name}]]")));
        &[]
    })
}

/// A field that such a block has to have.
fn needed<'a>(fields: &mut Fields<'a, '_>, node: &Node, name: &str) -> Option<&'a Node> {
    let found = fields.node(name);
    if found.is_none() {
        let message = format!("`{name}` is missing here");
        fields
            .diagnostics
            .push(Diagnostic::at(&node.place, message).with_hint(format!("add {name} = \"…\"")));
    }
    found
}

/// A field that is an address.
fn address(fields: &mut Fields<'_, '_>, node: &Node, name: &str) -> Option<Placed> {
    let found = needed(fields, node, name)?;
    let address = fields.text(name)?;
    let place = found.place.clone();
    if !is_address(&address) {
        let message = format!("`{address}` is no address of a resource or a module");
        let hint = "such as aws_s3_bucket.logs, aws_s3_bucket.logs[\"eu\"] or module.cdn";
        fields.diagnostics.push(Diagnostic::at(&place, message).with_hint(hint));
        return None;
    }
    Some(Placed { address, place })
}

/// Whether an address ends with a module.
fn is_module(address: &str) -> bool {
    Address::from(address).names_module()
}

fn is_address(address: &str) -> bool {
    let whole = Address::from(address);
    !whole.is_data() && (whole.names_module() || whole.names_resource())
}

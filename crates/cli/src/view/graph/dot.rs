//! A graph in Graphviz's language.

use std::fmt::Write as _;

use super::{Node, Picture};
use crate::view::text::visible;

/// The graph for Graphviz: an arrow leads from what depends to what it depends on, as in Terraform's.
pub(crate) fn dot(picture: &Picture) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&picture.title));
    text.push_str("  rankdir = \"RL\";\n");
    text.push_str(
        "  graph [fontname = \"Helvetica\", fontsize = 11, color = \"#8c959f\", style = \"rounded\"];\n",
    );
    text.push_str(
        "  node [fontname = \"Helvetica\", fontsize = 11, shape = \"box\", style = \"rounded,filled\"];\n",
    );
    text.push_str("  edge [color = \"#6e7781\"];\n");
    module(picture, 0, 1, &mut text);
    for (node, dependency) in &picture.edges {
        let name = |node: usize| quoted(picture.nodes[node].address.as_str());
        // Writing into memory does not fail.
        let _ = writeln!(text, "  {} -> {};", name(*node), name(*dependency));
    }
    text.push_str("}\n");
    text
}

fn module(picture: &Picture, module_at: usize, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for node in picture.nodes_of(module_at) {
        let _ = writeln!(text, "{indent}{}", of_node(&picture.nodes[node]));
    }
    for child in picture.children(module_at) {
        let address = &picture.modules[child].address;
        let _ = writeln!(text, "{indent}subgraph {} {{", quoted(&format!("cluster_{address}")));
        let _ = writeln!(text, "{indent}  label = {};", quoted(address));
        module(picture, child, depth + 1, text);
        let _ = writeln!(text, "{indent}}}");
    }
}

fn of_node(node: &Node) -> String {
    let (kind, name) = node.labels();
    let look = node.look();
    let style = if node.address.is_data() { ", style = \"rounded,filled,dashed\"" } else { "" };
    let tooltip = node
        .action
        .as_deref()
        .map(|action| format!(", tooltip = {}", quoted(&format!("{} {}", look.label(action), node.address))));
    format!(
        "{} [label = \"{}\\n{}\", fillcolor = \"{}\", color = \"{}\"{style}{}];",
        quoted(node.address.as_str()),
        escaped(&kind),
        escaped(name),
        look.fill,
        look.stroke,
        tooltip.unwrap_or_default(),
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text between quotes. A backslash is written twice: labels have escapes of their own.
fn escaped(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

//! A graph in Mermaid's language, which pull requests and wikis draw.

use std::fmt::Write as _;

use super::{Look, Picture};
use crate::view::text::visible;

/// The graph as a Mermaid flowchart: an arrow leads from what depends to what it depends on.
pub(crate) fn mermaid(picture: &Picture) -> String {
    let mut text = format!("---\ntitle: \"{}\"\n---\nflowchart RL\n", plain(&picture.title));
    module(picture, 0, 1, &mut text);
    for (node, dependency) in &picture.edges {
        // Writing into memory does not fail.
        let _ = writeln!(text, "  n{node} --> n{dependency}");
    }
    classes(picture, &mut text);
    text
}

fn module(picture: &Picture, at: usize, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for position in picture.nodes_of(at) {
        let node = &picture.nodes[position];
        let (kind, name) = node.labels();
        let label = format!("\"{}<br>{}\"", escaped(&kind), escaped(name));
        let _ = match node.address.is_data() {
            true => writeln!(text, "{indent}n{position}([{label}])"),
            false => writeln!(text, "{indent}n{position}[{label}]"),
        };
    }
    for child in picture.children(at) {
        let _ = writeln!(text, "{indent}subgraph m{child}[\"{}\"]", escaped(&picture.modules[child].address));
        module(picture, child, depth + 1, text);
        let _ = writeln!(text, "{indent}end");
    }
}

/// The colours of the actions that there are.
fn classes(picture: &Picture, text: &mut String) {
    let mut looks: Vec<Look> = Vec::new();
    for look in picture.nodes.iter().filter(|node| node.action.is_some()).map(super::Node::look) {
        if looks.iter().all(|known| known.class != look.class) {
            looks.push(look);
        }
    }
    looks.sort_by_key(|look| look.rank);
    for look in looks {
        let members = picture.nodes.iter().enumerate();
        let members = members.filter(|(_, node)| node.action.is_some() && node.look().class == look.class);
        let members: Vec<String> = members.map(|(position, _)| format!("n{position}")).collect();
        let Look { class, fill, stroke, .. } = look;
        let _ = writeln!(text, "  classDef {class} fill:{fill},stroke:{stroke},color:#1f2328");
        let _ = writeln!(text, "  class {} {class}", members.join(","));
    }
}

/// A label between quotes: what would end it, or mean something in the HTML that Mermaid makes of it, in the codes that
/// it has for that.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            '#' => escaped.push_str("#35;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A title between the quotes of YAML.
fn plain(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

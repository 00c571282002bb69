//! A graph as a drawing in a page, which scripts move and light up.

use std::fmt::Write as _;

use super::layout::{COLUMN_GAP, Layout, NODE, Place, TITLE};
use super::{Node, Picture};
use crate::view::html::Escaped;
use crate::view::text::cut;

/// How many characters of a name and of a kind a box has room for.
const NAME: usize = 22;
const KIND: usize = 36;

/// The drawing, as an `<svg>` element. Each node is a button of the class of its action, with its position as
/// `data-node`; each edge says which nodes it connects.
pub(crate) fn svg(picture: &Picture) -> String {
    let layout = Layout::of(picture);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"group\" \
         aria-label=\"What depends on what\">\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto-start-reverse\"><path d=\"M0 0.8 L7 4 L0 7.2 z\"/></marker></defs>\n<g class=\"scene\">\n"
    );
    for (module, place) in picture.modules.iter().zip(&layout.modules).skip(1) {
        let outer = module.parent.map_or("", |parent| &picture.modules[parent].address);
        let name = module.address.strip_prefix(outer).unwrap_or(&module.address).trim_start_matches('.');
        of_module(name, &module.address, place, &mut svg);
    }
    for ((from, to), pass) in picture.edges.iter().zip(&layout.passes) {
        of_edge((*from, &layout.nodes[*from]), (*to, &layout.nodes[*to]), *pass, &mut svg);
    }
    for (position, node) in picture.nodes.iter().enumerate() {
        of_node(position, node, &layout.nodes[position], &mut svg);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn of_module(name: &str, address: &str, place: &Place, svg: &mut String) {
    let Place { x, y, width, height } = *place;
    let room = (width / 7.0) as usize;
    // Writing into memory does not fail.
    let _ = writeln!(
        svg,
        "<g class=\"module\"><title>{title}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         rx=\"10\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
        x + 12.0,
        y + TITLE - 8.0,
        Escaped(&cut(name, room)),
        title = Escaped(address),
    );
}

/// An edge from the left side of what depends to the right side of what it depends on, past what is between them.
fn of_edge((from, start): (usize, &Place), (to, end): (usize, &Place), pass: Option<f64>, svg: &mut String) {
    let (x1, y1) = (start.x, start.y + start.height / 2.0);
    let (x2, y2) = (end.x + end.width, end.y + end.height / 2.0);
    let bow = |x1: f64, y1: f64, x2: f64, y2: f64| {
        let middle = (x1 + x2) / 2.0;
        format!("C{middle} {y1} {middle} {y2} {x2} {y2}")
    };
    let path = match pass {
        Some(y) => {
            let (left, right) = (x2 + COLUMN_GAP, x1 - COLUMN_GAP);
            format!("{} L{left} {y} {}", bow(x1, y1, right, y), bow(left, y, x2, y2))
        }
        None => bow(x1, y1, x2, y2),
    };
    let _ = writeln!(
        svg,
        "<path class=\"edge\" data-from=\"{from}\" data-to=\"{to}\" marker-end=\"url(#arrow)\" d=\"M{x1} {y1} {path}\"/>",
    );
}

fn of_node(position: usize, node: &Node, place: &Place, svg: &mut String) {
    let (kind, name) = node.labels();
    let look = node.look();
    let said = match node.action.as_deref() {
        Some(action) => format!("{}, {}", node.address, look.label(action)),
        None => node.address.to_string(),
    };
    let data = if node.address.is_data() { " is-data" } else { "" };
    let (width, height) = NODE;
    let _ = writeln!(
        svg,
        "<g class=\"node is-{class}{data}\" data-node=\"{position}\" data-address=\"{address}\" tabindex=\"0\" role=\"button\" \
         aria-pressed=\"false\" aria-label=\"{said}\" transform=\"translate({x} {y})\"><title>{said}</title>\
         <rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"7\"/>\
         <text class=\"name\" x=\"14\" y=\"19\">{name}</text><text class=\"kind\" x=\"14\" y=\"34\">{kind}</text>\
         <text class=\"symbol\" x=\"{symbol_x}\" y=\"20\" text-anchor=\"end\">{symbol}</text></g>",
        class = look.class,
        address = Escaped(node.address.as_str()),
        said = Escaped(&said),
        x = place.x,
        y = place.y,
        name = Escaped(&cut(name, NAME)),
        kind = Escaped(&cut(&kind, KIND)),
        symbol_x = width - 12.0,
        symbol = Escaped(look.symbol),
    );
}

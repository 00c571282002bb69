//! Where the boxes of a graph are: in columns, what something depends on to the left of it, and each module a
//! rectangle of its own, around all that is in it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Picture, order};

/// The size of a node's box, in pixels.
pub(super) const NODE: (f64, f64) = (226.0, 44.0);
/// The height of a module's title.
pub(super) const TITLE: f64 = 26.0;
/// Between boxes above each other.
const GAP: f64 = 14.0;
/// Between columns: room for edges, and for the borders of modules within modules.
pub(super) const COLUMN_GAP: f64 = 76.0;
/// Between the border of a module and what is in it.
const PADDING: f64 = 14.0;
/// Around everything.
const MARGIN: f64 = COLUMN_GAP / 2.0 + 2.0;
/// How many nodes of a module are above each other before they go into a column more, at least.
const TALLEST: f64 = 10.0;
/// How often the order within the columns is improved.
const SWEEPS: usize = 6;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The boxes of the nodes.
    pub(super) nodes: Vec<Place>,
    /// The rectangles of the modules, but for the first, which is all there is.
    pub(super) modules: Vec<Place>,
    /// For each edge, the height at which it runs past the columns between its ends; absent if there are none.
    pub(super) passes: Vec<Option<f64>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Layout {
    /// Lays a graph out.
    pub(super) fn of(picture: &Picture) -> Self {
        let layers = layers(picture);
        let mut neighbours = vec![Vec::new(); picture.nodes.len()];
        for (node, dependency) in &picture.edges {
            neighbours[*node].push(*dependency);
            neighbours[*dependency].push(*node);
        }
        // A node is sorted by where its neighbours are; at first, by where it stands in the plan.
        let mut keys: Vec<f64> = (0..picture.nodes.len()).map(|node| node as f64).collect();
        let mut best: Option<(f64, Self)> = None;
        for _ in 0..SWEEPS {
            let layout = Arrangement::new(picture, &layers, &keys).layout();
            let length: f64 = picture
                .edges
                .iter()
                .map(|(node, dependency)| (layout.nodes[*node].y - layout.nodes[*dependency].y).abs())
                .sum();
            for (node, key) in keys.iter_mut().enumerate() {
                let around = &neighbours[node];
                *key = match around.len() {
                    0 => layout.nodes[node].y,
                    count => around.iter().map(|other| layout.nodes[*other].y).sum::<f64>() / count as f64,
                };
            }
            if best.as_ref().is_none_or(|(shortest, _)| length < *shortest) {
                best = Some((length, layout));
            }
        }
        let mut layout = best.map(|(_, layout)| layout).unwrap_or_default();
        layout.passes = layout.passes(picture);
        layout
    }

    /// Finds each edge a height at which it meets no box, as near to its ends as there is one.
    fn passes(&self, picture: &Picture) -> Vec<Option<f64>> {
        let mut downwards: Vec<&Place> = self.nodes.iter().collect();
        downwards.sort_by(|one, other| one.y.total_cmp(&other.y));
        let mut taken: BTreeMap<i64, usize> = BTreeMap::new();
        let mut passes = Vec::new();
        for (node, dependency) in &picture.edges {
            let (start, end) = (&self.nodes[*node], &self.nodes[*dependency]);
            let between = downwards.iter().filter(|place| place.x > end.x && place.x < start.x);
            let between: Vec<&Place> = between.copied().collect();
            let (from, to) = (start.y + NODE.1 / 2.0, end.y + NODE.1 / 2.0);
            passes.push((!between.is_empty()).then(|| {
                let height = nearest_gap(&between, from, to);
                // Those that run at the same height run beside each other, as far as there is room.
                let others = taken.entry(height as i64).or_default();
                *others += 1;
                let side = if (*others).is_multiple_of(2) { 1.0 } else { -1.0 };
                height + side * ((*others / 2) as f64 * 2.0).min(GAP / 2.0 - 2.0)
            }));
        }
        passes
    }
}

/// The height between boxes, of which each is not above the one before, that is least out of the way between two others.
/// It has half a gap to each side.
fn nearest_gap(boxes: &[&Place], from: f64, to: f64) -> f64 {
    let detour = |y: f64| (y - from).abs() + (y - to).abs();
    let (mut best, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
    let edges = boxes.iter().map(|place| (place.y, place.y + place.height));
    for (top, end) in edges.chain([(f64::INFINITY, f64::INFINITY)]) {
        let (highest, lowest) = (bottom + GAP / 2.0, top - GAP / 2.0);
        if highest <= lowest {
            let here = from.clamp(highest, lowest);
            if detour(here) < detour(best) {
                best = here;
            }
        }
        bottom = bottom.max(end);
    }
    best
}

/// For each node, how far it is from what depends on nothing. Something that depends on nothing itself is right before
/// what needs it first.
fn layers(picture: &Picture) -> Vec<usize> {
    let count = picture.nodes.len();
    let mut dependencies = vec![Vec::new(); count];
    let mut dependents = vec![Vec::new(); count];
    for (node, dependency) in &picture.edges {
        dependencies[*node].push(*dependency);
        dependents[*dependency].push(*node);
    }
    let mut layers = vec![0; count];
    for node in order(count, &picture.edges) {
        let before = dependencies[node].iter().map(|dependency| layers[*dependency] + 1);
        layers[node] = before.max().unwrap_or(0);
    }
    for node in (0..count).filter(|node| dependencies[*node].is_empty()) {
        let after: Option<usize> = dependents[node].iter().map(|dependent| layers[*dependent]).min();
        layers[node] = after.map_or(0, |after| after.saturating_sub(1));
    }
    layers
}

/// Which column each node is in, and in which order everything is tried.
struct Arrangement<'a> {
    picture: &'a Picture,
    keys: &'a [f64],
    columns: Vec<usize>,
    column_count: usize,
}

/// A module and what is in it, from its own top left corner.
struct Block {
    module: usize,
    columns: Range<usize>,
    height: f64,
    nodes: Vec<(usize, f64)>,
    blocks: Vec<(Block, f64)>,
}

impl<'a> Arrangement<'a> {
    fn new(picture: &'a Picture, layers: &[usize], keys: &'a [f64]) -> Self {
        // The nodes of each module in each layer, in order.
        let mut stacks: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (node, layer) in layers.iter().enumerate() {
            stacks.entry((*layer, picture.nodes[node].module)).or_default().push(node);
        }
        let mut columns = vec![0; layers.len()];
        let mut first = 0;
        for layer in 0..=layers.iter().copied().max().unwrap_or(0) {
            let mut widest = 1;
            for (_, stack) in stacks.range_mut((layer, 0)..(layer + 1, 0)) {
                stack.sort_by(|one, other| keys[*one].total_cmp(&keys[*other]));
                // Of many there are several columns, which together are not much wider than they are tall.
                let tallest = (stack.len() as f64 * 8.0).sqrt().max(TALLEST) as usize;
                let needed = stack.len().div_ceil(tallest).max(1);
                let tall = stack.len().div_ceil(needed).max(1);
                for (position, node) in stack.iter().enumerate() {
                    columns[*node] = first + position / tall;
                }
                widest = widest.max(needed);
            }
            first += widest;
        }
        Self { picture, keys, columns, column_count: first }
    }

    fn layout(&self) -> Layout {
        let block = self.block(0);
        let column = NODE.0 + COLUMN_GAP;
        let mut layout = Layout {
            nodes: vec![Place::default(); self.picture.nodes.len()],
            modules: vec![Place::default(); self.picture.modules.len()],
            passes: Vec::new(),
            width: MARGIN * 2.0 + column * self.column_count as f64 - COLUMN_GAP,
            height: MARGIN * 2.0 + block.height,
        };
        self.place(&block, MARGIN, &mut layout);
        layout
    }

    /// What is in a module, as far up as there is room.
    fn block(&self, module: usize) -> Block {
        let inner = if module == 0 { 0.0 } else { TITLE + PADDING / 2.0 };
        // For each column, where the next thing can be.
        let mut tops = vec![inner; self.column_count];
        let mut nodes: Vec<usize> = self.picture.nodes_of(module).collect();
        nodes.sort_by(|one, other| self.keys[*one].total_cmp(&self.keys[*other]));
        let mut placed = Vec::new();
        for node in nodes {
            let top = &mut tops[self.columns[node]];
            placed.push((node, *top));
            *top += NODE.1 + GAP;
        }
        let mut blocks: Vec<Block> = self.picture.children(module).map(|child| self.block(child)).collect();
        blocks.sort_by(|one, other| self.mean(one).total_cmp(&self.mean(other)));
        let mut inside = Vec::new();
        for block in blocks {
            let top = tops[block.columns.clone()].iter().copied().fold(inner, f64::max);
            tops[block.columns.clone()].fill(top + block.height + GAP);
            inside.push((block, top));
        }
        let within = placed.iter().map(|(node, _)| self.columns[*node]..self.columns[*node] + 1);
        let within = within.chain(inside.iter().map(|(block, _)| block.columns.clone()));
        let columns = within.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
        let bottom = tops.iter().copied().fold(inner, f64::max);
        let height = if bottom > inner { bottom - GAP } else { inner };
        Block {
            module,
            columns: columns.unwrap_or(0..0),
            height: if module == 0 { height } else { height + PADDING },
            nodes: placed,
            blocks: inside,
        }
    }

    /// Where the neighbours of what is in a block are, on average.
    fn mean(&self, block: &Block) -> f64 {
        fn collect(block: &Block, into: &mut Vec<usize>) {
            into.extend(block.nodes.iter().map(|(node, _)| *node));
            block.blocks.iter().for_each(|(block, _)| collect(block, into));
        }
        let mut nodes = Vec::new();
        collect(block, &mut nodes);
        nodes.iter().map(|node| self.keys[*node]).sum::<f64>() / nodes.len().max(1) as f64
    }

    /// Puts what is in a block where it is on the whole; says how many modules are in each other there.
    fn place(&self, block: &Block, top: f64, layout: &mut Layout) -> usize {
        let x = |column: usize| MARGIN + (NODE.0 + COLUMN_GAP) * column as f64;
        for (node, y) in &block.nodes {
            let at = Place { x: x(self.columns[*node]), y: top + y, width: NODE.0, height: NODE.1 };
            layout.nodes[*node] = at;
        }
        let mut depth = 0;
        for (inside, y) in &block.blocks {
            depth = depth.max(self.place(inside, top + y, layout));
        }
        if block.module != 0 && !block.columns.is_empty() {
            // The borders of modules in each other are beside each other, as far as there is room for them.
            let padding = (PADDING + 8.0 * depth as f64).min(COLUMN_GAP / 2.0 - 2.0);
            let (left, right) = (x(block.columns.start), x(block.columns.end - 1) + NODE.0);
            layout.modules[block.module] = Place {
                x: left - padding,
                y: top,
                width: right - left + 2.0 * padding,
                height: block.height,
            };
        }
        depth + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Module, Node, reduced};
    use super::*;

    /// Any graph: nodes in modules, of which each is in one before it, and edges between any two.
    fn pictures() -> impl Strategy<Value = Picture> {
        let modules = prop::collection::vec(any::<prop::sample::Index>(), 0..8);
        let nodes = prop::collection::vec(any::<prop::sample::Index>(), 1..40);
        let edges = prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..60);
        (modules, nodes, edges).prop_map(|(parents, nodes, edges)| {
            let root = Module { address: String::new(), parent: None };
            let mut modules = vec![root];
            for parent in parents {
                let parent = Some(parent.index(modules.len()));
                modules.push(Module { address: format!("module.m{}", modules.len()), parent });
            }
            let count = nodes.len();
            let edges: Vec<(usize, usize)> = edges
                .into_iter()
                .map(|(one, other)| (one.index(count), other.index(count)))
                .filter(|(one, other)| one != other)
                .collect();
            let node = |(position, module): (usize, prop::sample::Index)| Node {
                address: format!("aws_x.n{position}").as_str().into(),
                module: module.index(modules.len()),
                action: None,
            };
            let nodes = nodes.into_iter().enumerate().map(node).collect();
            Picture { title: String::new(), nodes, edges: reduced(count, &edges), modules }
        })
    }

    fn overlap(one: &Place, other: &Place) -> bool {
        one.x < other.x + other.width
            && other.x < one.x + one.width
            && one.y < other.y + other.height
            && other.y < one.y + one.height
    }

    fn holds(outer: &Place, inner: &Place) -> bool {
        outer.x <= inner.x
            && outer.y <= inner.y
            && outer.x + outer.width >= inner.x + inner.width
            && outer.y + outer.height >= inner.y + inner.height
    }

    proptest! {
        #[test]
        fn everything_has_a_place_of_its_own(picture in pictures()) {
            let layout = Layout::of(&picture);
            let whole = Place { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
            for (position, node) in layout.nodes.iter().enumerate() {
                prop_assert!(holds(&whole, node), "{node:?} in {whole:?}");
                for other in &layout.nodes[position + 1..] {
                    prop_assert!(!overlap(node, other), "{node:?} {other:?}");
                }
                let module = picture.nodes[position].module;
                for (at, rectangle) in layout.modules.iter().enumerate().skip(1) {
                    let mut outer = Some(module);
                    while outer.is_some_and(|outer| outer != at) {
                        outer = outer.and_then(|outer| picture.modules[outer].parent);
                    }
                    match outer {
                        Some(_) => prop_assert!(holds(rectangle, node), "{node:?} is in {rectangle:?}"),
                        None => prop_assert!(!overlap(rectangle, node), "{node:?} is not in {rectangle:?}"),
                    }
                }
            }
            for ((node, dependency), pass) in picture.edges.iter().zip(&layout.passes) {
                let (node, dependency) = (&layout.nodes[*node], &layout.nodes[*dependency]);
                prop_assert!(dependency.x + dependency.width < node.x, "what is needed is to the left");
                for between in layout.nodes.iter().filter(|it| it.x > dependency.x && it.x < node.x) {
                    let meets = |y: &f64| *y >= between.y && *y <= between.y + between.height;
                    prop_assert!(pass.is_some_and(|y| !meets(&y)), "{pass:?} meets {between:?}");
                }
            }
        }
    }
}

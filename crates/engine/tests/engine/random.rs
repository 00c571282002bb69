//! Random configurations that change at random: whatever they are, the order of the calls suits the cloud, and in the
//! end everything is as configured.

use std::fmt::Write;

use proptest::prelude::*;

use crate::world::{Moment, Run, World};

/// A resource of a random configuration.
#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    /// Whether it is there, in each of the two versions.
    there: [bool; 2],
    /// Changed in place.
    size: [u8; 2],
    /// Changed by replacement.
    color: [u8; 2],
    /// Others that come earlier, and how it refers to them.
    uses: [Vec<prop::sample::Index>; 2],
    create_before_destroy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Refers to others by what forces a replacement.
    BuiltOn,
    /// Refers to others by what can be changed in place.
    Uses,
    /// The same, made bare first, and with a name.
    Bare,
}

fn node() -> impl Strategy<Value = Node> {
    let kind = prop_oneof![Just(Kind::BuiltOn), Just(Kind::Uses), Just(Kind::Bare)];
    let there = prop_oneof![4 => Just([true, true]), 1 => Just([true, false]), 1 => Just([false, true])];
    let uses = || prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    let rest = ([0_u8..3, 0..3], [0_u8..2, 0..2], [uses(), uses()], any::<bool>(), any::<bool>());
    (kind, there, rest).prop_map(|(kind, there, (size, color, uses, moves, create_before_destroy))| Node {
        kind,
        there,
        size,
        color,
        // Most references stay.
        uses: if moves { uses } else { [uses[0].clone(), uses[0].clone()] },
        create_before_destroy,
    })
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(node(), 1..9)
}

/// What is configured in one version.
struct Version<'n> {
    nodes: &'n [Node],
    version: usize,
}

impl Version<'_> {
    fn uses(&self, index: usize) -> Vec<usize> {
        let node = &self.nodes[index];
        let mut uses: Vec<usize> = node.uses[self.version]
            .iter()
            .filter(|_| index > 0)
            .map(|other| other.index(index))
            .filter(|other| self.nodes[*other].there[self.version])
            .collect();
        uses.sort_unstable();
        uses.dedup();
        uses
    }

    fn address(&self, index: usize) -> String {
        let kind = if self.nodes[index].kind == Kind::Bare { "fake_bare" } else { "fake_key" };
        format!("{kind}.n{index}")
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let there = (0..self.nodes.len()).filter(|index| self.nodes[*index].there[self.version]);
        // The order of the blocks is not that of the references.
        for index in there.rev() {
            let node = &self.nodes[index];
            let uses: Vec<String> = self
                .uses(index)
                .iter()
                .map(|other| format!("\"${{{}.id}}\"", self.address(*other)))
                .collect();
            let uses = uses.join(", ");
            let (size, color) = (node.size[self.version], node.color[self.version]);
            let lifecycle =
                format!("lifecycle = {{ create_before_destroy = {} }}", node.create_before_destroy);
            writeln!(text, "[resource.{}]\nsize = {size}\n{lifecycle}", self.address(index)).unwrap();
            match node.kind {
                Kind::BuiltOn => writeln!(text, "color = \"{color}\"\nbuilt_on = [{uses}]").unwrap(),
                Kind::Uses => writeln!(text, "color = \"{color}\"\nuses = [{uses}]").unwrap(),
                Kind::Bare => writeln!(text, "name = \"n{index} {color}\"\nuses = [{uses}]").unwrap(),
            }
        }
        text
    }
}

/// Makes what is replaced while something refers to it in place, and goes on to do so, be replaced by a new object that
/// is made first: the cloud lets nobody delete what is in use.
fn tame(mut nodes: Vec<Node>) -> Vec<Node> {
    for index in 0..nodes.len() {
        let replaced_first = nodes[index].create_before_destroy;
        let mut uses: Vec<usize> = Vec::new();
        for version in 0..2 {
            uses.extend(Version { nodes: &nodes, version }.uses(index));
        }
        if nodes[index].kind != Kind::BuiltOn || replaced_first {
            uses.iter().for_each(|other| nodes[*other].create_before_destroy = true);
        }
    }
    // What is made before it is deleted asks the same of what it refers to.
    for index in (0..nodes.len()).rev() {
        for version in 0..2 {
            let uses = Version { nodes: &nodes, version }.uses(index);
            if nodes[index].create_before_destroy || nodes[index].kind != Kind::BuiltOn {
                uses.iter().for_each(|other| nodes[*other].create_before_destroy = true);
            }
        }
    }
    nodes
}

/// A name that is given up, and wanted back while the object that bore it is still in use, cannot be had: that is a
/// knot that no order unties.
fn with_names_that_stay(mut nodes: Vec<Node>) -> Vec<Node> {
    for node in nodes.iter_mut().filter(|node| node.kind == Kind::Bare) {
        node.color[1] = node.color[0];
    }
    nodes
}

fn assert_converged(world: &mut World, expected: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(world.cloud.refusals(), Vec::<String>::new());
    prop_assert_eq!(world.cloud.objects().len(), expected);
    prop_assert!(world.state().resources.values().all(|resource| resource.deposed.is_empty()));
    let plan = world.plan().unwrap();
    prop_assert!(plan.plan.is_empty(), "{:#?}", plan.document.effective().collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn any_change_is_carried_out_in_an_order_that_suits_the_cloud(
        nodes in nodes().prop_map(tame),
        parallelism in prop_oneof![Just(1_usize), Just(3), Just(64)],
    ) {
        let mut world = World::new();
        world.options.parallelism = parallelism;
        for version in 0..2 {
            let text = Version { nodes: &nodes, version }.text();
            world.configure(&text);
            let ran = world.run(Run::Apply).unwrap();
            prop_assert!(provision_engine::graph::Graph::of(&ran.plan).is_acyclic());
            prop_assert!(ran.report().is_success(), "{:?}\n{text}\n{:#?}", ran.report(), world.cloud.calls());
            assert_converged(&mut world, nodes.iter().filter(|node| node.there[version]).count())?;
        }
        let ran = world.run(Run::Destroy).unwrap();
        prop_assert!(ran.report().is_success(), "{:?}", ran.report());
        prop_assert!(world.cloud.objects().is_empty());
        prop_assert_eq!(world.cloud.refusals(), Vec::<String>::new());
    }

    #[test]
    fn any_change_survives_being_killed(
        nodes in nodes().prop_map(tame),
        moments in prop::collection::vec((0_usize..30, any::<bool>()), 1..4),
        parallelism in prop_oneof![Just(1_usize), Just(64)],
    ) {
        let mut world = World::new();
        world.options.parallelism = parallelism;
        for version in 0..2 {
            let text = Version { nodes: &nodes, version }.text();
            world.configure(&text);
            for (moment, before) in &moments {
                world.run_and_die(Run::Apply, *moment, if *before { Moment::Before } else { Moment::After });
            }
            let calls = world.cloud.calls();
            let ran = world.run(Run::Apply).unwrap();
            prop_assert!(ran.report().is_success(), "{:?}\n{text}\n{calls:#?}", ran.report());
            assert_converged(&mut world, nodes.iter().filter(|node| node.there[version]).count())?;
        }
    }

    #[test]
    fn any_change_of_mind_survives_being_killed(
        nodes in nodes().prop_map(|nodes| tame(with_names_that_stay(nodes))),
        runs in prop::collection::vec((0_usize..2, 0_usize..30, any::<bool>()), 1..6),
    ) {
        let mut world = World::new();
        for (version, moment, before) in &runs {
            world.configure(&Version { nodes: &nodes, version: *version }.text());
            world.run_and_die(Run::Apply, *moment, if *before { Moment::Before } else { Moment::After });
        }
        let text = Version { nodes: &nodes, version: 1 }.text();
        world.configure(&text);
        let calls = world.cloud.calls();
        let ran = world.run(Run::Apply).unwrap();
        prop_assert!(ran.report().is_success(), "{:?}\n{text}\n{calls:#?}", ran.report());
        assert_converged(&mut world, nodes.iter().filter(|node| node.there[1]).count())?;
    }
}

//! Graphs of a configuration and of plans, for Graphviz, for Mermaid and for a browser.

use std::io::Write;
use std::process::{Command, Stdio};

use provision_tests::{Browser, World};
use regex::Regex;

use crate::environment::{REVIEWED, changed_world, world};

fn graph(world: &World, arguments: &[&str]) -> String {
    world.succeed(&[&["graph"], arguments].concat()).stdout
}

/// Lets Graphviz read a graph, where there is one.
fn assert_graphviz_reads(text: &str) {
    let dot = Command::new("dot").arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut dot) = dot else {
        println!("skipped: there is no Graphviz to read the graph");
        return;
    };
    dot.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = dot.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    let read = String::from_utf8(output.stdout).unwrap();
    let nodes = read.lines().filter(|line| line.starts_with("node ")).count();
    assert_eq!(nodes, text.lines().filter(|line| line.contains("fillcolor = ")).count(), "{read}");
}

/// Fails for a line that is none of a Mermaid flowchart, or an edge between what is not there.
fn assert_is_mermaid(text: &str) {
    let label = r#""[^"]+""#;
    let line = Regex::new(&format!(
        r"^( *(n\d+\[{label}\]|n\d+\(\[{label}\]\)|subgraph m\d+\[{label}\]|end|n\d+ --> n\d+|classDef \w+ [a-z]\S+|class [n\d,]+ \w+))$"
    ))
    .unwrap();
    let (header, body) = text.split_once("flowchart RL\n").unwrap();
    assert!(header.starts_with("---\ntitle: \"") && header.ends_with("\"\n---\n"), "{header}");
    for text in body.lines() {
        assert!(line.is_match(text), "`{text}`");
    }
    assert_eq!(
        body.lines().filter(|line| line.trim().starts_with("subgraph ")).count(),
        body.lines().filter(|line| line.trim() == "end").count()
    );
}

#[test]
fn the_graph_of_a_configuration_needs_no_network() {
    let world = world();
    let dot = graph(&world, &[REVIEWED]);
    insta::assert_snapshot!("configuration_dot", dot);
    assert_graphviz_reads(&dot);
    let mermaid = graph(&world, &[REVIEWED, "--format", "mermaid"]);
    insta::assert_snapshot!("configuration_mermaid", mermaid);
    assert_is_mermaid(&mermaid);
    assert_eq!(world.wait(world.control().calls()).unwrap(), []);
}

#[test]
fn the_graph_of_a_plan_is_coloured_by_what_happens() {
    let world = changed_world();
    let mermaid = graph(&world, &[REVIEWED, "--plan", "--format", "mermaid"]);
    insta::assert_snapshot!("plan_mermaid", mermaid);
    assert_is_mermaid(&mermaid);
    let dot = graph(&world, &[REVIEWED, "--plan"]);
    assert_graphviz_reads(&dot);

    world.succeed(&["plan", REVIEWED, "--out", "it.plan"]);
    assert_eq!(graph(&world, &["it.plan", "--format", "mermaid"]), mermaid);
    // The name of a file says what it is to be.
    assert_eq!(graph(&world, &["it.plan", "--out", "it.mmd"]), "");
    assert_eq!(world.read("it.mmd"), mermaid);
    assert_eq!(graph(&world, &["it.plan", "--out", "it.gv"]), "");
    assert_eq!(world.read("it.gv"), dot);
}

#[test]
fn every_environment_of_the_project_can_be_drawn() {
    let world = World::new();
    for environment in ["envs/dev.toml", "envs/prod.toml", "envs/ebook-delivery/prod.toml"] {
        assert_graphviz_reads(&graph(&world, &[environment]));
        assert_is_mermaid(&graph(&world, &[environment, "--format", "mermaid"]));
    }
}

#[test]
fn a_graph_in_a_browser_can_be_searched_and_asked() {
    let world = changed_world();
    graph(&world, &[REVIEWED, "--plan", "--out", "graph.html"]);
    let Some(browser) = Browser::start(1200, 800) else { return };
    browser.open(&world.directory().join("graph.html"));
    let all = browser.texts(".node .name").len();
    let at = |address: &str| format!(".node[data-address=\"{address}\"]");
    let lit = || browser.texts(".node:not(.is-faded) .name");
    assert_eq!(lit().len(), all);

    browser.type_into("#search", "log_group");
    assert_eq!(lit(), ["this", "audit"]);
    assert_eq!(browser.texts("#found"), [format!("2 of {all}")]);
    browser.type_into("#search", "\u{e007}");
    assert_eq!(
        browser.texts(".chosen code"),
        ["module.logs.aws_cloudwatch_log_group.this"],
        "Enter chooses the first that was found"
    );
    for _ in 0.."log_group".len() {
        browser.type_into("#search", "\u{e003}");
    }
    browser.click(&at("terraform_data.version"));
    let around = browser.texts(".chosen");
    assert!(around[0].contains("depends on 0") && around[0].contains("2 depend on it"), "{around:?}");
    assert_eq!(lit().len(), 3, "{:?}", lit());
    browser.click(&at("terraform_data.version"));
    assert_eq!(lit().len(), all, "a second click takes the choice back");

    browser.type_into(&at("terraform_data.version"), "\u{e007}");
    assert_eq!(lit().len(), 3, "and the keyboard chooses too");
    browser.type_into(&at("terraform_data.version"), "\u{e00c}");
    assert_eq!(lit().len(), all, "until Escape");

    let view = || browser.script("return document.querySelector('.graph svg').getAttribute('viewBox')", &[]);
    browser.click("[data-zoom=fit]");
    let fitted = view();
    browser.click("[data-zoom=in]");
    assert_ne!(view(), fitted);
    browser.click("[data-zoom=fit]");
    assert_eq!(view(), fitted);
    assert_eq!(browser.console(), [""; 0]);
}

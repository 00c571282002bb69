//! Epic, story 7: each module has a README with inputs, outputs, and an example that works.

use std::path::Path;

use provision_tests::World;

const MODULES: [&str; 7] = [
    "signed-urls",
    "signed-urls-bucket",
    "signed-urls-distribution",
    "signed-urls-key-pair",
    "signed-urls-private-key",
    "signed-urls-role",
    "signed-urls-table",
];

#[test]
fn each_module_says_what_it_takes_and_gives() {
    let world = World::new();
    for module in MODULES {
        let text: toml::Table =
            toml::from_str(&world.read(&format!("modules/{module}/module.toml"))).unwrap();
        let readme = world.read(&format!("modules/{module}/README.md"));
        let (inputs, outputs) = readme.split_once("\n## Outputs\n").expect("epic, line 17: outputs");
        let (_, inputs) = inputs.split_once("\n## Inputs\n").expect("epic, line 17: inputs");
        for (section, kind) in [(inputs, "variable"), (outputs, "output")] {
            let listed: Vec<&str> = section
                .lines()
                .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
                .map(|(name, _)| name)
                .collect();
            let mut named: Vec<&String> = text[kind].as_table().unwrap().keys().collect();
            named.sort_unstable();
            let mut sorted = listed.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, named, "epic, line 17: the {kind}s of {module}");
            for name in listed {
                let description = text[kind][name]["description"].as_str().unwrap();
                assert!(section.contains(description), "{module}: `{name}` is said to be: {description}");
            }
        }
    }
}

#[test]
fn the_guide_goes_all_the_way() {
    let world = World::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/onboarding.md");
    let guide = std::fs::read_to_string(path).expect("epic, line 18: a guide");
    let steps = guide.lines().filter(|line| line.starts_with("## ")).count();
    assert!(steps >= 5, "epic, line 18: step by step");
    for language in ["toml", "sh", "python", "js"] {
        assert!(guide.contains(&format!("```{language}\n")), "epic, line 18: examples in {language}");
    }
    let (_, example) = guide.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    world.write("envs/photos.toml", &example.replace("123456789012", world.account()));
    world.plan(&["envs/photos.toml"]);
}

#[test]
fn each_example_is_valid() {
    let world = World::new();
    for module in MODULES {
        let readme = world.read(&format!("modules/{module}/README.md"));
        let example = readme.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```"));
        let (example, _) = example.expect("epic, line 17: a usage example");
        assert!(example.contains(&format!("source = \"../modules/{module}\"")), "{module}: {example}");
        let environment = "[env]\nname = \"example\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n";
        world.write("envs/example.toml", &format!("{environment}{example}"));
        world.write("envs/keys/files.pem", "-----BEGIN RSA PRIVATE KEY-----\n");
        world.succeed(&["validate", "envs/example.toml"]);
    }
}

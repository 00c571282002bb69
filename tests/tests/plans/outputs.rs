//! What an environment gives, in each of its forms.

use provision_tests::World;
use serde_json::{Value as Json, json};

use crate::small::{assert_refused, shell};

const ENVIRONMENT: &str = "envs/outputs.toml";
/// All that a shell could stumble over, but for a line's end.
const AWKWARD: &str = r#"it's "$HOME" `date` \ back; a & b # c = d"#;

fn world() -> World {
    let world = World::new();
    let text = r#"
[env]
name = "outputs"
project = "story"
region = "us-east-1"

[variable.awkward]
type = "string"

[variable.password]
default = "geheim"
sensitive = true

[resource.terraform_data.awkward]
input = "${var.awkward}"

[output.awkward]
value = "${terraform_data.awkward.output}"

[output.cdn_host]
value = "cdn.example.com"

[output.count]
value = 3

[output.flag]
value = true

[output.names]
value = ["a", "b c"]

[output.settings]
value = { port = 80, host = "it's" }

[output.nothing]
value = "${null}"

[output.password]
value = "${var.password}"
sensitive = true

[resource.tls_private_key.pair]
algorithm = "ECDSA"

[output.key]
value = "${tls_private_key.pair.private_key_pem}"
sensitive = true
"#;
    world.write(ENVIRONMENT, text);
    let refused = world.provision(&["output", ENVIRONMENT]);
    assert_refused(
        &refused,
        &["envs/outputs.toml has not been applied", "provision apply envs/outputs.toml"],
    );
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve", "--var", &format!("awkward={AWKWARD}")]);
    world
}

#[test]
fn outputs_for_programs_are_json() {
    let world = world();
    let all: Json = serde_json::from_str(&world.succeed(&["output", ENVIRONMENT, "--json"]).stdout).unwrap();
    assert_eq!(
        all,
        json!({
            "awkward": { "value": AWKWARD, "type": "string", "sensitive": false },
            "cdn_host": { "value": "cdn.example.com", "type": "string", "sensitive": false },
            "count": { "value": 3, "type": "number", "sensitive": false },
            "flag": { "value": true, "type": "bool", "sensitive": false },
            "names": { "value": ["a", "b c"], "type": all["names"]["type"], "sensitive": false },
            "settings": {
                "value": { "host": "it's", "port": 80 },
                "type": all["settings"]["type"],
                "sensitive": false,
            },
            "nothing": { "value": null, "type": all["nothing"]["type"], "sensitive": false },
            "password": { "value": null, "type": all["password"]["type"], "sensitive": true },
            "key": { "value": null, "type": all["key"]["type"], "sensitive": true },
        })
    );
    let same = world.succeed(&["output", ENVIRONMENT, "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<Json>(&same).unwrap(), all);
    let one = world.succeed(&["output", ENVIRONMENT, "count", "--json"]).stdout;
    assert_eq!(serde_json::from_str::<Json>(&one).unwrap(), json!({ "count": all["count"] }));
}

#[test]
fn outputs_for_a_shell_are_evaluated_to_what_they_are() {
    let world = world();
    for (format, load) in [("shell", ". ./outputs.shell"), ("dotenv", "set -a; . ./outputs.dotenv; set +a")] {
        let text = world.succeed(&["output", ENVIRONMENT, "--format", format]).stdout;
        world.write(&format!("outputs.{format}"), &text);
        assert!(!text.contains("geheim"), "{text}");
        let directory = world.directory().display();
        // Each has to be in the environment of what the shell starts.
        let variable = |name: &str| shell(&format!("cd {directory}; {load}; sh -c 'printf %s \"${name}\"'"));
        assert_eq!(variable("AWKWARD"), AWKWARD, "{format}: {text}");
        assert_eq!(variable("CDN_HOST"), "cdn.example.com");
        assert_eq!(variable("COUNT"), "3");
        assert_eq!(variable("FLAG"), "true");
        assert_eq!(variable("NOTHING"), "");
        assert_eq!(serde_json::from_str::<Json>(&variable("NAMES")).unwrap(), json!(["a", "b c"]));
        assert_eq!(
            serde_json::from_str::<Json>(&variable("SETTINGS")).unwrap(),
            json!({ "port": 80, "host": "it's" })
        );
    }
}

#[test]
fn one_output_can_be_had_bare() {
    let world = world();
    let raw = |name: &str| world.provision(&["output", ENVIRONMENT, name, "--format", "raw"]);
    assert_eq!(raw("cdn_host").stdout.trim_end_matches('\n'), "cdn.example.com");
    assert_eq!(raw("awkward").stdout.trim_end_matches('\n'), AWKWARD);
    assert_eq!(raw("count").stdout.trim_end_matches('\n'), "3");
    assert_refused(&raw("names"), &["`names`", "--format json"]);
    // The state has digests of both. One can be computed again; the other was known to the run that made it.
    assert_eq!(
        world.succeed(&["output", ENVIRONMENT, "password", "--raw"]).stdout.trim_end_matches('\n'),
        "geheim"
    );
    world.edit(ENVIRONMENT, "geheim", "ganz anders");
    assert_refused(&raw("password"), &["`password` is sensitive"]);
    world.edit(ENVIRONMENT, "ganz anders", "geheim");
    assert_refused(&raw("key"), &["`key` is sensitive"]);
    assert_refused(&raw("cdn_hots"), &["there is no output `cdn_hots`", "did you mean `cdn_host`?"]);
    assert_refused(&world.provision(&["output", ENVIRONMENT, "--format", "raw"]), &["name it"]);
    // The environment that was used last need not be named.
    assert_eq!(world.succeed(&["output", "cdn_host", "--format", "raw"]).stdout, raw("cdn_host").stdout);
    let people = world.succeed(&["output"]).stdout;
    assert!(people.contains("cdn.example.com") && !people.contains("geheim"), "{people}");
}

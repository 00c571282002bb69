//! `provision completions`: what a shell completes.

use std::path::Path;
use std::process::Command;

use provision_tests::World;

const ENVIRONMENT: &str = r#"[env]
name = "completed"
project = "story"
region = "us-east-1"

[variable.days]
description = "How long."
default = 3

[resource.terraform_data.each]
for_each = ["first one", "second"]
input = "${each.key}"

[resource.terraform_data.note]
input = "${var.days}"

[output.note]
value = "${terraform_data.note.output}"
"#;

/// Completes a line, the last word of which is being typed, as readline does.
const COMPLETE: &str = r#"
complete_line() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9 COMPREPLY=()
    _clap_complete_provision provision "${COMP_WORDS[COMP_CWORD]}" ""
    printf '%s: ' "$*"
    printf '%s; ' "${COMPREPLY[@]}"
    printf '\n'
}
"#;

/// What bash says to a script once it knows the completions.
fn bash(world: &World, script: &str) -> String {
    let program = world.command().get_program().to_owned();
    let directory = Path::new(&program).parent().unwrap().to_owned();
    let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["--norc", "-euc", &format!("source <(provision completions bash)\n{script}")]);
    command.current_dir(world.directory()).env("PATH", path);
    command.env("PROVISION_DIRECTORY", world.directory());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_commands_files_and_names() {
    let world = World::new();
    world.write("envs/completed.toml", ENVIRONMENT);
    assert_eq!(
        bash(&world, "complete -p provision"),
        "complete -o bashdefault -o nosort -o nospace -F _clap_complete_provision provision\n"
    );
    let lines = [
        "provision pl",
        "provision state m",
        "provision output --format ''",
        "provision plan envs/d",
        "provision plan envs/completed.toml --var ''",
        "provision state show envs/completed.toml terraform_data.n",
        r#"provision state show envs/completed.toml 'terraform_data.each\[\"f'"#,
        "provision plan envs/completed.toml --target terraform_data.n",
        "provision output envs/completed.toml ''",
        "provision schema aws_sns_",
        "provision completions ''",
        "provision fmt modules/mediaconvert/",
    ];
    let script = lines.map(|line| format!("complete_line {line}")).join("\n");
    insta::assert_snapshot!("bash", bash(&world, &format!("{COMPLETE}{script}")));
    assert!(!world.directory().join(".provision").exists(), "nothing is written for that");
}

#[test]
fn addresses_come_from_the_state_too() {
    let world = World::new();
    world.write("envs/completed.toml", ENVIRONMENT);
    world.succeed(&["apply", "envs/completed.toml", "--auto-approve"]);
    world.edit("envs/completed.toml", "[resource.terraform_data.note]", "[resource.terraform_data.other]");
    world.edit("envs/completed.toml", "terraform_data.note.output", "terraform_data.other.output");
    let script = format!("{COMPLETE}complete_line provision state rm terraform_data.");
    let completed = bash(&world, &script);
    for address in ["terraform_data.note;", "terraform_data.other;", r#"terraform_data.each\[\"second\"\];"#]
    {
        assert!(completed.contains(address), "{address}: {completed}");
    }
}

#[test]
fn every_shell_gets_a_script_that_calls_the_command() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.succeed(&["completions", shell]).stdout;
        assert!(script.contains("PROVISION_COMPLETE") && script.contains("provision"), "{shell}: {script}");
    }
    let zsh = world.succeed(&["completions", "zsh"]).stdout;
    assert!(
        zsh.starts_with("#compdef provision\n"),
        "so that it can be put into a directory of $fpath: {zsh}"
    );
    let refused = world.provision(&["completions", "csh"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("bash, zsh, fish, powershell, elvish"), "{refused}");
}

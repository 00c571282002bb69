//! `provision console`: expressions, on what an environment says and what its state knows.

use provision_tests::{Output, World};

use crate::{WIDTHS, with_input};

const ENVIRONMENT: &str = "envs/console.toml";

const TEXT: &str = r#"[env]
name = "console"
project = "story"
region = "us-east-1"
tags = { team = "video" }

[variable.days]
type = "number"

[variable.token]
sensitive = true
default = "tell nobody"

[locals]
names = ["masters", "outputs", "logs"]

[module.logs]
source = "../modules/logs"
days = "${var.days}"

[data.aws_region.current]

[resource.terraform_data.each]
for_each = "${toset(local.names)}"
input = { name = "${each.key}", label = "${upper(each.key)}" }

[output.token]
value = "${var.token}"
sensitive = true
"#;

const MODULE: &str = r#"[variable.days]
type = "number"

[resource.aws_cloudwatch_log_group.this]
name = "/story/console"
retention_in_days = "${var.days}"

[output.group]
value = { name = "${aws_cloudwatch_log_group.this.name}", arn = "${aws_cloudwatch_log_group.this.arn}" }
"#;

/// What is asked, a line each.
const QUESTIONS: &str = r#"1 + 2 * var.days
"${env.project}-${env.name}: ${join(", ", local.names)}"

# what is long goes over several lines
{ for name in local.names : name => { bucket = "${env.project}-${name}", lifecycle = { enabled = length(name) > 4, days = var.days } } }
[for number in range(9) : "name-${number}"]
"first\nsecond"
module.logs.group
terraform_data.each["masters"].output
var.token
data.aws_region.current.region
exit
nothing is asked after that
"#;

const MISTAKES: &str = r#"var.dayz
1 +
upper(lenght(local.names))
[for name in local.names : name][7]
terraform_data.each["mastres"].output
"the last is right: ${var.days}"
"#;

fn world() -> World {
    let world = World::new().with_variable("PROVISION_VAR_days", "30");
    world.write(ENVIRONMENT, TEXT);
    world.write("modules/logs/module.toml", MODULE);
    world
}

/// What is seen, without what differs between worlds.
fn seen(world: &World, output: &Output) -> String {
    let seen = format!("exit {:?}\n--- stdout\n{}--- stderr\n{}", output.code, output.stdout, output.stderr);
    seen.replace(world.account(), "123456789012")
}

#[test]
fn expressions_are_evaluated_on_what_the_state_knows() {
    let world = world();
    let before =
        with_input(&world, &["console", ENVIRONMENT], "module.logs.group\nterraform_data.each", "80");
    insta::assert_snapshot!("before_the_apply", seen(&world, &before));
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    let state = world.read("state/story-console.json");
    for columns in WIDTHS {
        let answered = with_input(&world, &["console"], QUESTIONS, columns);
        insta::assert_snapshot!(format!("answers_at_{columns}"), seen(&world, &answered));
        assert!(!answered.stdout.contains("tell nobody"), "{answered}");
    }
    let days = with_input(&world, &["console", "--var", "days=7"], "var.days\n", "80");
    assert_eq!(days.stdout, "7\n", "{days}");
    assert_eq!(world.read("state/story-console.json"), state, "nothing has changed");
}

#[test]
fn it_asks_aws_only_for_what_an_expression_depends_on() {
    let world = world();
    let calls = || world.wait(world.control().calls()).unwrap().len();
    with_input(&world, &["console", ENVIRONMENT], "local.names\nmodule.logs.group\n", "80");
    assert_eq!(calls(), 0);
}

#[test]
fn mistakes_are_underlined_and_it_goes_on() {
    let world = world();
    for columns in WIDTHS {
        let answered = with_input(&world, &["console", ENVIRONMENT], MISTAKES, columns);
        assert_eq!(answered.code, Some(1));
        insta::assert_snapshot!(format!("mistakes_at_{columns}"), seen(&world, &answered));
    }
}

#[test]
fn it_takes_no_lock() {
    let world = world();
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    // A run that waits for an answer holds the lock.
    let state = world.directory().join("state");
    let files =
        || std::fs::read_dir(&state).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>();
    let before = files();
    with_input(&world, &["console", ENVIRONMENT], "local.names\n", "80");
    assert_eq!(files(), before);
}

#[test]
fn on_a_terminal_lines_can_be_changed_and_come_again() {
    let world = world();
    // What is typed: a line with a mistake that is put right, the line before again, and the end.
    let script = r#"
import os, pty, sys, time
keys = [b"var.dayx", b"\x7f", b"s\r", b"\x1b[A", b" * 2\r", b"\x04"]
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
def read_until(text):
    global seen
    while text not in seen:
        seen += os.read(terminal, 4096)
read_until(b"> ")
for key in keys:
    os.write(terminal, key)
    time.sleep(0.05)
try:
    while True:
        part = os.read(terminal, 4096)
        if not part:
            break
        seen += part
except OSError:
    pass
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;
    let binary = world.command();
    let mut command = std::process::Command::new("python3");
    command.args(["-c", script]).arg(binary.get_program()).args(["console", ENVIRONMENT]);
    command.current_dir(world.directory()).env("PROVISION_DIRECTORY", world.directory());
    command.env("PROVISION_VAR_days", "30").env("TERM", "xterm").env("NO_COLOR", "1");
    let output = command.output().unwrap();
    let seen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    for answer in ["\n30\r", "var.days * 2", "\n60\r"] {
        assert!(seen.contains(answer), "{answer:?}: {seen:?}");
    }
}

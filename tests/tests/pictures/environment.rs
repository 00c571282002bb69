//! An environment that has some of everything, as it is first, and as it is to become.

use provision_tests::World;

pub(crate) const REVIEWED: &str = "envs/reviewed.toml";

/// A name that would do harm in a page that took it for markup.
pub(crate) const HARM: &str = "</script><img src=x onerror=\\\"document.title = 'harm'\\\">";
/// A secret.
pub(crate) const PASSWORD: &str = "hunter2-and-more";

const BEFORE: &str = r#"[env]
name = "reviewed"
project = "story"
region = "us-east-1"

[variable.password]
sensitive = true

[data.aws_caller_identity.me]

[module.logs]
source = "../modules/logs"
name = "reviewed"
days = 30

[resource.terraform_data.greeting]
input = { text = "hello", kept = "as it is", account = "${data.aws_caller_identity.me.account_id}" }

[resource.terraform_data.version]
triggers_replace = "one"

[resource.terraform_data.secret]
input = "${var.password}"

[resource.terraform_data.doomed]
input = "${terraform_data.version.id}"

[output.text]
value = "${terraform_data.greeting.output.text}"
"#;

const MODULE: &str = r#"[variable.name]
type = "string"

[variable.days]
type = "number"

[resource.aws_cloudwatch_log_group.this]
name = "/story/${var.name}"
retention_in_days = "${var.days}"

[resource.aws_cloudwatch_log_group.audit]
name = "/story/${var.name}/audit"
depends_on = ["aws_cloudwatch_log_group.this"]
[resource.aws_cloudwatch_log_group.audit.lifecycle]
ignore_changes = ["retention_in_days"]

[output.arn]
value = "${aws_cloudwatch_log_group.this.arn}"
"#;

/// A world with the environment in it, as it is first.
pub(crate) fn world() -> World {
    let world = World::new().with_variable("PROVISION_VAR_password", PASSWORD);
    world.write(REVIEWED, BEFORE);
    world.write("modules/logs/module.toml", MODULE);
    world
}

/// The same, applied, and then changed in every way that there is, in the file and outside of it.
pub(crate) fn changed_world() -> World {
    let world = world();
    world.succeed(&["apply", REVIEWED, "--auto-approve"]);
    let (doomed, added) = (
        "[resource.terraform_data.doomed]\ninput = \"${terraform_data.version.id}\"\n",
        format!(
            "[resource.terraform_data.added]\nfor_each = {{ \"{HARM}\" = \"{HARM}\" }}\n\
             input = {{ value = \"${{each.value}}\", version = \"${{terraform_data.version.id}}\" }}\n"
        ),
    );
    world.edit(REVIEWED, doomed, &added);
    world.edit(REVIEWED, "text = \"hello\"", "text = \"good evening\"");
    world.edit(REVIEWED, "triggers_replace = \"one\"", "triggers_replace = \"two\"");
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    world.wait(async {
        for (name, days) in [("/story/reviewed", 7), ("/story/reviewed/audit", 14)] {
            let change = logs.put_retention_policy().log_group_name(name).retention_in_days(days);
            change.send().await.unwrap();
        }
    });
    world
}

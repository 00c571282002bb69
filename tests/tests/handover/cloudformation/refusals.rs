//! What cannot be exported, and what is said about it.

use provision_tests::World;

#[test]
fn what_a_template_cannot_calculate_is_computed_where_its_variable_is_given() {
    let world = World::new();
    let command = ["export", "modules/ebook-delivery", "--format", "cloudformation"];
    insta::assert_snapshot!("cannot_calculate", world.screens(&command));
    let exported = world.succeed(&[&command[..], &["--var", "cache_days=30"]].concat()).stdout;
    assert!(exported.contains("DefaultTTL: 2592000"), "{exported}");
    assert!(!exported.contains("CacheDays"), "{exported}");
}

#[test]
fn a_text_that_is_empty_is_not_a_value_that_is_not_there() {
    let world = World::new();
    let command =
        ["export", "modules/ebook-delivery", "--format", "cloudformation", "--var", "cache_days=30"];
    let exported = world.succeed(&command).stdout;
    assert!(exported.contains("Resource: !Sub '${BooksBucket.Arn}/${UploadPrefix}*'"), "{exported}");
    assert!(!exported.contains("HasUploadPrefix"), "{exported}");
}

#[test]
fn what_stands_in_for_an_empty_text_does_so_in_the_template_too() {
    let world = World::new();
    let module = r#"
[variable.queue]
type = "string"
default = ""

[resource.aws_sqs_queue.this]
name = '${coalesce(var.queue, "jobs")}'
"#;
    world.write("modules/queue/module.toml", module);
    let exported = world.succeed(&["export", "modules/queue", "--format", "cloudformation"]).stdout;
    let name = "QueueName: !If\n        - HasQueue\n        - !Ref Queue\n        - jobs\n";
    assert!(exported.contains(name), "{exported}");
}

#[test]
fn a_template_has_no_resource_for_each_element_of_a_parameter() {
    let world = World::new();
    let command = ["export", "modules/ebook-storage", "--format", "cloudformation"];
    insta::assert_snapshot!("for_each_of_a_parameter", world.screens(&command));
    let emails = r#"alert_emails=["a@example.com","b@example.com"]"#;
    let exported = world.succeed(&[&command[..], &["--var", emails]].concat()).stdout;
    assert_eq!(exported.matches("Type: AWS::SNS::Subscription").count(), 2, "{exported}");
    let days = exported.split("FunctionLogDays:").nth(1).unwrap();
    assert!(days.contains("AllowedValues:\n      - 0\n      - 1\n      - 3\n      - 5\n"), "{exported}");
}

#[test]
fn what_is_not_there_cannot_be_exported() {
    let world = World::new();
    insta::assert_snapshot!("nowhere", world.screens(&["export", "nowhere", "--format", "cloudformation"]));
    world.write("empty/README.md", "Nothing.");
    insta::assert_snapshot!("no_module", world.screens(&["export", "empty", "--format", "cloudformation"]));
    let elsewhere =
        ["export", "envs/dev.toml", "--format", "cloudformation", "--out", "nowhere/template.yaml"];
    let refused = world.provision(&elsewhere);
    assert!(refused.code == Some(1) && refused.stderr.contains("nowhere/template.yaml"), "{refused}");
}

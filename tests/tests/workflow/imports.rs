//! What exists already: imported by its id, adopted by its name, and written down as it is.

use provision_tests::World;

use crate::environment::{ENVIRONMENT, TEXT, applied, apply, changes, world, write};

/// Lets the bucket and the queue be there, made by somebody else.
fn with_bucket_and_queue() -> World {
    let world = world();
    let config = world.sdk();
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
    );
    let sqs = aws_sdk_sqs::Client::new(&config);
    let name = format!("{}-uploads", world.project());
    world.wait(async {
        s3.create_bucket().bucket(&name).send().await.unwrap();
        sqs.create_queue().queue_name(&name).send().await.unwrap();
    });
    world
}

#[test]
fn an_import_block_takes_over_what_exists() {
    let world = with_bucket_and_queue();
    let import = "\n[[import]]\nto = \"aws_s3_bucket.uploads\"\nid = \"PROJECT-uploads\"\n";
    write(&world, &format!("{TEXT}{import}"));
    insta::assert_snapshot!(
        "import_block",
        world.screens(&["plan", ENVIRONMENT, "--target", "aws_s3_bucket.uploads"])
    );
    assert_eq!(changes(&world, || drop(world.succeed(&["apply"]))), ["PutBucketTagging"]);
}

#[test]
fn an_import_by_command_changes_nothing() {
    let world = with_bucket_and_queue();
    let id = format!("{}-uploads", world.project());
    let arguments = ["import", ENVIRONMENT, "aws_s3_bucket.uploads", &id];
    assert_eq!(changes(&world, || drop(world.succeed(&arguments))), [""; 0]);
    let again = world.provision(&arguments);
    assert!(again.stderr.contains("the state has `aws_s3_bucket.uploads` already"), "{again}");
    let none = world.provision(&["import", ENVIRONMENT, "aws_sqs_queue.uploads", "https://sqs.invalid/none"]);
    assert!(none.code == Some(1) && none.stderr.contains("there is no aws_sqs_queue with the id"), "{none}");
    insta::assert_snapshot!("after_import", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn what_bears_the_name_can_be_adopted() {
    let world = with_bucket_and_queue();
    let refused = world.provision(&["apply", ENVIRONMENT, "--auto-approve"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    insta::assert_snapshot!(
        "adopt",
        world.screens(&[
            "plan",
            ENVIRONMENT,
            "--adopt",
            "aws_s3_bucket.uploads",
            "--adopt",
            "aws_sqs_queue.uploads"
        ])
    );
    let called = changes(&world, || drop(world.succeed(&["apply"])));
    assert!(!called.iter().any(|call| call == "CreateBucket" || call == "CreateQueue"), "{called:?}");
    world.assert_no_changes(ENVIRONMENT);
    let nothing = world.provision(&["plan", ENVIRONMENT, "--adopt", "aws_s3_bucket.uploads"]);
    assert!(nothing.stderr.contains("there is nothing to adopt"), "{nothing}");
}

#[test]
fn a_block_is_written_for_what_exists() {
    let world = applied();
    let id = format!("{}-backlog", world.project());
    let arguments = ["import", ENVIRONMENT, "aws_cloudwatch_metric_alarm.found", &id, "--generate"];
    insta::assert_snapshot!("generated", world.screens(&arguments));
    // Another environment of which nothing is but that.
    world.write("envs/found.toml", "[env]\nname = \"found\"\nproject = \"story\"\nregion = \"us-east-1\"\n");
    let mut found = arguments;
    found[1] = "envs/found.toml";
    world.succeed(&[&found[..], &["--out", "envs/found.toml"]].concat());
    insta::assert_snapshot!("generated_plan", world.screens(&["plan", "envs/found.toml"]));
    world.succeed(&["apply", "envs/found.toml", "--auto-approve"]);
    world.assert_no_changes("envs/found.toml");
    apply(&world, &[]);
}

//! The systems, applied and destroyed by users who are allowed what the plans say, and not one action more.

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use provision_sandbox::Need;
use provision_tests::World;
use serde_json::Value;

use crate::policy::{actions, assert_least, pairs, policy, without};

/// What a look ahead asks for is not needed.
const LOOK: &str = "--preflight=false";
/// One tag more for everything.
const TAG: &str = "tags = { shift = \"late\", ";
/// Another sample of the actions that are taken away in real runs.
const SEED: usize = 20;
/// How many, for each plan.
const SAMPLE: usize = 2;

#[test]
fn storytime_dev() {
    prove("envs/dev.toml");
}

#[test]
fn storytime_prod() {
    prove("envs/prod.toml");
}

#[test]
fn ebook_delivery() {
    prove("envs/ebook-delivery/dev.toml");
}

#[test]
fn ebook_storage() {
    prove("envs/ebook-storage/dev.toml");
}

#[test]
fn signed_urls() {
    prove("envs/signed-urls/dev.toml");
}

fn prove(environment: &str) {
    let world = World::strict();
    let apply = policy(&world, &[environment]);
    assert_eq!(policy(&world, &[environment]), apply, "the same plan needs the same");
    let user = world.user("apply", &apply);
    let output = world.provision_as(&user, &["apply", environment, "--auto-approve", LOOK]);
    assert_eq!(output.code, Some(0), "{output}");
    let needs = needs(&world, 0);
    assert_least(&apply, &needs, &format!("to apply {environment}"));
    assert_refused_without_any(&world, "apply", &apply, &needs);

    let mut before = needs.len();
    for (name, from, to) in [("tag", "tags = { ", TAG), ("untag", TAG, "tags = { ")] {
        world.edit(environment, from, to);
        let change = policy(&world, &[environment]);
        let user = world.user(name, &change);
        let output = world.provision_as(&user, &["apply", environment, "--auto-approve", LOOK]);
        assert_eq!(output.code, Some(0), "{output}");
        let needs = self::needs(&world, before);
        assert_least(&change, &needs, &format!("to {name} {environment}"));
        before += needs.len();
    }

    let destroy = policy(&world, &[environment, "--destroy"]);
    fill(&world, &destroy);
    let user = world.user("destroy", &destroy);
    let arguments = ["destroy", environment, "--auto-approve", "--allow-destroy", LOOK];
    let output = world.provision_as(&user, &arguments);
    assert_eq!(output.code, Some(0), "{output}");
    let needs = self::needs(&world, before);
    assert_least(&destroy, &needs, &format!("to destroy {environment}"));
    assert_refused_without_any(&world, "destroy", &destroy, &needs);

    for action in sample(&apply) {
        refuse_to_apply(environment, &action);
    }
    for action in sample(&destroy) {
        refuse_to_destroy(environment, &action);
    }
}

/// What users have needed since so many needs ago.
fn needs(world: &World, before: usize) -> Vec<Need> {
    let control = world.control();
    let needs = world.wait(async move { control.needs().await }).unwrap();
    needs.into_iter().skip(before).collect()
}

/// Takes each action away in turn, and has the front say that a call which was made is refused then.
fn assert_refused_without_any(world: &World, user: &str, policy: &Value, needs: &[Need]) {
    let iam = aws_sdk_iam::Client::new(&world.sdk());
    let name = format!("{user}-less");
    world.user(&name, &serde_json::json!({ "Statement": [] }));
    world.wait(async {
        for action in actions(policy) {
            let put = iam.put_user_policy().user_name(&name).policy_name("less");
            put.policy_document(without(policy, &action).to_string()).send().await.unwrap();
            let need = needs.iter().find(|need| need.action == action).expect("it was needed");
            let asked = iam
                .simulate_principal_policy()
                .policy_source_arn(format!("arn:aws:iam::{}:user/{name}", world.account()))
                .action_names(&action)
                .resource_arns(&need.resource);
            let answer = asked.send().await.unwrap();
            let decision = &answer.evaluation_results()[0].eval_decision;
            assert_ne!(*decision, PolicyEvaluationDecisionType::Allowed, "{action} is allowed without it");
        }
    });
}

/// A few actions of a policy, far apart.
fn sample(policy: &Value) -> Vec<String> {
    let actions: Vec<String> = actions(policy).into_iter().collect();
    let step = actions.len() / SAMPLE;
    (0..SAMPLE).map(|number| actions[(SEED + number * step) % actions.len()].clone()).collect()
}

fn refuse_to_apply(environment: &str, action: &str) {
    let world = World::strict();
    let user = world.user("less", &without(&policy(&world, &[environment]), action));
    let output = world.provision_as(&user, &["apply", environment, "--auto-approve", LOOK]);
    assert_refused(&output, action, environment);
}

fn refuse_to_destroy(environment: &str, action: &str) {
    let world = World::strict();
    world.succeed(&["apply", environment, "--auto-approve"]);
    let destroy = policy(&world, &[environment, "--destroy"]);
    fill(&world, &destroy);
    let user = world.user("less", &without(&destroy, action));
    let arguments = ["destroy", environment, "--auto-approve", "--allow-destroy", LOOK];
    assert_refused(&world.provision_as(&user, &arguments), action, environment);
}

fn assert_refused(output: &provision_tests::Output, action: &str, environment: &str) {
    assert_eq!(output.code, Some(1), "{environment} without {action}: {output}");
    // A reply to HEAD has no words, and says no more than that it is forbidden.
    let words = ["is not authorized to perform", "taken, by another account", "cannot be read with these"];
    assert!(words.iter().any(|words| output.stderr.contains(words)), "{environment}, {action}: {output}");
}

/// Puts into buckets what a destroy takes along, and gives policies a version that is not in use.
fn fill(world: &World, destroy: &Value) {
    let pairs = pairs(destroy);
    let is_emptied = |bucket: &&str| {
        pairs.contains(&("s3:DeleteObjectVersion".to_owned(), format!("arn:aws:s3:::{bucket}/*")))
    };
    let (s3, iam) = (world.s3(), aws_sdk_iam::Client::new(&world.sdk()));
    world.wait(async {
        let buckets = s3.list_buckets().send().await.unwrap();
        for bucket in buckets.buckets().iter().filter_map(|bucket| bucket.name()).filter(is_emptied) {
            for body in ["one", "two"] {
                let put =
                    s3.put_object().bucket(bucket).key("left behind").body(body.as_bytes().to_vec().into());
                put.send().await.unwrap();
            }
            s3.create_multipart_upload().bucket(bucket).key("not finished").send().await.unwrap();
        }
        let policies =
            iam.list_policies().scope(aws_sdk_iam::types::PolicyScopeType::Local).send().await.unwrap();
        for policy in policies.policies().iter().filter(|policy| policy.attachment_count == Some(0)) {
            let arn = policy.arn().unwrap();
            let version = policy.default_version_id().unwrap();
            let current = iam.get_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
            let document = current.policy_version.unwrap().document.unwrap();
            let document = percent_encoding::percent_decode_str(&document).decode_utf8().unwrap();
            iam.create_policy_version().policy_arn(arn).policy_document(document).send().await.unwrap();
        }
    });
}

//! An environment of roles that have nothing to do with one another.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use provision_sandbox::{Call, Effect, Fault};
use provision_tests::World;

pub(crate) const ENVIRONMENT: &str = "envs/roles.toml";
pub(crate) const APPLY: [&str; 3] = ["apply", ENVIRONMENT, "--auto-approve"];
pub(crate) const DESTROY: [&str; 3] = ["destroy", ENVIRONMENT, "--auto-approve"];

/// What the environment is, without resources.
pub(crate) fn head(world: &World) -> String {
    format!("[env]\nname = \"dev\"\nproject = \"{}\"\nregion = \"us-east-1\"\n", world.project())
}

/// So many roles.
pub(crate) fn roles(number: usize) -> String {
    let mut text = String::new();
    for index in 0..number {
        write!(
            text,
            "\n[resource.aws_iam_role.r{index}]\nname = \"role-{index}\"\n\n\
             [resource.aws_iam_role.r{index}.assume_role_policy]\nVersion = \"2012-10-17\"\n\
             Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", \
             Principal = {{ Service = \"lambda.amazonaws.com\" }} }}]\n"
        )
        .unwrap();
    }
    text
}

/// A world with that many roles in its environment.
pub(crate) fn world(number: usize) -> World {
    let world = World::new();
    world.write(ENVIRONMENT, &(head(&world) + &roles(number)));
    world
}

/// From now on this happens to the calls of the account, to IAM.
pub(crate) fn inject(world: &World, operation: Option<&str>, effect: Effect) {
    let fault = Fault {
        service: Some("iam".to_owned()),
        operation: operation.map(str::to_owned),
        ..Fault::new(effect)
    };
    world.wait(world.control().inject(&fault)).unwrap();
}

pub(crate) fn clear(world: &World) {
    world.wait(world.control().clear_faults()).unwrap();
}

pub(crate) fn calls(world: &World) -> Vec<Call> {
    world.wait(world.control().calls()).unwrap()
}

/// The calls of that operation so far.
pub(crate) fn calls_of(world: &World, operation: &str) -> usize {
    calls(world).iter().filter(|call| call.operation == operation).count()
}

/// Whether IAM has answered the call, and refused it as one too many.
pub(crate) fn is_throttled(call: &Call) -> bool {
    call.service == "iam" && call.status == Some(400)
}

/// The names of the account's roles, as AWS has them.
pub(crate) fn existing(world: &World) -> BTreeSet<String> {
    let iam = aws_sdk_iam::Client::new(&world.sdk());
    let mut pages = iam.list_roles().into_paginator().items().send();
    world.wait(async {
        let mut names = BTreeSet::new();
        while let Some(role) = pages.next().await {
            names.insert(role.unwrap().role_name);
        }
        names
    })
}

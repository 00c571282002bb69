//! A stack beside what a plan of the same environment wants: all that the stack has made is imported, and then there is
//! nothing to change.

use std::collections::{BTreeMap, BTreeSet};

use provision_engine::plan::{ChangeDocument, PlanDocument};
use provision_engine::value::Value;
use provision_tests::World;
use serde_json::Value as Json;

use super::completion::complete;
use super::gaps::{DIFFERENT, MADE_BEFORE, NOT_ON_THE_LOCAL_AWS, OUTPUTS_MADE_UP, WITHOUT_RESOURCE};
use super::lacking;
use super::names::{Made, logical_id, pascal};
use super::resolved::Resolver;
use super::sets::{Seen, Set, arguments, as_parameter, values};
use super::stack::{Resource, Stack};
use super::template::{Template, Values};

/// Makes a stack of a template with a set, and fails if a plan of the environment with the same set finds a difference.
pub(super) fn assert_same(world: &World, environment: &str, template: &Template, set: &Set, seen: &mut Seen) {
    let variables = arguments(&set.variables);
    let arguments: Vec<&str> =
        [environment].into_iter().chain(variables.iter().map(String::as_str)).collect();
    let fresh = world.plan(&arguments);
    let before = make_before(world, &arguments, &fresh);
    let values = values(world, template, set, &before);
    let ids: BTreeMap<&str, String> = fresh
        .changes
        .iter()
        .map(|change| (&*change.address, template_id(template, &values, change)))
        .collect();
    assert_eq!(template.broken_rules(&values), [""; 0]);
    seen.note(template, &values);
    let is_lacking = |resource: &Json| NOT_ON_THE_LOCAL_AWS.contains(&resource["Type"].as_str().unwrap());
    let without: BTreeSet<String> =
        template.resources().filter(|(_, resource)| is_lacking(resource)).map(|(id, _)| id.clone()).collect();
    let stands_for = |id: &str, attribute: &str| {
        // The local AWS gives a secret's name in place of its ARN.
        let resource = &template.document["Resources"][id];
        if resource["Type"] == "AWS::SecretsManager::Secret" && attribute == "Ref" {
            return Some(format!("${{{id}.Id}}"));
        }
        without.contains(id).then(|| {
            let address = ids.iter().find(|(_, known)| *known == id).map(|(address, _)| *address);
            let made = &before["resources"][address.unwrap_or_default()];
            let text = match attribute {
                "Ref" => made["id"].as_str(),
                other => made["attributes"][other.to_ascii_lowercase()].as_str(),
            };
            text.unwrap_or("none").to_owned()
        })
    };
    let sent = template.without(&without, &stands_for).to_string();
    let given: Values = template.parameters().map(|(name, _)| (name.clone(), values[name].clone())).collect();
    let stack = Stack::create(world, "us-east-1", &sent, &given).unwrap_or_else(|error| panic!("{error}"));
    let made = stack.resources();
    let closed = close_circles(world, &stack, &sent, &given);
    let values: Values = values.into_iter().chain(closed).collect();
    seen.note(template, &values);
    complete(world, &Resolver { template, values: &values, made: &made, planned: &BTreeMap::new() });

    let expected: BTreeSet<String> =
        template.resources_with(&values).into_iter().filter(|id| !without.contains(id)).collect();
    let there: BTreeSet<String> = made.keys().cloned().collect();
    assert_eq!(there, expected, "the stack has what its conditions say");
    for (id, resource) in &made {
        assert_eq!(resource.r#type, template.document["Resources"][id]["Type"], "{id}");
    }

    let plan = import(world, environment, &arguments, &fresh, &made, template);
    let problems = differences(&plan, &made, template, &values);
    assert!(problems.is_empty(), "{:?} {:?}\n{}", set.variables, set.others, problems.join("\n"));
    let planned: BTreeMap<String, &ChangeDocument> =
        plan.changes.iter().map(|change| (template_id(template, &values, change), change)).collect();
    let resolver = Resolver { template, values: &values, made: &made, planned: &planned };
    for id in template.resources_with(&values).intersection(&without) {
        lacking::assert_same(&resolver, &planned, id);
    }
    assert_secrets(world, template, &values, &made);
    assert_outputs(&plan, &stack.outputs());
}

/// The name in the template. A key that is a parameter has no fingerprint there.
fn template_id(template: &Template, values: &Values, change: &ChangeDocument) -> String {
    let id = logical_id(change);
    let Some(pem) = change.after.get("encoded_key").as_str() else { return id };
    let is_given = |resource: &Json| {
        let parameter = resource["Properties"]["PublicKeyConfig"]["EncodedKey"]["Ref"].as_str();
        parameter.is_some_and(|parameter| values[parameter].trim() == pem.trim())
    };
    let given = template.resources().find(|(_, resource)| is_given(resource));
    given.map_or(id, |(id, _)| id.clone())
}

/// Lets there be what the local AWS's CloudFormation cannot make, and gives the state.
fn make_before(world: &World, arguments: &[&str], fresh: &PlanDocument) -> Json {
    let targets: Vec<&str> = (fresh.changes.iter())
        .filter(|change| MADE_BEFORE.contains(&&*change.kind))
        .map(|change| &*change.address)
        .collect();
    if targets.is_empty() {
        return Json::Null;
    }
    let mut command = [&["apply", "--auto-approve"], arguments].concat();
    for target in targets {
        command.extend(["--target", target]);
    }
    world.succeed(&command);
    serde_json::from_str(&world.succeed(&["state", "pull", arguments[0]]).stdout).unwrap()
}

/// Gives parameters that are known once the stack is there. What all are then.
fn close_circles(world: &World, stack: &Stack<'_>, sent: &str, given: &Values) -> Values {
    let mut known = given.clone();
    for (name, value) in known.iter_mut().filter(|(_, value)| *value == "not-known-yet") {
        let resource = &stack.resources()[name.strip_suffix("Arn").unwrap()];
        assert_eq!(resource.r#type, "AWS::CloudFront::Distribution", "{name}");
        *value = format!("arn:aws:cloudfront::{}:distribution/{}", world.account(), resource.id);
    }
    if known != *given {
        stack.update(sent, &known);
    }
    known
}

/// Imports what the stack has made, and plans.
fn import(
    world: &World,
    environment: &str,
    arguments: &[&str],
    fresh: &PlanDocument,
    stack: &BTreeMap<String, Resource>,
    template: &Template,
) -> PlanDocument {
    let declared = template.resources().map(|(id, _)| id.clone()).collect();
    let made = Made { stack, declared: &declared, changes: &fresh.changes };
    let mut text = world.read(environment);
    for change in fresh.changes.iter().filter(|change| !MADE_BEFORE.contains(&&*change.kind)) {
        if let Some(id) = made.id(change) {
            text += &format!("\n[[import]]\nto = '{}'\nid = '{id}'\n", change.address);
        }
    }
    world.write(environment, &text);
    let mut command = arguments.to_vec();
    for change in fresh.changes.iter().filter(|change| change.kind == "aws_secretsmanager_secret_version") {
        command.extend(["--exclude", &change.address]);
    }
    world.plan(&command)
}

/// What a plan would do that it should not.
fn differences(
    plan: &PlanDocument,
    made: &BTreeMap<String, Resource>,
    template: &Template,
    values: &Values,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut imported = BTreeSet::new();
    for change in plan.changes.iter().filter(|change| !change.left_out) {
        let kind = &*change.kind;
        let id = template_id(template, values, change);
        if change.imported {
            imported.insert(id);
            let unexpected = change.changed.iter().chain(&change.replace_because).filter(|argument| {
                !DIFFERENT.iter().any(|(of, name, _)| (*of, *name) == (kind, &***argument))
            });
            for argument in unexpected {
                let whole = argument.split(['.', '[']).next().unwrap();
                let side = |value: &Value| value.get(whole).to_json().to_string();
                problems.push(format!(
                    "{} {}: {argument}\n  the stack's: {}\n  the plan's:  {}",
                    change.action,
                    change.address,
                    side(&change.before),
                    side(&change.after)
                ));
            }
            continue;
        }
        let r#type = template.document["Resources"][&id]["Type"].as_str().unwrap_or_default();
        let is_left = WITHOUT_RESOURCE.iter().any(|(known, _)| *known == kind)
            || NOT_ON_THE_LOCAL_AWS.contains(&r#type)
            || change.address.ends_with(".aws_route53_record.proof");
        if change.action != "no-op" && !(change.action == "create" && is_left) {
            problems.push(format!("{} {}", change.action, change.address));
        }
    }
    problems.extend(made.keys().filter(|id| !imported.contains(*id)).map(|id| format!("nothing is {id}")));
    problems
}

/// The value of a secret is what was given for it.
fn assert_secrets(world: &World, template: &Template, values: &Values, made: &BTreeMap<String, Resource>) {
    for (id, resource) in made.iter().filter(|(_, resource)| resource.r#type == "AWS::SecretsManager::Secret")
    {
        let properties = &template.document["Resources"][id]["Properties"];
        let Some(parameter) = properties["SecretString"]["Ref"].as_str() else { continue };
        let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
        let value = world.wait(secrets.get_secret_value().secret_id(&resource.id).send()).unwrap();
        assert_eq!(value.secret_string(), Some(&*values[parameter]), "{id}");
    }
}

/// What a stack gives back is what the environment would.
fn assert_outputs(plan: &PlanDocument, outputs: &Values) {
    for (name, output) in &plan.outputs {
        if plan.outputs_unknown.contains_key(name) || output.sensitive {
            continue;
        }
        let expected = match output.value.to_json() {
            Json::Null => None,
            Json::String(text) => Some(text),
            list @ Json::Array(_) => Some(as_parameter(&list.to_string())),
            other => Some(other.to_string()),
        };
        let given = outputs.get(&pascal(name));
        if OUTPUTS_MADE_UP.contains(&&**name) {
            assert_eq!(given.is_some(), expected.is_some(), "the output `{name}`");
            continue;
        }
        // The local AWS ends the names of records with a dot.
        let given = given.map(|text| text.trim_end_matches('.'));
        assert_eq!(given, expected.as_deref(), "the output `{name}`");
    }
}

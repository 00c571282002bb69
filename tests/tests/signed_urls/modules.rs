//! Each module by itself, in an environment that has nothing else.

use aws_sdk_cloudfront::types::{KeyGroupConfig, PublicKeyConfig};
use provision_tests::{World, actions};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};

use crate::cloud::{Cloud, outputs};
use crate::requirements::{bucket, distribution, key_pair, private_key, role, table};

const ENVIRONMENT: &str = "envs/alone.toml";

/// An environment with one module, with these arguments, whose outputs are all its own.
fn write(world: &World, module: &str, arguments: &str) {
    let text = world.read(&format!("modules/{module}/module.toml"));
    let text: toml::Table = toml::from_str(&text).unwrap();
    let outputs: String = text["output"]
        .as_table()
        .unwrap()
        .keys()
        .map(|name| format!("[output.{name}]\nvalue = \"${{module.own.{name}}}\"\n"))
        .collect();
    let environment = format!(
        "[env]\nname = \"alone\"\nproject = \"{}\"\nregion = \"us-east-1\"\n\n[module.own]\nsource = \"../modules/{module}\"\n\
         {arguments}\n{outputs}",
        world.project()
    );
    world.write(ENVIRONMENT, &environment);
}

fn apply(world: &World) {
    let plan = world.plan(&[ENVIRONMENT]);
    assert!(
        actions(&plan).values().all(|action| ["create", "read"].contains(&action.as_str())),
        "{:?}",
        actions(&plan)
    );
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
}

fn change(world: &World) {
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    world.assert_no_changes(ENVIRONMENT);
}

fn destroy(world: &World) {
    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve"]);
}

#[test]
fn a_bucket() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    write(&world, "signed-urls-bucket", "");
    apply(&world);
    let beginning = format!("{}-files-alone-", world.project());
    let made_up = bucket::Expected { name: Err(&beginning), expires_after_days: None };
    world.wait(bucket::assert_met(&cloud, &made_up, &outputs(&world, ENVIRONMENT)));

    let rule = "lifecycle_configuration = [{ id = \"expire\", enabled = true, expiration = { days = 7 } }]";
    write(&world, "signed-urls-bucket", rule);
    change(&world);
    let expiring = bucket::Expected { expires_after_days: Some(7), ..made_up };
    world.wait(bucket::assert_met(&cloud, &expiring, &outputs(&world, ENVIRONMENT)));
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");

    let name = format!("{}-given", world.project());
    let origins = "upload_origins = [\"https://app.example.com\"]";
    write(&world, "signed-urls-bucket", &format!("bucket_name = \"{name}\"\n{origins}"));
    apply(&world);
    let given = bucket::Expected { name: Ok(&name), expires_after_days: None };
    world.wait(bucket::assert_met(&cloud, &given, &outputs(&world, ENVIRONMENT)));
    world.wait(bucket::assert_shut(&cloud, &name));
    let cors = world.wait(cloud.s3.get_bucket_cors().bucket(&name).send()).unwrap();
    assert_eq!(cors.cors_rules()[0].allowed_origins(), ["https://app.example.com"]);
    assert_eq!(cors.cors_rules()[0].allowed_methods(), ["POST", "PUT"]);
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_key_pair() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    write(&world, "signed-urls-key-pair", "key_group_name = \"files\"\nsecret_recovery_window_in_days = 0");
    apply(&world);
    world.wait(key_pair::assert_met(&cloud, "files", &outputs(&world, ENVIRONMENT)));
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_private_key() {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pem = key.to_pkcs1_pem(LineEnding::LF).unwrap();
    let world = World::new().with_variable("KEY", &pem);
    let cloud = Cloud::of(&world);
    let arguments =
        "secret_name = \"files/key\"\nprivate_key = '${env_var(\"KEY\")}'\nrecovery_window_in_days = 0";
    write(&world, "signed-urls-private-key", arguments);
    apply(&world);
    world.wait(private_key::assert_met(&cloud, "files/key", &pem, &outputs(&world, ENVIRONMENT)));
    let state = world.read(&format!("state/{}-alone.json", world.project()));
    assert!(!state.contains(pem.lines().nth(1).unwrap()), "modules, line 10: it is stored nowhere else");
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_table() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    write(&world, "signed-urls-table", "table_name = \"files\"\nprimary_key = \"key\"");
    apply(&world);
    world.wait(table::assert_met(&cloud, "files", "key", &outputs(&world, ENVIRONMENT)));
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_role() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let account = world.account().to_owned();
    let secret = format!("arn:aws:secretsmanager:us-east-1:{account}:secret:files-AbCdEf");
    let arguments = format!("application_role_name = \"app\"\nprivate_key_secret_arn = \"{secret}\"");
    write(&world, "signed-urls-role", &arguments);
    apply(&world);
    let root = format!("arn:aws:iam::{account}:root");
    let plain = role::Expected { name: "app", secret: &secret, table: None, principals: &[("AWS", &root)] };
    world.wait(role::assert_met(&cloud, &plain, &outputs(&world, ENVIRONMENT)));

    let table = format!("arn:aws:dynamodb:us-east-1:{account}:table/files");
    let more = format!(
        "{arguments}\ndynamo_db_table_arn = \"{table}\"\ntrusted_services = [\"lambda.amazonaws.com\"]\n\
         trusted_principal_arns = [\"{root}\"]"
    );
    write(&world, "signed-urls-role", &more);
    change(&world);
    let lambda = ("Service", "lambda.amazonaws.com");
    let with_table = role::Expected { table: Some(&table), principals: &[("AWS", &root), lambda], ..plain };
    world.wait(role::assert_met(&cloud, &with_table, &outputs(&world, ENVIRONMENT)));
    let service = more.replace(&format!("trusted_principal_arns = [\"{root}\"]"), "");
    write(&world, "signed-urls-role", &service);
    change(&world);
    let only = role::Expected { principals: &[lambda], ..with_table };
    world.wait(role::assert_met(&cloud, &only, &outputs(&world, ENVIRONMENT)));
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_distribution() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let bucket = format!("{}-there", world.project());
    let (group, certificate) = world.wait(async {
        cloud.s3.create_bucket().bucket(&bucket).send().await.unwrap();
        (make_key_group(&cloud).await, cloud.make_certificate().await)
    });
    let before = world.resources();
    let arguments = format!("s3_bucket_name = \"{bucket}\"\ncloudfront_key_group_id = \"{group}\"");
    write(&world, "signed-urls-distribution", &arguments);
    apply(&world);
    let plain = distribution::Expected { bucket: &bucket, key_group: &group, domain: None };
    world.wait(distribution::assert_met(&cloud, &plain, &outputs(&world, ENVIRONMENT)));
    world.wait(bucket::assert_open_to_the_distribution(&cloud, &bucket, true));

    let name = format!("files.{}.example.com", world.project());
    let more = format!(
        "{arguments}\ncustom_domain_name = \"{name}\"\nacm_certificate_arn = \"{certificate}\"\nuploads_are_readable = false"
    );
    write(&world, "signed-urls-distribution", &more);
    change(&world);
    let domain = distribution::Domain { name: &name, certificate: &certificate, zone: None };
    let own = distribution::Expected { domain: Some(domain), ..plain };
    world.wait(distribution::assert_met(&cloud, &own, &outputs(&world, ENVIRONMENT)));
    world.wait(bucket::assert_open_to_the_distribution(&cloud, &bucket, false));

    write(&world, "signed-urls-distribution", &format!("{arguments}\ncustom_domain_name = \"{name}\""));
    let refused = world.provision(&["plan", ENVIRONMENT]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("a domain needs `acm_certificate_arn`"), "{refused}");
    destroy(&world);
    assert_eq!(world.resources(), before, "neither the bucket nor the keys are ours");
    world.wait(bucket::assert_shut(&cloud, &bucket));
}

/// A key group that was there before.
async fn make_key_group(cloud: &Cloud) -> String {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pem = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
    let key = PublicKeyConfig::builder().name("there").caller_reference("there").encoded_key(pem);
    let request = cloud.cloudfront.create_public_key().public_key_config(key.build().unwrap());
    let key = request.send().await.unwrap().public_key.unwrap().id;
    let group = KeyGroupConfig::builder().name("there").items(key).build().unwrap();
    let request = cloud.cloudfront.create_key_group().key_group_config(group);
    request.send().await.unwrap().key_group.unwrap().id
}

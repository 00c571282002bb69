//! `aws_iam_role`.

use provision_sandbox::{Control, Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

fn trust(service: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": format!("{service}.amazonaws.com") },
            "Action": "sts:AssumeRole"
        }]
    })
}

fn reading(bucket: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*") }
    })
}

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const LOGS: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut role = lab.resource("aws_iam_role");
    let created = role
        .create(json!({
            "name": "converter",
            "path": "/video/",
            "assume_role_policy": trust("mediaconvert"),
            "description": "Converts + cuts (50% off)",
            "max_session_duration": 7200,
            "permissions_boundary": READ_ONLY,
            "force_detach_policies": true,
            "tags": { "team": "video" },
        }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":role/video/converter"));
    assert!(created.get("unique_id").as_str().unwrap().starts_with("AROA"));
    assert!(created.get("create_date").as_str().unwrap().ends_with('Z'));

    // Terraform's own way to write the trust: as JSON text.
    role.update(json!({
        "name": "converter",
        "path": "/video/",
        "assume_role_policy": trust("lambda").to_string(),
        "description": "Converts",
        "max_session_duration": 3600,
        "permissions_boundary": LOGS,
        "tags": { "team": "audio", "cost": "1" },
    }))
    .await;
    // Without a description, the emulator would keep the one that it has.
    let current = json!({
        "name": "converter",
        "path": "/video/",
        "assume_role_policy": trust("lambda"),
        "description": "Cuts",
    });
    role.update(current.clone()).await;

    role.replaces(
        json!({ "name": "other", "path": "/video/", "assume_role_policy": trust("lambda") }),
        &["name"],
    );
    role.replaces(json!({ "name": "converter", "assume_role_policy": trust("lambda") }), &["path"]);
    role.replaces(
        json!({ "name_prefix": "c-", "path": "/video/", "assume_role_policy": trust("lambda") }),
        &["name_prefix"],
    );

    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.update_role()
        .role_name("converter")
        .description("Mine")
        .max_session_duration(4000)
        .send()
        .await
        .unwrap();
    iam.update_assume_role_policy()
        .role_name("converter")
        .policy_document(trust("ec2").to_string())
        .send()
        .await
        .unwrap();
    role.repair_drift(current, &["assume_role_policy", "description", "max_session_duration"]).await;
    role.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut role = lab.resource("aws_iam_role");
    role.create(json!({ "name_prefix": "converter-", "assume_role_policy": trust("mediaconvert") })).await;
    assert!(role.id.starts_with("converter-"), "{}", role.id);
    role.delete().await;
}

#[tokio::test]
async fn has_exactly_the_policies_that_it_lists() {
    let lab = Lab::new().await;
    let mut role = lab.resource("aws_iam_role");
    let configured = |inline: Json, attached: Json| {
        json!({
            "name": "reader",
            "assume_role_policy": trust("lambda"),
            "inline_policy": inline,
            "managed_policy_arns": attached,
        })
    };
    let first = json!({ "name": "first", "policy": reading("first") });
    let second = json!({ "name": "second", "policy": reading("second") });
    role.create(configured(json!([second, first]), json!([LOGS]))).await;

    let changed = json!({ "name": "first", "policy": reading("third").to_string() });
    role.update(configured(json!([changed, second]), json!([LOGS, READ_ONLY]))).await;
    let current = configured(json!([changed]), json!([READ_ONLY]));
    role.update(current.clone()).await;

    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.put_role_policy()
        .role_name("reader")
        .policy_name("extra")
        .policy_document(reading("extra").to_string())
        .send()
        .await
        .unwrap();
    iam.attach_role_policy().role_name("reader").policy_arn(LOGS).send().await.unwrap();
    role.repair_drift(current, &["inline_policy", "managed_policy_arns"]).await;
    let inline = iam.list_role_policies().role_name("reader").send().await.unwrap();
    assert_eq!(inline.policy_names(), ["first"]);

    role.update(configured(json!([]), json!([]))).await;
    assert_eq!(iam.list_role_policies().role_name("reader").send().await.unwrap().policy_names().len(), 0);
    let attached = iam.list_attached_role_policies().role_name("reader").send().await.unwrap();
    assert_eq!(attached.attached_policies().len(), 0);

    // What it lists goes with it.
    role.update(configured(json!([first]), json!([LOGS]))).await;
    role.delete().await;
}

#[tokio::test]
async fn leaves_alone_the_policies_that_it_does_not_list() {
    let lab = Lab::new().await;
    let mut role = lab.resource("aws_iam_role");
    role.create(json!({ "name": "reader", "assume_role_policy": trust("lambda") })).await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.attach_role_policy().role_name("reader").policy_arn(LOGS).send().await.unwrap();
    role.update(json!({ "name": "reader", "assume_role_policy": trust("lambda"), "description": "Reads" }))
        .await;
    let attached = iam.list_attached_role_policies().role_name("reader").send().await.unwrap();
    assert_eq!(attached.attached_policies().len(), 1);
    role.delete().await;
}

#[tokio::test]
async fn is_not_deleted_with_what_others_gave_it() {
    let lab = Lab::new().await;
    let mut role = lab.resource("aws_iam_role");
    role.create(json!({ "name": "reader", "assume_role_policy": trust("lambda") })).await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.attach_role_policy().role_name("reader").policy_arn(LOGS).send().await.unwrap();
    assert!(role.delete_fails().await.contains("DeleteConflict"));

    // But it is taken out of an instance profile, and with force whatever it was given is removed.
    iam.create_instance_profile().instance_profile_name("machine").send().await.unwrap();
    iam.add_role_to_instance_profile()
        .instance_profile_name("machine")
        .role_name("reader")
        .send()
        .await
        .unwrap();
    iam.put_role_policy()
        .role_name("reader")
        .policy_name("extra")
        .policy_document(reading("extra").to_string())
        .send()
        .await
        .unwrap();
    role.update(json!({
        "name": "reader",
        "assume_role_policy": trust("lambda"),
        "force_detach_policies": true,
    }))
    .await;
    role.delete().await;
    let profile = iam.get_instance_profile().instance_profile_name("machine").send().await.unwrap();
    assert_eq!(profile.instance_profile().unwrap().roles().len(), 0);
}

#[tokio::test]
async fn is_ours_when_the_reply_is_lost_and_not_when_it_was_there() {
    let lab = Lab::new().await;
    let identity = lab.data("aws_caller_identity", json!({})).await.unwrap();
    let control = Control::new(lab.sdk.endpoint_url().unwrap());
    control
        .inject(&Fault {
            account: identity.get("account_id").as_str().map(str::to_owned),
            operation: Some("CreateRole".to_owned()),
            times: Some(1),
            ..Fault::new(Effect::LoseReply)
        })
        .await
        .unwrap();
    let mut role = lab.resource("aws_iam_role");
    let configuration = json!({ "name": "converter", "assume_role_policy": trust("mediaconvert") });
    role.create(configuration.clone()).await;
    let refused = lab.resource("aws_iam_role").create_fails(configuration).await;
    assert!(refused.contains("of this name already"), "{refused}");
    role.delete().await;
}

#[tokio::test]
async fn waits_for_the_principals_of_its_trust() {
    let lab = Lab::new().await;
    let identity = lab.data("aws_caller_identity", json!({})).await.unwrap();
    let control = Control::new(lab.sdk.endpoint_url().unwrap());
    let refusal = |message: &str| Fault {
        account: identity.get("account_id").as_str().map(str::to_owned),
        operation: Some("CreateRole".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "MalformedPolicyDocument".to_owned(),
            message: message.to_owned(),
        })
    };
    let mut role = lab.resource("aws_iam_role");
    let configuration = json!({ "name": "converter", "assume_role_policy": trust("mediaconvert") });
    control.inject(&refusal("Has prohibited field Resource")).await.unwrap();
    assert!(role.create_fails(configuration.clone()).await.contains("prohibited field"));
    control
        .inject(&refusal("Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/new\""))
        .await
        .unwrap();
    role.create(configuration).await;
    role.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_role",
        json!({
            "name": "a b",
            "name_prefix": "c",
            "path": "video",
            "assume_role_policy": {},
            "description": "an em dash —",
            "max_session_duration": 60,
            "permissions_boundary": "ReadOnlyAccess",
            "managed_policy_arns": ["ReadOnlyAccess"],
            "inline_policy": [{ "name": "n", "policy": { "Statement": [{ "Action": "a".repeat(10_240) }] } }],
        }),
    );
    assert_eq!(problems.len(), 9, "{problems:#?}");
}

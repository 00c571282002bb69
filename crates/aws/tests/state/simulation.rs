//! IAM says which permissions credentials lack.

use std::collections::BTreeSet;

use provision_aws::permissions::{Denied, Simulated, caller, simulate};
use provision_engine::permission::Permission;
use serde_json::{Value, json};

use crate::lab::Lab;

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

/// A new user with that policy, in the account of `root`.
async fn user(root: &Lab, name: &str, statements: &[Value]) -> Lab {
    let iam = aws_sdk_iam::Client::new(&root.sdk);
    iam.create_user().user_name(name).send().await.unwrap();
    let put = iam.put_user_policy().user_name(name).policy_name("all");
    put.policy_document(policy(statements)).send().await.unwrap();
    let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
    root.user(key.access_key_id(), key.secret_access_key()).await
}

async fn simulated(lab: &Lab, permissions: &BTreeSet<Permission>) -> Simulated {
    let caller = caller(&lab.aws).await.unwrap();
    assert_eq!(caller.account, lab.account);
    simulate(&lab.aws, &caller, permissions).await.unwrap()
}

fn denied(action: &str, resource: &str, explicitly: bool) -> Denied {
    Denied { action: action.to_owned(), resource: resource.to_owned(), explicitly }
}

#[tokio::test]
async fn what_no_statement_allows_is_denied() {
    let root = Lab::strict().await;
    let pass = |service| {
        Permission::new("iam:PassRole", "arn:aws:iam::1:role/r").only_if(
            "StringEquals",
            "iam:PassedToService",
            service,
        )
    };
    let needed = BTreeSet::from([
        Permission::new("s3:CreateBucket", "arn:aws:s3:::mine"),
        Permission::new("s3:CreateBucket", "arn:aws:s3:::other"),
        Permission::new("kms:CreateKey", "*"),
        pass("lambda.amazonaws.com"),
        pass("events.amazonaws.com"),
    ]);
    let passing = json!({
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } },
    });
    let ask = allow("iam:SimulatePrincipalPolicy", "*");
    let deny = json!({ "Effect": "Deny", "Action": "kms:*", "Resource": "*" });
    let statements = [allow("s3:Create*", "arn:aws:s3:::mine"), passing, ask, allow("kms:*", "*"), deny];
    let user = user(&root, "some", &statements).await;
    let lacking = vec![
        denied("iam:PassRole", "arn:aws:iam::1:role/r", false),
        denied("kms:CreateKey", "*", true),
        denied("s3:CreateBucket", "arn:aws:s3:::other", false),
    ];
    assert_eq!(simulated(&user, &needed).await, Simulated::Denied(lacking));
    assert_eq!(simulated(&root, &needed).await, Simulated::Denied(Vec::new()), "root may do anything");
}

#[tokio::test]
async fn many_permissions_are_asked_for_in_pages() {
    let root = Lab::strict().await;
    let buckets = (0..130).map(|number| format!("arn:aws:s3:::bucket-{number:03}"));
    let needed: BTreeSet<Permission> = buckets
        .flat_map(|bucket| {
            ["s3:CreateBucket", "s3:DeleteBucket"].map(|action| Permission::new(action, bucket.as_str()))
        })
        .collect();
    let statements = [allow("iam:SimulatePrincipalPolicy", "*"), allow("s3:CreateBucket", "*")];
    let user = user(&root, "some", &statements).await;
    let Simulated::Denied(lacking) = simulated(&user, &needed).await else { panic!("IAM was asked") };
    assert_eq!(lacking.len(), 130);
    assert!(lacking.iter().all(|lacking| lacking.action == "s3:DeleteBucket"));
}

#[tokio::test]
async fn a_session_has_the_permissions_of_its_role() {
    let root = Lab::strict().await;
    let iam = aws_sdk_iam::Client::new(&root.sdk);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", root.account) },
            "Action": "sts:AssumeRole",
        }],
    });
    let create = iam.create_role().role_name("deploy").path("/ci/");
    let role = create.assume_role_policy_document(trust.to_string()).send().await.unwrap().role.unwrap();
    let put = iam.put_role_policy().role_name("deploy").policy_name("all");
    let own = [allow("iam:SimulatePrincipalPolicy", &role.arn), allow("iam:GetRole", &role.arn)];
    put.policy_document(policy(&own)).send().await.unwrap();
    let user = user(&root, "ci", &[allow("sts:AssumeRole", &role.arn)]).await;
    let sts = aws_sdk_sts::Client::new(&user.sdk);
    let session = sts.assume_role().role_arn(&role.arn).role_session_name("run").send().await.unwrap();
    let session = root.session(&session.credentials.unwrap()).await;
    let needed = BTreeSet::from([
        Permission::new("iam:GetRole", role.arn.as_str()),
        Permission::new("kms:CreateKey", "*"),
    ]);
    let lacking = vec![denied("kms:CreateKey", "*", false)];
    assert_eq!(simulated(&session, &needed).await, Simulated::Denied(lacking));
}

#[tokio::test]
async fn who_may_not_ask_is_told_so() {
    let root = Lab::strict().await;
    let user = user(&root, "none", &[allow("s3:CreateBucket", "*")]).await;
    let needed = BTreeSet::from([Permission::new("s3:CreateBucket", "arn:aws:s3:::mine")]);
    let Simulated::Skipped(why) = simulated(&user, &needed).await else { panic!("nobody was asked") };
    assert_eq!(why, "iam:SimulatePrincipalPolicy is not allowed");
}

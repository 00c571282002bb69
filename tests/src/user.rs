//! Users of a world's account, who may do what their policies allow.

use serde_json::{Value, json};

use crate::{Output, World};

/// A user with an access key.
#[derive(Debug)]
pub struct User {
    /// Its name.
    pub name: String,
    key: String,
    secret: String,
}

/// How many characters a managed policy has at most.
const LIMIT: usize = 6144;

impl World {
    /// A new user who is allowed what this policy says, and nothing else.
    pub fn user(&self, name: &str, policy: &Value) -> User {
        let iam = aws_sdk_iam::Client::new(&self.sdk());
        self.wait(async {
            iam.create_user().user_name(name).send().await.unwrap();
            for (number, part) in parts(policy).iter().enumerate() {
                let create = iam.create_policy().policy_name(format!("{name}-{number}"));
                let created = create.policy_document(part.to_string()).send().await.unwrap();
                let arn = created.policy.unwrap().arn.unwrap();
                iam.attach_user_policy().user_name(name).policy_arn(arn).send().await.unwrap();
            }
            let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
            User { name: name.to_owned(), key: key.access_key_id, secret: key.secret_access_key }
        })
    }

    /// Runs the binary with the credentials of a user, and waits until it has ended.
    pub fn provision_as(&self, user: &User, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command.env("AWS_ACCESS_KEY_ID", &user.key).env("AWS_SECRET_ACCESS_KEY", &user.secret);
        self.start(command, arguments).wait()
    }
}

/// A policy in as many as it takes to keep each within the limit.
fn parts(policy: &Value) -> Vec<Value> {
    let document = |statements: &[Value]| json!({ "Version": "2012-10-17", "Statement": statements });
    let mut parts: Vec<Vec<Value>> = vec![Vec::new()];
    for statement in policy["Statement"].as_array().unwrap() {
        let mut with = parts.last().cloned().unwrap_or_default();
        with.push(statement.clone());
        if document(&with).to_string().len() <= LIMIT {
            parts.pop();
            parts.push(with);
        } else {
            parts.push(vec![statement.clone()]);
        }
    }
    parts.iter().filter(|part| !part.is_empty()).map(|part| document(part)).collect()
}

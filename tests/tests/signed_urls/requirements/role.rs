//! Modules, lines 92 to 100, and epic, story 6: the role.

use serde_json::json;

use crate::cloud::{Cloud, Outputs, policy, texts};

/// A role as it is meant to be.
pub(crate) struct Expected<'a> {
    /// Modules, line 96.
    pub(crate) name: &'a str,
    /// Modules, line 97.
    pub(crate) secret: &'a str,
    /// Modules, line 98.
    pub(crate) table: Option<&'a str>,
    /// Who may assume it: `AWS` or `Service`, and who.
    pub(crate) principals: &'a [(&'a str, &'a str)],
}

/// What an application does with its files' items.
const ITEMS: [&str; 9] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, outputs: &Outputs) {
    let answer = cloud.iam.get_role().role_name(expected.name).send().await;
    let role = answer.expect("modules, line 96: the role's name").role.unwrap();
    assert_eq!(outputs["integration_role_arn"], json!(role.arn()), "modules, line 100");
    let trust = policy(role.assume_role_policy_document().unwrap());
    let statements = trust["Statement"].as_array().unwrap();
    for statement in statements {
        let cited = "modules, line 94, and epic, line 15: it can be assumed by an application";
        assert_eq!(
            (&statement["Effect"], &statement["Action"]),
            (&json!("Allow"), &json!("sts:AssumeRole")),
            "{cited}"
        );
    }
    let principals: Vec<(String, String)> = statements
        .iter()
        .flat_map(|statement| statement["Principal"].as_object().unwrap())
        .flat_map(|(kind, who)| texts(who).into_iter().map(|who| (kind.clone(), who)))
        .collect();
    let wanted: Vec<(String, String)> =
        expected.principals.iter().map(|(kind, who)| ((*kind).to_owned(), (*who).to_owned())).collect();
    assert_eq!(principals, wanted, "epic, line 15: by whom");

    let attached = cloud.iam.list_attached_role_policies().role_name(expected.name).send().await.unwrap();
    assert_eq!(attached.attached_policies().len(), 0, "modules, line 10: no permissions but these");
    let names = cloud.iam.list_role_policies().role_name(expected.name).send().await.unwrap().policy_names;
    let [name] = &names[..] else { panic!("modules, line 10: one policy, not {names:?}") };
    let answer = cloud.iam.get_role_policy().role_name(expected.name).policy_name(name).send().await.unwrap();
    let document = policy(answer.policy_document());
    let allowed: Vec<(Vec<String>, Vec<String>)> = document["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|statement| {
            assert_eq!(statement["Effect"], "Allow");
            (texts(&statement["Action"]), texts(&statement["Resource"]))
        })
        .collect();
    // Modules, line 107, and epic, line 15: it reads the private key.
    let mut wanted =
        vec![(vec!["secretsmanager:GetSecretValue".to_owned()], vec![expected.secret.to_owned()])];
    // Epic, line 15: it interacts with the table, if there is one.
    if let Some(table) = expected.table {
        wanted.push((ITEMS.map(str::to_owned).to_vec(), vec![table.to_owned(), format!("{table}/index/*")]));
    }
    assert_eq!(allowed, wanted, "modules, lines 97, 98 and 107, and epic, line 15: what the role may do");
}

//! Policies: what their statements allow and deny.

use serde_json::Value;

use super::Need;

/// The statements of one policy.
#[derive(Debug)]
pub(crate) struct Policy(Vec<Statement>);

#[derive(Debug)]
struct Statement {
    denies: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

/// That the value of a key in the call is like one of these.
#[derive(Debug)]
struct Condition {
    operator: String,
    key: String,
    values: Vec<String>,
}

impl Policy {
    /// The policy in a document; none if it is no policy.
    pub(crate) fn parse(document: &str) -> Option<Self> {
        let document = serde_json::from_str::<Value>(document).ok()?;
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.iter().collect(),
            single => vec![single],
        };
        let read = |statement: &Value| Statement {
            denies: statement["Effect"] == "Deny",
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"]),
            conditions: conditions(&statement["Condition"]),
        };
        Some(Self(statements.into_iter().map(read).collect()))
    }
}

/// Whether one of the policies allows it, and none denies it.
pub(crate) fn allows(policies: &[Policy], need: &Need) -> bool {
    let mut applying = policies.iter().flat_map(|policy| &policy.0).filter(|it| it.applies(need)).peekable();
    applying.peek().is_some() && applying.all(|statement| !statement.denies)
}

/// Whether one of the policies denies it, whatever the others say.
pub(crate) fn denies(policies: &[Policy], need: &Need) -> bool {
    policies.iter().flat_map(|policy| &policy.0).any(|statement| statement.denies && statement.applies(need))
}

impl Statement {
    fn applies(&self, need: &Need) -> bool {
        // Actions are the same in capitals and in small letters; resources are not.
        let action = need.action.to_ascii_lowercase();
        self.actions.iter().any(|pattern| is_like(&pattern.to_ascii_lowercase(), &action))
            && self.resources.iter().any(|pattern| is_like(pattern, &need.resource))
            && self.conditions.iter().all(|condition| condition.holds(need))
    }
}

impl Condition {
    fn holds(&self, need: &Need) -> bool {
        let found = need.context.iter().find(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        let (operator, optional) = match self.operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (self.operator.as_str(), false),
        };
        let Some((_, value)) = found else { return optional };
        let is_value = |pattern: &String| match operator {
            "StringEquals" => pattern == value,
            "StringLike" | "ArnEquals" | "ArnLike" => is_like(pattern, value),
            // What is not understood does not hold.
            _ => false,
        };
        self.values.iter().any(is_value)
    }
}

fn texts(value: &Value) -> Vec<String> {
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn conditions(value: &Value) -> Vec<Condition> {
    let operators = value.as_object().into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(|(key, values)| Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values),
            })
        })
        .collect()
}

/// Whether a text is like a pattern, where `*` stands for any characters and `?` for one.
pub(crate) fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where to go on after the last star, with one more character for it.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    at = after;
                    read = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn patterns_stand_for_what_they_are_like() {
        for (pattern, text, like) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
        ] {
            assert_eq!(is_like(pattern, text), like, "{pattern} {text}");
        }
    }

    #[test]
    fn statements_allow_unless_another_denies() {
        let allow = Policy::parse(
            r#"{"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "iam:PassRole"], "Resource": "arn:a*"},
                {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                 "Condition": {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}}}]}"#,
        )
        .unwrap();
        let deny = Policy::parse(
            r#"{"Statement": {"Effect": "Deny", "Action": "S3:getobject", "Resource": "arn:ab"}}"#,
        )
        .unwrap();
        let policies = [allow, deny];
        let need = |action, resource| Need::new(action, resource);
        assert!(allows(&policies, &need("s3:GetObject", "arn:a")));
        assert!(!allows(&policies, &need("s3:GetObject", "arn:ab")));
        assert!(!allows(&policies, &need("s3:PutObject", "arn:a")));
        assert!(!allows(&policies, &need("iam:PassRole", "arn:b")));
        let passed = need("iam:PassRole", "arn:b").with("iam:PassedToService", "lambda.amazonaws.com");
        assert!(allows(&policies, &passed));
    }
}

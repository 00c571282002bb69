//! What a kind writes: a resource of its own, or a part of another.

use std::path::PathBuf;

use provision_engine::cloudformation::{Block, Counterpart, Written};
use provision_engine::function::Directory;
use provision_engine::value::{Path, Value};

use crate::reference::Reference;

/// What the kinds that are parts are parts of, if a certain argument refers to it.
const WHOLES: &[(&str, &str, &str)] = &[
    ("aws_cloudwatch_event_target", "rule", "AWS::Events::Rule"),
    ("aws_iam_role_policy", "role", "AWS::IAM::Role"),
    ("aws_iam_role_policy_attachment", "role", "AWS::IAM::Role"),
    ("aws_iam_role_policy_attachment", "policy_arn", "AWS::IAM::ManagedPolicy"),
    ("aws_iam_user_policy_attachment", "user", "AWS::IAM::User"),
    ("aws_iam_user_policy_attachment", "policy_arn", "AWS::IAM::ManagedPolicy"),
    ("aws_kms_key_policy", "key_id", "AWS::KMS::Key"),
    ("aws_route53_record", "name", "AWS::CertificateManager::Certificate"),
    ("aws_secretsmanager_secret_version", "secret_id", "AWS::SecretsManager::Secret"),
];

/// One form of a kind.
pub(crate) struct Form {
    /// What to call it in a message.
    pub(crate) title: String,
    reference: Reference,
    write: fn(&mut Block<'_>),
    /// The argument that refers to what it is a part of.
    of: Option<&'static str>,
}

impl Form {
    pub(crate) fn all(name: &str, counterpart: Option<Counterpart>) -> Vec<Self> {
        let Some(counterpart) = counterpart else { return Vec::new() };
        let resource = counterpart.resource.map(|resource| Self {
            title: format!("{name} as {}", resource.r#type),
            reference: Reference::of(resource.r#type),
            write: resource.properties,
            of: None,
        });
        let parts = counterpart.parts().map(|part| {
            let (_, _, whole) = WHOLES
                .iter()
                .find(|(kind, of, _)| *kind == name && *of == part.of)
                .expect("say in `WHOLES` what this is a part of");
            Self {
                title: format!("{name} as a part of {whole}"),
                reference: Reference::of(whole),
                write: part.properties,
                of: Some(part.of),
            }
        });
        resource.into_iter().chain(parts).collect()
    }

    pub(crate) fn write(&self, arguments: &Value) -> Written {
        let files = Directory(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation/files"));
        let mut block = Block::new(arguments, &files);
        (self.write)(&mut block);
        block.finish()
    }

    /// Whether a path leads to what refers to that of which this is a part.
    pub(crate) fn says_itself(&self, path: &Path) -> bool {
        self.of.is_some_and(|of| path.starts_with(&Path::root().key(of)))
    }

    /// What of the properties AWS would not understand, and what it would miss.
    pub(crate) fn complaints(&self, written: &Written) -> Vec<String> {
        let complaints = self.reference.complaints(&written.properties, self.of.is_none());
        let wrong = written.problems.iter().filter(|problem| !is_refusal(&problem.message));
        complaints
            .into_iter()
            .chain(wrong.map(|problem| format!("{}: {}", problem.path, problem.message)))
            .map(|complaint| format!("{}: {complaint}", self.title))
            .collect()
    }

    /// What of the properties AWS would not understand, unless that is said of the argument at a path.
    pub(crate) fn misfits(&self, written: &Written, path: &Path) -> Vec<String> {
        if written.problems.iter().any(|problem| problem.path == *path) {
            return Vec::new();
        }
        let complaints = self.reference.complaints(&written.properties, false);
        complaints.into_iter().map(|complaint| format!("{}: {complaint}", self.title)).collect()
    }

    /// The arguments that do not arrive, and why, in words.
    pub(crate) fn fates(&self, written: &Written) -> Vec<(Path, String)> {
        let refused = written.problems.iter().filter(|problem| is_refusal(&problem.message)).map(|problem| {
            let hint = problem.hint.as_deref().unwrap_or("no hint");
            (problem.path.clone(), format!("refused ({hint})"))
        });
        let ours = written.ours.iter().map(|path| (path.clone(), "ours".to_owned()));
        let noted = written.notes.iter().map(|note| (note.path.clone(), format!("noted ({})", note.message)));
        refused.chain(noted).chain(ours).collect()
    }
}

/// Whether a message says that CloudFormation has nothing for an argument.
fn is_refusal(message: &str) -> bool {
    message.starts_with("CloudFormation has no property for ")
}

//! What permissions are about: ARNs, with `*` for what AWS has still to assign.

use provision_engine::permission::{Needs, Permission, Undertaking};
use provision_engine::value::Value;

/// Something of a service that has regions.
pub(crate) fn regional(service: &str, resource: &str) -> String {
    format!("arn:${{Partition}}:{service}:${{Region}}:${{Account}}:{resource}")
}

/// Something of a service that has none.
pub(crate) fn global(service: &str, resource: &str) -> String {
    format!("arn:${{Partition}}:{service}::${{Account}}:{resource}")
}

/// A thing of CloudFront's.
pub(crate) fn cloudfront(kind: &str, id: &str) -> String {
    global("cloudfront", &format!("{kind}/{id}"))
}

/// A bucket, or with a slash what is in it.
pub(crate) fn s3(path: &str) -> String {
    format!("arn:${{Partition}}:s3:::{path}")
}

/// A zone of Route 53.
pub(crate) fn zone(id: &str) -> String {
    format!("arn:${{Partition}}:route53:::hostedzone/{}", id.trim_start_matches("/hostedzone/"))
}

/// The name of what is named by an argument, or by another with what it begins with.
pub(crate) fn name(of: &Undertaking<'_>, name: &str, prefix: &str) -> String {
    match (of.text(name), of.text(prefix)) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => format!("{prefix}*"),
        (None, None) => "*".to_owned(),
    }
}

/// A role by its name: with the path that the role of that name is made under, if it is one of the environment's.
pub(crate) fn role(of: &Undertaking<'_>, name: &str) -> String {
    of_iam(of, "role", "aws_iam_role", name)
}

/// A user by its name, in the same way.
pub(crate) fn user(of: &Undertaking<'_>, name: &str) -> String {
    of_iam(of, "user", "aws_iam_user", name)
}

fn of_iam(of: &Undertaking<'_>, kind: &str, other: &str, name: &str) -> String {
    let mut namesakes = of.others(other).filter(|attributes| attributes.get("name").as_str() == Some(name));
    let path = namesakes.next().and_then(|attributes| attributes.get("path").as_str()).unwrap_or("/");
    global("iam", &format!("{kind}{path}{name}"))
}

/// The managed policies that an ARN stands for: it alone if it is known, or else those that are to be made.
pub(crate) fn policies(of: &Undertaking<'_>, arn: &Value) -> Vec<String> {
    named(of, arn, "aws_iam_policy", |attributes| {
        let (path, name) = (attributes.get("path").as_str()?, attributes.get("name").as_str()?);
        Some(global("iam", &format!("policy{path}{name}")))
    })
}

/// The roles that an ARN stands for, in the same way.
pub(crate) fn roles(of: &Undertaking<'_>, arn: &Value) -> Vec<String> {
    let roles = named(of, arn, "aws_iam_role", |attributes| {
        let (path, name) = (attributes.get("path").as_str()?, attributes.get("name").as_str()?);
        Some(global("iam", &format!("role{path}{name}")))
    });
    if roles.is_empty() { vec![global("iam", "role/*")] } else { roles }
}

/// The topics that an ARN stands for, in the same way.
pub(crate) fn topics(of: &Undertaking<'_>, arn: &Value) -> Vec<String> {
    let topics =
        named(of, arn, "aws_sns_topic", |attributes| Some(regional("sns", attributes.get("name").as_str()?)));
    if topics.is_empty() { vec![regional("sns", "*")] } else { topics }
}

/// The queues of MediaConvert that an ARN stands for, in the same way.
pub(crate) fn media_convert_queues(of: &Undertaking<'_>, arn: &Value) -> Vec<String> {
    let queues = named(of, arn, "aws_media_convert_queue", |attributes| {
        Some(regional("mediaconvert", &format!("queues/{}", attributes.get("name").as_str()?)))
    });
    if queues.is_empty() { vec![regional("mediaconvert", "queues/*")] } else { queues }
}

/// The secrets that an id stands for, in the same way. AWS ends their ARNs with characters of its own.
pub(crate) fn secrets(of: &Undertaking<'_>, id: &Value) -> Vec<String> {
    let secret = |name: &str| regional("secretsmanager", &format!("secret:{name}*"));
    let known = id.as_str().filter(|id| !id.starts_with("arn:")).map(secret);
    let secrets = match known {
        Some(known) => vec![known],
        None => named(of, id, "aws_secretsmanager_secret", |attributes| {
            let name = attributes.get("name").as_str().or(attributes.get("name_prefix").as_str())?;
            Some(secret(name))
        }),
    };
    if secrets.is_empty() { vec![secret("")] } else { secrets }
}

fn named(
    of: &Undertaking<'_>,
    arn: &Value,
    kind: &str,
    make: impl Fn(&Value) -> Option<String>,
) -> Vec<String> {
    match arn.as_str() {
        Some(arn) => vec![arn.to_owned()],
        None if arn.is_unknown() => of.others(kind).filter_map(make).collect(),
        None => Vec::new(),
    }
}

/// A KMS key by its ARN or its id. An alias does not tell which key it is.
pub(crate) fn key(key: &Value) -> String {
    match key.as_str() {
        Some(arn) if arn.contains(":key/") => arn.to_owned(),
        Some(id) if !id.contains("alias/") && !id.is_empty() => regional("kms", &format!("key/{id}")),
        _ => regional("kms", "key/*"),
    }
}

/// That these roles are passed to a service.
pub(crate) fn passing<'a>(needs: Needs<'a>, roles: &[String], service: &str) -> Needs<'a> {
    roles.iter().fold(needs, |needs, role| {
        needs.also(true, || {
            let service = format!("{service}.amazonaws.com");
            Permission::new("iam:PassRole", role.as_str()).only_if(
                "StringEquals",
                "iam:PassedToService",
                &service,
            )
        })
    })
}

/// That this is done with one managed policy, where it is known which.
pub(crate) fn with_policy(action: &str, whose: &str, policies: &[String]) -> Vec<Permission> {
    let permission = || Permission::new(action, whose);
    if policies.is_empty() {
        return vec![permission()];
    }
    policies.iter().map(|policy| permission().only_if("ArnEquals", "iam:PolicyARN", policy)).collect()
}

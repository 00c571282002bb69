//! The services that take documents: the fields that name what a call is about.

use serde_json::{Value, json};

use super::{Call, Need};
use crate::{call::Protocol, cbor};

/// The parameters of a call.
struct Parameters(Value);

impl Parameters {
    fn of(call: &Call<'_>) -> Self {
        let body = call.request.body();
        Self(match call.identity.protocol {
            Protocol::Cbor => cbor::decode(body).unwrap_or_default(),
            _ => serde_json::from_slice(body).unwrap_or_default(),
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }

    fn has(&self, name: &str) -> bool {
        match &self.0[name] {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => true,
        }
    }
}

pub(super) async fn needs(call: &Call<'_>) -> Vec<Need> {
    let parameters = Parameters::of(call);
    match call.identity.service.as_str() {
        "acm" => acm(call, &parameters),
        "dynamodb" => dynamodb(call, &parameters),
        "events" => events(call, &parameters),
        "kms" => kms(call, &parameters).await,
        "logs" => logs(call, &parameters),
        "monitoring" => cloudwatch(call, &parameters),
        "secretsmanager" => secretsmanager(call, &parameters).await,
        "sqs" => sqs(call, &parameters),
        _ => vec![call.own("*")],
    }
}

fn acm(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let certificate = parameters.text("CertificateArn");
    let every = call.arn("acm", "certificate/*");
    let mut needs = match (call.operation(), certificate) {
        (_, Some(certificate)) => vec![call.own(certificate)],
        ("ImportCertificate", None) => vec![call.own(every.as_str())],
        _ => vec![call.own("*")],
    };
    if ["RequestCertificate", "ImportCertificate"].contains(&call.operation()) && parameters.has("Tags") {
        needs.push(call.need("AddTagsToCertificate", certificate.unwrap_or(&every)));
    }
    needs
}

fn dynamodb(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let named = parameters.first(&["TableName", "ResourceArn"]);
    let table = match named {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) => call.arn("dynamodb", &format!("table/{name}")),
        None => "*".to_owned(),
    };
    let mut needs = vec![call.own(table.as_str())];
    if call.operation() == "CreateTable" && parameters.has("Tags") {
        needs.push(call.need("TagResource", table));
    }
    needs
}

fn events(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let bus = parameters.text("EventBusName").unwrap_or("default");
    let bus = bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name);
    let rule = match parameters.first(&["ResourceARN", "Rule", "Name"]) {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) if bus == "default" => call.arn("events", &format!("rule/{name}")),
        Some(name) => call.arn("events", &format!("rule/{bus}/{name}")),
        None => "*".to_owned(),
    };
    let mut needs = vec![call.own(rule.as_str())];
    if call.operation() == "PutRule" && parameters.has("Tags") {
        needs.push(call.need("TagResource", rule));
    }
    let targets = parameters.0["Targets"].as_array().into_iter().flatten();
    let roles = targets.filter_map(|target| target["RoleArn"].as_str()).chain(parameters.text("RoleArn"));
    needs.extend(roles.map(|role| Call::passes(role, "events")));
    needs
}

async fn kms(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let alias = parameters.text("AliasName").map(|alias| call.arn("kms", alias));
    let key = match (parameters.first(&["KeyId", "TargetKeyId"]), &alias) {
        (Some(id), _) => Some(key(call, id).await),
        // An alias is deleted with leave to do so of the key behind it.
        (None, Some(_)) => Some(key(call, parameters.text("AliasName").unwrap_or_default()).await),
        (None, None) => None,
    };
    let mut needs: Vec<Need> = alias.iter().chain(&key).map(|resource| call.own(resource.as_str())).collect();
    if call.operation() == "CreateKey" {
        let every = call.arn("kms", "key/*");
        needs.push(call.own("*"));
        if parameters.has("Tags") {
            needs.push(call.need("TagResource", every.as_str()));
        }
        if parameters.has("Policy") {
            needs.push(call.need("PutKeyPolicy", every));
        }
    } else if needs.is_empty() {
        needs.push(call.own("*"));
    }
    needs
}

/// The ARN of a key that is named by it, by its id, or by an alias.
async fn key(call: &Call<'_>, name: &str) -> String {
    let ask = call.front.ask(&call.identity.account, &call.identity.region);
    let answer = ask.call("kms", "TrentService.DescribeKey", &json!({ "KeyId": name })).await;
    let known = answer.ok().and_then(|answer| Some(answer["KeyMetadata"]["Arn"].as_str()?.to_owned()));
    known.unwrap_or_else(|| match name.split(':').next_back().unwrap_or(name) {
        _ if name.starts_with("arn:") => name.to_owned(),
        alias if alias.starts_with("alias/") => call.arn("kms", alias),
        id => call.arn("kms", &format!("key/{id}")),
    })
}

fn logs(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let name = parameters.first(&["logGroupName", "logGroupIdentifier"]);
    let name = name.and_then(|name| name.rsplit(":log-group:").next());
    // All but the tags of a group is asked for with what is in it.
    let group = |end: &str| name.map(|name| call.arn("logs", &format!("log-group:{name}{end}")));
    match (call.operation(), parameters.text("resourceArn")) {
        ("DescribeLogGroups", _) => vec![call.own("*")],
        (_, Some(arn)) => vec![call.own(arn)],
        ("CreateLogGroup", None) => {
            let mut needs = vec![call.own(group(":*").unwrap_or_default())];
            if parameters.has("tags") {
                needs.push(call.need("TagResource", group("").unwrap_or_default()));
            }
            needs
        }
        _ => vec![call.own(group(":*").unwrap_or_else(|| "*".to_owned()))],
    }
}

fn cloudwatch(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let alarm = |name: &str| call.arn("cloudwatch", &format!("alarm:{name}"));
    let dashboard = |name: &str| call.global_arn("cloudwatch", &format!("dashboard/{name}"));
    let names = |list: &str| -> Vec<String> {
        let items = parameters.0[list].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let own = |resource: String| call.own(resource);
    match call.operation() {
        "DescribeAlarms" => {
            let types = names("AlarmTypes");
            // Of composite alarms nothing is told but to who may see all.
            if types.iter().any(|kind| kind == "CompositeAlarm") {
                return vec![own("*".to_owned())];
            }
            names("AlarmNames").iter().map(|name| own(alarm(name))).collect()
        }
        "DeleteAlarms" => names("AlarmNames").iter().map(|name| own(alarm(name))).collect(),
        "DeleteDashboards" => names("DashboardNames").iter().map(|name| own(dashboard(name))).collect(),
        _ => {
            let resource = match (parameters.text("ResourceARN"), parameters.text("AlarmName")) {
                (Some(arn), _) => arn.to_owned(),
                (None, Some(name)) => alarm(name),
                (None, None) => parameters.text("DashboardName").map_or("*".to_owned(), dashboard),
            };
            let mut needs = vec![own(resource.clone())];
            if call.operation().starts_with("Put") && parameters.has("Tags") {
                needs.push(call.need("TagResource", resource));
            }
            needs
        }
    }
}

async fn secretsmanager(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let Some(id) = parameters.first(&["SecretId", "Name"]) else { return vec![call.own("*")] };
    let ask = call.front.ask(&call.identity.account, &call.identity.region);
    let described =
        ask.call("secretsmanager", "secretsmanager.DescribeSecret", &json!({ "SecretId": id })).await;
    let known = described.ok().filter(|_| call.operation() != "CreateSecret");
    let known = known.and_then(|secret| Some(secret["ARN"].as_str()?.to_owned()));
    let secret = known.unwrap_or_else(|| match id.starts_with("arn:") {
        true => id.to_owned(),
        false => call.arn("secretsmanager", &format!("secret:{id}")),
    });
    let mut needs = vec![call.own(secret.as_str())];
    if call.operation() == "CreateSecret" && parameters.has("Tags") {
        needs.push(call.need("TagResource", secret.as_str()));
    }
    let has_value = parameters.has("SecretString") || parameters.has("SecretBinary");
    if has_value && let Some(key_id) = kms_key(call, &ask, id, parameters).await {
        let key = key(call, &key_id).await;
        needs.extend(
            ["GenerateDataKey", "Decrypt"].map(|name| Need::new(format!("kms:{name}"), key.as_str())),
        );
    }
    needs
}

/// The KMS key of a secret, if it is not AWS's own for secrets, which everybody in the account may use through them.
async fn kms_key(
    call: &Call<'_>,
    ask: &crate::ask::Ask<'_>,
    id: &str,
    parameters: &Parameters,
) -> Option<String> {
    if call.operation() == "CreateSecret" {
        return parameters.text("KmsKeyId").map(str::to_owned);
    }
    let secret =
        ask.call("secretsmanager", "secretsmanager.DescribeSecret", &json!({ "SecretId": id })).await;
    let key = secret.ok()?["KmsKeyId"].as_str()?.to_owned();
    (!key.contains("aws/secretsmanager")).then_some(key)
}

fn sqs(call: &Call<'_>, parameters: &Parameters) -> Vec<Need> {
    let name = parameters.first(&["QueueUrl", "QueueName"]).and_then(|named| named.rsplit('/').next());
    let queue = name.map_or("*".to_owned(), |name| call.arn("sqs", name));
    let mut needs = vec![call.own(queue.as_str())];
    if call.operation() == "CreateQueue" && parameters.has("tags") {
        needs.push(call.need("TagQueue", queue));
    }
    needs
}

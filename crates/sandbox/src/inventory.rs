//! What exists in an account.

mod functions;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    SandboxError,
    answers::mediaconvert::DEFAULT_QUEUE,
    ask::Ask,
    front::Front,
    rules::{acm, cloudwatch, route53},
    xml::Element,
};

/// Something that exists in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// The name that the service signs requests under, such as `s3`.
    pub service: String,
    /// What it is, such as `bucket`.
    pub kind: String,
    /// What tells it from others of its kind: a name, an id or an ARN, and for something that is part of
    /// something else both, with a slash between them.
    pub id: String,
}

/// Everything that exists in `account`, in order.
///
/// What AWS makes by itself does not count, nor what is only waiting to be gone.
pub(crate) async fn resources(front: &Front, account: &str) -> Result<Vec<Resource>, SandboxError> {
    let mut found = Found::default();
    // Where there is something is where somebody called.
    let calls = front.calls(Some(account));
    let called =
        calls.iter().map(|call| (call.service.as_str(), call.region.as_str())).collect::<BTreeSet<_>>();
    for service in called.iter().map(|(service, _)| *service).collect::<BTreeSet<_>>() {
        let ask = front.ask(account, crate::REGION);
        match service {
            "s3" => buckets(&ask, &mut found).await?,
            "iam" => iam(&ask, &mut found).await?,
            "cloudfront" => cloudfront(&ask, &mut found).await?,
            "route53" => dns(&ask, &mut found).await?,
            _ => {}
        }
    }
    for (service, region) in called {
        let ask = front.ask(account, region);
        match service {
            "acm" => certificates(&ask, &mut found).await?,
            "dynamodb" => tables(&ask, &mut found).await?,
            "events" => functions::event_rules(&ask, &mut found).await?,
            "kms" => keys(&ask, &mut found).await?,
            "lambda" => functions::functions(&ask, &mut found).await?,
            "logs" => log_groups(&ask, &mut found).await?,
            "monitoring" => monitoring(&ask, &mut found).await?,
            "secretsmanager" => secrets(&ask, &mut found).await?,
            "sns" => topics(&ask, &mut found).await?,
            "servicecatalog" => stacks(&ask, &mut found).await?,
            "sqs" => queues(&ask, &mut found).await?,
            _ => {}
        }
    }
    front.kept.with(account, |kept| {
        found.add_all("cloudfront", "origin_access_identity", kept.origin_access_identities.keys().cloned());
        for service in kept.mediaconvert.values() {
            let queues = service.queues.keys().filter(|name| *name != DEFAULT_QUEUE);
            found.add_all("mediaconvert", "queue", queues.cloned());
            found.add_all("mediaconvert", "job_template", service.job_templates.keys().cloned());
        }
        for catalog in kept.service_catalog.values() {
            catalog.list(|kind, id| found.add("servicecatalog", kind, id));
        }
    });
    Ok(found.0.into_iter().collect())
}

#[derive(Default)]
struct Found(BTreeSet<Resource>);

impl Found {
    fn add(&mut self, service: &str, kind: &str, id: impl Into<String>) {
        self.0.insert(Resource { service: service.to_owned(), kind: kind.to_owned(), id: id.into() });
    }

    fn add_all(&mut self, service: &str, kind: &str, ids: impl IntoIterator<Item = String>) {
        ids.into_iter().for_each(|id| self.add(service, kind, id));
    }
}

async fn buckets(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let mut page = String::new();
    loop {
        let list = ask.get("s3", &format!("/{page}")).await?;
        for bucket in list.descendants("Bucket") {
            let name = bucket.text_at(&["Name"]);
            found.add("s3", "bucket", name);
            objects(ask, name, found).await?;
        }
        match list.text_at(&["ContinuationToken"]) {
            "" => return Ok(()),
            token => page = format!("?continuation-token={}", crate::query::encode(token)),
        }
    }
}

async fn objects(ask: &Ask<'_>, bucket: &str, found: &mut Found) -> Result<(), SandboxError> {
    let mut page = String::new();
    loop {
        // A bucket that has just been deleted has none.
        let Some(list) = ask.find("s3", &format!("/{bucket}?list-type=2{page}")).await? else {
            return Ok(());
        };
        for object in list.descendants("Contents") {
            found.add("s3", "object", format!("{bucket}/{}", object.text_at(&["Key"])));
        }
        match list.text_at(&["NextContinuationToken"]) {
            "" => return Ok(()),
            token => page = format!("&continuation-token={}", crate::query::encode(token)),
        }
    }
}

async fn iam(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    for policy in members(ask, "ListPolicies", "Policies", &[("Scope", "Local")]).await? {
        found.add("iam", "policy", policy.text_at(&["Arn"]));
    }
    for (action, list, kind, name) in
        [("ListRoles", "Roles", "role", "RoleName"), ("ListUsers", "Users", "user", "UserName")]
    {
        let capital = name.trim_end_matches("Name");
        for holder in members(ask, action, list, &[]).await? {
            // Roles that AWS services make for themselves.
            if holder.text_at(&["Path"]).starts_with("/aws-service-role/") {
                continue;
            }
            let holder = holder.text_at(&[name]);
            found.add("iam", kind, holder);
            let of_holder = [(name, holder)];
            let attached = format!("ListAttached{capital}Policies");
            for policy in members(ask, &attached, "AttachedPolicies", &of_holder).await? {
                let id = format!("{holder}/{}", policy.text_at(&["PolicyArn"]));
                found.add("iam", &format!("{kind}_policy_attachment"), id);
            }
            let inline = format!("List{capital}Policies");
            for policy in members(ask, &inline, "PolicyNames", &of_holder).await? {
                found.add("iam", &format!("{kind}_policy"), format!("{holder}/{}", policy.text));
            }
        }
    }
    Ok(())
}

/// All that an action of IAM lists, page by page.
async fn members(
    ask: &Ask<'_>,
    action: &str,
    list: &str,
    parameters: &[(&str, &str)],
) -> Result<Vec<Element>, SandboxError> {
    let mut found = Vec::new();
    let mut marker = String::new();
    loop {
        let mut asked = parameters.to_vec();
        if !marker.is_empty() {
            asked.push(("Marker", &marker));
        }
        let answer = ask.act("iam", action, &asked).await?;
        found.extend(answer.descendant(list).map(|list| list.children.clone()).unwrap_or_default());
        match answer.descendant("Marker") {
            Some(next) if !next.text.is_empty() => marker = next.text.clone(),
            _ => return Ok(found),
        }
    }
}

async fn cloudfront(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    // ministack answers these lists whole.
    for (path, kind, id) in [
        ("distribution", "distribution", &["Id"][..]),
        ("origin-access-control", "origin_access_control", &["Id"]),
        ("public-key", "public_key", &["Id"]),
        ("key-group", "key_group", &["KeyGroup", "Id"]),
        ("cache-policy?Type=custom", "cache_policy", &["CachePolicy", "Id"]),
        ("origin-request-policy?Type=custom", "origin_request_policy", &["OriginRequestPolicy", "Id"]),
        ("response-headers-policy?Type=custom", "response_headers_policy", &["ResponseHeadersPolicy", "Id"]),
        ("function", "function", &["Name"]),
    ] {
        let list = ask.get("cloudfront", &format!("/2020-05-31/{path}")).await?;
        for item in list.items(&[]) {
            let id = item.text_at(id);
            found.add("cloudfront", kind, id);
            let subscription = format!("/2020-05-31/distributions/{id}/monitoring-subscription");
            if kind == "distribution" && ask.find("cloudfront", &subscription).await?.is_some() {
                found.add("cloudfront", "monitoring_subscription", id);
            }
        }
    }
    Ok(())
}

async fn dns(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    for zone in route53::zones(ask).await? {
        let id = zone.text_at(&["Id"]).trim_start_matches("/hostedzone/");
        found.add("route53", "zone", id);
        for record in route53::records(ask, id).await? {
            let (name, kind) = (record.text_at(&["Name"]), record.text_at(&["Type"]));
            // The two sets that a zone comes with.
            if !(name == zone.text_at(&["Name"]) && ["NS", "SOA"].contains(&kind)) {
                let set = record.text_at(&["SetIdentifier"]);
                let set = if set.is_empty() { String::new() } else { format!("/{set}") };
                found.add("route53", "record", format!("{id}/{name}/{kind}{set}"));
            }
        }
    }
    Ok(())
}

async fn keys(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    for key in pages(ask, "kms", "TrentService.ListKeys", "Keys", ("Marker", "NextMarker")).await? {
        let id = &key["KeyId"];
        let answer = ask.call("kms", "TrentService.DescribeKey", &json!({ "KeyId": id })).await?;
        let key = &answer["KeyMetadata"];
        let going = ["PendingDeletion", "PendingReplicaDeletion"]
            .contains(&key["KeyState"].as_str().unwrap_or_default());
        if key["KeyManager"] != "AWS" && !going {
            found.add_all("kms", "key", id.as_str().map(str::to_owned));
        }
    }
    for alias in pages(ask, "kms", "TrentService.ListAliases", "Aliases", ("Marker", "NextMarker")).await? {
        let name = alias["AliasName"].as_str().filter(|name| !name.starts_with("alias/aws/"));
        found.add_all("kms", "alias", name.map(str::to_owned));
    }
    Ok(())
}

async fn secrets(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let target = "secretsmanager.ListSecrets";
    for secret in pages(ask, "secretsmanager", target, "SecretList", ("NextToken", "NextToken")).await? {
        let name = secret["Name"].as_str().filter(|_| secret["DeletedDate"].is_null());
        found.add_all("secretsmanager", "secret", name.map(str::to_owned));
    }
    Ok(())
}

async fn topics(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    for (action, kind, id) in
        [("ListTopics", "topic", "TopicArn"), ("ListSubscriptions", "subscription", "SubscriptionArn")]
    {
        let mut page = String::new();
        loop {
            let token = [("NextToken", page.as_str())];
            let list = ask.act("sns", action, if page.is_empty() { &[] } else { &token }).await?;
            for member in list.descendants("member") {
                found.add("sns", kind, member.text_at(&[id]));
            }
            match list.descendant("NextToken") {
                Some(next) if !next.text.is_empty() => page = next.text.clone(),
                _ => break,
            }
        }
    }
    Ok(())
}

async fn queues(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let target = "AmazonSQS.ListQueues";
    let mut question = json!({ "MaxResults": 1000 });
    loop {
        let answer = ask.call("sqs", target, &question).await?;
        let urls = answer["QueueUrls"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let names = urls.map(|url| url.rsplit('/').next().unwrap_or(url).to_owned());
        found.add_all("sqs", "queue", names);
        match answer["NextToken"].as_str() {
            Some(next) if !next.is_empty() => question["NextToken"] = json!(next),
            _ => return Ok(()),
        }
    }
}

/// The stacks behind provisioned products, which may outlive them.
async fn stacks(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let mut page = String::new();
    loop {
        let token = [("NextToken", page.as_str())];
        let parameters = if page.is_empty() { &token[..0] } else { &token[..] };
        let list = ask.act("cloudformation", "DescribeStacks", parameters).await?;
        for name in list.descendants("StackName") {
            found.add("cloudformation", "stack", name.text.as_str());
        }
        match list.descendant("NextToken") {
            Some(next) if !next.text.is_empty() => page = next.text.clone(),
            _ => return Ok(()),
        }
    }
}

async fn log_groups(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let target = "Logs_20140328.DescribeLogGroups";
    for group in pages(ask, "logs", target, "logGroups", ("nextToken", "nextToken")).await? {
        found.add_all("logs", "log_group", group["logGroupName"].as_str().map(str::to_owned));
    }
    Ok(())
}

async fn monitoring(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    for (kind, alarm) in cloudwatch::alarms(ask).await? {
        found.add_all("monitoring", kind, alarm["AlarmName"].as_str().map(str::to_owned));
    }
    found.add_all("monitoring", "dashboard", cloudwatch::dashboards(ask).await?);
    Ok(())
}

async fn certificates(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let list = ask.call("acm", "CertificateManager.ListCertificates", &json!({})).await?;
    found.add_all("acm", "certificate", acm::arns(&list));
    Ok(())
}

async fn tables(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let token = ("ExclusiveStartTableName", "LastEvaluatedTableName");
    for table in pages(ask, "dynamodb", "DynamoDB_20120810.ListTables", "TableNames", token).await? {
        found.add_all("dynamodb", "table", table.as_str().map(str::to_owned));
    }
    Ok(())
}

/// All that an operation lists, page by page: `token` names the page in the question and in the answer.
async fn pages(
    ask: &Ask<'_>,
    service: &str,
    target: &str,
    list: &str,
    token: (&str, &str),
) -> Result<Vec<Value>, SandboxError> {
    let mut found = Vec::new();
    let mut question = json!({});
    loop {
        let mut answer = ask.call(service, target, &question).await?;
        if let Value::Array(items) = answer[list].take() {
            found.extend(items);
        }
        match answer[token.1].as_str() {
            Some(next) if !next.is_empty() => question[token.0] = json!(next),
            _ => return Ok(found),
        }
    }
}

//! What the local AWS's CloudFormation leaves out of what it makes (`provisioners.py` of ministack): it is set here, by
//! the calls that AWS's documentation names for these properties, and from nothing but the properties.

use provision_tests::World;
use serde_json::{Value as Json, json};

use super::resolved::Resolver;
use super::stack::Resource;

/// The types of which something is left out. `docs/handover.md` has the same list.
pub(super) const COMPLETED: &[&str] = &[
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
];

/// Sets what was left out of all resources.
pub(super) fn complete(world: &World, resolver: &Resolver<'_>) {
    for (id, resource) in resolver.made {
        if !COMPLETED.contains(&&*resource.r#type) {
            continue;
        }
        let call = Call { world, resource };
        let properties = resolver.properties(id);
        match &*resource.r#type {
            "AWS::DynamoDB::Table" => call.table(&properties),
            "AWS::Lambda::Function" => call.function(&properties),
            "AWS::Route53::HostedZone" => call.zone(&properties),
            "AWS::S3::Bucket" => call.bucket(&properties),
            "AWS::SNS::Topic" => call.topic(&properties),
            other => panic!("{other} is not completed"),
        }
    }
}

struct Call<'a> {
    world: &'a World,
    resource: &'a Resource,
}

impl Call<'_> {
    fn table(&self, properties: &Json) {
        let recovery = &properties["PointInTimeRecoverySpecification"];
        if recovery.is_object() {
            let body = json!({ "TableName": self.resource.id, "PointInTimeRecoverySpecification": recovery });
            let target = "DynamoDB_20120810.UpdateContinuousBackups";
            let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")];
            self.send("dynamodb", "POST", "/", &headers, &body.to_string());
        }
    }

    fn function(&self, properties: &Json) {
        let body = json!({ "DeadLetterConfig": properties["DeadLetterConfig"] });
        let path = format!("/2015-03-31/functions/{}/configuration", self.resource.id);
        self.send("lambda", "PUT", &path, &[("content-type", "application/json")], &body.to_string());
    }

    fn zone(&self, properties: &Json) {
        let tags = json!({ "AddTags": { "Tag": properties["HostedZoneTags"] } });
        let body = element("ChangeTagsForResourceRequest", &tags);
        self.send(
            "route53",
            "POST",
            &format!("/2013-04-01/tags/hostedzone/{}", self.resource.id),
            &[],
            &body,
        );
    }

    fn topic(&self, properties: &Json) {
        if let Some(key) = properties["KmsMasterKeyId"].as_str() {
            let body = format!(
                "Action=SetTopicAttributes&Version=2010-03-31&TopicArn={}&AttributeName=KmsMasterKeyId&AttributeValue={key}",
                self.resource.id
            );
            let headers = [("content-type", "application/x-www-form-urlencoded")];
            self.send("sns", "POST", "/", &headers, &body);
        }
    }

    fn bucket(&self, properties: &Json) {
        self.configure("tagging", "Tagging", &json!({ "TagSet": { "Tag": properties["Tags"] } }));
        let ownership = &properties["OwnershipControls"]["Rules"];
        if ownership.is_array() {
            self.configure("ownershipControls", "OwnershipControls", &json!({ "Rule": ownership }));
        }
        let logging = &properties["LoggingConfiguration"];
        if logging.is_object() {
            let enabled = json!({
                "TargetBucket": logging["DestinationBucketName"],
                "TargetPrefix": logging["LogFilePrefix"],
            });
            self.configure("logging", "BucketLoggingStatus", &json!({ "LoggingEnabled": enabled }));
        }
        let encryption = &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        if let Some(rules) = encryption.as_array() {
            let rules: Vec<Json> = rules
                .iter()
                .map(|rule| {
                    let default = &rule["ServerSideEncryptionByDefault"];
                    json!({
                        "ApplyServerSideEncryptionByDefault": default,
                        "BucketKeyEnabled": rule["BucketKeyEnabled"],
                    })
                })
                .collect();
            self.configure("encryption", "ServerSideEncryptionConfiguration", &json!({ "Rule": rules }));
        }
        if let Some(rules) = properties["LifecycleConfiguration"]["Rules"].as_array() {
            let rules: Vec<Json> = rules.iter().map(lifecycle_rule).collect();
            self.configure("lifecycle", "LifecycleConfiguration", &json!({ "Rule": rules }));
        }
    }

    fn configure(&self, what: &str, name: &str, content: &Json) {
        self.send("s3", "PUT", &format!("/{}?{what}", self.resource.id), &[], &element(name, content));
    }

    fn send(&self, service: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let config = self.world.sdk();
        let endpoint = config.endpoint_url().expect("the world has an endpoint");
        let credential = super::stack::credential(self.world, "us-east-1", service);
        let url = format!("{endpoint}{path}");
        let mut request = if method == "PUT" { ureq::put(url) } else { ureq::post(url) };
        request = request.header("authorization", credential);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.config().http_status_as_error(false).build().send(body).unwrap();
        let (status, text) = (answer.status(), answer.into_body().read_to_string().unwrap());
        assert!(status.is_success(), "{method} {path} of {service}: {status} {text}\n{body}");
    }
}

/// A rule of a template as S3's API has it.
fn lifecycle_rule(rule: &Json) -> Json {
    let transition = |transition: &Json, days: &str| json!({ days: transition["TransitionInDays"], "StorageClass": transition["StorageClass"] });
    let all = |name: &str, days: &str| {
        let transitions = rule[name].as_array().into_iter().flatten();
        transitions.map(|one| transition(one, days)).collect::<Vec<_>>()
    };
    let expires = !rule["ExpirationInDays"].is_null() || !rule["ExpiredObjectDeleteMarker"].is_null();
    json!({
        "ID": rule["Id"],
        "Filter": { "Prefix": rule["Prefix"].as_str().unwrap_or_default() },
        "Status": rule["Status"],
        "Transition": all("Transitions", "Days"),
        "Expiration": expires.then(|| json!({
            "Days": rule["ExpirationInDays"],
            "ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"],
        })),
        "NoncurrentVersionTransition": all("NoncurrentVersionTransitions", "NoncurrentDays"),
        "NoncurrentVersionExpiration": rule["NoncurrentVersionExpiration"],
        "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
    })
}

/// An element of XML with this in it. What is null is not there, and a list is one element after another.
fn element(name: &str, content: &Json) -> String {
    let inner = match content {
        Json::Null => return String::new(),
        Json::Array(items) => return items.iter().map(|item| element(name, item)).collect(),
        Json::Object(entries) => entries.iter().map(|(name, value)| element(name, value)).collect(),
        Json::String(text) => text.replace('&', "&amp;").replace('<', "&lt;"),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

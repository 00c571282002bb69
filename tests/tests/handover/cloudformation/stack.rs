//! A stack on the local AWS, by CloudFormation's Query API.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use provision_tests::World;
use regex::Regex;

use super::template::Values;

/// How long a stack may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stack that is there.
pub(super) struct Stack<'w> {
    world: &'w World,
    region: &'static str,
}

/// A resource of a stack.
pub(super) struct Resource {
    pub(super) r#type: String,
    /// What it is called by in its service.
    pub(super) id: String,
}

impl<'w> Stack<'w> {
    /// Creates a stack, and waits until it is there; what CloudFormation says if it is not to be.
    pub(super) fn create(
        world: &'w World,
        region: &'static str,
        template: &str,
        parameters: &Values,
    ) -> Result<Self, String> {
        let stack = Self { world, region };
        stack.carry_out("CreateStack", template, parameters, "CREATE_COMPLETE")?;
        Ok(stack)
    }

    /// Updates it, and waits for that.
    pub(super) fn update(&self, template: &str, parameters: &Values) {
        self.carry_out("UpdateStack", template, parameters, "UPDATE_COMPLETE").unwrap();
    }

    fn carry_out(&self, action: &str, template: &str, parameters: &Values, done: &str) -> Result<(), String> {
        let mut form = vec![
            ("TemplateBody".to_owned(), template.to_owned()),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()),
        ];
        for (position, (name, value)) in (1..).zip(parameters) {
            form.push((format!("Parameters.member.{position}.ParameterKey"), name.clone()));
            form.push((format!("Parameters.member.{position}.ParameterValue"), value.clone()));
        }
        self.ask(action, form)?;
        let begin = Instant::now();
        loop {
            let answer = self.ask("DescribeStacks", Vec::new())?;
            let status = tag(&answer, "StackStatus").expect("a stack has a status");
            if status == done {
                return Ok(());
            }
            if !status.ends_with("_IN_PROGRESS") || begin.elapsed() > PATIENCE {
                return Err(format!("{status}\n{}", self.failures()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What has failed, in CloudFormation's words.
    fn failures(&self) -> String {
        let answer = self.ask("DescribeStackEvents", Vec::new()).unwrap_or_else(|error| error);
        let failed = members(&answer).into_iter().filter_map(|event| {
            let status = tag(&event, "ResourceStatus").filter(|status| status.contains("FAILED"))?;
            let reason = tag(&event, "ResourceStatusReason").unwrap_or_default();
            Some(format!("{} {status}: {reason}\n", tag(&event, "LogicalResourceId")?))
        });
        failed.collect()
    }

    /// Its resources, by their names in the template.
    pub(super) fn resources(&self) -> BTreeMap<String, Resource> {
        let answer = self.ask("DescribeStackResources", Vec::new()).unwrap();
        members(&answer)
            .into_iter()
            .filter_map(|resource| {
                let (r#type, id) = (tag(&resource, "ResourceType")?, tag(&resource, "PhysicalResourceId")?);
                Some((tag(&resource, "LogicalResourceId")?, Resource { r#type, id }))
            })
            .collect()
    }

    /// Its outputs.
    pub(super) fn outputs(&self) -> Values {
        let answer = self.ask("DescribeStacks", Vec::new()).unwrap();
        let outputs = answer.split("<Outputs>").nth(1).unwrap_or_default();
        let keys = all(outputs, "OutputKey");
        keys.into_iter().zip(all(outputs, "OutputValue")).collect()
    }

    fn ask(&self, action: &str, form: Vec<(String, String)>) -> Result<String, String> {
        let config = self.world.sdk();
        let endpoint = config.endpoint_url().expect("the world has an endpoint");
        let common = [("Action", action), ("Version", "2010-05-15"), ("StackName", "handover")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let credential = credential(self.world, self.region, "cloudformation");
        let answer = ureq::post(format!("{endpoint}/"))
            .config()
            .http_status_as_error(false)
            .build()
            .header("authorization", credential)
            .send_form(common.into_iter().chain(form))
            .map_err(|error| error.to_string())?;
        let is_refused = !answer.status().is_success();
        let body = answer.into_body().read_to_string().map_err(|error| error.to_string())?;
        if is_refused { Err(tag(&body, "Message").unwrap_or(body)) } else { Ok(body) }
    }
}

/// What a request says of who sends it. The local AWS believes any signature.
pub(super) fn credential(world: &World, region: &str, service: &str) -> String {
    let scope = format!("{}/20260101/{region}/{service}/aws4_request", world.account());
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

/// The members of a list that is in an answer.
fn members(answer: &str) -> Vec<String> {
    all_raw(answer, "member")
}

fn tag(xml: &str, name: &str) -> Option<String> {
    all(xml, name).into_iter().next()
}

fn all(xml: &str, name: &str) -> Vec<String> {
    let unescaped = |text: String| {
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    };
    all_raw(xml, name).into_iter().map(unescaped).collect()
}

fn all_raw(xml: &str, name: &str) -> Vec<String> {
    let pattern = Regex::new(&format!("(?s)<{name}>(.*?)</{name}>")).unwrap();
    pattern.captures_iter(xml).map(|found| found[1].to_owned()).collect()
}

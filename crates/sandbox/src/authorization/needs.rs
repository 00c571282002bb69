//! What each call needs to be allowed: its actions, and the ARNs that they are done to, after the Service Authorization
//! Reference of AWS. Its name for an action that has no resource type is `*`.

mod cloudfront;
mod iam;
mod json;
mod lambda;
mod mediaconvert;
mod route53;
mod s3;
mod service_catalog;
mod sns;

use super::Need;
use crate::{call::Identity, front::Front, proxy::Request, query};

/// What a call needs.
pub(super) async fn of(front: &Front, request: &Request, identity: &Identity) -> Vec<Need> {
    let call = Call { front, request, identity };
    match identity.service.as_str() {
        "cloudfront" => cloudfront::needs(&call),
        "iam" => iam::needs(&call).await,
        "lambda" => lambda::needs(&call),
        "mediaconvert" => mediaconvert::needs(&call),
        "route53" => route53::needs(&call),
        "s3" => s3::needs(&call),
        "servicecatalog" => service_catalog::needs(&call),
        "sns" => sns::needs(&call),
        "sts" if identity.operation.starts_with("Assume") => {
            vec![Need::new(call.action(&identity.operation), call.form("RoleArn").unwrap_or_default())]
        }
        // Whoever has credentials may ask whose they are.
        "sts" => Vec::new(),
        _ => json::needs(&call).await,
    }
}

/// One call, to look into.
struct Call<'a> {
    front: &'a Front,
    request: &'a Request,
    identity: &'a Identity,
}

impl Call<'_> {
    fn operation(&self) -> &str {
        &self.identity.operation
    }

    /// An action of the service, as policies name it.
    fn action(&self, name: &str) -> String {
        let prefix = match self.identity.service.as_str() {
            "monitoring" => "cloudwatch",
            service => service,
        };
        format!("{prefix}:{name}")
    }

    /// That the call's own operation is allowed on `resource`.
    fn own(&self, resource: impl Into<String>) -> Need {
        self.need(self.operation(), resource)
    }

    /// That another action of the service is allowed on `resource`.
    fn need(&self, action: &str, resource: impl Into<String>) -> Need {
        Need::new(self.action(action), resource)
    }

    /// The ARN of something in the account and region of the call.
    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.identity.region, self.identity.account)
    }

    /// The ARN of something of a service that has no regions.
    fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}::{}:{resource}", self.identity.account)
    }

    /// That a role is passed to a service.
    fn passes(role: &str, service: &str) -> Need {
        Need::new("iam:PassRole", role).with("iam:PassedToService", format!("{service}.amazonaws.com"))
    }

    /// The parts of the path, decoded, without the version of the API.
    fn segments(&self) -> Vec<String> {
        let parts = self.request.uri().path().split('/').filter(|part| !part.is_empty());
        parts.skip(1).map(query::percent_decode).collect()
    }

    fn query(&self) -> &str {
        self.request.uri().query().unwrap_or_default()
    }

    /// A parameter of a form.
    fn form(&self, name: &str) -> Option<String> {
        query::value(&String::from_utf8_lossy(self.request.body()), name)
    }
}

//! The data source `aws_route53_zone`.

use async_trait::async_trait;
use aws_sdk_route53::Client;
use aws_sdk_route53::types::HostedZone;
use futures::StreamExt;
use futures::future::join;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{arn, bare_id, comment, get, name_servers, recovery, sorted, tags_of};
use crate::call::Outcome;
use crate::clients::Reader;
use crate::dns;
use crate::given::Given;
use crate::permissions::arn;
use crate::reads::beside;
use crate::tags::Tags;

/// A hosted zone of Route 53 that is managed elsewhere, by its id or by its name. There must be exactly one. From the
/// Route 53 API (`GetHostedZone`, `ListHostedZones`).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ZoneData {
    /// The domain.
    #[schemars(extend("computed" = true, "compare" = "dns_name"))]
    name: Option<String>,
    /// Id of the zone.
    #[schemars(extend("computed" = true))]
    zone_id: Option<String>,
    /// Whether the zone that is looked for by name is private. `vpc_id` implies it.
    #[schemars(extend("computed" = true))]
    private_zone: Option<bool>,
    /// Id of a VPC that the private zone that is looked for is answered in.
    vpc_id: Option<String>,
    /// Tags that the zone that is looked for has; all its tags in the answer.
    #[schemars(extend("computed" = true))]
    #[serde(default)]
    tags: Tags,
    /// Id of the zone.
    #[serde(default)]
    id: Computed<String>,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// What was sent with its create to tell it from others.
    #[serde(default)]
    caller_reference: Computed<String>,
    /// What the zone is for.
    #[serde(default)]
    comment: Computed<String>,
    /// Whether its records can be changed soon again when the region us-east-1 fails.
    #[serde(default)]
    enable_accelerated_recovery: Computed<bool>,
    /// What the AWS service that made the zone says of it.
    #[serde(default)]
    linked_service_description: Computed<String>,
    /// The AWS service that made the zone.
    #[serde(default)]
    linked_service_principal: Computed<String>,
    /// The name servers of the zone.
    #[serde(default)]
    name_servers: Computed<Vec<String>>,
    /// The name server that made the SOA record.
    #[serde(default)]
    primary_name_server: Computed<String>,
    /// How many record sets there are in it.
    #[serde(default)]
    resource_record_set_count: Computed<i64>,
}

#[async_trait]
impl Data for ZoneData {
    const NAME: &'static str = "aws_route53_zone";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        (
            "id",
            Returned::ParameterLike(
                "Id of the hosted zone, such as Z0123456789ABCDEFGHIJ",
                "Z00000000000000000000",
            ),
        ),
        (
            "zone_id",
            Returned::ParameterLike(
                "Id of the hosted zone, such as Z0123456789ABCDEFGHIJ",
                "Z00000000000000000000",
            ),
        ),
    ]));
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = Vec::new();
        if given.has("zone_id") && given.has("name") {
            problems.push(
                Problem::new("name", "`zone_id` and `name` exclude each other").with_hint("keep one of them"),
            );
        }
        if ["zone_id", "name", "vpc_id", "tags"].into_iter().all(|name| given.lacks(name)) {
            problems.push(
                Problem::new("name", "nothing says which zone").with_hint("give its `name` or its `zone_id`"),
            );
        }
        if given.has("vpc_id") && configuration.get("private_zone").as_bool() == Some(false) {
            problems.push(Problem::new("vpc_id", "`vpc_id` is for private zones"));
        }
        problems
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let route53 = reader.route53();
        let id = match &self.zone_id {
            Some(id) => bare_id(id).to_owned(),
            None => self.search(route53).await?,
        };
        let missing = || KindError::new(format!("there is no hosted zone {id}"));
        let found = beside(get(route53, &id), tags_of(route53, &id)).await?;
        let ((zone, answer), tags) = found.ok_or_else(missing)?;
        let tags = tags.ok_or_else(missing)?;
        let name_servers = name_servers(route53, &zone, &answer).await?;
        let linked = zone.linked_service();
        Ok(Self {
            name: Some(dns::plain(&zone.name)),
            private_zone: Some(is_private(&zone)),
            vpc_id: self.vpc_id.clone(),
            tags,
            arn: arn(reader.region(), &id).into(),
            caller_reference: zone.caller_reference.clone().into(),
            comment: comment(&zone).into(),
            enable_accelerated_recovery: recovery(&zone).map(|status| status.as_str() == "ENABLED").into(),
            linked_service_description: linked.and_then(|by| by.description.clone()).into(),
            linked_service_principal: linked.and_then(|by| by.service_principal.clone()).into(),
            primary_name_server: name_servers.first().cloned().into(),
            name_servers: sorted(name_servers).into(),
            resource_record_set_count: zone.resource_record_set_count.into(),
            id: id.clone().into(),
            zone_id: Some(id),
        })
    }

    fn permissions(configuration: &Value) -> Vec<Permission> {
        let id = configuration.get("zone_id");
        let zone = arn::zone(id.as_str().unwrap_or("*"));
        let mut needed = vec![
            Permission::new("route53:GetHostedZone", zone.as_str()),
            Permission::new("route53:ListTagsForResource", zone.as_str()),
        ];
        if id.as_str().is_none() {
            needed.push(Permission::new("route53:ListHostedZones", "*"));
        }
        if configuration.get("private_zone").as_bool() == Some(true) || !configuration.get("vpc_id").is_null()
        {
            needed.push(Permission::new("route53:ListResourceRecordSets", zone));
        }
        needed
    }
}

impl ZoneData {
    /// The id of the one zone that has all that is asked for.
    async fn search(&self, route53: &Client) -> Result<String, KindError> {
        /// Route 53 answers five calls a second.
        const AT_A_TIME: usize = 5;
        let private = self.private_zone.unwrap_or(self.vpc_id.is_some());
        let mut zones = Vec::new();
        let mut pages = route53.list_hosted_zones().into_paginator().items().send();
        while let Some(zone) = pages.next().await {
            let zone = zone.or_fail()?;
            if is_private(&zone) == private
                && self.name.as_deref().is_none_or(|name| dns::same(name, &zone.name))
            {
                zones.push(zone);
            }
        }
        let looks = zones.into_iter().map(|zone| async move {
            let (in_vpc, tagged) =
                join(self.is_answered_in_vpc(route53, &zone), self.has_tags(route53, &zone)).await;
            Ok::<_, KindError>((in_vpc? && tagged?).then(|| bare_id(&zone.id).to_owned()))
        });
        let looks = futures::stream::iter(looks).buffered(AT_A_TIME).collect::<Vec<_>>().await;
        let found: Vec<_> = looks.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let kind = if private { "private" } else { "public" };
        match <[String; 1]>::try_from(found) {
            Ok([id]) => Ok(id),
            Err(none) if none.is_empty() => {
                Err(KindError::new(format!("there is no such {kind} hosted zone")).with_hint(if private {
                    "check the name, and the account that the credentials are for"
                } else {
                    "check the name, and the account that the credentials are for; for a private zone say `private_zone = true`"
                }))
            }
            Err(several) => Err(KindError::new(format!(
                "there are {} such {kind} hosted zones: {}",
                several.len(),
                several.join(", ")
            ))
            .with_hint("name one of them by its `zone_id`, or tell them apart by `tags`")),
        }
    }

    async fn is_answered_in_vpc(&self, route53: &Client, zone: &HostedZone) -> Result<bool, KindError> {
        let Some(wanted) = self.vpc_id.as_deref() else { return Ok(true) };
        let there = get(route53, &zone.id).await?;
        Ok(there.is_some_and(|(_, answer)| answer.vpcs().iter().any(|vpc| vpc.vpc_id() == Some(wanted))))
    }

    async fn has_tags(&self, route53: &Client, zone: &HostedZone) -> Result<bool, KindError> {
        if self.tags.is_empty() {
            return Ok(true);
        }
        let there = tags_of(route53, bare_id(&zone.id)).await?.unwrap_or_default();
        Ok(self.tags.iter().all(|(key, value)| there.get(key) == Some(value)))
    }
}

fn is_private(zone: &HostedZone) -> bool {
    zone.config().is_some_and(|config| config.private_zone)
}

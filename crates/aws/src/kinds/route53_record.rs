//! `aws_route53_record`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet,
    ResourceRecordSetFailover, ResourceRecordSetRegion, RrType,
};
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::route53_zone::{ABSENT, BUSY, bare_id, get as get_zone};
use crate::call::{self, Outcome, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::dns;
use crate::given::Given;
use crate::permissions::arn;

mod cloudformation;
mod key;
mod lookup;
mod routing;
mod values;

use key::Key;
use lookup::{lookup, lookup_with_others};
use routing::{Cidr, Failover, Geolocation, Geoproximity, Latency, Weighted};

/// A record set of a hosted zone: what Route 53 answers for a name and a type. From the Route 53 API
/// (`ChangeResourceRecordSets`); its id is `<zone_id>_<name>_<type>`, with `_<set_identifier>` if there is one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Id of the zone.
    #[schemars(length(min = 1, max = 44), extend("forces_replacement" = true))]
    zone_id: String,
    /// Name, whole (`www.example.com`) or within the zone (`www`); empty: the zone's own.
    #[schemars(length(max = 1024), extend("compare" = "dns_name", "forces_replacement" = true))]
    name: String,
    /// Type.
    #[schemars(extend(
        "enum" = [
            "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP",
            "SVCB", "TLSA", "TXT"
        ],
        "forces_replacement" = true
    ))]
    r#type: String,
    /// Seconds for which resolvers keep the answer.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    ttl: Option<i64>,
    /// The values. Text of a TXT or SPF record goes without the quotes around it, and is cut at 255 characters where
    /// it is longer; to cut it yourself, write `first" "second`.
    #[serde(default)]
    records: BTreeSet<String>,
    /// The AWS resource that answers in place of values.
    alias: Option<Alias>,
    /// What tells record sets of one name and type apart.
    #[schemars(length(min = 1, max = 128), extend("forces_replacement" = true))]
    set_identifier: Option<String>,
    /// Id of the health check without which the set is not answered.
    #[schemars(length(max = 64))]
    health_check_id: Option<String>,
    /// Answers by the address of who asks.
    cidr_routing_policy: Option<Cidr>,
    /// Answers as long as they are healthy, or when the others are not.
    failover_routing_policy: Option<Failover>,
    /// Answers by the place of who asks.
    geolocation_routing_policy: Option<Geolocation>,
    /// Answers by the distance from who asks.
    geoproximity_routing_policy: Option<Geoproximity>,
    /// Answers by the latency from who asks.
    latency_routing_policy: Option<Latency>,
    /// Answers with up to eight healthy values, at random.
    #[serde(default)]
    multivalue_answer_routing_policy: bool,
    /// Answers in proportion to weights.
    weighted_routing_policy: Option<Weighted>,
    /// Whether the create replaces a set that is there already.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    allow_overwrite: bool,
    /// The whole name.
    #[serde(default)]
    fqdn: Computed<String>,
}

/// The AWS resource that a record set stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alias {
    /// The resource's domain name, such as that of a distribution.
    #[schemars(length(min = 1, max = 1024), extend("compare" = "dns_name"))]
    name: String,
    /// The hosted zone of that name: `Z2FDTNDATAQYW2` for distributions.
    #[schemars(length(min = 1, max = 32))]
    zone_id: String,
    /// Whether the set is answered only while the resource is healthy.
    evaluate_target_health: bool,
}

const BAD_BATCH: &[&str] = &["InvalidChangeBatch"];
const POLICIES: [&str; 7] = [
    "cidr_routing_policy",
    "failover_routing_policy",
    "geolocation_routing_policy",
    "geoproximity_routing_policy",
    "latency_routing_policy",
    "multivalue_answer_routing_policy",
    "weighted_routing_policy",
];

#[async_trait]
impl Kind for Record {
    const NAME: &'static str = "aws_route53_record";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    /// Earlier versions of Terraform's provider have left the dot at the end of a name in the id.
    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let text = |name| attributes.get(name).as_str().filter(|text: &&str| !text.is_empty());
        let record = Self {
            zone_id: text("zone_id")?.to_owned(),
            name: attributes.get("name").as_str()?.to_owned(),
            r#type: text("type")?.to_owned(),
            set_identifier: text("set_identifier").map(str::to_owned),
            ..Self::default()
        };
        Some(Key::of(&record).to_string())
    }

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = Vec::new();
        if given.has("alias") && given.has("records") {
            problems.push(
                Problem::new("records", "`alias` and `records` exclude each other")
                    .with_hint("keep one of them"),
            );
        } else if given.has("alias") && given.has("ttl") {
            problems.push(
                Problem::new("ttl", "an alias has the `ttl` of what it stands for").with_hint("remove it"),
            );
        }
        if given.lacks("alias") && given.lacks("records") {
            problems.push(
                Problem::new("records", "a record needs `records` or an `alias`")
                    .with_hint("add `records` (set(string)) with a `ttl`, or an `alias`"),
            );
        } else if given.has("records") && given.lacks("ttl") {
            problems.push(
                Problem::new("ttl", "`ttl` is required with `records`").with_hint("add `ttl` (seconds)"),
            );
        }
        let policies: Vec<&str> = POLICIES.into_iter().filter(|name| given.has(name)).collect();
        if let [first, second, ..] = policies[..] {
            problems.push(
                Problem::new(second, format!("`{first}` and `{second}` exclude each other"))
                    .with_hint("a record set has one routing policy"),
            );
        }
        if let Some(policy) = policies.first().filter(|_| given.lacks("set_identifier")) {
            problems.push(
                Problem::new("set_identifier", format!("`set_identifier` is required with `{policy}`"))
                    .with_hint("it tells this set from others of the same name and type"),
            );
        }
        if given.has("set_identifier") && POLICIES.iter().all(|name| given.lacks(name)) {
            problems.push(
                Problem::new("set_identifier", "`set_identifier` goes with a routing policy")
                    .with_hint(format!("add one of {}", POLICIES.join(", "))),
            );
        }
        problems.extend(routing::problems(configuration));
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let key = Key::parse(id)?;
        let Some(fqdn) = key.fqdn(reader, prior).await? else { return Ok(None) };
        let set = lookup_with_others(reader, &key, &fqdn).await?;
        Ok(set.map(|set| Self::from_sdk(&key, fqdn, &set, prior)))
    }

    /// A set of that name with another content is somebody else's.
    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let found = self.is_there(reader).await?;
        Ok(found.then(|| Key::of(self).to_string()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        if self.allow_overwrite { Ok(()) } else { call::ensure_free(self, reader, token).await }
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let route53 = writer.route53();
        let key = Key::of(self);
        let fqdn = key.fqdn(writer.reader(), self).await?.ok_or_else(|| {
            KindError::new(format!("there is no hosted zone {}", key.zone_id))
                .with_hint("check `zone_id`, and the account that the credentials are for")
        })?;
        let action = if self.allow_overwrite { ChangeAction::Upsert } else { ChangeAction::Create };
        match change(route53, &key.zone_id, action, self.to_sdk(&fqdn)?).await {
            // The reply to the first attempt was lost.
            Err(error)
                if error.is(BAD_BATCH) && error.is_undecided() && self.is_there(writer.reader()).await? => {}
            Err(error) if error.message.contains("already exists") => {
                return Err(error.with_hint("import it, or replace it with `allow_overwrite = true`"));
            }
            outcome => outcome?,
        }
        Ok(Created::complete(key.to_string()))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let route53 = writer.route53();
        let key = Key::parse(id)?;
        let Some(fqdn) = key.fqdn(writer.reader(), prior).await? else {
            return Err(KindError::new(format!("the hosted zone {} is not there any more", key.zone_id)));
        };
        change(route53, &key.zone_id, ChangeAction::Upsert, self.to_sdk(&fqdn)?).await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let route53 = writer.route53();
        let key = Key::parse(id)?;
        let Some(fqdn) = key.fqdn(writer.reader(), prior).await? else { return Ok(()) };
        // AWS deletes a set only for who knows its content, which may change at any time. What was read last is mostly it.
        const ATTEMPTS: usize = 4;
        let mut outcome = Ok(());
        for attempt in 0..ATTEMPTS {
            let known = if attempt == 0 { prior.to_sdk(&fqdn).ok() } else { None };
            let set = match known {
                Some(set) => set,
                None => {
                    let Some(set) = lookup(route53, &key, &fqdn).await? else { return Ok(()) };
                    set
                }
            };
            outcome = change(route53, &key.zone_id, ChangeAction::Delete, set).await;
            match &outcome {
                Err(error) if error.is(ABSENT) => return Ok(()),
                Err(error) if error.is(BAD_BATCH) => {}
                _ => return outcome,
            }
        }
        outcome
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let zone = arn::zone(of.text_or_any("zone_id"));
        // The whole name of a record is known once it has been made.
        let is_looked_for = of.text("fqdn").is_none();
        let overwrites = of.attributes.get("allow_overwrite").as_bool() == Some(true);
        of.needs()
            .when(is_looked_for, &zone, &["route53:GetHostedZone"])
            .on(&[Act::Find, Act::Read, Act::Delete], &zone, &["route53:ListResourceRecordSets"])
            .when(of.act == Act::Create && !overwrites, &zone, &["route53:ListResourceRecordSets"])
            .on(&[Act::Create, Act::Update, Act::Delete], &zone, &["route53:ChangeResourceRecordSets"])
            .done()
    }
}

impl Record {
    fn from_sdk(key: &Key, fqdn: String, set: &ResourceRecordSet, prior: &Self) -> Self {
        let values = set.resource_records().iter().map(|record| record.value.as_str());
        Self {
            zone_id: if bare_id(&prior.zone_id) == key.zone_id {
                prior.zone_id.clone()
            } else {
                key.zone_id.clone()
            },
            name: key.name.clone(),
            r#type: key.r#type.clone(),
            ttl: set.ttl(),
            records: values.map(|value| values::read(&key.r#type, value, &prior.records)).collect(),
            alias: set.alias_target().map(|target| Alias {
                name: dns::plain(&target.dns_name),
                zone_id: target.hosted_zone_id.clone(),
                evaluate_target_health: target.evaluate_target_health,
            }),
            set_identifier: set.set_identifier().map(str::to_owned),
            health_check_id: set.health_check_id().map(str::to_owned),
            cidr_routing_policy: set.cidr_routing_config().map(Cidr::read),
            failover_routing_policy: set
                .failover()
                .map(|failover| Failover { r#type: failover.as_str().to_owned() }),
            geolocation_routing_policy: set.geo_location().map(Geolocation::read),
            geoproximity_routing_policy: set.geo_proximity_location().map(Geoproximity::read),
            latency_routing_policy: set.region().map(|region| Latency { region: region.as_str().to_owned() }),
            multivalue_answer_routing_policy: set.multi_value_answer().unwrap_or_default(),
            weighted_routing_policy: set.weight().map(|weight| Weighted { weight }),
            allow_overwrite: prior.allow_overwrite,
            fqdn: fqdn.into(),
        }
    }

    fn to_sdk(&self, fqdn: &str) -> Result<ResourceRecordSet, KindError> {
        let records = self
            .records
            .iter()
            .map(|value| ResourceRecord::builder().value(values::write(&self.r#type, value)).build())
            .collect::<Result<Vec<_>, _>>()
            .map_err(malformed)?;
        let alias = self
            .alias
            .as_ref()
            .map(|alias| {
                AliasTarget::builder()
                    .dns_name(&alias.name)
                    .hosted_zone_id(&alias.zone_id)
                    .evaluate_target_health(alias.evaluate_target_health)
                    .build()
            })
            .transpose()
            .map_err(malformed)?;
        let failover = self.failover_routing_policy.as_ref().map(|policy| policy.r#type.as_str());
        let latency = self.latency_routing_policy.as_ref().map(|policy| policy.region.as_str());
        ResourceRecordSet::builder()
            .name(fqdn)
            .r#type(RrType::from(self.r#type.as_str()))
            .set_ttl(self.ttl)
            .set_resource_records((!records.is_empty()).then_some(records))
            .set_alias_target(alias)
            .set_set_identifier(self.set_identifier.clone())
            .set_health_check_id(self.health_check_id.clone())
            .set_cidr_routing_config(self.cidr_routing_policy.as_ref().map(Cidr::sdk).transpose()?)
            .set_failover(failover.map(ResourceRecordSetFailover::from))
            .set_geo_location(self.geolocation_routing_policy.as_ref().map(Geolocation::sdk))
            .set_geo_proximity_location(
                self.geoproximity_routing_policy.as_ref().map(Geoproximity::sdk).transpose()?,
            )
            .set_region(latency.map(ResourceRecordSetRegion::from))
            .set_multi_value_answer(self.multivalue_answer_routing_policy.then_some(true))
            .set_weight(self.weighted_routing_policy.as_ref().map(|policy| policy.weight))
            .build()
            .map_err(malformed)
    }

    /// Whether the set is there, with this very content.
    async fn is_there(&self, reader: &Reader) -> Result<bool, KindError> {
        let key = Key::of(self);
        let Some(fqdn) = key.fqdn(reader, self).await? else { return Ok(false) };
        let Some(set) = lookup(reader.route53(), &key, &fqdn).await? else { return Ok(false) };
        let there = Self::from_sdk(&key, fqdn.clone(), &set, self).to_sdk(&fqdn)?;
        let wanted = self.clone().with_plain_alias().to_sdk(&fqdn)?;
        Ok(there == wanted)
    }

    fn with_plain_alias(mut self) -> Self {
        if let Some(alias) = &mut self.alias {
            alias.name = dns::plain(&alias.name);
        }
        self
    }
}

async fn change(
    route53: &Client,
    zone_id: &str,
    action: ChangeAction,
    set: ResourceRecordSet,
) -> Result<(), KindError> {
    let change = Change::builder().action(action).resource_record_set(set).build().map_err(malformed)?;
    let batch = ChangeBatch::builder().changes(change).build().map_err(malformed)?;
    eventually(&[BUSY], || async {
        route53
            .change_resource_record_sets()
            .hosted_zone_id(zone_id)
            .change_batch(batch.clone())
            .send()
            .await
            .or_fail()
    })
    .await?;
    Ok(())
}

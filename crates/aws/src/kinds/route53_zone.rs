//! `aws_route53_zone`.

use async_trait::async_trait;
use aws_sdk_route53::Client;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{
    AcceleratedRecoveryStatus, HostedZone, HostedZoneConfig, HostedZoneFeatures, RrType, Tag,
    TagResourceType, Vpc, VpcRegion,
};
use futures::future::join;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, found_again, look_again};
use crate::clients::{Reader, Writer};
use crate::dns;
use crate::given::Given;
use crate::reads::{Ahead, beside};
use crate::tags::{self, Tags};

mod cloudformation;
pub mod data;
mod emptying;
mod permissions;

/// A hosted zone of Route 53: the records of a domain, answered to all the world, or privately within VPCs. From the
/// Route 53 API (`CreateHostedZone`); its id is the one that AWS gives it, without `/hostedzone/`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Zone {
    /// The domain.
    #[schemars(
        length(min = 1, max = 1024),
        extend("compare" = "dns_name", "forces_replacement" = true)
    )]
    name: String,
    /// What the zone is for.
    #[schemars(length(max = 256))]
    comment: Option<String>,
    /// The VPCs that a private zone is answered in; absent: the zone is public.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    vpc: Vec<ZoneVpc>,
    /// Id of the reusable delegation set whose name servers a public zone has.
    #[schemars(length(max = 32), extend("forces_replacement" = true))]
    delegation_set_id: Option<String>,
    /// Whether a destroy deletes the records that are still in the zone, whoever made them.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
    /// Whether the records of a public zone can be changed soon again when the region us-east-1 fails.
    #[serde(default)]
    enable_accelerated_recovery: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// The name servers of the zone: what the registrar of a public one must know.
    #[serde(default)]
    name_servers: Computed<Vec<String>>,
    /// The name server that made the SOA record.
    #[serde(default)]
    primary_name_server: Computed<String>,
    /// Id of the zone.
    #[serde(default)]
    zone_id: Computed<String>,
}

/// A VPC that a private zone is answered in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ZoneVpc {
    /// Id of the VPC.
    #[schemars(length(min = 1, max = 1024))]
    vpc_id: String,
    /// Its region; absent: that of the resource.
    #[schemars(extend("computed" = true))]
    vpc_region: Option<String>,
}

pub(super) const ABSENT: &[&str] = &["NoSuchHostedZone"];
/// A zone takes one change at a time.
pub(super) const BUSY: &str = "PriorRequestNotComplete";

#[async_trait]
impl Kind for Zone {
    const NAME: &'static str = "aws_route53_zone";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        ["delegation_set_id", "enable_accelerated_recovery"]
            .into_iter()
            .filter(|name| given.has("vpc") && given.has(name))
            .map(|name| {
                Problem::new(name, format!("`{name}` is for public zones, and `vpc` makes a private one"))
                    .with_hint("keep one of them")
            })
            .collect()
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let route53 = reader.route53();
        // A private zone has no delegation set that says them.
        let own_servers = |name: String| async move { own_name_servers(route53, id, &name).await };
        let known = (!prior.vpc.is_empty()).then(|| dns::plain(&prior.name));
        let rest = async { Ok(join(tags_of(route53, id), Ahead::ask(known, own_servers)).await) };
        let Some(((zone, answer), (tags, servers_ahead))) = beside(get(route53, id), rest).await? else {
            return Ok(None);
        };
        let Some(tags) = tags? else { return Ok(None) };
        let name_servers = match answer.delegation_set() {
            Some(set) => set.name_servers().to_vec(),
            None => servers_ahead.by(dns::plain(&zone.name), own_servers).await?,
        };
        Ok(Some(Self {
            name: dns::plain(&zone.name),
            comment: comment(&zone),
            vpc: answer.vpcs().iter().filter_map(ZoneVpc::read).collect(),
            delegation_set_id: answer
                .delegation_set()
                .and_then(|set| set.id())
                .map(|id| id.trim_start_matches("/delegationset/").to_owned()),
            enable_accelerated_recovery: recovery(&zone).is_some_and(|status| {
                use AcceleratedRecoveryStatus::{Enabled, Enabling, EnablingHostedZoneLocked};
                matches!(status, Enabled | Enabling | EnablingHostedZoneLocked)
            }),
            tags,
            arn: arn(reader.region(), id).into(),
            primary_name_server: name_servers.first().cloned().into(),
            name_servers: sorted(name_servers).into(),
            zone_id: id.into(),
            force_destroy: prior.force_destroy,
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let (route53, mut id, mut name) = (reader.route53(), None, Some(self.name.clone()));
        while let Some(from) = name.take() {
            let page = route53
                .list_hosted_zones_by_name()
                .dns_name(from)
                .set_hosted_zone_id(id.take())
                .send()
                .await
                .or_fail()?;
            let mut namesakes =
                page.hosted_zones().iter().take_while(|zone| dns::same(&zone.name, &self.name));
            if let Some(zone) = namesakes.find(|zone| zone.caller_reference == token.as_str()) {
                return Ok(Some(bare_id(&zone.id).to_owned()));
            }
            if page.next_dns_name().is_some_and(|next| dns::same(next, &self.name)) {
                (id, name) = (page.next_hosted_zone_id, page.next_dns_name);
            }
        }
        Ok(None)
    }

    async fn before_delete(reader: &Reader, id: &str, prior: &Self) -> Result<Departure, KindError> {
        emptying::departure(reader.route53(), id, prior.force_destroy).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        // A private zone is made with one of its VPCs; the update associates the others.
        let first = self.vpc.first().map(|vpc| vpc.in_region(writer.region()));
        let configuration = (self.comment.is_some() || first.is_some()).then(|| {
            HostedZoneConfig::builder()
                .set_comment(self.comment.clone())
                .private_zone(first.is_some())
                .build()
        });
        let created = writer
            .route53()
            .create_hosted_zone()
            .name(&self.name)
            .caller_reference(token.as_str())
            .set_hosted_zone_config(configuration)
            .set_delegation_set_id(self.delegation_set_id.clone())
            .set_vpc(first.as_ref().map(ZoneVpc::sdk))
            .send()
            .await
            .or_fail();
        let id = match created {
            Ok(answer) => answer.hosted_zone.map(|zone| bare_id(&zone.id).to_owned()),
            // The caller reference is the token: the reply to the first attempt was lost.
            Err(error) if error.is(&["HostedZoneAlreadyExists"]) => {
                Some(found_again(self, writer.reader(), token, error).await?)
            }
            Err(error) => return Err(error),
        };
        let id = id.ok_or_else(|| KindError::new("AWS gave no id to the zone"))?;
        let bare = Self {
            name: self.name.clone(),
            comment: self.comment.clone(),
            vpc: first.into_iter().collect(),
            delegation_set_id: self.delegation_set_id.clone(),
            force_destroy: self.force_destroy,
            ..Self::default()
        };
        Ok(Created::bare(id, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let route53 = writer.route53();
        if self.comment != prior.comment {
            let comment = self.comment.clone().unwrap_or_default();
            route53.update_hosted_zone_comment().id(id).comment(comment).send().await.or_fail()?;
        }
        if self.vpc != prior.vpc {
            look_again(|| self.associate(writer, id)).await?;
        }
        if self.enable_accelerated_recovery != prior.enable_accelerated_recovery {
            route53
                .update_hosted_zone_features()
                .hosted_zone_id(id)
                .enable_accelerated_recovery(self.enable_accelerated_recovery)
                .send()
                .await
                .or_fail()?;
        }
        change_tags(route53, id, &prior.tags, &self.tags).await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let route53 = writer.route53();
        if prior.force_destroy {
            look_again(|| emptying::delete_records(route53, id)).await?;
        }
        eventually(&[BUSY], || async { route53.delete_hosted_zone().id(id).send().await.unless(ABSENT) })
            .await
            .map_err(|error| {
                if error.is(&["HostedZoneNotEmpty"]) {
                    error.with_hint("delete its records first, or set `force_destroy = true`, and apply that")
                } else {
                    error
                }
            })?;
        Ok(())
    }

    async fn settled(&self, reader: &Reader, id: &str) -> Result<bool, KindError> {
        use AcceleratedRecoveryStatus::{
            DisableFailed, Disabling, DisablingHostedZoneLocked, EnableFailed, Enabling,
            EnablingHostedZoneLocked,
        };
        let Some((zone, _)) = get(reader.route53(), id).await? else { return Ok(true) };
        match recovery(&zone) {
            Some(EnableFailed | DisableFailed) => {
                let reasons = zone.features().and_then(HostedZoneFeatures::failure_reasons);
                let why =
                    reasons.and_then(|reasons| reasons.accelerated_recovery()).unwrap_or("no reason given");
                Err(KindError::new(format!("accelerated recovery cannot be changed: {why}")))
            }
            Some(Enabling | Disabling | EnablingHostedZoneLocked | DisablingHostedZoneLocked) => Ok(false),
            _ => Ok(true),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

impl Zone {
    /// Associates the VPCs that are missing and then dissociates those that are too many: a private zone is never
    /// without one.
    async fn associate(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let route53 = writer.route53();
        let Some((zone, answer)) = get(route53, id).await? else { return Ok(()) };
        let is_private = zone.config().is_some_and(|config| config.private_zone);
        if is_private == self.vpc.is_empty() {
            let (was, becomes) = if is_private { ("private", "public") } else { ("public", "private") };
            return Err(KindError::new(format!("a {was} zone cannot become a {becomes} one"))
                .with_hint("replace it with --replace"));
        }
        let there: Vec<ZoneVpc> = answer.vpcs().iter().filter_map(ZoneVpc::read).collect();
        let wanted: Vec<ZoneVpc> = self.vpc.iter().map(|vpc| vpc.in_region(writer.region())).collect();
        for vpc in wanted.iter().filter(|vpc| !there.contains(vpc)) {
            eventually(&[BUSY], || async {
                route53
                    .associate_vpc_with_hosted_zone()
                    .hosted_zone_id(id)
                    .vpc(vpc.sdk())
                    .send()
                    .await
                    .or_fail()
            })
            .await?;
        }
        for vpc in there.iter().filter(|vpc| !wanted.contains(vpc)) {
            eventually(&[BUSY], || async {
                route53
                    .disassociate_vpc_from_hosted_zone()
                    .hosted_zone_id(id)
                    .vpc(vpc.sdk())
                    .send()
                    .await
                    .unless(&["VPCAssociationNotFound"])
            })
            .await?;
        }
        Ok(())
    }
}

impl ZoneVpc {
    fn read(vpc: &Vpc) -> Option<Self> {
        Some(Self {
            vpc_id: vpc.vpc_id()?.to_owned(),
            vpc_region: vpc.vpc_region().map(|region| region.as_str().to_owned()),
        })
    }

    fn in_region(&self, region: Option<&str>) -> Self {
        Self { vpc_region: self.vpc_region.clone().or(region.map(str::to_owned)), ..self.clone() }
    }

    fn sdk(&self) -> Vpc {
        Vpc::builder()
            .vpc_id(&self.vpc_id)
            .set_vpc_region(self.vpc_region.as_deref().map(VpcRegion::from))
            .build()
    }
}

/// The zone of that id, with what else AWS says of it.
pub(super) async fn get(
    route53: &Client,
    id: &str,
) -> Result<Option<(HostedZone, GetHostedZoneOutput)>, KindError> {
    let answer = route53.get_hosted_zone().id(id).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|mut answer| Some((answer.hosted_zone.take()?, answer))))
}

/// An id as AWS takes it, from one as AWS answers it.
pub(super) fn bare_id(id: &str) -> &str {
    id.trim_start_matches("/hostedzone/")
}

fn arn(region: Option<&str>, id: &str) -> String {
    let partition = match region {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:route53:::hostedzone/{id}")
}

fn comment(zone: &HostedZone) -> Option<String> {
    let comment = zone.config().and_then(HostedZoneConfig::comment);
    comment.filter(|comment| !comment.is_empty()).map(str::to_owned)
}

fn recovery(zone: &HostedZone) -> Option<&AcceleratedRecoveryStatus> {
    zone.features().and_then(HostedZoneFeatures::accelerated_recovery_status)
}

/// The name servers, the primary one first: a public zone's delegation set, or a private zone's own NS record.
async fn name_servers(
    route53: &Client,
    zone: &HostedZone,
    answer: &GetHostedZoneOutput,
) -> Result<Vec<String>, KindError> {
    match answer.delegation_set() {
        Some(set) => Ok(set.name_servers().to_vec()),
        None => own_name_servers(route53, bare_id(&zone.id), &zone.name).await,
    }
}

/// The name servers that the zone's own NS record names.
async fn own_name_servers(route53: &Client, id: &str, name: &str) -> Result<Vec<String>, KindError> {
    let first = route53
        .list_resource_record_sets()
        .hosted_zone_id(id)
        .start_record_name(name)
        .start_record_type(RrType::Ns)
        .max_items(1)
        .send()
        .await
        .unless(ABSENT)?;
    let sets = first.map(|page| page.resource_record_sets).unwrap_or_default();
    let own = sets.into_iter().find(|set| set.r#type == RrType::Ns && dns::same(&set.name, name));
    let records = own.and_then(|set| set.resource_records).unwrap_or_default();
    Ok(records.iter().map(|record| record.value.trim_end_matches('.').to_owned()).collect())
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

async fn tags_of(route53: &Client, id: &str) -> Result<Option<Tags>, KindError> {
    let answer = route53
        .list_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(id)
        .send()
        .await
        .unless(ABSENT)?;
    let tags = answer.map(|answer| answer.resource_tag_set.and_then(|set| set.tags).unwrap_or_default());
    Ok(tags.map(|tags| {
        tags::own(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))))
    }))
}

async fn change_tags(route53: &Client, id: &str, prior: &Tags, desired: &Tags) -> Result<(), KindError> {
    // So many at once, and no more.
    const AT_ONCE: usize = 10;
    let change =
        || route53.change_tags_for_resource().resource_type(TagResourceType::Hostedzone).resource_id(id);
    let (set, remove) = tags::changes(prior, desired);
    let set: Vec<Tag> =
        set.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    for some in remove.chunks(AT_ONCE) {
        change().set_remove_tag_keys(Some(some.to_vec())).send().await.or_fail()?;
    }
    for some in set.chunks(AT_ONCE) {
        change().set_add_tags(Some(some.to_vec())).send().await.or_fail()?;
    }
    Ok(())
}

//! `aws_s3_bucket`.
//!
//! A bucket is a name and a dozen of independent settings, each with a read and a write of its own. Each setting is a
//! module below; this one puts them together.

use std::future::Future;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use futures::FutureExt;
use futures::future::join_all;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::terraform::Exported;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually};
use crate::clients::{Reader, Writer};
use crate::kms;
use crate::names;
use crate::tags::Tags;

mod access;
mod acl;
mod cloudformation;
mod cors;
mod emptying;
mod encryption;
mod endpoints;
mod lifecycle;
mod logging;
mod name;
mod permissions;
mod presence;
mod replication;
mod requests;
mod settings;
mod tagging;
mod terraform;
mod versions;
mod website;

use access::{Access, OwnershipControls, PublicAccessBlock};
use acl::Grant;
use cors::CorsRule;
use encryption::ServerSideEncryptionConfiguration;
use lifecycle::{Lifecycle, LifecycleRule};
use logging::Logging;
use presence::Presence;
use replication::ReplicationConfiguration;
use settings::Settings;
use versions::{ObjectLockConfiguration, Versioning};
use website::Website;

/// An S3 bucket: a place for objects, under a name that no other bucket in the world has. From the S3 API
/// (`CreateBucket` and the writes of its settings); its id is its name.
///
/// What Terraform splits off into `aws_s3_bucket_versioning`, `aws_s3_bucket_cors_configuration` and so on are
/// arguments here. One that is not set is as S3 makes it for a new bucket: private, encrypted, without versions,
/// rules or website; what was set and is removed returns to that. The bucket's policy is an `aws_s3_bucket_policy`
/// of its own, because it names what in turn needs the bucket, such as a distribution; so are notifications.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    /// Name. Made up from `bucket_prefix` when absent.
    #[schemars(extend("computed" = true, "forces_replacement" = true))]
    bucket: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(extend("kept" = true, "forces_replacement" = true))]
    bucket_prefix: Option<String>,
    /// Whether a destroy deletes all objects first, with all their versions, the locked ones too unless their lock is
    /// of the mode `COMPLIANCE`. Without, a bucket that is not empty is not deleted.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
    /// What is refused, whatever policies and ACLs allow; absent: all that is public.
    #[serde(default)]
    public_access_block: PublicAccessBlock,
    /// Whom objects belong to; absent: the bucket's owner, and there are no ACLs.
    #[serde(default)]
    ownership_controls: OwnershipControls,
    /// Canned ACL: who else has access. Needs `ownership_controls` with which there are ACLs.
    #[schemars(extend("enum" = ["private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write", "aws-exec-read"]))]
    #[serde(default = "acl::private")]
    acl: String,
    /// ACL in full, in place of a canned one; it names the bucket's owner as well.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    grant: Vec<Grant>,
    /// Encryption of objects that do not ask for one; absent: `AES256`.
    #[serde(default)]
    server_side_encryption_configuration: ServerSideEncryptionConfiguration,
    /// Whether earlier versions of objects are kept; absent: they are not.
    #[serde(default)]
    versioning: Versioning,
    /// Whether versions can be locked. Needs `versioning`.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default)]
    object_lock_enabled: bool,
    /// How new versions are locked. Needs `object_lock_enabled`.
    object_lock_configuration: Option<ObjectLockConfiguration>,
    /// When objects move to cheaper storage and when they expire.
    #[serde(default)]
    lifecycle_rule: Vec<LifecycleRule>,
    /// Below which size `lifecycle_rule` moves nothing, unless a rule has a size itself: 128 KB
    /// (`all_storage_classes_128K`, S3's default), or 128 KB but for the Glacier classes.
    #[schemars(extend("enum" = ["all_storage_classes_128K", "varies_by_storage_class"], "computed" = true, "usual" = "all_storage_classes_128K"))]
    transition_default_minimum_object_size: Option<String>,
    /// What scripts of websites can do.
    #[schemars(length(max = 100))]
    #[serde(default)]
    cors_rule: Vec<CorsRule>,
    /// The bucket as a website.
    website: Option<Website>,
    /// Where requests to the bucket are logged.
    logging: Option<Logging>,
    /// Copies in other buckets. Needs `versioning`.
    replication_configuration: Option<ReplicationConfiguration>,
    /// Whether the bucket can be reached through CloudFront's edges (Transfer Acceleration).
    #[schemars(extend("enum" = ["Enabled", "Suspended"]))]
    #[serde(default = "requests::not_accelerated")]
    acceleration_status: String,
    /// Who pays for requests and transfer.
    #[schemars(extend("enum" = ["BucketOwner", "Requester"]))]
    #[serde(default = "requests::paid_by_owner")]
    request_payer: String,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Domain name, the same for all regions.
    #[serde(default)]
    bucket_domain_name: Computed<String>,
    /// Domain name in its region: what a distribution has as its origin.
    #[serde(default)]
    bucket_regional_domain_name: Computed<String>,
    /// Region that the bucket is in.
    #[serde(default)]
    bucket_region: Computed<String>,
    /// Route 53 zone of the region's website endpoint, for alias records.
    #[serde(default)]
    hosted_zone_id: Computed<String>,
    /// Domain of the region's website endpoint, for alias records.
    #[serde(default)]
    website_domain: Computed<String>,
    /// Domain name of the website, which answers if there is a `website`.
    #[serde(default)]
    website_endpoint: Computed<String>,
}

#[async_trait]
impl Kind for Bucket {
    const NAME: &'static str = "aws_s3_bucket";
    const PARTS: &'static [&'static str] = &[
        "aws_s3_bucket_accelerate_configuration",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_cors_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_replication_configuration",
        "aws_s3_bucket_request_payment_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_website_configuration",
    ];
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = terraform::APART;
    type Reader = Reader;
    type Writer = Writer;

    fn adapt_to_terraform(exported: &mut Exported<'_>) {
        terraform::adapt(exported);
    }

    /// Terraform's state has the ACL twice. What is there is read, in the shorter form.
    fn adapt_from_terraform(attributes: &mut Value) {
        if let Value::Map(attributes) = attributes {
            attributes.remove("grant");
        }
    }

    fn validate(configuration: &Value) -> Vec<Problem> {
        let checks: [fn(&Value) -> Vec<Problem>; 9] = [
            name::problems,
            access::problems,
            encryption::problems,
            versions::problems,
            lifecycle::problems,
            cors::problems,
            website::problems,
            logging::problems,
            replication::problems,
        ];
        checks
            .iter()
            .flat_map(|check| check(configuration))
            .chain(requests::problems(configuration))
            .collect()
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let s3 = reader.s3();
        // All at once, the question whether there is a bucket among them.
        let settings = Settings::read(s3, id, prior).boxed();
        let (presence, settings) = futures::join!(presence::look(s3, id), settings);
        let region = match presence? {
            Presence::Absent => return Ok(None),
            Presence::Here { region } => region,
            Presence::Elsewhere { region } => return Err(presence::elsewhere(id, &region)),
            Presence::Forbidden => return Err(presence::forbidden(id)),
        };
        let region = region
            .or_else(|| reader.region().map(str::to_owned))
            .ok_or_else(|| KindError::new("there is no region to look for the bucket in"))?;
        Ok(Some(settings?.into_bucket(id, &region, prior)))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        // What is not within reach is not what an earlier run made.
        let found = matches!(presence::look(reader.s3(), &name).await?, Presence::Here { .. });
        Ok(found.then_some(name))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        let name = self.name_for(token);
        match presence::look(reader.s3(), &name).await? {
            Presence::Absent => Ok(()),
            Presence::Here { .. } => Err(presence::ours(&name)),
            Presence::Elsewhere { region } => Err(presence::elsewhere(&name, &region)),
            Presence::Forbidden => Err(presence::taken(&name)),
        }
    }

    async fn obstacles(&self, reader: &Reader, _there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        let key = self.server_side_encryption_configuration.kms_master_key_id();
        kms::obstacle(reader, "server_side_encryption_configuration", key).await
    }

    async fn before_delete(reader: &Reader, id: &str, prior: &Self) -> Result<Departure, KindError> {
        emptying::departure(reader.s3(), id, prior.force_destroy).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        let s3 = writer.s3();
        let ownership = &self.ownership_controls;
        let unusual = *ownership != OwnershipControls::default();
        let location = writer
            .region()
            .filter(|region| *region != "us-east-1")
            .map(types::BucketLocationConstraint::from);
        let made = eventually(&["OperationAborted"], || async {
            s3.create_bucket()
                .bucket(&name)
                .set_create_bucket_configuration(location.clone().map(|location| {
                    types::CreateBucketConfiguration::builder().location_constraint(location).build()
                }))
                .set_object_lock_enabled_for_bucket(self.object_lock_enabled.then_some(true))
                .set_object_ownership(unusual.then(|| ownership.rule.object_ownership.as_str().into()))
                .send()
                .await
                .or_fail()
        })
        .await;
        match made {
            Ok(_) => {}
            // There was none a moment ago, so that this is the reply to a repeated call whose first reply was lost.
            Err(error) if error.is(&["BucketAlreadyOwnedByYou"]) && error.is_undecided() => {}
            Err(error) if error.is(&["BucketAlreadyExists"]) => return Err(presence::taken(&name)),
            Err(error) => return Err(error),
        }
        eventually(&["NotFound"], || async { s3.head_bucket().bucket(&name).send().await.or_fail() })
            .await
            .map_err(KindError::undecided)?;
        Ok(Created::bare(name.clone(), self.bare(name)))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let s3 = writer.s3();
        // Settings are independent but for those that are in one future here. That one fails does not keep the
        // others from being written: what is done is done.
        let outcomes = join_all([
            self.update_access(s3, id, prior).boxed(),
            self.update_versions(s3, id, prior).boxed(),
            self.server_side_encryption_configuration
                .update(s3, id, &prior.server_side_encryption_configuration)
                .boxed(),
            self.update_lifecycle(s3, id, prior).boxed(),
            CorsRule::update(&self.cors_rule, s3, id, &prior.cors_rule).boxed(),
            Website::update(self.website.as_ref(), s3, id, prior.website.as_ref()).boxed(),
            requests::update_acceleration(&self.acceleration_status, s3, id, &prior.acceleration_status)
                .boxed(),
            requests::update_payer(&self.request_payer, s3, id, &prior.request_payer).boxed(),
            // What `create` has made has no ARN yet.
            tagging::update(&self.tags, s3, id, &prior.tags, prior.arn.0.is_none()).boxed(),
        ])
        .await;
        outcomes.into_iter().collect()
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let s3 = writer.s3();
        let attempt = || async { s3.delete_bucket().bucket(id).send().await.unless(&["NoSuchBucket"]) };
        match in_turn(attempt).await {
            Ok(_) => Ok(()),
            Err(error) if !error.is(&["BucketNotEmpty"]) => Err(error),
            Err(error) if !prior.force_destroy => Err(error.with_hint(
                "empty it first; or set `force_destroy = true`, apply, and destroy: everything in it is lost then",
            )),
            // Someone may still be writing: whatever arrived in the meantime goes too.
            Err(_) => eventually(&["BucketNotEmpty", "OperationAborted"], || async {
                emptying::empty(s3, id, prior.object_lock_enabled).await?;
                attempt().await?;
                Ok(())
            })
            .await
            .or_else(|error| if error.is(&["NoSuchBucket"]) { Ok(()) } else { Err(error) }),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

impl Bucket {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.bucket.as_deref(), self.bucket_prefix.as_deref(), token)
    }

    /// What `create` has made: a new bucket. It blocks public access already, but is taken not to, so that this is
    /// said again, explicitly, and holds wherever S3's defaults are different ones.
    fn bare(&self, name: String) -> Self {
        Self {
            bucket: Some(name),
            bucket_prefix: None,
            force_destroy: self.force_destroy,
            public_access_block: PublicAccessBlock::all(false),
            ownership_controls: self.ownership_controls.clone(),
            acl: acl::private(),
            grant: Vec::new(),
            server_side_encryption_configuration: ServerSideEncryptionConfiguration::default(),
            versioning: Versioning::on(self.object_lock_enabled),
            object_lock_enabled: self.object_lock_enabled,
            object_lock_configuration: None,
            lifecycle_rule: Vec::new(),
            transition_default_minimum_object_size: None,
            cors_rule: Vec::new(),
            website: None,
            logging: None,
            replication_configuration: None,
            acceleration_status: requests::not_accelerated(),
            request_payer: requests::paid_by_owner(),
            tags: Tags::new(),
            arn: Computed::default(),
            bucket_domain_name: Computed::default(),
            bucket_regional_domain_name: Computed::default(),
            bucket_region: Computed::default(),
            hosted_zone_id: Computed::default(),
            website_domain: Computed::default(),
            website_endpoint: Computed::default(),
        }
    }

    fn access(&self) -> Access<'_> {
        Access {
            public_access_block: &self.public_access_block,
            ownership: &self.ownership_controls.rule.object_ownership,
            acl: &self.acl,
            grants: &self.grant,
        }
    }

    /// A bucket can log into itself, which its ACL has to allow first.
    async fn update_access(&self, s3: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        self.access().update(s3, id, &prior.access()).await?;
        Logging::update(self.logging.as_ref(), s3, id, prior.logging.as_ref()).await
    }

    /// Replication and locks need versioning: it comes before them and goes after them.
    async fn update_versions(&self, s3: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        if self.replication_configuration.is_none() && prior.replication_configuration.is_some() {
            ReplicationConfiguration::delete(s3, id).await?;
        }
        self.versioning.update(s3, id, &prior.versioning).await?;
        ObjectLockConfiguration::update(
            self.object_lock_configuration.as_ref(),
            s3,
            id,
            prior.object_lock_configuration.as_ref(),
        )
        .await?;
        match &self.replication_configuration {
            Some(replication) if self.replication_configuration != prior.replication_configuration => {
                replication.put(s3, id).await
            }
            _ => Ok(()),
        }
    }

    async fn update_lifecycle(&self, s3: &Client, id: &str, prior: &Self) -> Result<(), KindError> {
        let lifecycle = |bucket: &Self| Lifecycle {
            rules: bucket.lifecycle_rule.clone(),
            default_minimum_object_size: bucket.transition_default_minimum_object_size.clone(),
        };
        lifecycle(self).update(s3, id, &lifecycle(prior)).await
    }
}

/// Whether an argument is known to be set: an unknown one may turn out to be null.
fn is_set(value: &Value) -> bool {
    !value.is_null() && !value.is_unknown()
}

/// Repeats a write while S3 says that another one to the same bucket is under way.
async fn in_turn<T, F>(call: impl FnMut() -> F) -> Result<T, KindError>
where
    F: Future<Output = Result<T, KindError>>,
{
    eventually(&["OperationAborted"], call).await
}

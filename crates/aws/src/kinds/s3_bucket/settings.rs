//! Reading a bucket: many calls at once, one answer.

use aws_sdk_s3::Client;
use futures::FutureExt;
use provision_engine::kind::KindError;

use super::access::{self, OwnershipControls, PublicAccessBlock};
use super::acl::{self, Grant};
use super::cors::{self, CorsRule};
use super::encryption::{self, ServerSideEncryptionConfiguration};
use super::lifecycle::{self, Lifecycle};
use super::logging::{self, Logging};
use super::replication::{self, ReplicationConfiguration};
use super::versions::{self, ObjectLockConfiguration, Versioning};
use super::website::{self, Website};
use super::{Bucket, endpoints, requests, tagging};
use crate::tags::Tags;

/// All that S3 has to say about a bucket, each from a call of its own.
pub(super) struct Settings {
    public_access_block: PublicAccessBlock,
    ownership_controls: OwnershipControls,
    acl: (String, Vec<Grant>),
    encryption: ServerSideEncryptionConfiguration,
    versioning: Versioning,
    lock: Option<ObjectLockConfiguration>,
    lifecycle: Lifecycle,
    cors: Vec<CorsRule>,
    website: Option<Website>,
    logging: Option<Logging>,
    replication: Option<ReplicationConfiguration>,
    acceleration: String,
    payer: String,
    tags: Tags,
}

impl Settings {
    pub(super) async fn read(s3: &Client, id: &str, prior: &Bucket) -> Result<Self, KindError> {
        let (
            public_access_block,
            ownership_controls,
            acl,
            encryption,
            versioning,
            lock,
            lifecycle,
            cors,
            website,
            logging,
            replication,
            acceleration,
            payer,
            tags,
        ) = futures::join!(
            access::read_public_access_block(s3, id).boxed(),
            access::read_ownership(s3, id).boxed(),
            acl::read_acl(s3, id, &prior.grant).boxed(),
            encryption::read(s3, id).boxed(),
            versions::read_versioning(s3, id).boxed(),
            versions::read_lock(s3, id).boxed(),
            lifecycle::read(s3, id).boxed(),
            cors::read(s3, id).boxed(),
            website::read(s3, id).boxed(),
            logging::read(s3, id).boxed(),
            replication::read(s3, id).boxed(),
            requests::read_acceleration(s3, id).boxed(),
            requests::read_payer(s3, id).boxed(),
            tagging::read(s3, id).boxed(),
        );
        // Where several fail, it is always the same failure that is told.
        Ok(Self {
            public_access_block: public_access_block?,
            ownership_controls: ownership_controls?,
            acl: acl?,
            encryption: encryption?,
            versioning: versioning?,
            lock: lock?,
            lifecycle: lifecycle?,
            cors: cors?,
            website: website?,
            logging: logging?,
            replication: replication?,
            acceleration: acceleration?,
            payer: payer?,
            tags: tags?,
        })
    }

    pub(super) fn into_bucket(self, id: &str, region: &str, prior: &Bucket) -> Bucket {
        let (acl, grant) = self.acl;
        let website_domain = endpoints::website_domain(region);
        Bucket {
            bucket: Some(id.to_owned()),
            bucket_prefix: None,
            force_destroy: prior.force_destroy,
            public_access_block: self.public_access_block,
            ownership_controls: self.ownership_controls,
            acl,
            grant,
            server_side_encryption_configuration: self.encryption,
            versioning: self.versioning,
            object_lock_enabled: self.lock.is_some(),
            // Whether it was configured without a rule, only the state knows: S3 says no more than that there is a lock.
            object_lock_configuration: self
                .lock
                .filter(|lock| lock.has_rule() || prior.object_lock_configuration.is_some()),
            // Without rules S3 does not remember it.
            transition_default_minimum_object_size: self
                .lifecycle
                .default_minimum_object_size
                .or_else(|| prior.transition_default_minimum_object_size.clone()),
            lifecycle_rule: self.lifecycle.rules,
            cors_rule: self.cors,
            website: self.website,
            logging: self.logging,
            replication_configuration: self.replication,
            acceleration_status: self.acceleration,
            request_payer: self.payer,
            tags: self.tags,
            arn: endpoints::arn(id, region).into(),
            bucket_domain_name: endpoints::domain_name(id, region).into(),
            bucket_regional_domain_name: endpoints::regional_domain_name(id, region).into(),
            bucket_region: region.into(),
            hosted_zone_id: endpoints::hosted_zone_id(region).map(str::to_owned).into(),
            website_endpoint: format!("{id}.{website_domain}").into(),
            website_domain: website_domain.into(),
        }
    }
}

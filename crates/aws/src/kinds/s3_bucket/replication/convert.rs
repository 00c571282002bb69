//! Replication rules as S3 has them.

use aws_sdk_s3::types;
use provision_engine::kind::KindError;

use super::{
    AccessControlTranslation, Destination, ReplicationConfiguration, ReplicationFilter, ReplicationMetrics,
    ReplicationRule, ReplicationTime, Selected, SourceSelectionCriteria, quarter_of_an_hour,
};
use crate::call::malformed;

impl ReplicationConfiguration {
    pub(super) fn to_aws(&self) -> Result<types::ReplicationConfiguration, KindError> {
        let rules = self.rules.iter().map(ReplicationRule::to_aws).collect::<Result<_, _>>()?;
        types::ReplicationConfiguration::builder()
            .role(&self.role)
            .set_rules(Some(rules))
            .build()
            .map_err(malformed)
    }
}

impl ReplicationRule {
    pub(super) fn from_aws(rule: types::ReplicationRule) -> Self {
        #[expect(deprecated, reason = "rules of the first kind select by it")]
        let prefix = rule.prefix.unwrap_or_default();
        Self {
            id: rule.id,
            status: rule.status.as_str().to_owned(),
            priority: rule.priority.unwrap_or_default(),
            prefix,
            filter: rule.filter.map(ReplicationFilter::from_aws),
            delete_marker_replication_status: rule
                .delete_marker_replication
                .and_then(|markers| markers.status)
                .filter(|status| *status == types::DeleteMarkerReplicationStatus::Enabled)
                .map(|status| status.as_str().to_owned()),
            destination: rule.destination.map_or_else(Destination::nowhere, Destination::from_aws),
            source_selection_criteria: rule.source_selection_criteria.map(|criteria| {
                SourceSelectionCriteria {
                    sse_kms_encrypted_objects: criteria.sse_kms_encrypted_objects.map(|objects| Selected {
                        enabled: objects.status == types::SseKmsEncryptedObjectsStatus::Enabled,
                    }),
                    replica_modifications: criteria.replica_modifications.map(|changes| Selected {
                        enabled: changes.status == types::ReplicaModificationsStatus::Enabled,
                    }),
                }
            }),
        }
    }

    fn to_aws(&self) -> Result<types::ReplicationRule, KindError> {
        let builder = types::ReplicationRule::builder()
            .set_id(self.id.clone())
            .status(self.status.as_str().into())
            .destination(self.destination.to_aws()?)
            .set_source_selection_criteria(
                self.source_selection_criteria.as_ref().map(SourceSelectionCriteria::to_aws).transpose()?,
            );
        let Some(filter) = &self.filter else {
            #[expect(deprecated, reason = "rules of the first kind select by it")]
            return builder.prefix(&self.prefix).build().map_err(malformed);
        };
        let markers = match &self.delete_marker_replication_status {
            Some(status) => status.as_str().into(),
            None => types::DeleteMarkerReplicationStatus::Disabled,
        };
        builder
            .priority(self.priority)
            .filter(filter.to_aws()?)
            .delete_marker_replication(types::DeleteMarkerReplication::builder().status(markers).build())
            .build()
            .map_err(malformed)
    }
}

impl ReplicationFilter {
    fn from_aws(filter: types::ReplicationRuleFilter) -> Self {
        let (prefix, tags) = match filter.and {
            Some(and) => (and.prefix, and.tags.unwrap_or_default()),
            None => (filter.prefix, filter.tag.into_iter().collect()),
        };
        Self {
            prefix: prefix.unwrap_or_default(),
            tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        }
    }

    fn to_aws(&self) -> Result<types::ReplicationRuleFilter, KindError> {
        let mut tags = Vec::new();
        for (key, value) in &self.tags {
            tags.push(types::Tag::builder().key(key).value(value).build().map_err(malformed)?);
        }
        let filter = types::ReplicationRuleFilter::builder();
        Ok(match (tags.as_slice(), self.prefix.is_empty()) {
            ([], _) => filter.prefix(&self.prefix).build(),
            ([tag], true) => filter.tag(tag.clone()).build(),
            (_, no_prefix) => filter
                .and(
                    types::ReplicationRuleAndOperator::builder()
                        .set_prefix((!no_prefix).then(|| self.prefix.clone()))
                        .set_tags(Some(tags))
                        .build(),
                )
                .build(),
        })
    }
}

impl Destination {
    /// S3 has no rule without one.
    fn nowhere() -> Self {
        Self {
            bucket: String::new(),
            account_id: None,
            storage_class: None,
            access_control_translation: None,
            replica_kms_key_id: None,
            metrics: None,
            replication_time: None,
        }
    }

    fn from_aws(destination: types::Destination) -> Self {
        let minutes = |value: Option<types::ReplicationTimeValue>| {
            value.and_then(|value| value.minutes).unwrap_or_else(quarter_of_an_hour)
        };
        Self {
            bucket: destination.bucket,
            account_id: destination.account,
            storage_class: destination.storage_class.map(|class| class.as_str().to_owned()),
            access_control_translation: destination
                .access_control_translation
                .map(|translation| AccessControlTranslation { owner: translation.owner.as_str().to_owned() }),
            replica_kms_key_id: destination
                .encryption_configuration
                .and_then(|encryption| encryption.replica_kms_key_id),
            metrics: destination.metrics.map(|metrics| ReplicationMetrics {
                minutes: minutes(metrics.event_threshold),
                status: metrics.status.as_str().to_owned(),
            }),
            replication_time: destination.replication_time.map(|time| ReplicationTime {
                minutes: minutes(time.time),
                status: time.status.as_str().to_owned(),
            }),
        }
    }

    fn to_aws(&self) -> Result<types::Destination, KindError> {
        let minutes = |minutes| types::ReplicationTimeValue::builder().minutes(minutes).build();
        let timed = self.replication_time.as_ref().is_some_and(|time| time.status == "Enabled");
        let mut builder = types::Destination::builder()
            .bucket(&self.bucket)
            .set_account(self.account_id.clone())
            .set_storage_class(self.storage_class.as_deref().map(Into::into))
            .set_encryption_configuration(
                self.replica_kms_key_id
                    .as_ref()
                    .map(|key| types::EncryptionConfiguration::builder().replica_kms_key_id(key).build()),
            );
        if let Some(translation) = &self.access_control_translation {
            builder = builder.access_control_translation(
                types::AccessControlTranslation::builder()
                    .owner(translation.owner.as_str().into())
                    .build()
                    .map_err(malformed)?,
            );
        }
        if let Some(metrics) = &self.metrics {
            builder = builder.metrics(
                types::Metrics::builder()
                    .status(metrics.status.as_str().into())
                    .set_event_threshold(timed.then(|| minutes(metrics.minutes)))
                    .build()
                    .map_err(malformed)?,
            );
        }
        if let Some(time) = &self.replication_time {
            builder = builder.replication_time(
                types::ReplicationTime::builder()
                    .status(time.status.as_str().into())
                    .time(minutes(time.minutes))
                    .build()
                    .map_err(malformed)?,
            );
        }
        builder.build().map_err(malformed)
    }
}

impl SourceSelectionCriteria {
    fn to_aws(&self) -> Result<types::SourceSelectionCriteria, KindError> {
        let mut builder = types::SourceSelectionCriteria::builder();
        if let Some(objects) = &self.sse_kms_encrypted_objects {
            builder = builder.sse_kms_encrypted_objects(
                types::SseKmsEncryptedObjects::builder()
                    .status(if objects.enabled {
                        types::SseKmsEncryptedObjectsStatus::Enabled
                    } else {
                        types::SseKmsEncryptedObjectsStatus::Disabled
                    })
                    .build()
                    .map_err(malformed)?,
            );
        }
        if let Some(changes) = &self.replica_modifications {
            builder = builder.replica_modifications(
                types::ReplicaModifications::builder()
                    .status(if changes.enabled {
                        types::ReplicaModificationsStatus::Enabled
                    } else {
                        types::ReplicaModificationsStatus::Disabled
                    })
                    .build()
                    .map_err(malformed)?,
            );
        }
        Ok(builder.build())
    }
}

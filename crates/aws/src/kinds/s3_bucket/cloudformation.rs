//! A bucket as `AWS::S3::Bucket`.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

use super::acl::PRIVATE;

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::S3::Bucket", bucket).with(&[
        ("id", Returned::Ref),
        ("bucket", Returned::Ref),
        ("arn", Returned::GetAtt("Arn")),
        ("bucket_domain_name", Returned::GetAtt("DomainName")),
        ("bucket_regional_domain_name", Returned::GetAtt("RegionalDomainName")),
        ("bucket_region", Returned::Sub("${AWS::Region}")),
        // They follow from the region, each in its own way.
        (
            "hosted_zone_id",
            Returned::Parameter("Route 53 zone of the region's endpoint of S3 websites, as the AWS General Reference has it"),
        ),
        (
            "website_domain",
            Returned::Parameter(
                "Domain of the region's endpoint of S3 websites, such as s3-website-us-east-1.amazonaws.com",
            ),
        ),
        (
            "website_endpoint",
            Returned::Parameter(
                "Domain name of the bucket's website: its name, a dot, and the domain of the region's endpoint of S3 \
                 websites",
            ),
        ),
    ]);

fn bucket(bucket: &mut Block<'_>) {
    bucket.rename("bucket", "BucketName");
    bucket.note("bucket_prefix", "CloudFormation makes the name up, out of that of the stack");
    bucket.note("force_destroy", "CloudFormation deletes a bucket only once it is empty");
    access(bucket);
    bucket.within("server_side_encryption_configuration", |configuration| {
        // What S3 does anyway need not be said.
        let rule = configuration.get("rule");
        let encryption = rule.get("apply_server_side_encryption_by_default");
        let is_usual = encryption.get("sse_algorithm").as_str() == Some("AES256")
            && rule.get("bucket_key_enabled").as_bool() != Some(true)
            && rule.get("blocked_encryption_types").is_null();
        if is_usual {
            configuration.take("rule");
        }
        configuration.element("rule", "BucketEncryption.ServerSideEncryptionConfiguration", encryption_rule);
    });
    versions(bucket);
    if bucket.get("lifecycle_rule").items().is_empty() {
        // Without rules, there is nothing that it is for.
        bucket.take("transition_default_minimum_object_size");
    }
    bucket.blocks("lifecycle_rule", "LifecycleConfiguration.Rules", lifecycle_rule);
    bucket.rename(
        "transition_default_minimum_object_size",
        "LifecycleConfiguration.TransitionDefaultMinimumObjectSize",
    );
    bucket.blocks("cors_rule", "CorsConfiguration.CorsRules", |rule| {
        rule.same(&["id", "allowed_headers", "allowed_methods", "allowed_origins"]);
        rule.rename("expose_headers", "ExposedHeaders");
        rule.rename("max_age_seconds", "MaxAge");
    });
    bucket.block("website", "WebsiteConfiguration", website);
    bucket.block("logging", "LoggingConfiguration", |logging| {
        logging.rename("target_bucket", "DestinationBucketName");
        logging.unless("target_prefix", "LogFilePrefix", "");
        logging.refuse("target_grant", "let readers of the log in by the policy of the bucket that it is in");
        logging.within("target_object_key_format", |format| {
            format.block("partitioned_prefix", "TargetObjectKeyFormat.PartitionedPrefix", |prefix| {
                prefix.same(&["partition_date_source"]);
            });
        });
    });
    bucket.block("replication_configuration", "ReplicationConfiguration", |replication| {
        replication.same(&["role"]);
        replication.blocks("rules", "Rules", replication_rule);
    });
    bucket.unless("acceleration_status", "AccelerateConfiguration.AccelerationStatus", "Suspended");
    if bucket.get("request_payer").as_str() == Some("BucketOwner") {
        bucket.take("request_payer");
    }
    bucket.note(
        "request_payer",
        "CloudFormation leaves requests to be paid by the bucket's owner; once the bucket is there: aws s3api \
         put-bucket-request-payment",
    );
    bucket.tags();
}

/// Canned ACLs, by their names in S3's API.
const CANNED: [(&str, &str); 5] = [
    ("public-read", "PublicRead"),
    ("public-read-write", "PublicReadWrite"),
    ("authenticated-read", "AuthenticatedRead"),
    ("log-delivery-write", "LogDeliveryWrite"),
    ("aws-exec-read", "AwsExecRead"),
];

/// Who can reach the bucket.
fn access(bucket: &mut Block<'_>) {
    bucket.block("public_access_block", "PublicAccessBlockConfiguration", |block| {
        block.same(&[
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ]);
    });
    bucket.within("ownership_controls", |controls| {
        controls.element("rule", "OwnershipControls.Rules", |rule| {
            rule.unless("object_ownership", "ObjectOwnership", "BucketOwnerEnforced");
        });
    });
    let acl = bucket.take("acl");
    if let Some(acl) = acl.as_str().filter(|acl| *acl != PRIVATE) {
        match CANNED.iter().find(|(name, _)| *name == acl) {
            Some((_, there)) => bucket.put("AccessControl", *there),
            None => bucket.wrong("acl", "CloudFormation spells canned ACLs in its own way: write one out"),
        }
    }
    bucket.refuse("grant", "use a canned `acl`, or let others in by the bucket's policy");
}

fn encryption_rule(rule: &mut Block<'_>) {
    rule.block("apply_server_side_encryption_by_default", "ServerSideEncryptionByDefault", |encryption| {
        encryption.rename("sse_algorithm", "SSEAlgorithm");
        encryption.rename("kms_master_key_id", "KMSMasterKeyID");
    });
    rule.unless("bucket_key_enabled", "BucketKeyEnabled", false);
    rule.rename("blocked_encryption_types", "BlockedEncryptionTypes.EncryptionType");
}

/// Whether versions are kept, and whether they are locked.
fn versions(bucket: &mut Block<'_>) {
    bucket.within("versioning", |versioning| {
        if versioning.take("enabled").as_bool() == Some(true) {
            versioning.put("VersioningConfiguration.Status", "Enabled");
        }
        versioning.note(
            "mfa_delete",
            "no template turns on MFA Delete; once the bucket is there, the account's root user does: aws s3api \
             put-bucket-versioning --mfa",
        );
        versioning.ours(&["mfa"]);
    });
    bucket.unless("object_lock_enabled", "ObjectLockEnabled", false);
    bucket.block("object_lock_configuration", "ObjectLockConfiguration", |lock| {
        lock.same(&["object_lock_enabled"]);
        lock.block("rule", "Rule", |rule| {
            rule.block("default_retention", "DefaultRetention", |retention| {
                retention.same(&["mode", "days", "years"]);
            });
        });
    });
}

fn lifecycle_rule(rule: &mut Block<'_>) {
    rule.same(&["id"]);
    rule.words("enabled", "Status", "Enabled", "Disabled");
    rule.unless("prefix", "Prefix", "");
    let tags = rule.take_tags();
    rule.put("TagFilters", Value::List(tags));
    // There, sizes are text.
    for (name, property) in [
        ("object_size_greater_than", "ObjectSizeGreaterThan"),
        ("object_size_less_than", "ObjectSizeLessThan"),
    ] {
        match rule.take(name) {
            Value::Number(size) if size.as_i64() == Some(0) => {}
            Value::Number(size) => rule.put(property, size.to_string()),
            size => rule.put(property, size),
        }
    }
    rule.rename(
        "abort_incomplete_multipart_upload_days",
        "AbortIncompleteMultipartUpload.DaysAfterInitiation",
    );
    rule.within("expiration", |expiration| {
        midnight(expiration, "ExpirationDate");
        expiration.rename("days", "ExpirationInDays");
        expiration.unless("expired_object_delete_marker", "ExpiredObjectDeleteMarker", false);
    });
    rule.block("noncurrent_version_expiration", "NoncurrentVersionExpiration", |expiration| {
        expiration.rename("days", "NoncurrentDays");
        expiration.same(&["newer_noncurrent_versions"]);
    });
    rule.blocks("noncurrent_version_transition", "NoncurrentVersionTransitions", |transition| {
        transition.rename("days", "TransitionInDays");
        transition.same(&["newer_noncurrent_versions", "storage_class"]);
    });
    rule.blocks("transition", "Transitions", |transition| {
        midnight(transition, "TransitionDate");
        transition.rename("days", "TransitionInDays");
        transition.same(&["storage_class"]);
    });
}

/// The `date` of an action: the moment at which the day begins.
fn midnight(action: &mut Block<'_>, property: &str) {
    if let Some(day) = action.take("date").as_str() {
        action.put(property, format!("{day}T00:00:00Z"));
    }
}

fn website(website: &mut Block<'_>) {
    website.same(&["index_document", "error_document"]);
    let target = website.take("redirect_all_requests_to");
    match target.as_str().and_then(|target| target.split_once("://")) {
        Some((protocol, host)) => {
            website.put("RedirectAllRequestsTo.HostName", host);
            website.put("RedirectAllRequestsTo.Protocol", protocol);
        }
        None => website.put("RedirectAllRequestsTo.HostName", target),
    }
    let rules = match website.take("routing_rules") {
        Value::String(text) => serde_json::from_str(&text).map_or_else(
            |error| {
                website.wrong("routing_rules", format!("this is no JSON: {error}"));
                Value::Null
            },
            Value::from_json,
        ),
        rules => rules,
    };
    let rule = |rule: &Value| {
        table([
            ("RoutingRuleCondition", rule.get("Condition").clone()),
            ("RedirectRule", rule.get("Redirect").clone()),
        ])
    };
    website.put("RoutingRules", Value::List(rules.items().iter().map(rule).collect()));
}

fn replication_rule(rule: &mut Block<'_>) {
    rule.same(&["id", "status"]);
    if rule.get("filter").as_map().is_some() {
        // Rules of the second kind.
        rule.same(&["priority"]);
        rule.block("filter", "Filter", replication_filter);
        let markers = match rule.take("delete_marker_replication_status") {
            Value::Null => "Disabled".into(),
            status => status,
        };
        rule.put("DeleteMarkerReplication.Status", markers);
        rule.take("prefix");
    } else {
        rule.same(&["prefix"]);
        rule.unless("priority", "Priority", 0);
    }
    rule.block("destination", "Destination", destination);
    rule.block("source_selection_criteria", "SourceSelectionCriteria", |criteria| {
        criteria.within("sse_kms_encrypted_objects", |objects| {
            objects.words("enabled", "SseKmsEncryptedObjects.Status", "Enabled", "Disabled");
        });
        criteria.within("replica_modifications", |changes| {
            changes.words("enabled", "ReplicaModifications.Status", "Enabled", "Disabled");
        });
    });
}

/// One condition is written in one way, and several in another.
fn replication_filter(filter: &mut Block<'_>) {
    let prefix = filter.take("prefix");
    let has_prefix = prefix.as_str().is_some_and(|prefix| !prefix.is_empty());
    let tags = filter.take_tags();
    match (tags.as_slice(), has_prefix) {
        ([], _) => filter.put("Prefix", prefix),
        ([tag], false) => filter.put("TagFilter", tag.clone()),
        (_, has_prefix) => {
            if has_prefix {
                filter.put("And.Prefix", prefix);
            }
            filter.put("And.TagFilters", Value::List(tags));
        }
    }
}

fn destination(destination: &mut Block<'_>) {
    destination.same(&["bucket", "storage_class"]);
    destination.rename("account_id", "Account");
    destination.within("access_control_translation", |translation| {
        translation.rename("owner", "AccessControlTranslation.Owner");
    });
    destination.rename("replica_kms_key_id", "EncryptionConfiguration.ReplicaKmsKeyID");
    // From when on an object counts as late is for what is promised to be in time.
    let is_timed = destination.get("replication_time").get("status").as_str() == Some("Enabled");
    let metrics: fn(&mut Block<'_>) = if is_timed {
        |metrics| {
            metrics.same(&["status"]);
            metrics.rename("minutes", "EventThreshold.Minutes");
        }
    } else {
        |metrics| {
            metrics.same(&["status"]);
            metrics.take("minutes");
        }
    };
    destination.block("metrics", "Metrics", metrics);
    destination.block("replication_time", "ReplicationTime", |time| {
        time.same(&["status"]);
        time.rename("minutes", "Time.Minutes");
    });
}

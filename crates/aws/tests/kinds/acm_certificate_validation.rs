//! `aws_acm_certificate_validation`.

use std::time::Duration;

use aws_sdk_acm::types::ValidationMethod;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_acm_certificate_validation";

async fn certificate(lab: &Lab, method: ValidationMethod) -> (aws_sdk_acm::Client, String) {
    let acm = aws_sdk_acm::Client::new(&lab.sdk);
    let request = acm.request_certificate().domain_name("example.com").validation_method(method);
    let arn = request.send().await.unwrap().certificate_arn.unwrap();
    (acm, arn)
}

#[tokio::test]
async fn waits_until_the_certificate_is_issued() {
    let lab = Lab::new().await;
    let (acm, arn) = certificate(&lab, ValidationMethod::Dns).await;
    let described =
        acm.describe_certificate().certificate_arn(&arn).send().await.unwrap().certificate.unwrap();
    let record = described.domain_validation_options()[0].resource_record().unwrap().clone();

    let prove = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let route53 = aws_sdk_route53::Client::new(&lab.sdk);
        let zone =
            route53.create_hosted_zone().name("example.com").caller_reference("test").send().await.unwrap();
        let value = ResourceRecord::builder().value(&record.value).build().unwrap();
        let set = ResourceRecordSet::builder()
            .name(&record.name)
            .r#type(RrType::Cname)
            .ttl(60)
            .resource_records(value);
        let change = Change::builder().action(ChangeAction::Create).resource_record_set(set.build().unwrap());
        let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
        let id = zone.hosted_zone.unwrap().id;
        route53.change_resource_record_sets().hosted_zone_id(id).change_batch(batch).send().await.unwrap();
    };
    let mut validation = lab.resource(KIND);
    let fqdn = record.name.trim_end_matches('.');
    let configuration = json!({ "certificate_arn": arn, "validation_record_fqdns": [fqdn] });
    tokio::join!(validation.create(configuration), prove);
    assert_eq!(validation.id, arn);
    validation.replaces(json!({ "certificate_arn": arn }), &["validation_record_fqdns"]);

    acm.delete_certificate().certificate_arn(&arn).send().await.unwrap();
    validation.delete().await;
}

#[tokio::test]
async fn does_not_wait_in_vain() {
    let lab = Lab::new().await;
    let (_, arn) = certificate(&lab, ValidationMethod::Dns).await;
    let validation = lab.resource(KIND);
    let lacking = json!({ "certificate_arn": arn, "validation_record_fqdns": ["www.example.com"] });
    let error = validation.create_fails(lacking).await;
    assert!(error.contains("lacks") && error.contains("(for example.com)"), "{error}");

    let (acm, arn) = certificate(&lab, ValidationMethod::Email).await;
    let by_email = json!({ "certificate_arn": arn, "validation_record_fqdns": ["www.example.com"] });
    let error = validation.create_fails(by_email).await;
    assert!(error.contains("no records validate a certificate by EMAIL"), "{error}");

    acm.delete_certificate().certificate_arn(&arn).send().await.unwrap();
    let error = validation.create_fails(json!({ "certificate_arn": arn })).await;
    assert!(error.contains("there is no certificate"), "{error}");
}

#[tokio::test]
async fn is_not_for_imported_certificates() {
    let lab = Lab::new().await;
    let acm = aws_sdk_acm::Client::new(&lab.sdk);
    let blob =
        || aws_sdk_acm::primitives::Blob::new("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----");
    let import = acm.import_certificate().certificate(blob()).private_key(blob());
    let arn = import.send().await.unwrap().certificate_arn.unwrap();
    let error = lab.resource(KIND).create_fails(json!({ "certificate_arn": arn })).await;
    assert!(error.contains("IMPORTED needs no validation"), "{error}");
}

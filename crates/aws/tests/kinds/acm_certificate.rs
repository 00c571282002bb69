//! `aws_acm_certificate`.

use aws_sdk_acm::Client;
use aws_sdk_acm::types::Tag;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

mod data;

const KIND: &str = "aws_acm_certificate";

#[tokio::test]
async fn is_requested() {
    let lab = Lab::new().await;
    let acm = Client::new(&lab.sdk);
    let mut certificate = lab.resource(KIND);
    let request = |tags: Json| {
        json!({
            "domain_name": "example.com",
            "subject_alternative_names": ["*.example.com", "www.example.org"],
            "validation_method": "DNS",
            "key_algorithm": "EC_prime256v1",
            "tags": tags,
        })
    };
    let created = certificate.create(request(json!({ "team": "video" }))).await.clone();
    assert_eq!(created.get("arn").as_str(), Some(certificate.id.as_str()));
    assert_eq!(created.get("status").as_str(), Some("PENDING_VALIDATION"));
    assert_eq!(created.get("type").as_str(), Some("AMAZON_ISSUED"));
    let records = created.get("domain_validation_options").items();
    assert_eq!(records.len(), 3, "one for each domain");
    assert!(records.iter().all(|record| record.get("resource_record_type").as_str() == Some("CNAME")));
    assert!(
        !created.to_json().to_string().contains("provision:token"),
        "the tag that it is found by is hidden"
    );
    let tags = acm.list_tags_for_certificate().certificate_arn(&certificate.id).send().await.unwrap();
    assert!(tags.tags().iter().any(|tag| tag.key() == "provision:token"), "and there");

    certificate.update(request(json!({ "team": "audio", "cost": "1" }))).await;
    certificate.update(request(json!({}))).await;
    let mut logged = request(json!({}));
    logged["options"] = json!({ "certificate_transparency_logging_preference": "DISABLED" });
    certificate.update(logged.clone()).await;
    logged["options"] = json!({ "export": "ENABLED" });
    certificate.replaces(logged, &["options.export"]);

    let mut other = request(json!({}));
    other["domain_name"] = json!("example.net");
    other["subject_alternative_names"] = json!(["www.example.net"]);
    other["validation_method"] = json!("EMAIL");
    other["key_algorithm"] = json!("RSA_4096");
    other["validation_option"] =
        json!([{ "domain_name": "www.example.net", "validation_domain": "example.net" }]);
    certificate.replaces(
        other,
        &[
            "domain_name",
            "key_algorithm",
            "subject_alternative_names",
            "validation_method",
            "validation_option",
        ],
    );

    let tag = Tag::builder().key("stranger").value("1").build().unwrap();
    acm.add_tags_to_certificate().certificate_arn(&certificate.id).tags(tag).send().await.unwrap();
    certificate.repair_drift(request(json!({})), &["tags"]).await;
    certificate.delete().await;
}

#[tokio::test]
async fn has_the_domain_among_its_names_only_where_it_is_named() {
    let lab = Lab::new().await;
    let mut plain = lab.resource(KIND);
    let created = plain.create(json!({ "domain_name": "example.com", "validation_method": "EMAIL" })).await;
    assert_eq!(created.get("subject_alternative_names").to_json(), json!(["example.com"]), "as ACM has it");
    assert_eq!(created.get("validation_emails").items().len(), 2);
    assert_eq!(created.get("options").get("export").as_str(), Some("DISABLED"));
    plain.delete().await;

    let mut named = lab.resource(KIND);
    let names = json!({
        "domain_name": "example.com",
        "subject_alternative_names": ["example.com", "www.example.com"],
        "validation_method": "DNS",
        "options": { "export": "ENABLED" },
    });
    let created = named.create(names).await;
    assert_eq!(created.get("subject_alternative_names").items().len(), 2);
    named.delete().await;
}

#[tokio::test]
async fn is_requested_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    lab.inject(Fault {
        operation: Some("RequestCertificate".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let mut certificate = lab.resource(KIND);
    certificate.create(json!({ "domain_name": "example.com", "validation_method": "DNS" })).await;
    let list = Client::new(&lab.sdk).list_certificates().send().await.unwrap();
    assert_eq!(list.certificate_summary_list().len(), 1);
    certificate.delete().await;
}

fn pem(payload: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{payload}\n-----END CERTIFICATE-----\n")
}

#[tokio::test]
async fn is_imported() {
    let lab = Lab::new().await;
    let acm = Client::new(&lab.sdk);
    // An import is not repeated by ACM's grace: it is looked for.
    lab.inject(Fault {
        operation: Some("ImportCertificate".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let import = |body: &str, key: &str| json!({ "certificate_body": pem(body), "certificate_chain": pem("chain"), "private_key": key });
    let mut certificate = lab.resource(KIND);
    let created = certificate.create(import("AAAA", "the key")).await;
    assert_eq!(created.get("type").as_str(), Some("IMPORTED"));
    assert!(!created.to_json().to_string().contains("the key"), "only the digest of the key is kept");
    let list = acm.list_certificates().send().await.unwrap();
    assert_eq!(list.certificate_summary_list().len(), 1, "there is one");

    // Another certificate for the same key: the key goes with it.
    let renewed = import("BBBB", "the key");
    certificate.update(renewed.clone()).await;
    let there = acm.get_certificate().certificate_arn(&certificate.id).send().await.unwrap();
    assert_eq!(there.certificate(), Some(pem("BBBB").as_str()));
    certificate.update(import("CCCC", "another key")).await;
    let mut without_chain = renewed.clone();
    without_chain.as_object_mut().unwrap().remove("certificate_chain");
    certificate.update(without_chain).await;
    certificate.update(renewed.clone()).await;
    let mut spaced = renewed.clone();
    spaced["certificate_body"] = json!(format!("\n{}\n\n", pem("BBBB")));
    certificate.unchanged(spaced);

    acm.import_certificate()
        .certificate_arn(&certificate.id)
        .certificate(aws_sdk_acm::primitives::Blob::new(pem("DDDD")))
        .private_key(aws_sdk_acm::primitives::Blob::new("theirs"))
        .send()
        .await
        .unwrap();
    certificate.repair_drift(renewed, &["certificate_body", "certificate_chain"]).await;
    certificate.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    assert_eq!(
        lab.problems(KIND, json!({})),
        ["domain_name: `domain_name` is required to request a certificate"]
    );
    assert_eq!(
        lab.problems(KIND, json!({ "domain_name": "example.com" })),
        ["validation_method: `validation_method` is required, or `certificate_authority_arn`"]
    );
    assert_eq!(
        lab.problems(KIND, json!({ "private_key": "k", "domain_name": "example.com" })),
        [
            "domain_name: `private_key` and `domain_name` exclude each other",
            "certificate_body: `certificate_body` is required to import a certificate",
        ]
    );
    assert_eq!(
        lab.problems(
            KIND,
            json!({
                "domain_name": "example.com.",
                "validation_method": "DNS",
                "subject_alternative_names": ["www.example.com."],
                "early_renewal_duration": "soon",
            })
        )
        .len(),
        4
    );
}

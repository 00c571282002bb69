//! `data.aws_acm_certificate`.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{KIND, pem};
use crate::lab::{Lab, Resource};

/// A certificate that waits to be issued.
async fn requested<'a>(lab: &'a Lab, domain: &str, algorithm: &str, tags: Json) -> Resource<'a> {
    let mut certificate = lab.resource(KIND);
    let request = json!({
        "domain_name": domain, "validation_method": "DNS", "key_algorithm": algorithm, "tags": tags,
    });
    certificate.create(request).await;
    certificate
}

#[tokio::test]
async fn is_found_by_its_domain() {
    let lab = Lab::new().await;
    let older = requested(&lab, "files.example.com", "RSA_2048", json!({ "team": "video" })).await;
    requested(&lab, "other.example.com", "RSA_2048", json!({ "team": "video" })).await;
    let find = async |more: Json| {
        let mut question = json!({ "domain": "files.example.com", "statuses": ["PENDING_VALIDATION"] });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        lab.data(KIND, question).await
    };
    let found = find(json!({})).await.unwrap();
    assert_eq!((found.get("arn"), found.get("id")), (older.attributes.get("arn"), found.get("arn")));
    assert_eq!(found.get("status").as_str(), Some("PENDING_VALIDATION"));
    assert_eq!(found.get("tags").to_json(), json!({ "team": "video" }));
    assert!(found.get("certificate").is_null(), "it is not issued yet");
    let none = find(json!({ "statuses": ["ISSUED"] })).await.unwrap_err();
    assert_eq!(none, "there is no such certificate in us-east-1");

    // Of the same second it would be as old.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let newer = requested(&lab, "files.example.com", "EC_prime256v1", json!({ "team": "audio" })).await;
    let several = find(json!({})).await.unwrap_err();
    assert!(several.starts_with("there are 2 such certificates: arn:"), "{several}");
    for more in [
        json!({ "most_recent": true }),
        json!({ "tags": { "team": "audio" } }),
        json!({ "key_types": ["EC_prime256v1"] }),
    ] {
        let found = find(more.clone()).await.unwrap();
        assert_eq!(found.get("arn"), newer.attributes.get("arn"), "{more}");
    }
    assert!(find(json!({ "types": ["IMPORTED"] })).await.is_err());
    assert!(find(json!({ "types": ["AMAZON_ISSUED"], "key_types": ["RSA_2048"] })).await.is_ok());
}

#[tokio::test]
async fn is_shown_once_it_is_issued() {
    let lab = Lab::new().await;
    let mut imported = lab.resource(KIND);
    imported
        .create(json!({
            "certificate_body": pem("AAAA"), "certificate_chain": pem("chain"), "private_key": "k", "tags": { "a": "1" },
        }))
        .await;
    let found = lab.data(KIND, json!({ "tags": { "a": "1" }, "types": ["IMPORTED"] })).await.unwrap();
    assert_eq!(found.get("arn"), imported.attributes.get("arn"));
    assert_eq!(found.get("status").as_str(), Some("ISSUED"));
    assert_eq!(found.get("certificate").as_str(), Some(pem("AAAA").as_str()));
    assert_eq!(found.get("certificate_chain").as_str(), Some(pem("chain").as_str()));
}

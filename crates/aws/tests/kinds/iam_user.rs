//! `aws_iam_user`.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use provision_aws::{Aws, registry};
use serde_json::json;

use crate::lab::Lab;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const POWER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut user = lab.resource("aws_iam_user");
    let created = user
        .create(json!({
            "name": "uploader",
            "path": "/machines/",
            "permissions_boundary": READ_ONLY,
            "tags": { "team": "video" },
        }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":user/machines/uploader"));
    assert!(created.get("unique_id").as_str().unwrap().starts_with("AIDA"));

    user.update(json!({
        "name": "uploader",
        "path": "/machines/",
        "permissions_boundary": POWER,
        "force_destroy": true,
        "tags": { "team": "audio", "cost": "1" },
    }))
    .await;
    let current = json!({ "name": "uploader", "path": "/machines/", "tags": { "team": "audio" } });
    user.update(current.clone()).await;
    user.replaces(json!({ "name": "other", "path": "/machines/", "tags": { "team": "audio" } }), &["name"]);
    user.replaces(json!({ "name": "uploader", "tags": { "team": "audio" } }), &["path"]);

    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.put_user_permissions_boundary()
        .user_name("uploader")
        .permissions_boundary(POWER)
        .send()
        .await
        .unwrap();
    iam.untag_user().user_name("uploader").tag_keys("team").send().await.unwrap();
    user.repair_drift(current, &["permissions_boundary", "tags"]).await;

    // A group is left without being told to.
    iam.create_group().group_name("machines").send().await.unwrap();
    iam.add_user_to_group().group_name("machines").user_name("uploader").send().await.unwrap();
    user.delete().await;
    let group = iam.get_group().group_name("machines").send().await.unwrap();
    assert_eq!(group.users().len(), 0);
}

#[tokio::test]
async fn keeps_what_others_gave_it_unless_it_is_forced() {
    let lab = Lab::new().await;
    let mut user = lab.resource("aws_iam_user");
    user.create(json!({ "name": "ada" })).await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_access_key().user_name("ada").send().await.unwrap();
    assert!(user.delete_fails().await.contains("DeleteConflict"));

    iam.attach_user_policy().user_name("ada").policy_arn(READ_ONLY).send().await.unwrap();
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]
    });
    iam.put_user_policy()
        .user_name("ada")
        .policy_name("extra")
        .policy_document(document.to_string())
        .send()
        .await
        .unwrap();
    iam.create_login_profile().user_name("ada").password("correct horse").send().await.unwrap();
    let device = iam.create_virtual_mfa_device().virtual_mfa_device_name("ada").send().await.unwrap();
    let serial = device.virtual_mfa_device().unwrap().serial_number().to_owned();
    iam.enable_mfa_device()
        .user_name("ada")
        .serial_number(&serial)
        .authentication_code1("123456")
        .authentication_code2("654321")
        .send()
        .await
        .unwrap();
    user.update(json!({ "name": "ada", "force_destroy": true })).await;

    let answering = Answering::over(&lab);
    let calls = answering.calls.clone();
    let config = lab.sdk.to_builder().http_client(answering).build();
    let kinds = registry(&Arc::new(Aws::with_config(config)));
    let kind = kinds.kind("aws_iam_user").unwrap();
    kind.delete(None, "ada", &user.attributes).await.expect("delete");

    assert!(kind.read(None, "ada", &user.attributes).await.unwrap().is_none());
    assert_eq!(iam.list_virtual_mfa_devices().send().await.unwrap().virtual_mfa_devices().len(), 0);
    let calls = calls.lock().unwrap();
    for deleted in [
        "Action=DeleteSSHPublicKey&Version=2010-05-08&UserName=ada&SSHPublicKeyId=APKA1",
        "Action=DeleteSigningCertificate&Version=2010-05-08&UserName=ada&CertificateId=CERT1",
        "Action=DeleteServiceSpecificCredential&Version=2010-05-08&UserName=ada&ServiceSpecificCredentialId=ACCA1",
        "Action=DeleteServiceSpecificCredential&Version=2010-05-08&UserName=ada&ServiceSpecificCredentialId=ACCA2",
    ] {
        assert!(calls.iter().any(|call| call == deleted), "{deleted} is not among {calls:#?}");
    }
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_user",
        json!({ "name": "Ada Lovelace", "path": "people", "permissions_boundary": "arn:aws:iam::aws:role/PowerUser" }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

/// Answers the calls of IAM that the emulator does not know: a user has an SSH key, a signing certificate, and two
/// service-specific credentials on two pages. Passes on all others.
#[derive(Debug)]
struct Answering {
    inner: SharedHttpClient,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Answering {
    fn over(lab: &Lab) -> Self {
        Self { inner: lab.sdk.http_client().unwrap(), calls: Arc::default() }
    }
}

impl HttpClient for Answering {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(AnsweringConnector { inner, calls: self.calls.clone() })
    }
}

#[derive(Debug)]
struct AnsweringConnector {
    inner: SharedHttpConnector,
    calls: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for AnsweringConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.calls.lock().unwrap().push(body.clone());
        let action = body.split(['=', '&']).nth(1).unwrap_or_default();
        let date = "<UploadDate>2026-01-01T00:00:00Z</UploadDate>";
        let credential = |id: u8| {
            format!(
                "<ServiceSpecificCredentials><member><UserName>ada</UserName><Status>Active</Status>\
                 <ServiceUserName>ada-{id}</ServiceUserName><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
                 <ServiceSpecificCredentialId>ACCA{id}</ServiceSpecificCredentialId>\
                 <ServiceName>codecommit.amazonaws.com</ServiceName></member></ServiceSpecificCredentials>"
            )
        };
        let result = match action {
            "ListSSHPublicKeys" => format!(
                "<SSHPublicKeys><member><UserName>ada</UserName><SSHPublicKeyId>APKA1</SSHPublicKeyId>\
                 <Status>Active</Status>{date}</member></SSHPublicKeys>"
            ),
            "ListSigningCertificates" => format!(
                "<Certificates><member><UserName>ada</UserName><CertificateId>CERT1</CertificateId>\
                 <CertificateBody>x</CertificateBody><Status>Active</Status>{date}</member></Certificates>"
            ),
            "ListServiceSpecificCredentials" if body.contains("Marker=second") => credential(2),
            "ListServiceSpecificCredentials" => {
                format!("{}<IsTruncated>true</IsTruncated><Marker>second</Marker>", credential(1))
            }
            "DeleteSSHPublicKey" | "DeleteSigningCertificate" | "DeleteServiceSpecificCredential" => {
                String::new()
            }
            _ => return self.inner.call(request),
        };
        let answer =
            format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(answer))))
    }
}

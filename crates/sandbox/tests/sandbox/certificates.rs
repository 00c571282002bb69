//! A certificate is issued when its records are in DNS, and a distribution's names need it.

use serde_json::json;

use crate::aws::Aws;

const LIST: &str = "CertificateManager.ListCertificates";
const REQUEST: &str = "CertificateManager.RequestCertificate";
const DESCRIBE: &str = "CertificateManager.DescribeCertificate";

#[tokio::test]
async fn a_certificate_is_issued_once_its_record_is_there() {
    let aws = Aws::new();
    let request = json!({
        "DomainName": "example.com",
        "SubjectAlternativeNames": ["*.example.com"],
        "ValidationMethod": "DNS",
        "IdempotencyToken": "once",
    });
    let arn = aws.json("acm", REQUEST, &request).await.done().value()["CertificateArn"].clone();
    let again = aws.json("acm", REQUEST, &request).await.done().value()["CertificateArn"].clone();
    assert_eq!(arn, again);
    let dashed = json!({ "DomainName": "example.com", "IdempotencyToken": "a-b" });
    aws.json("acm", REQUEST, &dashed).await.refused(400, "ValidationException");

    let question = json!({ "CertificateArn": arn });
    let pending = aws.json("acm", DESCRIBE, &question).await.done().value()["Certificate"].clone();
    assert_eq!((&pending["Status"], &pending["IssuedAt"]), (&json!("PENDING_VALIDATION"), &json!(null)));
    let proofs = pending["DomainValidationOptions"].as_array().unwrap();
    assert_eq!(proofs[0]["ResourceRecord"], proofs[1]["ResourceRecord"]);
    let record = &proofs[0]["ResourceRecord"];

    let zone = "<CreateHostedZoneRequest><Name>example.com</Name><CallerReference>z</CallerReference></CreateHostedZoneRequest>";
    let made = aws.rest("route53", "POST", "/2013-04-01/hostedzone", zone).await.done();
    aws.rest("route53", "POST", "/2013-04-01/hostedzone", zone).await.refused(409, "HostedZoneAlreadyExists");
    let zone = format!("/2013-04-01{}", made.text("Id"));
    let change = |action: &str, name: &str, kind: &str, value: &str| {
        format!(
            "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>{action}</Action><ResourceRecordSet>\
             <Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{value}</Value>\
             </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch>\
             </ChangeResourceRecordSetsRequest>"
        )
    };
    let records = format!("{zone}/rrset/");
    for (name, kind) in [("example.com", "CNAME"), ("example.org", "A")] {
        let change = change("UPSERT", name, kind, "192.0.2.1");
        aws.rest("route53", "POST", &records, &change).await.refused(400, "InvalidChangeBatch");
    }
    let (name, value) = (record["Name"].as_str().unwrap(), record["Value"].as_str().unwrap());
    aws.rest("route53", "POST", &records, &change("CREATE", name, "CNAME", value)).await.done();

    let issued = aws.json("acm", DESCRIBE, &question).await.done().value()["Certificate"].clone();
    assert_eq!((&issued["Status"], &issued["InUseBy"]), (&json!("ISSUED"), &json!([])));
    let statuses = json!({ "CertificateStatuses": ["PENDING_VALIDATION"] });
    let waiting = aws.json("acm", LIST, &statuses).await.done().value();
    assert_eq!(waiting["CertificateSummaryList"], json!([]));
    let all = aws.json("acm", LIST, &json!({})).await.done().value();
    assert_eq!(all["CertificateSummaryList"][0]["Status"], "ISSUED");

    // A wildcard is answered in Route 53's own writing, and understood in both.
    let wildcard = change("CREATE", "*.Example.com", "TXT", "&quot;x&quot;");
    aws.rest("route53", "POST", &records, &wildcard).await.done();
    let listed = aws
        .rest("route53", "GET", &format!("{zone}/rrset?name=%5C052.example.com&type=TXT"), "")
        .await
        .done();
    assert!(listed.body.contains("<Name>\\052.example.com.</Name>"), "{}", listed.body);
    let removal = change("DELETE", "\\052.example.com.", "TXT", "&quot;x&quot;");
    aws.rest("route53", "POST", &records, &removal).await.done();

    aws.rest("route53", "DELETE", &zone, "").await.refused(400, "HostedZoneNotEmpty");
    let id = made.text("Id").replace("/hostedzone/", "");
    let expected = [
        format!("acm certificate {}", arn.as_str().unwrap()),
        format!("route53 record {id}/{name}/CNAME"),
        format!("route53 zone {id}"),
    ];
    assert_eq!(aws.existing().await, expected);

    let distribution = |reference: &str, alias: &str| {
        format!(
            "<DistributionConfig><CallerReference>{reference}</CallerReference><Aliases><Quantity>1</Quantity><Items>\
             <CNAME>{alias}</CNAME></Items></Aliases><Origins><Quantity>1</Quantity><Items><Origin><Id>web</Id><DomainName>\
             origin.example.com</DomainName><CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>\
             <OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>\
             <DefaultCacheBehavior><TargetOriginId>web</TargetOriginId><ViewerProtocolPolicy>https-only\
             </ViewerProtocolPolicy><CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId>\
             </DefaultCacheBehavior><Comment></Comment><Enabled>true</Enabled><ViewerCertificate><ACMCertificateArn>{}\
             </ACMCertificateArn><SSLSupportMethod>sni-only</SSLSupportMethod></ViewerCertificate></DistributionConfig>",
            arn.as_str().unwrap()
        )
    };
    let path = "/2020-05-31/distribution";
    let used = aws.rest("cloudfront", "POST", path, &distribution("a", "v.example.com")).await.done();
    let taken = aws.rest("cloudfront", "POST", path, &distribution("b", "v.example.com")).await;
    taken.refused(409, "CNAMEAlreadyExists");
    let uncovered = aws.rest("cloudfront", "POST", path, &distribution("b", "a.b.example.com")).await;
    uncovered.refused(400, "InvalidViewerCertificate");
    let delete = aws.json("acm", "CertificateManager.DeleteCertificate", &question).await;
    delete.refused(400, "ResourceInUseException");
    let described = aws.json("acm", DESCRIBE, &question).await.done().value();
    assert_eq!(described["Certificate"]["InUseBy"], json!([used.text("ARN")]));
}

#[tokio::test]
async fn a_key_type_is_kept_and_listed_only_when_asked_for() {
    let aws = Aws::new();
    let request =
        json!({ "DomainName": "a.test", "ValidationMethod": "DNS", "KeyAlgorithm": "EC_prime256v1" });
    aws.json("acm", REQUEST, &request).await.done();
    let count = async |filter: serde_json::Value| {
        let listed = aws.json("acm", LIST, &filter).await.done().value();
        listed["CertificateSummaryList"].as_array().unwrap().len()
    };
    assert_eq!(count(json!({})).await, 0);
    assert_eq!(count(json!({ "Includes": { "keyTypes": ["EC_prime256v1"] } })).await, 1);
}

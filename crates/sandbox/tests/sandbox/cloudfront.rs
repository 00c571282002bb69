//! CloudFront's rules, and its origin access identities.

use std::time::Duration;

use crate::aws::{Answer, Aws};

const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApl9MvDLG4WnyXBOatFqW\n\
    SGuUrwIo5/obNoyFvKesLg/hqx+1yeGVUygjnTd5TxjVFcpL2bMTfVZD6RShnhdE\n\
    R9decrHfqJpwv/N6zeBF9TQKudvCoUY3v7V4UOHFUdIJfEBOQjfCAXB3H2IC46kx\n\
    z/UEqa5lDJoSXB07l/RJOdARtqird3Jp8hjqBxVXRrQmGVo/1tLrml+BKsiFTZsu\n\
    dvQuchvlUbjVkfvBEDFvq7VlWeBiDKn8CMY9K0/yRPKTMaYNAMKZd1O+u57sY784\n\
    sqS32Nn6OYpu9OIbTmHZo3cu4mCbhx0U4Qw7JoUBlBI6V8D6cc6xwR/ThE8r7RNt\n\
    HQIDAQAB\n\
    -----END PUBLIC KEY-----";
/// Managed-CachingOptimized.
pub(crate) const MANAGED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// A configuration with one S3 origin, and with `more` in its default behaviour, its origin and at its top.
pub(crate) fn config(
    reference: &str,
    enabled: bool,
    cache_policy: &str,
    behavior: &str,
    origin: &str,
    top: &str,
) -> String {
    format!(
        r#"<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
        <CallerReference>{reference}</CallerReference>
        <Origins><Quantity>1</Quantity><Items><Origin><Id>bucket</Id>
          <DomainName>videos.s3.us-east-1.amazonaws.com</DomainName>
          <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig>{origin}</Origin></Items></Origins>
        <DefaultCacheBehavior><TargetOriginId>bucket</TargetOriginId>
          <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>
          <CachePolicyId>{cache_policy}</CachePolicyId>{behavior}</DefaultCacheBehavior>
        <Comment>one &amp; only</Comment><Enabled>{enabled}</Enabled>{top}</DistributionConfig>"#
    )
}

fn plain(reference: &str, enabled: bool) -> String {
    config(reference, enabled, MANAGED, "", "", "")
}

pub(crate) async fn create(aws: &Aws, config: &str) -> Answer {
    aws.rest("cloudfront", "POST", "/2020-05-31/distribution", config).await
}

pub(crate) async fn deployed(aws: &Aws, id: &str) -> Answer {
    loop {
        let found = aws.rest("cloudfront", "GET", &format!("/2020-05-31/distribution/{id}"), "").await.done();
        if found.text("Status") == "Deployed" {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_distribution_takes_time_and_is_disabled_before_it_is_deleted() {
    let aws = Aws::new();
    let created = create(&aws, &plain("one", true)).await.done();
    assert_eq!((created.status, created.text("Status").as_str()), (201, "InProgress"));
    let id = created.text("Id");
    let path = format!("/2020-05-31/distribution/{id}");
    aws.rest("cloudfront", "DELETE", &path, "").await.refused(409, "DistributionNotDisabled");

    let found = deployed(&aws, &id).await;
    aws.rest("cloudfront", "DELETE", &path, "").await.refused(400, "InvalidIfMatchVersion");
    aws.send("cloudfront", "DELETE", &path, &[("if-match", "E0")], "")
        .await
        .unwrap()
        .refused(412, "PreconditionFailed");
    aws.on_version("DELETE", &path, &found, "").await.refused(409, "DistributionNotDisabled");

    // What was not sent is answered all the same, as AWS does.
    for (name, text) in
        [("PriceClass", "PriceClass_All"), ("HttpVersion", "http2"), ("ConnectionAttempts", "3")]
    {
        assert_eq!(found.text(name), text);
    }
    assert!(found.body.contains("<Comment>one &amp; only</Comment>"));

    let config = format!("{path}/config");
    let other = plain("two", false);
    aws.on_version("PUT", &config, &found, &other).await.refused(400, "IllegalUpdate");
    let disabled = aws.on_version("PUT", &config, &found, &plain("one", false)).await.done();
    assert_eq!(disabled.text("Status"), "InProgress");
    aws.on_version("DELETE", &path, &disabled, "").await.refused(409, "DistributionNotDisabled");
    let found = deployed(&aws, &id).await;
    assert_eq!(aws.on_version("DELETE", &path, &found, "").await.done().status, 204);
    aws.rest("cloudfront", "GET", &path, "").await.refused(404, "NoSuchDistribution");
}

#[tokio::test]
async fn a_caller_reference_names_one_distribution() {
    let aws = Aws::new();
    let first = create(&aws, &plain("same", true)).await.done();
    let again = create(&aws, &plain("same", true)).await.done();
    assert_eq!((first.text("Id"), first.status), (again.text("Id"), again.status));
    create(&aws, &plain("same", false)).await.refused(409, "DistributionAlreadyExists");
    assert_eq!(aws.existing().await, [format!("cloudfront distribution {}", first.text("Id"))]);
}

#[tokio::test]
async fn a_configuration_names_only_what_exists() {
    let aws = Aws::new();
    let list = |name: &str, item: &str| {
        format!("<{name}><Enabled>true</Enabled><Quantity>1</Quantity><Items>{item}</Items></{name}>")
    };
    let group = list("TrustedKeyGroups", "<KeyGroup>none</KeyGroup>");
    let alias = list("Aliases", "<CNAME>a.example.com</CNAME>");
    let control = "<OriginAccessControlId>ENONE</OriginAccessControlId>";
    let two = "<Aliases><Quantity>2</Quantity></Aliases>";
    for (config, status, code) in [
        (config("x", true, "none", "", "", ""), 404, "NoSuchCachePolicy"),
        (config("x", true, MANAGED, &group, "", ""), 400, "TrustedKeyGroupDoesNotExist"),
        (config("x", true, MANAGED, "", control, ""), 400, "InvalidOriginAccessControl"),
        (config("x", true, MANAGED, "", "", &alias), 400, "InvalidViewerCertificate"),
        (config("x", true, MANAGED, "", "", two), 400, "InconsistentQuantities"),
        (config("x", true, "", "", "", ""), 400, "InvalidArgument"),
    ] {
        create(&aws, &config).await.refused(status, code);
    }
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn what_is_in_use_stays() {
    let aws = Aws::new();
    let post = async |path: &str, body: String| {
        aws.rest("cloudfront", "POST", &format!("/2020-05-31/{path}"), &body).await
    };
    let key = |key: &str| {
        format!(
            "<PublicKeyConfig><CallerReference>k</CallerReference><Name>k</Name><EncodedKey>{key}</EncodedKey></PublicKeyConfig>"
        )
    };
    post("public-key", key("not a key")).await.refused(400, "InvalidArgument");
    let public_key = post("public-key", key(PUBLIC_KEY)).await.done();
    post("public-key", key(PUBLIC_KEY)).await.refused(409, "PublicKeyAlreadyExists");
    let group = format!(
        "<KeyGroupConfig><Name>g</Name><Items><PublicKey>{}</PublicKey></Items></KeyGroupConfig>",
        public_key.text("Id")
    );
    let group = post("key-group", group).await.done();
    let control = "<OriginAccessControlConfig><Name>c</Name><SigningProtocol>sigv4</SigningProtocol><SigningBehavior>always\
        </SigningBehavior><OriginAccessControlOriginType>s3</OriginAccessControlOriginType></OriginAccessControlConfig>";
    let control = post("origin-access-control", control.to_owned()).await.done();
    let policy = "<CachePolicyConfig><Name>p</Name><MinTTL>1</MinTTL></CachePolicyConfig>".to_owned();
    let policy = post("cache-policy", policy).await.done();

    let trusted = format!(
        "<TrustedKeyGroups><Enabled>true</Enabled><Quantity>1</Quantity><Items><KeyGroup>{}</KeyGroup></Items></TrustedKeyGroups>",
        group.text("Id")
    );
    let guarded = format!("<OriginAccessControlId>{}</OriginAccessControlId>", control.text("Id"));
    let distribution =
        create(&aws, &config("d", false, &policy.text("Id"), &trusted, &guarded, "")).await.done();
    assert!(distribution.body.contains(&format!("<KeyPairId>{}</KeyPairId>", public_key.text("Id"))));

    let parts = [
        ("key-group", &group, "ResourceInUse"),
        ("public-key", &public_key, "PublicKeyInUse"),
        ("origin-access-control", &control, "OriginAccessControlInUse"),
        ("cache-policy", &policy, "CachePolicyInUse"),
    ];
    let path = |collection: &str, part: &Answer| format!("/2020-05-31/{collection}/{}", part.text("Id"));
    for (collection, part, code) in parts {
        aws.on_version("DELETE", &path(collection, part), part, "").await.refused(409, code);
    }
    assert_eq!(aws.existing().await.len(), 5);
    let found = deployed(&aws, &distribution.text("Id")).await;
    aws.on_version("DELETE", &path("distribution", &found), &found, "").await.done();
    for (collection, part, _) in parts {
        aws.on_version("DELETE", &path(collection, part), part, "").await.done();
    }
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn origin_access_identities_are_versioned_listed_and_kept_while_used() {
    let aws = Aws::new();
    let collection = "/2020-05-31/origin-access-identity/cloudfront";
    let body = |reference: &str, comment: &str| {
        format!(
            "<CloudFrontOriginAccessIdentityConfig><CallerReference>{reference}</CallerReference><Comment>{comment}</Comment>\
             </CloudFrontOriginAccessIdentityConfig>"
        )
    };
    let first = aws.rest("cloudfront", "POST", collection, &body("a", "x")).await.done();
    let again = aws.rest("cloudfront", "POST", collection, &body("a", "x")).await.done();
    assert_eq!(first.text("Id"), again.text("Id"));
    let other = aws.rest("cloudfront", "POST", collection, &body("a", "y")).await;
    other.refused(409, "CloudFrontOriginAccessIdentityAlreadyExists");
    let path = format!("{collection}/{}", first.text("Id"));
    let changed = aws.on_version("PUT", &format!("{path}/config"), &first, &body("a", "z")).await.done();
    aws.on_version("DELETE", &path, &first, "").await.refused(412, "PreconditionFailed");

    aws.rest("cloudfront", "POST", collection, &body("b", "x")).await.done();
    let page = aws.rest("cloudfront", "GET", &format!("{collection}?MaxItems=1"), "").await.done();
    assert_eq!((page.text("IsTruncated").as_str(), page.text("NextMarker").as_str()), ("true", "1"));

    let identity = format!("origin-access-identity/cloudfront/{}", first.text("Id"));
    let named = format!("<OriginAccessIdentity>{identity}</OriginAccessIdentity>");
    let used = plain("d", false).replace("<OriginAccessIdentity></OriginAccessIdentity>", &named);
    create(&aws, &used).await.done();
    aws.on_version("DELETE", &path, &changed, "").await.refused(409, "CloudFrontOriginAccessIdentityInUse");
    create(&aws, &used.replace(&identity, "origin-access-identity/cloudfront/ENONE").replace(">d<", ">e<"))
        .await
        .refused(400, "InvalidOriginAccessIdentity");
}

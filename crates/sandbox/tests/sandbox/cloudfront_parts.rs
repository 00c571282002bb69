//! The rules of what CloudFront's distributions share: policies, functions, and subscriptions to their metrics.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::aws::{Answer, Aws};
use crate::cloudfront::{MANAGED, config, create, deployed};

async fn post(aws: &Aws, path: &str, body: &str) -> Answer {
    aws.rest("cloudfront", "POST", &format!("/2020-05-31/{path}"), body).await
}

fn forwarding(cookies: &str, headers: &str) -> String {
    format!(
        "<OriginRequestPolicyConfig><Name>p</Name><HeadersConfig>{headers}</HeadersConfig><CookiesConfig><CookieBehavior>\
         {cookies}</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior>\
         </QueryStringsConfig></OriginRequestPolicyConfig>"
    )
}

fn listed(behavior: &str, header: &str) -> String {
    format!(
        "<HeaderBehavior>{behavior}</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>{header}</Name></Items>\
         </Headers>"
    )
}

fn adding(parts: &str) -> String {
    format!("<ResponseHeadersPolicyConfig><Name>p</Name>{parts}</ResponseHeadersPolicyConfig>")
}

const FRAMES: &str = "<SecurityHeadersConfig><FrameOptions><Override>true</Override><FrameOption>DENY</FrameOption>\
    </FrameOptions></SecurityHeadersConfig>";

fn function(name: &str, runtime: &str, code: &str, stores: &str) -> String {
    format!(
        "<CreateFunctionRequest><Name>{name}</Name><FunctionConfig><Comment></Comment><Runtime>{runtime}</Runtime>\
         <KeyValueStoreAssociations>{stores}</KeyValueStoreAssociations></FunctionConfig><FunctionCode>{}</FunctionCode>\
         </CreateFunctionRequest>",
        STANDARD.encode(code)
    )
}

#[tokio::test]
async fn policies_say_what_goes_together() {
    let aws = Aws::new();
    let none = "<HeaderBehavior>none</HeaderBehavior>";
    for body in [
        forwarding("whitelist", none),
        forwarding("none", &listed("none", "Origin")),
        forwarding("none", &listed("whitelist", "Authorization")),
        forwarding("none", &listed("allViewerAndWhitelistCloudFront", "Origin")),
    ] {
        post(&aws, "origin-request-policy", &body).await.refused(400, "InvalidArgument");
    }
    post(&aws, "origin-request-policy", &forwarding("none", &listed("whitelist", "Origin"))).await.done();

    let custom = |header: &str| {
        format!(
            "<CustomHeadersConfig><Quantity>1</Quantity><Items><ResponseHeadersPolicyCustomHeader><Header>{header}</Header>\
             <Value>x</Value><Override>true</Override></ResponseHeadersPolicyCustomHeader></Items></CustomHeadersConfig>"
        )
    };
    let protection = "<SecurityHeadersConfig><XSSProtection><Override>true</Override><Protection>true</Protection>\
        <ModeBlock>true</ModeBlock><ReportUri>https://a</ReportUri></XSSProtection></SecurityHeadersConfig>";
    let cors = "<CorsConfig><OriginOverride>true</OriginOverride></CorsConfig>";
    for parts in ["", protection, cors, &custom("X-Frame-Options"), &custom("Access-Control-Max-Age")] {
        post(&aws, "response-headers-policy", &adding(parts)).await.refused(400, "InvalidArgument");
    }
    post(&aws, "response-headers-policy", &adding(&custom("X-Shelf"))).await.done();
}

#[tokio::test]
async fn functions_are_what_cloudfront_can_run() {
    let aws = Aws::new();
    let store = "<Quantity>1</Quantity><Items><KeyValueStoreAssociation><KeyValueStoreARN>\
        arn:aws:cloudfront::123456789012:key-value-store/none</KeyValueStoreARN></KeyValueStoreAssociation></Items>";
    for (body, status, code) in [
        (function("a b", "cloudfront-js-2.0", "x", ""), 400, "InvalidArgument"),
        (function("f", "node", "x", ""), 400, "InvalidArgument"),
        (function("f", "cloudfront-js-2.0", &"x".repeat(10_241), ""), 413, "FunctionSizeLimitExceeded"),
        (function("f", "cloudfront-js-2.0", "x", store), 400, "InvalidArgument"),
    ] {
        post(&aws, "function", &body).await.refused(status, code);
    }
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn what_is_shared_exists_and_stays_while_it_is_used() {
    let aws = Aws::new();
    let arn = format!("arn:aws:cloudfront::{}:function/f", aws.account);
    let running = format!(
        "<FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation><FunctionARN>{arn}</FunctionARN><EventType>\
         viewer-request</EventType></FunctionAssociation></Items></FunctionAssociations>"
    );
    let refused = async || {
        let distribution = config("d", false, MANAGED, &running, "", "");
        create(&aws, &distribution).await.refused(400, "InvalidFunctionAssociation");
    };
    refused().await;
    let function = post(&aws, "function", &function("f", "cloudfront-js-2.0", "x", "")).await.done();
    // In DEVELOPMENT alone it is nothing that a distribution could run.
    refused().await;
    aws.on_version("POST", "/2020-05-31/function/f/publish", &function, "").await.done();

    let forwarding = forwarding("all", "<HeaderBehavior>allViewer</HeaderBehavior>");
    let forwarding = post(&aws, "origin-request-policy", &forwarding).await.done();
    let headers = post(&aws, "response-headers-policy", &adding(FRAMES)).await.done();
    let behavior = format!(
        "<OriginRequestPolicyId>{}</OriginRequestPolicyId><ResponseHeadersPolicyId>{}</ResponseHeadersPolicyId>{running}",
        forwarding.text("Id"),
        headers.text("Id"),
    );
    let distribution = create(&aws, &config("d", false, MANAGED, &behavior, "", "")).await.done();

    let subscription = format!("distributions/{}/monitoring-subscription", distribution.text("Id"));
    let enabled = "<MonitoringSubscription><RealtimeMetricsSubscriptionConfig><RealtimeMetricsSubscriptionStatus>Enabled\
        </RealtimeMetricsSubscriptionStatus></RealtimeMetricsSubscriptionConfig></MonitoringSubscription>";
    post(&aws, &subscription, enabled).await.done();
    post(&aws, &subscription, enabled).await.refused(409, "MonitoringSubscriptionAlreadyExists");
    assert_eq!(aws.existing().await.len(), 5);

    let parts = [
        ("function/f".to_owned(), &function, "FunctionInUse"),
        (format!("origin-request-policy/{}", forwarding.text("Id")), &forwarding, "OriginRequestPolicyInUse"),
        (format!("response-headers-policy/{}", headers.text("Id")), &headers, "ResponseHeadersPolicyInUse"),
    ];
    for (path, part, code) in &parts {
        aws.on_version("DELETE", &format!("/2020-05-31/{path}"), part, "").await.refused(409, code);
    }
    let found = deployed(&aws, &distribution.text("Id")).await;
    aws.on_version("DELETE", &format!("/2020-05-31/distribution/{}", found.text("Id")), &found, "")
        .await
        .done();
    for (path, part, _) in &parts {
        aws.on_version("DELETE", &format!("/2020-05-31/{path}"), part, "").await.done();
    }
    assert!(aws.existing().await.is_empty());
}

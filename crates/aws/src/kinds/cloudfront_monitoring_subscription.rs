//! `aws_cloudfront_monitoring_subscription`.

use async_trait::async_trait;
use aws_sdk_cloudfront::types as sdk;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, look_again, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront;

/// Whether CloudWatch has the additional metrics of a distribution, at a price: the cache hit rate, the latency of the
/// origin, and the error rates by status code. From the CloudFront API (`CreateMonitoringSubscription`); its id is that
/// of the distribution, which has at most one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MonitoringSubscription {
    /// Id of the distribution.
    #[schemars(length(min = 1), extend("forces_replacement" = true))]
    distribution_id: String,
    /// What is subscribed to.
    monitoring_subscription: Subscription,
}

/// What is subscribed to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Subscription {
    /// The additional metrics.
    realtime_metrics_subscription_config: RealtimeMetrics,
}

/// The additional metrics.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct RealtimeMetrics {
    /// Whether there are any.
    #[schemars(extend("enum" = ["Enabled", "Disabled"]))]
    realtime_metrics_subscription_status: String,
}

const ABSENT: &[&str] = &["NoSuchDistribution", "NoSuchMonitoringSubscription"];

#[async_trait]
impl Kind for MonitoringSubscription {
    const NAME: &'static str = "aws_cloudfront_monitoring_subscription";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::MonitoringSubscription", |distribution| {
            distribution.same(&["distribution_id"]);
            distribution.block("monitoring_subscription", "MonitoringSubscription", |subscription| {
                const METRICS: &str = "RealtimeMetricsSubscriptionConfig";
                subscription.block("realtime_metrics_subscription_config", METRICS, |metrics| {
                    metrics.same(&["realtime_metrics_subscription_status"]);
                });
            });
        })
        .with(&[("id", Returned::Argument("distribution_id"))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(status(reader, id).await?.map(|realtime_metrics_subscription_status| Self {
            distribution_id: id.to_owned(),
            monitoring_subscription: Subscription {
                realtime_metrics_subscription_config: RealtimeMetrics {
                    realtime_metrics_subscription_status,
                },
            },
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(status(reader, &self.distribution_id).await?.map(|_| self.distribution_id.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        match self.find(reader, token).await? {
            Some(id) => Err(KindError::new(format!("the distribution {id} has a subscription already"))
                .with_hint("import it; its id is that of the distribution")),
            None => Ok(()),
        }
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.subscribe(writer, &self.distribution_id).await?;
        Ok(Created::complete(self.distribution_id.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.subscribe(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let request = writer.cloudfront().delete_monitoring_subscription().distribution_id(id);
        request.send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        of.needs()
            .on(&[Act::Find, Act::Read], "*", &["cloudfront:GetMonitoringSubscription"])
            .change("*", &["cloudfront:GetMonitoringSubscription", "cloudfront:CreateMonitoringSubscription"])
            .on(&[Act::Update, Act::Delete], "*", &["cloudfront:DeleteMonitoringSubscription"])
            .done()
    }
}

impl MonitoringSubscription {
    fn wanted(&self) -> &str {
        &self
            .monitoring_subscription
            .realtime_metrics_subscription_config
            .realtime_metrics_subscription_status
    }

    /// Subscribes as this says. AWS has no call that changes a subscription: another one takes the place of what is
    /// there.
    async fn subscribe(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        look_again(|| async {
            match status(writer.reader(), id).await? {
                Some(status) if status == self.wanted() => return Ok(()),
                Some(_) => {
                    let request = writer.cloudfront().delete_monitoring_subscription().distribution_id(id);
                    request.send().await.unless(ABSENT)?;
                }
                None => {}
            }
            let config = sdk::RealtimeMetricsSubscriptionConfig::builder()
                .realtime_metrics_subscription_status(self.wanted().into())
                .build()
                .map_err(malformed)?;
            let subscription =
                sdk::MonitoringSubscription::builder().realtime_metrics_subscription_config(config).build();
            // A distribution that was made a moment ago may not be known yet.
            eventually(&["NoSuchDistribution"], || async {
                let request = writer.cloudfront().create_monitoring_subscription().distribution_id(id);
                request.monitoring_subscription(subscription.clone()).send().await.or_fail()
            })
            .await?;
            Ok(())
        })
        .await
    }
}

/// `Enabled` or `Disabled`, if the distribution has a subscription.
async fn status(reader: &Reader, id: &str) -> Result<Option<String>, KindError> {
    let request = reader.cloudfront().get_monitoring_subscription().distribution_id(id);
    let Some(answer) = request.send().await.unless(ABSENT)? else { return Ok(None) };
    let config = answer
        .monitoring_subscription()
        .and_then(|subscription| subscription.realtime_metrics_subscription_config())
        .ok_or_else(|| cloudfront::lacking("the subscription"))?;
    Ok(Some(config.realtime_metrics_subscription_status().as_str().to_owned()))
}

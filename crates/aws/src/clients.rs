//! The clients of all services, made from one configuration when they are first needed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use futures::FutureExt;
use futures::future::BoxFuture;
use provision_engine::kind::{Connect, KindError};
use tokio::sync::OnceCell;

use crate::attempts::MarkOpen;
use crate::calls::{FinishedCall, Observer};
use crate::reads::{Batch, Batched, Batches, Reading, Remembered, Remembering};
use crate::throttling::{Paces, paced};

/// The source of all clients: the standard AWS environment variables, profiles and credential sources, read
/// when the first client is asked for.
#[derive(Default)]
pub struct Aws {
    region: OnceLock<String>,
    base: OnceCell<SdkConfig>,
    observer: OnceLock<Observer>,
    regions: Mutex<BTreeMap<Option<String>, Arc<Regional>>>,
    caller: Arc<OnceCell<GetCallerIdentityOutput>>,
    remembered: Arc<Remembered>,
    paces: Arc<Paces>,
}

struct Regional {
    reader: Arc<Reader>,
    writer: Arc<Writer>,
}

impl Aws {
    /// Clients whose region is still to be said: by [`Aws::set_region`], or else by the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says which region clients are for, unless a resource names another. Only the first word counts.
    pub fn set_region(&self, region: impl Into<String>) {
        self.region.get_or_init(|| region.into());
    }

    /// Clients from a configuration made elsewhere, as tests do.
    pub fn with_config(config: SdkConfig) -> Self {
        Self { base: OnceCell::new_with(Some(config)), ..Self::default() }
    }

    /// Lets `observe` be told of each call, once it has ended. Calls of clients that were made before are not told of, nor
    /// are those by which the SDK gets credentials. Only the first observer counts. It is called within the call, on any
    /// thread, and must be quick.
    pub fn observe(&self, observe: impl Fn(FinishedCall) + Send + Sync + 'static) {
        self.observer.get_or_init(|| Observer::new(observe));
    }

    /// What lets whoever observes be told of the calls of a client with this configuration; none if nobody does.
    pub(crate) fn recorder(&self, config: &SdkConfig) -> Option<SharedInterceptor> {
        Some(self.observer.get()?.interceptor(config.region()))
    }

    /// Begins a time in which nothing is changed: until what this gives is dropped, no question is asked twice.
    pub fn reading(&self) -> Reading {
        self.remembered.begin()
    }

    /// The run is to end soon: calls that services hold up, because they throttle, are given up after ten seconds.
    /// Those have not been sent.
    pub fn interrupt(&self) {
        self.paces.interrupt();
    }

    /// The speeds that services take calls at.
    pub(crate) fn paces(&self) -> &Paces {
        &self.paces
    }

    /// What all clients are made from.
    pub(crate) async fn base(&self) -> &SdkConfig {
        self.base.get_or_init(|| load(self.region.get().cloned())).await
    }

    /// Where an emulator stands in for AWS, if one does: an address that somebody has set, and that is none of AWS's.
    pub(crate) async fn emulator(&self) -> Option<String> {
        const VARIABLE: &str = "AWS_ENDPOINT_URL_";
        let all = self.base().await.endpoint_url().map(str::to_owned);
        let of_services =
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(VARIABLE));
        let of_services = of_services.map(|(_, address)| address.to_string_lossy().into_owned());
        all.into_iter().chain(of_services).find(|address| {
            let end = |domain: &&str| address.trim_end_matches('/').ends_with(*domain);
            !address.is_empty() && ![".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(end)
        })
    }

    async fn regional(&self, region: Option<&str>) -> Result<Arc<Regional>, KindError> {
        let base = self.base().await;
        let mut regions = self.regions.lock().map_err(|_| KindError::new("the clients are in disorder"))?;
        let regional = regions.entry(region.map(str::to_owned)).or_insert_with(|| {
            let mut config = base.to_builder();
            if let Some(region) = region {
                config = config.region(Region::new(region.to_owned()));
            }
            let config = config.build();
            let recorder = self.recorder(&config);
            let made_of = |config, read_only| Clients {
                config,
                read_only,
                paces: self.paces.clone(),
                recorder: recorder.clone(),
                made: Made::default(),
            };
            let reader = Arc::new(Reader {
                clients: made_of(remembering(&config, &self.remembered), true),
                batches: Batches::default(),
                caller: self.caller.clone(),
                zone_names: Mutex::default(),
            });
            let clients = made_of(config, false);
            let writer = Arc::new(Writer { clients, reader: reader.clone() });
            Arc::new(Regional { reader, writer })
        });
        Ok(regional.clone())
    }
}

impl Connect<Reader> for Aws {
    fn connect<'a>(&'a self, region: Option<&'a str>) -> BoxFuture<'a, Result<Arc<Reader>, KindError>> {
        async move { Ok(self.regional(region).await?.reader.clone()) }.boxed()
    }
}

impl Connect<Writer> for Aws {
    fn connect<'a>(&'a self, region: Option<&'a str>) -> BoxFuture<'a, Result<Arc<Writer>, KindError>> {
        async move { Ok(self.regional(region).await?.writer.clone()) }.boxed()
    }
}

/// Timeouts and retries hold for every call of every client. An attempt and a call as a whole have none: waiting for a
/// turn is no failure ([`crate::throttling`] ends calls that take too long without that). The SDK ends answers that
/// stall.
async fn load(region: Option<String>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .build();
    // Rustls on ring: it builds in a fraction of the time that the default cryptography takes.
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).http_client(http);
    // More patience than the SDK has, unless someone has said how much.
    if std::env::var_os("AWS_MAX_ATTEMPTS").is_none() {
        loader = loader.retry_config(RetryConfig::standard().with_max_attempts(6));
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    loader.load().await
}

/// Refuses every operation whose name is not that of a read, before anything is sent.
#[derive(Debug)]
struct ReadOnly;

impl Intercept for ReadOnly {
    fn name(&self) -> &'static str {
        "ReadOnly"
    }

    // Not `read_before_execution`: the operation is not named yet there.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const READS: [&str; 4] = ["Get", "List", "Describe", "Head"];
        let operation = configuration.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        if READS.iter().any(|read| operation.starts_with(read)) {
            return Ok(());
        }
        Err(format!("{operation} was called by something that may only read").into())
    }
}

/// S3 at an address of its own (an emulator) has no names for buckets in the DNS.
pub(crate) fn s3(config: &SdkConfig) -> aws_sdk_s3::config::Builder {
    let own_address = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    aws_sdk_s3::config::Builder::from(config).force_path_style(own_address)
}

/// The same, with replies that are remembered while nothing is changed.
fn remembering(config: &SdkConfig, remembered: &Arc<Remembered>) -> SdkConfig {
    match config.http_client() {
        Some(client) => {
            let client = Remembering::over(client, remembered.clone());
            config.to_builder().http_client(client).build()
        }
        None => config.clone(),
    }
}

struct Clients {
    config: SdkConfig,
    read_only: bool,
    paces: Arc<Paces>,
    recorder: Option<SharedInterceptor>,
    made: Made,
}

impl Clients {
    /// What each client has that goes along with each of its calls, beside its pace.
    fn interceptors(&self) -> impl Iterator<Item = SharedInterceptor> {
        let read_only = self.read_only.then(|| SharedInterceptor::new(ReadOnly));
        [Some(SharedInterceptor::new(MarkOpen)), read_only, self.recorder.clone()].into_iter().flatten()
    }

    fn s3(&self) -> &aws_sdk_s3::Client {
        self.made.s3.get_or_init(|| {
            let paced = self.paces.of("s3", &self.config);
            let mut builder = paced!(s3(&self.config), paced, &self.config);
            for interceptor in self.interceptors() {
                builder.push_interceptor(interceptor);
            }
            aws_sdk_s3::Client::from_conf(builder.build())
        })
    }
}

macro_rules! services {
    ($($name:ident: $service:ident, $documentation:literal;)*) => {
        #[derive(Default)]
        struct Made {
            s3: OnceLock<aws_sdk_s3::Client>,
            $($name: OnceLock<$service::Client>,)*
        }

        impl Clients {
            $(fn $name(&self) -> &$service::Client {
                self.made.$name.get_or_init(|| {
                    let paced = self.paces.of(stringify!($name), &self.config);
                    let builder = $service::config::Builder::from(&self.config);
                    let mut builder = paced!(builder, paced, &self.config);
                    for interceptor in self.interceptors() {
                        builder.push_interceptor(interceptor);
                    }
                    $service::Client::from_conf(builder.build())
                })
            })*
        }

        /// Clients of one region that can only read: any other operation is refused before it is sent.
        pub struct Reader {
            clients: Clients,
            batches: Batches,
            caller: Arc<OnceCell<GetCallerIdentityOutput>>,
            zone_names: Mutex<BTreeMap<String, String>>,
        }

        /// Clients of one region that can change things.
        pub struct Writer {
            clients: Clients,
            reader: Arc<Reader>,
        }

        impl Reader {
            /// Amazon S3.
            pub fn s3(&self) -> &aws_sdk_s3::Client {
                self.clients.s3()
            }

            $(#[doc = $documentation]
            pub fn $name(&self) -> &$service::Client {
                self.clients.$name()
            })*

            /// What is being asked of AWS about several `B` in one call.
            pub(crate) fn batch<B: Batched>(&self) -> Arc<Batch<B::Question, B::Answer>> {
                self.batches.of::<B>()
            }

            /// Whose credentials these are, once that was asked: it does not change.
            pub(crate) fn caller(&self) -> &OnceCell<GetCallerIdentityOutput> {
                &self.caller
            }

            /// The names of the hosted zones that somebody has asked for, by id. A zone keeps its name.
            pub(crate) fn zone_names(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
                self.zone_names.lock().unwrap_or_else(PoisonError::into_inner)
            }

            /// The region that these clients speak to.
            pub fn region(&self) -> Option<&str> {
                self.clients.config.region().map(AsRef::as_ref)
            }
        }

        impl Writer {
            /// Amazon S3.
            pub fn s3(&self) -> &aws_sdk_s3::Client {
                self.clients.s3()
            }

            $(#[doc = $documentation]
            pub fn $name(&self) -> &$service::Client {
                self.clients.$name()
            })*

            /// The region that these clients speak to.
            pub fn region(&self) -> Option<&str> {
                self.clients.config.region().map(AsRef::as_ref)
            }

            /// Clients of the same region that can only read.
            pub fn reader(&self) -> &Reader {
                &self.reader
            }
        }
    };
}

services! {
    acm: aws_sdk_acm, "AWS Certificate Manager.";
    cloudfront: aws_sdk_cloudfront, "Amazon CloudFront.";
    cloudwatch: aws_sdk_cloudwatch, "Amazon CloudWatch.";
    cloudwatch_logs: aws_sdk_cloudwatchlogs, "Amazon CloudWatch Logs.";
    dynamodb: aws_sdk_dynamodb, "Amazon DynamoDB.";
    eventbridge: aws_sdk_eventbridge, "Amazon EventBridge.";
    iam: aws_sdk_iam, "AWS Identity and Access Management.";
    kms: aws_sdk_kms, "AWS Key Management Service.";
    lambda: aws_sdk_lambda, "AWS Lambda.";
    mediaconvert: aws_sdk_mediaconvert, "AWS Elemental MediaConvert.";
    route53: aws_sdk_route53, "Amazon Route 53.";
    secrets_manager: aws_sdk_secretsmanager, "AWS Secrets Manager.";
    service_catalog: aws_sdk_servicecatalog, "AWS Service Catalog.";
    sns: aws_sdk_sns, "Amazon Simple Notification Service.";
    sqs: aws_sdk_sqs, "Amazon Simple Queue Service.";
    sts: aws_sdk_sts, "AWS Security Token Service.";
}

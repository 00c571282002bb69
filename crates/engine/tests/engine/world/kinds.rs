//! Kinds of the made-up cloud, one for each way in which kinds of a real one differ.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use provision_engine::event::Clock;
use provision_engine::kind::{
    Computed, Connect, Created, Data, Ephemeral, Kind, KindError, Policy, Registry, Token, WriteOnly,
};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Cloud;

/// All kinds, on that cloud.
pub(crate) fn registry(cloud: &Arc<Cloud>, clock: Arc<dyn Clock>) -> Registry {
    let mut registry = Registry::new();
    let clients = Arc::new(Clients(cloud.clone()));
    registry.resource::<Bucket>(&clients);
    registry.resource::<Key>(&clients);
    registry.resource::<Bare>(&clients);
    registry.resource::<Secret>(&clients);
    registry.data_source::<Lookup>(&clients);
    provision_engine::builtin::register(&mut registry, clock);
    registry
}

struct Clients(Arc<Cloud>);

impl Connect<Cloud> for Clients {
    fn connect<'a>(&'a self, _region: Option<&'a str>) -> BoxFuture<'a, Result<Arc<Cloud>, KindError>> {
        async { Ok(self.0.clone()) }.boxed()
    }
}

/// What bears the name of something that is to be created is somebody else's.
fn free(found: Option<String>) -> Result<(), KindError> {
    found.map_or(Ok(()), |id| Err(KindError::new(format!("there is one of that name already: {id}"))))
}

fn stored(attributes: &impl Serialize, leave_out: &[&str]) -> Json {
    let mut json = serde_json::to_value(attributes).unwrap();
    json.as_object_mut()
        .unwrap()
        .retain(|name, value| !value.is_null() && !leave_out.contains(&name.as_str()));
    json
}

/// Has a name that it is found by, blocks, and values of all types. Created whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bucket {
    #[schemars(extend("forces_replacement" = true))]
    bucket: String,
    comment: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    versioning: Option<Versioning>,
    #[serde(default)]
    rule: Vec<Rule>,
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    readers: Vec<String>,
    policy: Option<Policy>,
    #[schemars(extend("sensitive" = true))]
    password: Option<String>,
    #[serde(default)]
    #[schemars(extend("kept" = true))]
    force_destroy: bool,
    #[schemars(extend("computed" = true))]
    class: Option<String>,
    #[serde(default)]
    arn: Computed<String>,
    #[serde(default)]
    #[schemars(extend("volatile" = true))]
    etag: Computed<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Versioning {
    enabled: bool,
    mode: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    prefix: String,
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 365))]
    days: i64,
}

fn thirty() -> i64 {
    30
}

const NOT_SENT: [&str; 3] = ["arn", "etag", "force_destroy"];

#[async_trait]
impl Kind for Bucket {
    const NAME: &'static str = "fake_bucket";
    type Reader = Cloud;
    type Writer = Cloud;

    async fn read(cloud: &Cloud, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let Some(object) = cloud.get(id).await? else { return Ok(None) };
        let mut bucket: Self = serde_json::from_value(object.attributes).unwrap();
        bucket.arn = format!("arn:fake:{}", bucket.bucket).into();
        bucket.etag = format!("version {}", object.version).into();
        Ok(Some(bucket))
    }

    async fn find(&self, cloud: &Cloud, _token: &Token) -> Result<Option<String>, KindError> {
        cloud.find(|object| object.kind == Self::NAME && object.name.as_ref() == Some(&self.bucket)).await
    }

    async fn ensure_free(&self, cloud: &Cloud, token: &Token) -> Result<(), KindError> {
        free(self.find(cloud, token).await?)
    }

    async fn create(&self, cloud: &Cloud, token: &Token) -> Result<Created<Self>, KindError> {
        let name = Some(self.bucket.as_str());
        let class = self.class.clone().or_else(|| Some("standard".to_owned()));
        let attributes = stored(&Self { class, ..self.clone() }, &NOT_SENT);
        cloud.create(Self::NAME, name, token.as_str(), attributes).await.map(Created::complete)
    }

    async fn update(&self, cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloud.update(id, stored(self, &NOT_SENT)).await
    }

    async fn delete(cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloud.delete(id).await
    }

    fn permissions(undertaking: Undertaking<'_>) -> Vec<Permission> {
        let bucket = format!("${{Partition}}:${{Region}}:{}", undertaking.text_or_any("bucket"));
        undertaking
            .needs()
            .read(&bucket, &["fake:Get"])
            .create("*", &["fake:Find", "fake:Create"])
            .update(&bucket, &["fake:Update"])
            .setting(&["class"], &bucket, &["fake:Classify"])
            .delete(&bucket, &["fake:Delete"])
            .done()
    }
}

/// Has no name: found by its token. Refers to others, and takes a secret. Created whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    /// Changed in place.
    size: Option<i64>,
    /// Changed by replacement.
    #[schemars(extend("forces_replacement" = true))]
    color: Option<String>,
    /// Others, changed in place.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    uses: Vec<String>,
    /// Others, changed by replacement.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "forces_replacement" = true))]
    built_on: Vec<String>,
    #[serde(default)]
    secret: WriteOnly<String>,
}

#[async_trait]
impl Kind for Key {
    const NAME: &'static str = "fake_key";
    type Reader = Cloud;
    type Writer = Cloud;

    async fn read(cloud: &Cloud, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(cloud.get(id).await?.map(|object| {
            let mut key: Self = serde_json::from_value(object.attributes).unwrap();
            key.secret = WriteOnly::Unset;
            key
        }))
    }

    async fn find(&self, cloud: &Cloud, token: &Token) -> Result<Option<String>, KindError> {
        cloud.find(|object| object.kind == Self::NAME && object.token == token.as_str()).await
    }

    async fn create(&self, cloud: &Cloud, token: &Token) -> Result<Created<Self>, KindError> {
        cloud.create(Self::NAME, None, token.as_str(), stored(self, &[])).await.map(Created::complete)
    }

    async fn update(&self, cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        let mut attributes = stored(self, &[]);
        if self.secret.is_set() && self.secret.value().is_none() {
            let before = cloud.get(id).await?.map(|object| object.attributes["secret"].clone());
            attributes["secret"] = before.unwrap_or_default();
        }
        cloud.update(id, attributes).await
    }

    async fn delete(cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloud.delete(id).await
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

/// Has a name that it is found by. Created with nothing but that; an update makes the rest.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bare {
    #[schemars(extend("forces_replacement" = true))]
    name: String,
    /// Changed in place.
    size: Option<i64>,
    /// Others, changed in place.
    #[serde(default)]
    uses: Vec<String>,
    #[serde(default)]
    secret: WriteOnly<String>,
    #[serde(default)]
    arn: Computed<String>,
}

impl Bare {
    fn bare(&self) -> Self {
        Self { name: self.name.clone(), arn: format!("arn:fake:{}", self.name).into(), ..Self::default() }
    }
}

#[async_trait]
impl Kind for Bare {
    const NAME: &'static str = "fake_bare";
    type Reader = Cloud;
    type Writer = Cloud;

    async fn read(cloud: &Cloud, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(cloud.get(id).await?.map(|object| {
            let mut bare: Self = serde_json::from_value(object.attributes).unwrap();
            bare.secret = WriteOnly::Unset;
            bare.arn = bare.bare().arn;
            bare
        }))
    }

    async fn find(&self, cloud: &Cloud, _token: &Token) -> Result<Option<String>, KindError> {
        cloud.find(|object| object.kind == Self::NAME && object.name.as_ref() == Some(&self.name)).await
    }

    async fn ensure_free(&self, cloud: &Cloud, token: &Token) -> Result<(), KindError> {
        free(self.find(cloud, token).await?)
    }

    async fn create(&self, cloud: &Cloud, token: &Token) -> Result<Created<Self>, KindError> {
        let attributes = json!({ "name": self.name });
        let id = cloud.create(Self::NAME, Some(&self.name), token.as_str(), attributes).await?;
        Ok(Created::bare(id, self.bare()))
    }

    async fn update(&self, cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        let mut attributes = stored(self, &["arn"]);
        if self.secret.is_set() && self.secret.value().is_none() {
            let before = cloud.get(id).await?.map(|object| object.attributes["secret"].clone());
            attributes["secret"] = before.unwrap_or_default();
        }
        cloud.update(id, attributes).await
    }

    async fn delete(cloud: &Cloud, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloud.delete(id).await
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

/// Makes a secret that exists only in the run that makes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    #[schemars(extend("forces_replacement" = true))]
    version: i64,
    #[serde(default)]
    public: Computed<String>,
    #[serde(default)]
    private: Ephemeral<String>,
}

#[async_trait]
impl Kind for Secret {
    const NAME: &'static str = "fake_secret";
    const REMOTE: bool = false;
    type Reader = Cloud;
    type Writer = Cloud;

    async fn read(_: &Cloud, _id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(Some(prior.clone()))
    }

    async fn find(&self, _: &Cloud, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(None)
    }

    async fn create(&self, _: &Cloud, token: &Token) -> Result<Created<Self>, KindError> {
        let attributes = Self {
            version: self.version,
            public: format!("public of {}", token.as_str()).into(),
            private: format!("hunter2 of {}", token.as_str()).into(),
        };
        Ok(Created::Known { id: token.as_str().to_owned(), attributes })
    }

    async fn update(&self, _: &Cloud, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(_: &Cloud, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

/// Looks a bucket up by its name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lookup {
    bucket: String,
    #[serde(default)]
    comment: Computed<String>,
    #[serde(default)]
    #[schemars(extend("sensitive" = true))]
    password: Computed<String>,
    #[serde(default)]
    readers: Computed<Vec<String>>,
    #[serde(default)]
    id: Computed<String>,
}

#[async_trait]
impl Data for Lookup {
    const NAME: &'static str = "fake_bucket";
    type Reader = Cloud;

    async fn read(&self, cloud: &Cloud) -> Result<Self, KindError> {
        let is_it = |name: Option<&String>| name == Some(&self.bucket);
        let found = cloud.find(|object| object.kind == Bucket::NAME && is_it(object.name.as_ref())).await?;
        let Some(id) = found else {
            return Err(KindError::new(format!("there is no bucket {}", self.bucket)));
        };
        let Some(object) = cloud.get(&id).await? else { return Err(KindError::new("it is gone")) };
        let text = |name: &str| object.attributes[name].as_str().map(str::to_owned);
        Ok(Self {
            bucket: self.bucket.clone(),
            comment: text("comment").into(),
            password: text("password").into(),
            readers: serde_json::from_value::<Option<Vec<String>>>(object.attributes["readers"].clone())
                .unwrap()
                .into(),
            id: id.as_str().into(),
        })
    }

    fn permissions(configuration: &Value) -> Vec<Permission> {
        vec![Permission::new("fake:Find", configuration.get("bucket").as_str().unwrap_or("*"))]
    }
}

//! The kinds that a build of the engine knows, by name.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::FutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    Circumstances, Connect, Created, Data, DataKind, Departure, Kind, KindError, Quota, Reply, ResourceKind,
    Token,
};
use crate::cloudformation::Counterpart;
use crate::function::Files;
use crate::permission::{Permission, Undertaking};
use crate::schema::{Problem, Schema};
use crate::terraform::Exported;
use crate::value::Value;

/// All kinds of resources and data sources.
#[derive(Default)]
pub struct Registry {
    resources: BTreeMap<&'static str, Box<dyn ResourceKind>>,
    data: BTreeMap<&'static str, Box<dyn DataKind>>,
}

impl Registry {
    /// A registry that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind, whose clients come from `source`.
    pub fn resource<K: Kind>(
        &mut self,
        source: &Arc<impl Connect<K::Reader> + Connect<K::Writer> + 'static>,
    ) -> &mut Self {
        self.resources.insert(
            K::NAME,
            Box::new(TypedKind::<K> {
                schema: OnceLock::new(),
                readers: source.clone(),
                writers: source.clone(),
            }),
        );
        self
    }

    /// Adds a data source, whose clients come from `source`.
    pub fn data_source<D: Data>(&mut self, source: &Arc<impl Connect<D::Reader> + 'static>) -> &mut Self {
        self.data.insert(
            D::NAME,
            Box::new(TypedData::<D> { schema: OnceLock::new(), readers: source.clone(), kind: PhantomData }),
        );
        self
    }

    /// The kind of that name.
    pub fn kind(&self, name: &str) -> Option<&dyn ResourceKind> {
        self.resources.get(name).map(AsRef::as_ref)
    }

    /// The data source of that name.
    pub fn data(&self, name: &str) -> Option<&dyn DataKind> {
        self.data.get(name).map(AsRef::as_ref)
    }

    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &dyn ResourceKind> {
        self.resources.values().map(AsRef::as_ref)
    }

    /// All data sources, by name.
    pub fn data_sources(&self) -> impl Iterator<Item = &dyn DataKind> {
        self.data.values().map(AsRef::as_ref)
    }
}

/// The schema of a type, which is made once. Should two need it at the same time, both make it, and one is kept: that takes
/// less than to wait (see `config/ahead.rs`).
fn schema<T: JsonSchema>(once: &OnceLock<Schema>) -> &Schema {
    if let Some(schema) = once.get() {
        return schema;
    }
    let made = Schema::of::<T>();
    once.get_or_init(|| made)
}

struct TypedKind<K: Kind> {
    schema: OnceLock<Schema>,
    readers: Arc<dyn Connect<K::Reader>>,
    writers: Arc<dyn Connect<K::Writer>>,
}

impl<K: Kind> TypedKind<K> {
    fn typed(&self, value: &Value) -> Result<K, KindError> {
        typed(self.schema(), value)
    }
}

impl<K: Kind> ResourceKind for TypedKind<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn is_remote(&self) -> bool {
        K::REMOTE
    }

    fn takes(&self) -> Duration {
        K::TAKES
    }

    fn parts(&self) -> &'static [&'static str] {
        K::PARTS
    }

    fn cloudformation(&self) -> Option<Counterpart> {
        K::CLOUDFORMATION
    }

    fn id_in_terraform(&self, attributes: &Value) -> Option<String> {
        K::id_in_terraform(attributes)
    }

    fn adapt_from_terraform(&self, attributes: &mut Value) {
        K::adapt_from_terraform(attributes);
    }

    fn is_in_terraform(&self) -> bool {
        K::IS_IN_TERRAFORM
    }

    fn not_in_terraform(&self) -> &'static [&'static str] {
        K::NOT_IN_TERRAFORM
    }

    fn adapt_to_terraform(&self, exported: &mut Exported<'_>) {
        K::adapt_to_terraform(exported);
    }

    fn terraform_import_id(&self, id: &str, attributes: &Value) -> Option<String> {
        K::terraform_import_id(id, attributes)
    }

    fn leave_unsaid(&self, attributes: &mut Value) {
        K::leave_unsaid(attributes);
    }

    fn schema(&self) -> &Schema {
        schema::<K>(&self.schema)
    }

    fn validate(&self, configuration: &Value) -> Vec<Problem> {
        K::validate(configuration)
    }

    fn read_files(&self, configuration: &mut Value, files: &dyn Files) -> Vec<Problem> {
        K::read_files(configuration, files)
    }

    fn foresee(&self, configuration: &mut Value, circumstances: &Circumstances<'_>) -> Vec<Problem> {
        K::foresee(configuration, circumstances)
    }

    fn read<'a>(
        &'a self,
        region: Option<&'a str>,
        id: &'a str,
        prior: &'a Value,
    ) -> Reply<'a, Option<Value>> {
        async move {
            let reader = self.readers.connect(region).await?;
            let read = K::read(&reader, id, &self.typed(prior)?).await?;
            read.map(|attributes| Ok(self.schema().from_read(untyped(&attributes)?, prior))).transpose()
        }
        .boxed()
    }

    fn find<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, Option<String>> {
        async move {
            let reader = self.readers.connect(region).await?;
            self.typed(desired)?.find(&reader, token).await
        }
        .boxed()
    }

    fn ensure_free<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, ()> {
        async move {
            let reader = self.readers.connect(region).await?;
            self.typed(desired)?.ensure_free(&reader, token).await
        }
        .boxed()
    }

    fn obstacles<'a>(
        &'a self,
        region: Option<&'a str>,
        there: Option<&'a str>,
        desired: &'a Value,
    ) -> Reply<'a, Vec<Problem>> {
        async move {
            let reader = self.readers.connect(region).await?;
            self.typed(&self.schema().without_secrets(desired))?.obstacles(&reader, there).await
        }
        .boxed()
    }

    fn before_delete<'a>(
        &'a self,
        region: Option<&'a str>,
        id: &'a str,
        prior: &'a Value,
    ) -> Reply<'a, Departure> {
        async move {
            let reader = self.readers.connect(region).await?;
            K::before_delete(&reader, id, &self.typed(prior)?).await
        }
        .boxed()
    }

    fn quota(&self) -> Reply<'_, Option<Quota>> {
        async move {
            let reader = self.readers.connect(None).await?;
            K::quota(&reader).await
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, Created<Value>> {
        async move {
            let writer = self.writers.connect(region).await?;
            let schema = self.schema();
            Ok(match self.typed(desired)?.create(&writer, token).await? {
                Created::Complete { id } => Created::Complete { id },
                Created::Bare { id, attributes } => {
                    let sent = schema.without_secrets(desired);
                    Created::Bare { id, attributes: schema.from_read(untyped(&attributes)?, &sent) }
                }
                Created::Known { id, attributes } => {
                    Created::Known { id, attributes: schema.from_read(untyped(&attributes)?, desired) }
                }
            })
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        region: Option<&'a str>,
        id: &'a str,
        prior: &'a Value,
        desired: &'a Value,
    ) -> Reply<'a, ()> {
        async move {
            let writer = self.writers.connect(region).await?;
            self.typed(desired)?.update(&writer, id, &self.typed(prior)?).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, region: Option<&'a str>, id: &'a str, prior: &'a Value) -> Reply<'a, ()> {
        async move {
            let writer = self.writers.connect(region).await?;
            K::delete(&writer, id, &self.typed(prior)?).await
        }
        .boxed()
    }

    fn settled<'a>(&'a self, region: Option<&'a str>, id: &'a str, attributes: &'a Value) -> Reply<'a, bool> {
        async move {
            let reader = self.readers.connect(region).await?;
            self.typed(attributes)?.settled(&reader, id).await
        }
        .boxed()
    }

    fn permissions(&self, undertaking: Undertaking<'_>) -> Vec<Permission> {
        K::permissions(undertaking)
    }
}

struct TypedData<D: Data> {
    schema: OnceLock<Schema>,
    readers: Arc<dyn Connect<D::Reader>>,
    kind: PhantomData<fn() -> D>,
}

impl<D: Data> DataKind for TypedData<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn not_in_terraform(&self) -> &'static [&'static str] {
        D::NOT_IN_TERRAFORM
    }

    fn cloudformation(&self) -> Option<Counterpart> {
        D::CLOUDFORMATION
    }

    fn schema(&self) -> &Schema {
        schema::<D>(&self.schema)
    }

    fn validate(&self, configuration: &Value) -> Vec<Problem> {
        D::validate(configuration)
    }

    fn read<'a>(&'a self, region: Option<&'a str>, configuration: &'a Value) -> Reply<'a, Value> {
        async move {
            let reader = self.readers.connect(region).await?;
            let answer = typed::<D>(self.schema(), configuration)?.read(&reader).await?;
            Ok(self.schema().from_read(untyped(&answer)?, configuration))
        }
        .boxed()
    }

    fn permissions(&self, configuration: &Value) -> Vec<Permission> {
        D::permissions(configuration)
    }
}

fn typed<T: DeserializeOwned>(schema: &Schema, value: &Value) -> Result<T, KindError> {
    serde_json::from_value(schema.typed(value)).map_err(|error| {
        let error = error.to_string();
        // serde quotes what it found, and that can be a secret.
        let expected = error.split_once("expected ").map_or("something else", |(_, expected)| expected);
        KindError::new(format!("the attributes do not fit the kind: expected {expected}"))
    })
}

fn untyped<T: Serialize>(attributes: &T) -> Result<Value, KindError> {
    serde_json::to_value(attributes)
        .map(Value::from_json)
        .map_err(|error| KindError::new(format!("the attributes are no JSON: {error}")))
}

/// The source of clients for kinds that need none.
pub struct NoClients;

impl Connect<()> for NoClients {
    fn connect<'a>(&'a self, _region: Option<&'a str>) -> Reply<'a, Arc<()>> {
        async { Ok(Arc::new(())) }.boxed()
    }
}

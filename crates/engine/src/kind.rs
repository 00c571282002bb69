//! What a resource kind is. A kind is a struct: its fields are its arguments and attributes, and its methods
//! the calls that read, make, change and delete one.
//!
//! The JSON Schema derived from the struct is the one source of types, constraints, defaults and documentation:
//! see [`crate::schema`] for the flags that a field can bear.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cloudformation::Counterpart;
use crate::function::Files;
use crate::permission::{Permission, Undertaking};
use crate::schema::{Problem, Schema};
use crate::terraform::Exported;
use crate::value::Value;

/// A kind of resource, as its author writes it.
///
/// The struct holds the arguments (what a configuration sets) and the attributes that AWS computes
/// ([`Computed`]). The engine calls `read` with what the state holds as `prior`, and `create` and `update` with
/// every argument known.
#[async_trait]
pub trait Kind: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name in configurations: that of Terraform's AWS provider, such as `aws_s3_bucket`.
    const NAME: &'static str;
    /// Whether anything outside of the state is behind it. A kind without (`terraform_data`) needs no intent
    /// and is never refreshed.
    const REMOTE: bool = true;
    /// How long one change of it may take, with all that it waits for: what credentials should outlive.
    const TAKES: Duration = Duration::from_secs(60);
    /// Terraform's resources that are arguments of this one here.
    const PARTS: &'static [&'static str] = &[];
    /// Whether Terraform has such a kind too. What it has not, is left out of a configuration for it, and what others
    /// refer to is written as it is.
    const IS_IN_TERRAFORM: bool = true;
    /// Arguments and attributes that a resource of that kind of Terraform's has not: see [`Kind::adapt_to_terraform`].
    /// `region` is among them where it is the same in all regions.
    const NOT_IN_TERRAFORM: &'static [&'static str] = &[];
    /// What it is in a template of CloudFormation; none: a template cannot have it.
    const CLOUDFORMATION: Option<Counterpart> = None;
    /// Clients that can only read; `()` for a kind that needs none.
    type Reader: Send + Sync + 'static;
    /// Clients that can change things; `()` for a kind that needs none.
    type Writer: Send + Sync + 'static;

    /// What is wrong with a configuration beyond what the schema can say, such as two arguments that exclude
    /// each other. Values can be unknown: what is not known is not judged. No network.
    fn validate(_configuration: &Value) -> Vec<Problem> {
        Vec::new()
    }

    /// Puts what files hold into a configuration that names them, such as the package of a function whose source is a
    /// directory. Relative paths start at the directory of the module. What is not known yet is left as it is.
    fn read_files(_configuration: &mut Value, _files: &dyn Files) -> Vec<Problem> {
        Vec::new()
    }

    /// Fills in computed attributes that can be told before an apply, from what the resource was and from the time. A
    /// read-only attribute that is not filled in is as AWS says.
    fn foresee(_configuration: &mut Value, _circumstances: &Circumstances<'_>) -> Vec<Problem> {
        Vec::new()
    }

    /// The id of what Terraform's state has as a resource of this kind, with these attributes. Terraform finds some of
    /// its resources by other ids than AWS does.
    fn id_in_terraform(attributes: &Value) -> Option<String> {
        attributes.get("id").as_str().map(str::to_owned)
    }

    /// Puts what Terraform's state has as the attributes of such a resource into the form of this kind, where it is more
    /// than that a block which can be there once is a list there.
    fn adapt_from_terraform(_attributes: &mut Value) {}

    /// Makes of the arguments what Terraform has in their place, where that is more than the same under the same name:
    /// above all what it has for the arguments in [`Kind::NOT_IN_TERRAFORM`], which are not written otherwise.
    fn adapt_to_terraform(_exported: &mut Exported<'_>) {}

    /// The id by which Terraform imports what has this id and these attributes; none if it cannot import it.
    fn terraform_import_id(id: &str, _attributes: &Value) -> Option<String> {
        Some(id.to_owned())
    }

    /// Takes out of attributes what AWS has made up, so that a configuration need not say it.
    fn leave_unsaid(_attributes: &mut Value) {}

    /// What is there now, or `None` if nothing is. Arguments flagged `kept` and write-only ones need not be
    /// filled in: the engine carries them over from `prior`.
    async fn read(reader: &Self::Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError>;

    /// The id of what an earlier run asked for with this configuration and token and may have got, if it is
    /// there. `None` means that it never happened.
    async fn find(&self, reader: &Self::Reader, token: &Token) -> Result<Option<String>, KindError>;

    /// Fails if what a create would make is there already, so that [`Kind::find`] would take somebody else's for its
    /// own: a name that is taken. Asked before the intent is recorded; from then on what bears the name is ours.
    async fn ensure_free(&self, _reader: &Self::Reader, _token: &Token) -> Result<(), KindError> {
        Ok(())
    }

    /// What AWS would refuse it for, or what would keep it from working, beyond a name that is taken, as far as that
    /// can be told before it is tried. `there`: its id, unless it is to be created. What is not known yet is empty
    /// here. Asked by a plan, before anything is changed.
    async fn obstacles(
        &self,
        _reader: &Self::Reader,
        _there: Option<&str>,
    ) -> Result<Vec<Problem>, KindError> {
        Ok(Vec::new())
    }

    /// What a delete would take with it, and what AWS would refuse it for. Asked by a plan.
    async fn before_delete(_reader: &Self::Reader, _id: &str, _prior: &Self) -> Result<Departure, KindError> {
        Ok(Departure::default())
    }

    /// How many of this kind the account has and may have, where AWS tells.
    async fn quota(_reader: &Self::Reader) -> Result<Option<Quota>, KindError> {
        Ok(None)
    }

    /// Makes it. Prefer to make the bare object and return [`Created::Bare`], so that the rest is the same
    /// `update` that a later change would run, and a half-finished create is just a diff.
    async fn create(&self, writer: &Self::Writer, token: &Token) -> Result<Created<Self>, KindError>;

    /// Makes what has this id as `self` says; `prior` is what it was. A write-only argument is there only when
    /// it has changed. Safe to repeat.
    async fn update(&self, writer: &Self::Writer, id: &str, prior: &Self) -> Result<(), KindError>;

    /// Deletes it. That it is absent already is success. `prior` is what the state holds.
    async fn delete(writer: &Self::Writer, id: &str, prior: &Self) -> Result<(), KindError>;

    /// Whether a change has taken effect everywhere: a distribution that is deployed. Asked repeatedly at the
    /// end of a run, and never waited for by other resources.
    async fn settled(&self, _reader: &Self::Reader, _id: &str) -> Result<bool, KindError> {
        Ok(true)
    }

    /// What the calls of one act need to be permitted, and nothing else: the least. Values can be unknown.
    fn permissions(undertaking: Undertaking<'_>) -> Vec<Permission>;
}

/// A data source: something read, and never changed. Its arguments select, its [`Computed`] attributes answer.
#[async_trait]
pub trait Data: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name in configurations, without the `data.`, such as `aws_region`.
    const NAME: &'static str;
    /// As [`Kind::NOT_IN_TERRAFORM`].
    const NOT_IN_TERRAFORM: &'static [&'static str] = &[];
    /// What becomes of its attributes in a template of CloudFormation, which reads nothing.
    const CLOUDFORMATION: Option<Counterpart> = None;
    /// Clients that can only read.
    type Reader: Send + Sync + 'static;

    /// As [`Kind::validate`].
    fn validate(_configuration: &Value) -> Vec<Problem> {
        Vec::new()
    }

    /// Reads what the arguments select. That there is none, or more than one, is an error.
    async fn read(&self, reader: &Self::Reader) -> Result<Self, KindError>;

    /// What the calls of a read need to be permitted, and nothing else. Values can be unknown.
    fn permissions(configuration: &Value) -> Vec<Permission>;
}

/// What surrounds a resource while it is planned: see [`Kind::foresee`].
pub struct Circumstances<'a> {
    /// Its attributes as they are; none if it is to be created.
    pub prior: Option<&'a Value>,
    /// When that was read, in seconds of Unix time.
    pub time: Option<i64>,
    /// Whether this run is asked to begin a rotation of it.
    pub rotate: bool,
    /// What the state says of another resource of its module, which is not waited for. An error if the module has
    /// none of that address.
    pub recorded: &'a dyn Fn(&str) -> Result<Option<&'a Value>, String>,
}

/// What comes with the delete of something.
#[derive(Debug, Default)]
pub struct Departure {
    /// What goes too, in words: `3 objects`.
    pub takes_along: Vec<String>,
    /// What AWS would refuse the delete for, as long as it holds on to this.
    pub held_by: Vec<Holder>,
    /// What to do where something holds on to it.
    pub hint: Option<String>,
}

/// Something on AWS that holds on to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its kind.
    pub kind: &'static str,
    /// Its id, first as people would write it, and then however else a state may have it.
    pub ids: Vec<String>,
}

/// How many of something an account can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Of what, in the plural.
    pub of: &'static str,
    /// How many there are.
    pub used: i64,
    /// How many there can be.
    pub limit: i64,
}

/// What a [`Kind::create`] has made.
#[derive(Debug)]
pub enum Created<K> {
    /// All of it is as configured. The engine reads it back.
    Complete {
        /// Its id: what `read`, `update` and `delete` find it by.
        id: String,
    },
    /// The object exists, and is as `attributes` say; `update` makes the rest.
    Bare {
        /// Its id.
        id: String,
        /// What it is now.
        attributes: K,
    },
    /// All of it is as configured, and there is nothing to read that `attributes` do not say.
    Known {
        /// Its id.
        id: String,
        /// What it is now.
        attributes: K,
    },
}

impl<K> Created<K> {
    /// [`Created::Complete`].
    pub fn complete(id: impl Into<String>) -> Self {
        Self::Complete { id: id.into() }
    }

    /// [`Created::Bare`].
    pub fn bare(id: impl Into<String>, attributes: K) -> Self {
        Self::Bare { id: id.into(), attributes }
    }
}

/// A random token made for one create and recorded before the call, from which names, caller references and
/// client tokens derive, so that what the call made can be found after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Token(pub String);

impl Token {
    /// The whole token: a UUID. For caller references and client request tokens.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under `prefix`, as Terraform's `name_prefix`: the prefix and 26 hexadecimal digits.
    pub fn name(&self, prefix: &str) -> String {
        let digits: String = self.0.chars().filter(char::is_ascii_hexdigit).take(26).collect();
        format!("{prefix}{digits}")
    }
}

/// Where clients come from: made when first asked for, one set a region.
pub trait Connect<C>: Send + Sync {
    /// The clients for that region, or for the environment's own.
    fn connect<'a>(&'a self, region: Option<&'a str>) -> BoxFuture<'a, Result<Arc<C>, KindError>>;
}

/// A kind with its types erased: what the engine works with.
pub trait ResourceKind: Send + Sync {
    /// [`Kind::NAME`].
    fn name(&self) -> &'static str;
    /// [`Kind::REMOTE`].
    fn is_remote(&self) -> bool;
    /// [`Kind::TAKES`].
    fn takes(&self) -> Duration;
    /// [`Kind::PARTS`].
    fn parts(&self) -> &'static [&'static str];
    /// [`Kind::CLOUDFORMATION`].
    fn cloudformation(&self) -> Option<Counterpart>;
    /// What a configuration can say; made on first use.
    fn schema(&self) -> &Schema;
    /// [`Kind::id_in_terraform`].
    fn id_in_terraform(&self, attributes: &Value) -> Option<String>;
    /// [`Kind::adapt_from_terraform`].
    fn adapt_from_terraform(&self, attributes: &mut Value);
    /// [`Kind::IS_IN_TERRAFORM`].
    fn is_in_terraform(&self) -> bool;
    /// [`Kind::NOT_IN_TERRAFORM`].
    fn not_in_terraform(&self) -> &'static [&'static str];
    /// [`Kind::adapt_to_terraform`].
    fn adapt_to_terraform(&self, exported: &mut Exported<'_>);
    /// [`Kind::terraform_import_id`].
    fn terraform_import_id(&self, id: &str, attributes: &Value) -> Option<String>;
    /// [`Kind::leave_unsaid`].
    fn leave_unsaid(&self, attributes: &mut Value);
    /// [`Kind::validate`].
    fn validate(&self, configuration: &Value) -> Vec<Problem>;
    /// [`Kind::read_files`].
    fn read_files(&self, configuration: &mut Value, files: &dyn Files) -> Vec<Problem>;
    /// [`Kind::foresee`].
    fn foresee(&self, configuration: &mut Value, circumstances: &Circumstances<'_>) -> Vec<Problem>;
    /// [`Kind::read`].
    fn read<'a>(&'a self, region: Option<&'a str>, id: &'a str, prior: &'a Value)
    -> Reply<'a, Option<Value>>;
    /// [`Kind::find`].
    fn find<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, Option<String>>;
    /// [`Kind::ensure_free`].
    fn ensure_free<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, ()>;
    /// [`Kind::obstacles`].
    fn obstacles<'a>(
        &'a self,
        region: Option<&'a str>,
        there: Option<&'a str>,
        desired: &'a Value,
    ) -> Reply<'a, Vec<Problem>>;
    /// [`Kind::before_delete`].
    fn before_delete<'a>(
        &'a self,
        region: Option<&'a str>,
        id: &'a str,
        prior: &'a Value,
    ) -> Reply<'a, Departure>;
    /// [`Kind::quota`].
    fn quota(&self) -> Reply<'_, Option<Quota>>;
    /// [`Kind::create`].
    fn create<'a>(
        &'a self,
        region: Option<&'a str>,
        token: &'a Token,
        desired: &'a Value,
    ) -> Reply<'a, Created<Value>>;
    /// [`Kind::update`].
    fn update<'a>(
        &'a self,
        region: Option<&'a str>,
        id: &'a str,
        prior: &'a Value,
        desired: &'a Value,
    ) -> Reply<'a, ()>;
    /// [`Kind::delete`].
    fn delete<'a>(&'a self, region: Option<&'a str>, id: &'a str, prior: &'a Value) -> Reply<'a, ()>;
    /// [`Kind::settled`].
    fn settled<'a>(&'a self, region: Option<&'a str>, id: &'a str, attributes: &'a Value) -> Reply<'a, bool>;
    /// [`Kind::permissions`].
    fn permissions(&self, undertaking: Undertaking<'_>) -> Vec<Permission>;
}

/// A data source with its types erased.
pub trait DataKind: Send + Sync {
    /// [`Data::NAME`].
    fn name(&self) -> &'static str;
    /// [`Data::NOT_IN_TERRAFORM`].
    fn not_in_terraform(&self) -> &'static [&'static str];
    /// [`Data::CLOUDFORMATION`].
    fn cloudformation(&self) -> Option<Counterpart>;
    /// What a configuration can say; made on first use.
    fn schema(&self) -> &Schema;
    /// [`Data::validate`].
    fn validate(&self, configuration: &Value) -> Vec<Problem>;
    /// [`Data::read`].
    fn read<'a>(&'a self, region: Option<&'a str>, configuration: &'a Value) -> Reply<'a, Value>;
    /// [`Data::permissions`].
    fn permissions(&self, configuration: &Value) -> Vec<Permission>;
}

/// The answer of a kind, to be awaited.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, KindError>>;

/// The longest that a run waits for something to settle or to become visible.
pub const PATIENCE: Duration = Duration::from_secs(30 * 60);

mod error;
mod fields;
mod registry;

pub use error::KindError;
pub use fields::{Computed, Document, Ephemeral, Policy, WriteOnly};
pub use registry::{NoClients, Registry};

//! `terraform_data`: a value that is kept in the state, and that other resources can depend on or be replaced by.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cloudformation::{Counterpart, Returned};
use crate::kind::{Computed, Created, Kind, KindError, Token};
use crate::permission::{Permission, Undertaking};

/// Keeps any value in the state and gives it back, so that something is computed once, or so that a change of a
/// value replaces resources that have no argument for it (`lifecycle.replace_triggered_by`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerraformData {
    /// The value to keep.
    #[serde(default)]
    pub input: Option<serde_json::Value>,
    /// A value whose change replaces the resource.
    #[serde(default)]
    #[schemars(extend("forces_replacement" = true))]
    pub triggers_replace: Option<serde_json::Value>,
    /// The value that is kept.
    #[serde(default)]
    #[schemars(extend("volatile" = true, "repeats" = "input"))]
    pub output: Computed<serde_json::Value>,
}

impl TerraformData {
    /// The same with its output computed.
    fn computed(&self) -> Self {
        Self { output: self.input.clone().into(), ..self.clone() }
    }
}

#[async_trait]
impl Kind for TerraformData {
    const NAME: &'static str = "terraform_data";
    const REMOTE: bool = false;
    const CLOUDFORMATION: Option<Counterpart> =
        Some(Counterpart::implied().with(&[("output", Returned::Argument("input"))]));
    type Reader = ();
    type Writer = ();

    async fn read(_reader: &(), _id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(Some(prior.computed()))
    }

    async fn find(&self, _reader: &(), _token: &Token) -> Result<Option<String>, KindError> {
        Ok(None)
    }

    async fn create(&self, _writer: &(), token: &Token) -> Result<Created<Self>, KindError> {
        Ok(Created::Known { id: token.as_str().to_owned(), attributes: self.computed() })
    }

    async fn update(&self, _writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(_writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;

//! The kinds that the engine brings along: those with nothing outside of the state behind them.

use std::sync::Arc;

use crate::kind::{NoClients, Registry};

mod terraform_data;
mod tls_private_key;

pub use terraform_data::TerraformData;
pub use tls_private_key::TlsPrivateKey;

/// Adds them to a registry.
pub fn register(registry: &mut Registry) {
    let none = Arc::new(NoClients);
    registry.resource::<TerraformData>(&none).resource::<TlsPrivateKey>(&none);
}

//! The kinds that the engine brings along: those with nothing outside of the state behind them.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::event::Clock;
use crate::kind::{Connect, KindError, NoClients, Registry};

mod key_rotation;
mod terraform_data;
mod time_static;
mod tls_private_key;

pub use key_rotation::{KeyRotation, RotationStatus, rotations};
pub use terraform_data::TerraformData;
pub use time_static::TimeStatic;
pub use tls_private_key::TlsPrivateKey;

/// Adds them to a registry. `clock`: where those that keep a time have it from.
pub fn register(registry: &mut Registry, clock: Arc<dyn Clock>) {
    let none = Arc::new(NoClients);
    registry.resource::<TerraformData>(&none).resource::<TlsPrivateKey>(&none).resource::<KeyRotation>(&none);
    registry.resource::<TimeStatic>(&Arc::new(Time(clock)));
}

/// What tells kinds the time.
#[derive(Clone)]
pub struct Time(Arc<dyn Clock>);

impl Time {
    /// In seconds of Unix time.
    fn now(&self) -> i64 {
        self.0.now()
    }
}

impl Connect<Time> for Time {
    fn connect<'a>(&'a self, _region: Option<&'a str>) -> BoxFuture<'a, Result<Arc<Time>, KindError>> {
        async { Ok(Arc::new(self.clone())) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is always a certain moment.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> i64 {
            1_700_000_000
        }

        fn sleep(&self, _duration: std::time::Duration) -> BoxFuture<'static, ()> {
            async {}.boxed()
        }
    }

    /// All of them, where no time passes.
    pub(super) fn registry() -> Registry {
        let mut registry = Registry::new();
        register(&mut registry, Arc::new(Still));
        registry
    }
}

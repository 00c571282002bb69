//! What the fuzz targets share: a directory, a registry of kinds without a cloud, and the functions that take bytes,
//! which are those that the engine's own tests call (`crates/engine/tests/engine/entries.rs`).
#![allow(dead_code, reason = "the engine's tests use more of it")]

use std::path::Path;
use std::sync::Arc;

use provision_engine::event::Clock;
use provision_engine::kind::Registry;
use provision_engine::plan::PlanDocument;
use tempfile::TempDir;

#[path = "../../crates/engine/tests/engine"]
mod engine {
    pub(crate) mod entries;

    pub(crate) mod world {
        pub(crate) mod cloud;
        pub(crate) mod kinds;

        pub(crate) use cloud::Cloud;

        /// The kinds of a made-up cloud, and those that the engine brings along.
        pub(crate) fn registry(clock: std::sync::Arc<dyn provision_engine::event::Clock>) -> crate::Registry {
            kinds::registry(&std::sync::Arc::new(Cloud::default()), clock)
        }
    }
}

use engine::entries;

/// What is the same for all inputs of a target: it is made once.
struct Surroundings {
    directory: TempDir,
    registry: Registry,
}

thread_local! {
    static SURROUNDINGS: Surroundings = Surroundings {
        directory: TempDir::with_prefix("provision-fuzz-").expect("a directory can be made"),
        registry: engine::world::registry(Arc::new(Still)),
    };
}

fn with<T>(run: impl FnOnce(&Registry, &Path) -> T) -> T {
    SURROUNDINGS.with(|surroundings| run(&surroundings.registry, surroundings.directory.path()))
}

/// An environment file and its modules.
pub fn env_file(bytes: &[u8]) {
    with(|registry, directory| entries::env_file(bytes, registry, directory));
}

/// An expression.
pub fn expression(bytes: &[u8]) {
    entries::expression(bytes);
}

/// A state and its journal.
pub fn state(bytes: &[u8]) {
    with(|_, directory| entries::state(bytes, directory));
}

/// A plan file. Gives the plan to be drawn, if it is one.
pub fn plan_file(bytes: &[u8]) -> Option<PlanDocument> {
    with(|registry, directory| entries::plan_file(bytes, registry, directory))
}

/// It is always a certain moment.
struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_700_000_000
    }

    fn sleep(&self, _: std::time::Duration) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

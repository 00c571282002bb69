//! Plans of a world, as `plan --json` prints them.

use std::collections::BTreeMap;

use provision_engine::plan::PlanDocument;

use crate::World;

impl World {
    /// What a plan would do now. It is remembered, so that `apply` carries it out.
    pub fn plan(&self, arguments: &[&str]) -> PlanDocument {
        let output = self.succeed(&[&["plan", "--json"], arguments].concat());
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
    }

    /// Fails if a plan would change anything.
    pub fn assert_no_changes(&self, environment: &str) {
        let output = self.provision(&["plan", environment, "--detailed-exitcode"]);
        assert_eq!(output.code, Some(0), "there is nothing to do: {output}");
        assert!(output.stdout.contains("No changes."), "{output}");
        assert!(!output.stdout.contains("outside"), "nobody else has changed anything: {output}");
    }
}

/// What a plan does, by the short address of what it does it to: `masters.aws_s3_bucket.this` for
/// `module.storytime.module.masters.aws_s3_bucket.this`.
pub fn actions(plan: &PlanDocument) -> BTreeMap<String, String> {
    plan.effective().map(|change| (short(&change.address), change.action.clone())).collect()
}

/// What a plan finds that someone else has changed, by the short address of where; of what is gone, `gone`.
pub fn drift(plan: &PlanDocument) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for change in &plan.changes {
        let mut drift = change.drift.clone();
        drift.extend(change.gone.then(|| "gone".to_owned()));
        if !drift.is_empty() {
            found.insert(short(&change.address), drift);
        }
    }
    found
}

fn short(address: &str) -> String {
    address.trim_start_matches("module.storytime.").replace("module.", "")
}

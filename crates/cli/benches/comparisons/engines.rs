//! The engine beside Terraform's own: the same configurations, in the same run, one after the other.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::configuration::Shape;
use crate::measure::{Cost, median, run};
use crate::report::{Limit, Row, Section, megabytes, seconds, times};

/// One of the two that are compared.
struct Engine {
    program: String,
    file: &'static str,
    text: fn(Shape, usize) -> String,
    prepare: Option<&'static [&'static str]>,
    plan: &'static [&'static str],
    plan_unread: &'static [&'static str],
    apply: &'static [&'static str],
    destroy: &'static [&'static str],
}

fn provision(program: &str) -> Engine {
    Engine {
        program: program.to_owned(),
        file: "bench.toml",
        text: Shape::in_toml,
        prepare: None,
        plan: &["plan", "bench.toml"],
        plan_unread: &["plan", "bench.toml", "--refresh=false"],
        apply: &["apply", "bench.toml", "--auto-approve"],
        destroy: &["destroy", "bench.toml", "--auto-approve"],
    }
}

fn terraform() -> Engine {
    Engine {
        program: "terraform".to_owned(),
        file: "main.tf",
        text: Shape::in_hcl,
        prepare: Some(&["init"]),
        plan: &["plan"],
        plan_unread: &["plan", "-refresh=false"],
        apply: &["apply", "-auto-approve"],
        destroy: &["destroy", "-auto-approve"],
    }
}

/// Whether there is something to compare with.
pub(crate) fn has_terraform() -> bool {
    Command::new("terraform").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// The version of Terraform that is compared with.
pub(crate) fn terraform_version() -> String {
    let output = Command::new("terraform").args(["version", "-json"]).output();
    let answer =
        output.ok().and_then(|output| serde_json::from_slice::<serde_json::Value>(&output.stdout).ok());
    let version = answer.and_then(|answer| answer["terraform_version"].as_str().map(str::to_owned));
    version.unwrap_or_else(|| "not installed".to_owned())
}

/// How many resources there are of each shape, and by how much the engine is to be faster.
pub(crate) struct Size {
    shape: Shape,
    /// Planned with no state.
    planned: (usize, f64),
    /// Applied, and destroyed again.
    applied: (usize, f64),
    destroyed: Option<f64>,
}

/// What is compared, and promised of it.
pub(crate) struct Promise {
    sizes: &'static [Size],
    /// How many times smaller in memory each command is to be.
    smaller: f64,
}

/// What is promised.
pub(crate) const WHOLE: Promise = Promise {
    smaller: 5.0,
    sizes: &[
        Size { shape: Shape::Tree, planned: (5000, 50.0), applied: (1000, 200.0), destroyed: Some(100.0) },
        Size { shape: Shape::Wide, planned: (5000, 50.0), applied: (1000, 200.0), destroyed: Some(100.0) },
        // More than these in a chain take Terraform minutes.
        Size { shape: Shape::Chain, planned: (300, 50.0), applied: (300, 200.0), destroyed: None },
    ],
};

/// A part of it that takes less than two minutes. Of fewer resources, it promises less.
pub(crate) const QUICK: Promise = Promise {
    smaller: 4.0,
    sizes: &[
        Size { shape: Shape::Tree, planned: (2000, 30.0), applied: (300, 50.0), destroyed: Some(30.0) },
        Size { shape: Shape::Wide, planned: (2000, 30.0), applied: (300, 50.0), destroyed: Some(30.0) },
        Size { shape: Shape::Chain, planned: (100, 20.0), applied: (100, 50.0), destroyed: None },
    ],
};

/// What an engine has taken for each step, run by run.
#[derive(Default)]
struct Costs {
    plan: Vec<Cost>,
    apply: Vec<Cost>,
    plan_unread: Vec<Cost>,
    destroy: Vec<Cost>,
}

impl Engine {
    fn directory(&self, shape: Shape, resources: usize) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(self.file), (self.text)(shape, resources)).unwrap();
        if let Some(prepare) = self.prepare {
            self.run(directory.path(), prepare);
        }
        directory
    }

    fn run(&self, directory: &Path, arguments: &[&str]) -> Cost {
        run(directory, &self.program, arguments)
    }

    fn measure(&self, size: &Size, costs: &mut Costs) {
        let directory = self.directory(size.shape, size.planned.0);
        costs.plan.push(self.run(directory.path(), self.plan));
        let directory = self.directory(size.shape, size.applied.0);
        costs.apply.push(self.run(directory.path(), self.apply));
        costs.plan_unread.push(self.run(directory.path(), self.plan_unread));
        costs.destroy.push(self.run(directory.path(), self.destroy));
    }
}

/// What is told of each command.
const COLUMNS: &[&str] =
    &["what", "provision", "Terraform", "times faster", "at least", "memory", "Terraform's", "times less"];

/// Compares the two in all shapes.
pub(crate) fn compare(binary: &str, promise: &Promise, runs: usize) -> Section {
    let (ours, theirs) = (provision(binary), terraform());
    let mut section = Section::new("Beside Terraform", COLUMNS);
    for size in promise.sizes {
        let (mut our_costs, mut their_costs) = (Costs::default(), Costs::default());
        for _ in 0..runs {
            ours.measure(size, &mut our_costs);
            theirs.measure(size, &mut their_costs);
        }
        let mut row = |what: &str, resources: usize, ours: &[Cost], theirs: &[Cost], faster: Option<f64>| {
            let what = format!("{}, {what} of {resources}", size.shape.name());
            section.add(compared(what, (median(ours), median(theirs)), faster, Some(promise.smaller)));
        };
        let (planned, applied) = (size.planned.0, size.applied.0);
        row("plan", planned, &our_costs.plan, &their_costs.plan, Some(size.planned.1));
        row("apply", applied, &our_costs.apply, &their_costs.apply, Some(size.applied.1));
        let plans = (&our_costs.plan_unread, &their_costs.plan_unread);
        row("plan --refresh=false with a state", applied, plans.0, plans.1, Some(10.0));
        row("destroy", applied, &our_costs.destroy, &their_costs.destroy, size.destroyed);
    }
    section
}

/// `costs`: ours and theirs. `faster` and `smaller`: how many times as fast, and as small in memory, ours is to be.
fn compared(what: String, costs: (Cost, Cost), faster: Option<f64>, smaller: Option<f64>) -> Row {
    let (ours, theirs) = costs;
    let speed = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
    let less = theirs.memory as f64 / ours.memory as f64;
    let mut row = Row::new([
        what,
        seconds(ours.wall),
        seconds(theirs.wall),
        times(speed),
        faster.map_or_else(String::new, times),
        megabytes(ours.memory),
        megabytes(theirs.memory),
        times(less),
    ]);
    if let Some(faster) = faster {
        row.must(Limit::AtLeast(faster), speed);
    }
    if let Some(smaller) = smaller {
        row.must(Limit::AtLeast(smaller), less);
    }
    row
}

/// What it takes to be there at all.
pub(crate) fn start(binary: &str, runs: usize) -> Section {
    const FASTER: f64 = 4.0;
    let root = repository();
    // One after the other: what else the machine does is the same for both.
    let costs = (0..runs)
        .map(|_| (run(&root, binary, &["validate", "envs/dev.toml"]), run(&root, "terraform", &["version"])));
    let (ours, theirs): (Vec<_>, Vec<_>) = costs.unzip();
    let (ours, theirs) = (median(&ours), median(&theirs));
    let mut section = Section::new("From nothing", COLUMNS);
    let what = "`provision validate envs/dev.toml` beside `terraform version`".to_owned();
    section.add(compared(what, (ours, theirs), Some(FASTER), None));
    section
}

/// Where this repository is.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

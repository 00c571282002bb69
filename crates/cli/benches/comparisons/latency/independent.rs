//! 200 alarms, 200 buckets and 200 roles that have nothing to do with each other, each made by an apply of its own on an
//! AWS that takes 100 ms longer for each call. What bounds such an apply is how many calls run at a time.
//!
//! The bound is calls × latency ÷ concurrency, and each apply may take [`ALLOWED`] times that:
//! - calls: those that the front of the local AWS saw while steps were carried out. Calls that are in flight at the same
//!   time for one resource count once, as nobody waits longer for many than for one. A call that reads many alarms at once
//!   counts once for each alarm that waits for its answer.
//! - latency: the 100 ms, and what the local AWS itself takes to answer the same calls. That is measured before, with no
//!   delay and one step at a time, so that nothing is waited for but the calls of one resource.
//! - concurrency: what `--parallelism` says. It is chosen so that neither the emulator (a Python program that answers one
//!   request at a time) nor the two cores that all of this shares are the bottleneck. `PROVISION_BENCH_DETAIL=1` shows how
//!   many calls a second there can be, beside how many there are.
//! - The looks ahead of the plan are made before, 64 at a time whatever `--parallelism` says, and count with that
//!   concurrency. The account check and whatever else is asked for no resource counts in full.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::lab::{LATENCY, Lab, Measurement, Run, detail};
use super::trace::{Moment, Trace};

const ALLOWED: f64 = 1.2;
const RESOURCES: usize = 200;

/// How many looks ahead run at a time.
const LOOKS_AT_A_TIME: usize = 64;

const ENVIRONMENT: &str = "envs/many.toml";

/// What there are many of.
struct Sort {
    what: &'static str,
    kind: &'static str,
    arguments: &'static str,
    /// The operation that answers many resources at once.
    batched: Option<&'static str>,
    /// How often the step of one resource waits for such an answer.
    asked: usize,
    /// How many steps run at a time.
    parallelism: usize,
}

const ALARMS: Sort = Sort {
    what: "apply of 200 alarms",
    kind: "aws_cloudwatch_metric_alarm",
    arguments: "alarm_name = \"NAME\"\ncomparison_operator = \"GreaterThanThreshold\"\nevaluation_periods = 1\n\
                metric_name = \"Errors\"\nnamespace = \"AWS/Lambda\"\nperiod = 60\nstatistic = \"Sum\"\nthreshold = 1\n",
    batched: Some("DescribeAlarms"),
    // Whether the name is free, and what has come of it.
    asked: 2,
    parallelism: 8,
};

const BUCKETS: Sort = Sort {
    what: "apply of 200 buckets",
    kind: "aws_s3_bucket",
    arguments: "bucket = \"NAME\"\n",
    batched: None,
    asked: 0,
    // A bucket is read by fifteen calls at once.
    parallelism: 4,
};

const ROLES: Sort = Sort {
    what: "apply of 200 roles",
    kind: "aws_iam_role",
    arguments: "name = \"NAME\"\n[resource.aws_iam_role.RESOURCE.assume_role_policy]\nVersion = \"2012-10-17\"\n\
                Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", \
                Principal = { Service = \"ec2.amazonaws.com\" } }]\n",
    batched: None,
    asked: 0,
    parallelism: 8,
};

/// Measures alarms.
pub(crate) fn alarms(binary: &Path) -> Vec<Measurement> {
    vec![ALARMS.measure(binary)]
}

/// Measures buckets.
pub(crate) fn buckets(binary: &Path) -> Vec<Measurement> {
    vec![BUCKETS.measure(binary)]
}

/// Measures roles.
pub(crate) fn roles(binary: &Path) -> Vec<Measurement> {
    vec![ROLES.measure(binary)]
}

impl Sort {
    fn configuration(&self, resources: usize) -> String {
        let mut text = "[env]\nname = \"many\"\nproject = \"bench\"\nregion = \"us-east-1\"\n".to_owned();
        for index in 0..resources {
            let (resource, name) = (format!("r{index}"), format!("bench-{index}"));
            let arguments = self.arguments.replace("NAME", &name).replace("RESOURCE", &resource);
            write!(text, "\n[resource.{}.{resource}]\n{arguments}", self.kind).unwrap();
        }
        text
    }

    fn measure(&self, binary: &Path) -> Measurement {
        let own = self.emulator_alone(binary);
        let lab = Lab::new(binary, Some(LATENCY));
        lab.write(ENVIRONMENT, &self.configuration(RESOURCES));
        let run = apply(&lab, self.parallelism);
        lab.close();
        detail(format_args!(
            "{}: {} calls in {:?}, {:.0} a second; the local AWS needs {own:?} for each",
            self.what,
            run.calls.len(),
            run.wall,
            run.calls.len() as f64 / run.wall.as_secs_f64()
        ));
        Measurement::new(self.what, &run, self.bound(&run, LATENCY + own), ALLOWED)
    }

    /// What the local AWS takes for the calls of one resource, each, when it has nothing else to do.
    fn emulator_alone(&self, binary: &Path) -> Duration {
        let lab = Lab::new(binary, None);
        lab.write(ENVIRONMENT, &self.configuration(RESOURCES / 10));
        let trace = Trace::of(&apply(&lab, 1));
        // How much it can take: what is asked of it has to be well below.
        lab.write(ENVIRONMENT, &self.configuration(RESOURCES));
        let many = apply(&lab, LOOKS_AT_A_TIME);
        lab.close();
        let per_second = many.calls.len() as f64 / many.wall.as_secs_f64();
        detail(format_args!("{}: up to {per_second:.0} calls a second", self.what));
        let rounds = trace.rounds(Moment::During);
        rounds.took / u32::try_from(rounds.number).expect("few calls")
    }

    fn bound(&self, run: &Run, latency: Duration) -> Duration {
        let trace = Trace::of(run);
        let (before, during) = (trace.rounds(Moment::Before), trace.rounds(Moment::During));
        let of_nobody = trace.calls.iter().filter(|seen| seen.address.is_none());
        // What answers many at once is nobody's: it counts for each that has asked.
        let others = of_nobody.filter(|seen| self.batched != Some(seen.call.operation.as_str())).count();
        let in_steps = during.number + self.asked * RESOURCES;
        let rounds = in_steps as f64 / self.parallelism as f64
            + before.number as f64 / LOOKS_AT_A_TIME as f64
            + others as f64;
        detail(format_args!(
            "{}: {in_steps} calls of steps one after the other, {} looks ahead, {others} others",
            self.what, before.number
        ));
        latency.mul_f64(rounds)
    }
}

fn apply(lab: &Lab, parallelism: usize) -> Run {
    let parallelism = parallelism.to_string();
    lab.run(&["apply", ENVIRONMENT, "--auto-approve", "--json", "--timings", "--parallelism", &parallelism])
}

//! Storytime for production, on its own domain in a zone that it makes, on an AWS that takes 100 ms longer for each call.
//!
//! - `apply` and `destroy` are bound by AWS alone: each takes at most [`OF_CRITICAL_PATH`] times the critical path of the
//!   calls that were needed (see [`super::trace`]).
//! - `refresh` and `plan` of what is there are bound by the resource that takes the most reads one after the other: each
//!   takes at most [`OF_LONGEST_CHAIN`] times that chain, with the account check and what is read for many resources at
//!   once. The state is on this machine, and takes no call.
//!
//! All are measured as the wall time of the whole command.

use std::path::Path;
use std::time::Duration;

use super::lab::{LATENCY, Lab, Measurement, Run, detail};
use super::trace::{CriticalPath, Trace};

const OF_CRITICAL_PATH: f64 = 1.15;
const OF_LONGEST_CHAIN: f64 = 1.3;

const ENVIRONMENT: &str = "envs/prod.toml";

/// A key as the one who runs this for real makes it, and gives its public half. Without, a pair is made by the apply, and
/// how long that takes is chance.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmuxKafm38av2UbfgLYAp
a1BRoeuJxhsgZ9XMBbPXmvAvu5ecySOtsY9f86jFPv+F3uED244Q3xoNZ0utzUmt
L9RTFvfn6QB8XRfxNeV5xHb5Yl0TioGDVN8SE7VP9EGkY7Tm4g2aYcx6SJixz0NZ
OLHnS+/RYSDSw8g0KjGtTPlXaH2TZEcX4dszMLE1uqkqjZt4MU064KUcxZ6aWD5Z
KrxJr22AxD5IWbXNud458f3B6165Dp4CxJZUHEQcVIVAGfFkJN8pg9FX3aAiBkXn
eUaPO6i3WMaOsP2rJCarXfxTtsyGI4KQn6uMM5XPzUMmKQh1825dvXrPEriHNRqj
iwIDAQAB
-----END PUBLIC KEY-----
";

/// Runs `apply`, `plan`, `refresh` and `destroy`.
pub(crate) fn measure(binary: &Path) -> Vec<Measurement> {
    let mut lab = Lab::new(binary, Some(LATENCY));
    // With a domain there is a zone, a certificate that waits for its record, and an alias.
    lab.set("PROVISION_VAR_domain_name", "cdn.storytime.example");
    lab.set("PROVISION_VAR_hosted_zone_name", "storytime.example");
    lab.set("PROVISION_VAR_cloudfront_public_key_pem", PUBLIC_KEY);
    let run = |arguments: &[&str]| lab.run(&[arguments, &["--json", "--timings"]].concat());
    let apply = run(&["apply", ENVIRONMENT, "--auto-approve"]);
    let plan = run(&["plan", ENVIRONMENT]);
    let refresh = run(&["refresh", ENVIRONMENT, "--auto-approve"]);
    let destroy = run(&["destroy", ENVIRONMENT, "--auto-approve", "--allow-destroy"]);
    assert_eq!(lab.resources(), 0, "nothing is left");
    lab.close();
    vec![
        changing("apply of Storytime", &apply),
        reading("plan of Storytime, applied", &plan),
        reading("refresh of Storytime, applied", &refresh),
        changing("destroy of Storytime", &destroy),
    ]
}

fn changing(what: &'static str, run: &Run) -> Measurement {
    let trace = Trace::of(run);
    let path = trace.critical_path();
    explain(what, run, &path);
    trace.timeline().iter().for_each(|line| detail(format_args!("  {line}")));
    Measurement::new(what, run, path.length(), OF_CRITICAL_PATH)
}

fn reading(what: &'static str, run: &Run) -> Measurement {
    let trace = Trace::of(run);
    let chains = trace.chains();
    detail(format_args!("{what}: {} calls, {:?}", trace.calls.len(), run.wall));
    for (address, length) in chains.iter().take(8) {
        detail(format_args!("  {length:?} {address}"));
    }
    trace.timeline().iter().for_each(|line| detail(format_args!("  {line}")));
    let of_nobody = chains.iter().find(|(address, _)| address.is_empty());
    let longest = chains.iter().find(|(address, _)| !address.is_empty());
    let bound = of_nobody.map_or(Duration::ZERO, |(_, length)| *length)
        + longest.map_or(Duration::ZERO, |(_, length)| *length);
    Measurement::new(what, run, bound, OF_LONGEST_CHAIN)
}

/// Says what the critical path leads over.
fn explain(what: &str, run: &Run, path: &CriticalPath) {
    detail(format_args!(
        "{what}: {} calls, {:?}; critical path {:?}, of which {:?} before and {:?} after the steps",
        run.calls.len(),
        run.wall,
        path.length(),
        path.before,
        path.after
    ));
    for (address, weight) in &path.steps {
        detail(format_args!("  {weight:?} {address}"));
    }
}

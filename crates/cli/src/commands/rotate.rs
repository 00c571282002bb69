//! `provision rotate`: changes keys for others, without a moment at which one in use is not trusted.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use provision_engine::address::Address;
use provision_engine::builtin::{RotationStatus, rotations};
use provision_engine::event::Clock;
use provision_engine::plan::Goal;
use time::format_description::well_known::Rfc3339;

use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::session::{Session, TokioClock};
use crate::timings::{TimingArguments, Timings};
use crate::variables::VariableArguments;

/// Change keys for others: the new one is trusted before it is used, the old one for an overlap after that.
///
/// Begins another generation of what a `key_rotation` in the environment says, and applies. Where one is under way, it
/// goes on with that. The old keys are let go of by the first apply after the overlap, or here with --wait.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file
    environment: PathBuf,
    /// Only these rotations, by their addresses, such as module.keys.key_rotation.this
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Wait until the overlap is over, and let the old keys go
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    run: RunArguments,
    #[command(flatten)]
    timings: TimingArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let timings = arguments.run.timings(arguments.timings);
    let outcome = rotate(arguments, &timings).await;
    timings.finish();
    outcome
}

async fn rotate(arguments: Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    let session = Session::open_timed(&arguments.environment, &arguments.variables, timings)?;
    session.check()?;
    session.project.remember(&arguments.environment)?;
    let code = pass(&session, &arguments, true).await?;
    if code != ExitCode::SUCCESS {
        return Ok(code);
    }
    let under_way = report(&session, &arguments).await?;
    let Some(ends) = under_way.iter().filter_map(|rotation| rotation.ends).max().filter(|_| arguments.wait)
    else {
        return Ok(code);
    };
    loop {
        let left = ends.unix_timestamp().saturating_sub(TokioClock.now());
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { break };
        // In short naps: this machine may sleep meanwhile.
        tokio::time::sleep(Duration::from_secs(left.min(60))).await;
    }
    pass(&session, &arguments, false).await
}

/// Plans and applies, once, with rotations begun or merely gone on with.
async fn pass(session: &Session, arguments: &Arguments, begin: bool) -> Result<ExitCode, CommandError> {
    let path = session.configuration.environment.path.display();
    let command = format!("provision rotate {path}");
    hold(session, "rotate", &arguments.run.lock, async |held| {
        let there: BTreeSet<Address> =
            rotations(&held.state).into_iter().map(|rotation| rotation.address).collect();
        let goal = match begin {
            true => Goal::Rotate(chosen(&there, &arguments.addresses, session)?),
            false => Goal::Apply,
        };
        run::plan_and_carry_out(session, held, goal.into(), &arguments.run, |_| run::yes(), &command).await
    })
    .await
}

/// The rotations that were named; none for all.
fn chosen(
    there: &BTreeSet<Address>,
    named: &[String],
    session: &Session,
) -> Result<Option<BTreeSet<Address>>, CommandError> {
    let path = session.configuration.environment.path.display();
    if there.is_empty() {
        return Err(CommandError::with_hint(
            format!("{path} has nothing that rotates"),
            "it needs a resource of the kind `key_rotation`, and has to be applied once",
        ));
    }
    let chosen: BTreeSet<Address> = named.iter().map(|name| Address::from(name.as_str())).collect();
    match chosen.iter().find(|address| !there.contains(address)) {
        Some(address) => {
            let there: Vec<&str> = there.iter().map(Address::as_str).collect();
            Err(CommandError::with_hint(
                format!("{address} does not rotate"),
                format!("what does: {}", there.join(", ")),
            ))
        }
        None => Ok((!chosen.is_empty()).then_some(chosen)),
    }
}

/// Says how far the rotations are, and gives those under way.
async fn report(session: &Session, arguments: &Arguments) -> Result<Vec<RotationStatus>, CommandError> {
    let (state, _) = session.state().await?;
    let mut under_way = rotations(&state);
    under_way.retain(|rotation| {
        !rotation.older.is_empty()
            && (arguments.addresses.is_empty()
                || arguments.addresses.iter().any(|one| one == rotation.address.as_str()))
    });
    let mut out = anstream::stderr();
    for rotation in &under_way {
        let RotationStatus { address, generation, older, .. } = rotation;
        let older: Vec<String> = older.iter().map(ToString::to_string).collect();
        let older = older.join(", ");
        let time = rotation.ends.and_then(|ends| ends.format(&Rfc3339).ok());
        match time {
            Some(time) => writeln!(
                out,
                "{address}: generation {generation} is in use. What {older} signed stays good until {time}; the first \
                 apply after that lets it go."
            )?,
            None => writeln!(
                out,
                "{address}: generation {generation} is trusted beside {older}, and not in use yet."
            )?,
        }
    }
    Ok(under_way)
}

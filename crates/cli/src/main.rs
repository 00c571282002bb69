//! The command `provision`: arguments in, engine called, events drawn. It holds no rule about resources.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

mod commands;
mod completion;
mod error;
mod held;
mod project;
mod saved_plan;
mod session;
mod timings;
mod variables;
mod view;
mod web;

use error::CommandError;
use view::Style;

/// Values are many small objects: with the allocator of the C library, a plan takes a quarter longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Provisions AWS from one TOML file per environment.
#[derive(Parser)]
#[command(name = "provision", version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything that can be checked with no network
    Validate(commands::validate::Arguments),
    /// Show what would change, and remember it
    Plan(commands::plan::Arguments),
    /// Carry out the plan that was last shown, a plan file, or a new plan
    Apply(commands::apply::Arguments),
    /// Delete everything that an environment has
    Destroy(commands::destroy::Arguments),
    /// Let the state say what is there, and change nothing else
    Refresh(commands::refresh::Arguments),
    /// Change keys for others, without a moment at which one in use is not trusted
    Rotate(commands::rotate::Arguments),
    /// Run the checks that an environment and its modules declare, and show the checklist
    Verify(commands::verify::Arguments),
    /// Take something that exists into the state, or write the block that configures it
    Import(commands::import::Arguments),
    /// Take over what a state of Terraform's has, and write its environment file
    Migrate(commands::migrate::Arguments),
    /// Hand an environment or a module over to another tool
    Export(commands::export::Arguments),
    /// Show what an environment gives: to people, or to the app's deployment
    Output(commands::output::Arguments),
    /// Show a plan file, or the state of an environment
    Show(commands::show::Arguments),
    /// Draw what depends on what: of an environment, or coloured by what a plan does
    Graph(commands::graph::Arguments),
    /// The state, by hand: look into it, move, forget, pull, push, go back
    State(commands::state::Arguments),
    /// Take the lock of a state away from whoever holds it
    Unlock(commands::unlock::Arguments),
    /// Make the place where the state is kept: the bucket, and the lock table
    Bootstrap(commands::bootstrap::Arguments),
    /// Try expressions on what an environment says and what its state knows
    Console(commands::console::Arguments),
    /// Give environment files and modules their form
    Fmt(commands::fmt::Arguments),
    /// Show what each kind of resource takes and gives
    Schema(commands::schema::Arguments),
    /// Print what a shell sources to complete this command
    Completions(commands::completions::Arguments),
    /// Write the manual
    Man(commands::man::Arguments),
    /// Sign a URL, or cookies, that CloudFront lets through
    Sign(commands::sign::Arguments),
    /// Start the local AWS, and print what to export to use it
    Sandbox(commands::sandbox::Arguments),
    /// Run plan, apply, plan, output and destroy on the local AWS
    Demo(commands::demo::Arguments),
}

fn main() -> ExitCode {
    let run = std::thread::Builder::new().stack_size(provision_engine::config::STACK).spawn(|| {
        completion::answer();
        run(Arguments::parse().command)
    });
    let outcome = run.map_err(|error| CommandError::new(format!("no thread could be started: {error}")));
    match outcome.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => failure(&error),
    }
}

fn run(command: Command) -> ExitCode {
    log();
    let outcome = match command {
        Command::Validate(arguments) => commands::validate::run(&arguments),
        Command::Fmt(arguments) => commands::fmt::run(&arguments),
        Command::Schema(arguments) => commands::schema::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments),
        Command::Plan(arguments) => wait_for(commands::plan::run(arguments)),
        Command::Apply(arguments) => wait_for(commands::apply::run(arguments)),
        Command::Destroy(arguments) => wait_for(commands::destroy::run(arguments)),
        Command::Refresh(arguments) => wait_for(commands::refresh::run(arguments)),
        Command::Rotate(arguments) => wait_for(commands::rotate::run(arguments)),
        Command::Verify(arguments) => wait_for(commands::verify::run(arguments)),
        Command::Import(arguments) => wait_for(commands::import::run(arguments)),
        Command::Migrate(arguments) => wait_for(commands::migrate::run(arguments)),
        Command::Output(arguments) => wait_for(commands::output::run(&arguments)),
        Command::Show(arguments) => wait_for(commands::show::run(&arguments)),
        Command::Export(arguments) => wait_for(commands::export::run(&arguments)),
        Command::Graph(arguments) => wait_for(commands::graph::run(&arguments)),
        Command::State(arguments) => wait_for(commands::state::run(arguments)),
        Command::Unlock(arguments) => wait_for(commands::unlock::run(arguments)),
        Command::Bootstrap(arguments) => wait_for(commands::bootstrap::run(arguments)),
        Command::Console(arguments) => wait_for(commands::console::run(arguments)),
        Command::Sign(arguments) => wait_for(commands::sign::run(arguments)),
        Command::Sandbox(arguments) => wait_for(commands::sandbox::run(arguments)),
        Command::Demo(arguments) => wait_for(commands::demo::run(arguments)),
    };
    outcome.unwrap_or_else(|error| failure(&error))
}

/// Runs a command that may wait for something.
fn wait_for(command: impl Future<Output = Result<ExitCode, CommandError>>) -> Result<ExitCode, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime =
        runtime.map_err(|error| CommandError::new(format!("the runtime could not be started: {error}")))?;
    let outcome = runtime.block_on(command);
    // A read that hangs must not keep a command that has ended.
    runtime.shutdown_background();
    outcome
}

fn failure(error: &CommandError) -> ExitCode {
    // With nowhere left to write to, the exit code has to do.
    let _ = error.write(&mut anstream::stderr(), Style::of_stderr());
    ExitCode::FAILURE
}

/// `PROVISION_LOG=debug` (or `hyper=warn,provision_aws=debug`) shows what goes on inside.
fn log() {
    let Ok(wanted) = std::env::var("PROVISION_LOG") else { return };
    if let Ok(targets) = wanted.parse::<Targets>() {
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        tracing_subscriber::registry().with(layer.with_filter(targets)).init();
    }
}

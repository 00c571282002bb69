//! Runs a local AWS until Ctrl-C: `cargo run -p provision-sandbox --example sandbox -- [PORT] [DIRECTORY]`.

use std::error::Error;

use provision_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map(|port| port.parse()).transpose()?;
    let directory = arguments.next().unwrap_or_else(|| ".provision/sandbox".to_owned());
    let sandbox = Sandbox::start(Options { port, ..Options::new(directory) }).await?;
    for (name, value) in sandbox.environment() {
        println!("export {name}={value}");
    }
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

//! How the binary is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // With the AWS SDK come some hundred thousand pointers, which are set each time that the program starts if it can be
    // loaded at any address: half of the time that a start takes, and a few megabytes. Nothing here is unsafe, so that
    // little is lost with an address that can be known.
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

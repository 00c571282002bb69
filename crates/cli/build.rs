//! How the binary is linked.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The AWS SDK has some hundred thousand pointers that are relocated when the program starts. Packed, their table
    // is a hundredth of its size, and with it the memory and the time that a start takes.
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" && is_native() && reads_packed_relocations() {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether this machine is of the kind that the program is built for.
fn is_native() -> bool {
    std::env::var("HOST").ok() == std::env::var("TARGET").ok()
}

/// Whether the C library of this machine starts programs with such a table: glibc does since 2.36.
fn reads_packed_relocations() -> bool {
    let Ok(output) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = said.trim().strip_prefix("glibc ").and_then(|version| version.split_once('.'));
    version.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        >= Some((2_u32, 36_u32))
}

# Every recipe is one plain command line: without just, copy it.

# plan, apply, plan, output and destroy on the local AWS
demo:
    cargo demo

# everything, against the local AWS
test:
    cargo test --workspace

# what CI asks for besides the tests
check:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- --deny warnings

# compare with Terraform, in one run
bench:
    cargo bench --package provision-cli --bench terraform

# write docs/reference and docs/schema anew from the kinds, and the tables of modules' READMEs from the modules
schema:
    cargo run --quiet --package provision-cli -- schema --out docs/reference --json-schemas docs/schema --modules modules

# give environments and modules their form
fmt:
    cargo run --quiet --package provision-cli -- fmt

# the local AWS, until Ctrl-C
sandbox:
    cargo run --quiet --package provision-cli -- sandbox

# the binary that is shipped: small, and slow to build
dist:
    cargo build --profile dist --package provision-cli

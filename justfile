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

# measure all that is claimed of speed, beside Terraform, and write it into docs/performance.md (half an hour)
bench:
    cargo bench --package provision-cli --bench comparisons

# a part of it, in less than two minutes once it is built
bench-quick:
    cargo bench --package provision-cli --bench comparisons -- --quick

# write docs/reference and docs/schema anew from the kinds, and the tables of modules' READMEs from the modules
schema:
    cargo run --quiet --package provision-cli -- schema --out docs/reference --json-schemas docs/schema --modules modules

# give environments and modules their form
fmt:
    cargo run --quiet --package provision-cli -- fmt

# look for inputs that break something: env_file, expression, state or plan_file (cargo install cargo-fuzz)
fuzz target seconds:
    mkdir -p fuzz/corpus/{{target}} && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- -dict=fuzz/dictionary -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=1024 -max_len=4096

# the local AWS, until Ctrl-C
sandbox:
    cargo run --quiet --package provision-cli -- sandbox

# the binary that is shipped: small, and slow to build
dist:
    cargo build --profile dist --package provision-cli

#![no_main]

/// What draws plans, of all that the command draws.
#[path = "../../crates/cli/src/view"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "plans are not all that the command draws")]
mod view {
    pub(crate) mod plan;
    mod style;
    pub(crate) mod text;
    pub(crate) mod value;

    pub(crate) use style::{Style, drawn};
    pub(crate) use text::counted;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(document) = provision_fuzz::plan_file(bytes) else { return };
    for (colour, width) in [(false, 20), (true, 80), (false, view::Style::UNBOUNDED)] {
        let style = view::Style { colour, width };
        view::drawn(|out| view::plan::write(&document, Some(&document.outputs), out, style));
    }
});

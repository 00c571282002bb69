#![no_main]

#[path = "../../crates/cli/src"]
mod cli {
    #[allow(dead_code, unreachable_pub, reason = "plans are not all that the command draws")]
    pub(crate) mod view;
}

use cli::view;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(document) = provision_fuzz::plan_file(bytes) else { return };
    for (colour, width) in [(false, 20), (true, 80), (false, view::Style::UNBOUNDED)] {
        let style = view::Style { colour, width };
        view::drawn(|out| view::plan::write(&document, Some(&document.outputs), out, style));
    }
});

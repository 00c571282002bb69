//! The command `provision`.

#[expect(dead_code, reason = "the commands that draw with this come next")]
mod view;

fn main() {}

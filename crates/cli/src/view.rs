pub(crate) mod reference;
pub(crate) mod time;
use std::io;
#[derive(Clone, Copy)]
pub(crate) struct Style { pub colour: bool, pub width: usize }
impl Style { pub(crate) fn of_stderr() -> Self { Self { colour: false, width: 100 } } pub(crate) fn of_stdout() -> Self { Self::of_stderr() } }
pub(crate) mod diagnostics { use super::*;
 pub(crate) fn write(d: &provision_engine::source::Diagnostics, out: &mut dyn io::Write, _s: Style) -> io::Result<()> { writeln!(out, "{d}") }
 pub(crate) fn error(m: &str, h: Option<&str>, out: &mut dyn io::Write, _s: Style) -> io::Result<()> { writeln!(out, "error: {m} ({h:?})") } }
pub(crate) mod plan { use super::*; use provision_engine::plan::PlanDocument;
 pub(crate) fn write(d: &PlanDocument, out: &mut dyn io::Write, _s: Style) -> io::Result<()> { for c in d.effective() { writeln!(out, "{} {} {:?} {:?} drift {:?}", c.action, c.address, c.changed, c.replace_because, c.drift)?; } writeln!(out, "{:?}", d.summary) } }
pub(crate) mod progress { use super::*; use provision_engine::event::*;
 #[derive(Clone, Copy)] pub(crate) enum Mode { Plain, Json }
 impl Mode { pub(crate) fn of_stderr() -> Self { Mode::Plain } }
 pub(crate) struct Progress;
 impl Progress { pub(crate) fn new(_m: Mode, _s: Style) -> Self { Progress } pub(crate) fn finish(&self) {} }
 impl Events for Progress { fn event(&self, e: Event<'_>) { eprintln!("{e:?}") } } }
pub(crate) mod report { use super::*; pub(crate) fn write(r: &provision_engine::apply::Report, out: &mut dyn io::Write, _s: Style) -> io::Result<()> { writeln!(out, "{r:?}") } }
pub(crate) mod outputs { use super::*; use std::collections::BTreeMap; use provision_engine::state::OutputValue; type M = BTreeMap<String, OutputValue>;
 pub(crate) fn write(m: &M, out: &mut dyn io::Write, _s: Style) -> io::Result<()> { for (k, v) in m { writeln!(out, "{k} = {}", v.value.to_json())?; } Ok(()) }
 pub(crate) fn json(_: &M) -> String { String::new() } pub(crate) fn dotenv(_: &M) -> String { String::new() } pub(crate) fn shell(_: &M) -> String { String::new() }
 pub(crate) fn raw(_: &str, _: &OutputValue) -> Result<String, String> { Ok(String::new()) } }
pub(crate) mod state { use super::*; use provision_engine::{address::Address, state::*};
 pub(crate) fn list(s: &State, out: &mut dyn io::Write) -> io::Result<()> { for k in s.resources.keys() { writeln!(out, "{k}")?; } Ok(()) }
 pub(crate) fn write(s: &State, out: &mut dyn io::Write, _: Style) -> io::Result<()> { list(s, out) }
 pub(crate) fn show(_: &Address, r: &Resource, out: &mut dyn io::Write, _: Style) -> io::Result<()> { writeln!(out, "{}", r.attributes.to_json()) } }

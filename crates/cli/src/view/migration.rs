//! What has become of a state of Terraform's: what was taken over, and what was not.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use provision_engine::address::Address;
use provision_engine::refresh::Found;
use provision_engine::terraform::{Environment, Migration};

use super::Style;
use super::text::{Line, Tone, counted, wrapped, write_lines};

/// Draws it. `path`: the environment file that was written.
pub(crate) fn write(
    migration: &Migration,
    found: &BTreeMap<Address, Option<Found>>,
    environment: &Environment,
    path: &Path,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let taken_over = found.values().flatten().count();
    let title = format!("{} taken over, in {}.", counted(taken_over, "resource"), path.display());
    let mut lines = vec![Line::default().and(Tone::Good, title).whole()];
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(Line::default());
            lines.extend(
                wrapped(title, style.width).into_iter().map(|text| Line::default().and(Tone::Notice, text)),
            );
            lines.extend(items.into_iter().map(|item| Line::indented(4).and(Tone::Plain, item).whole()));
        }
    };
    let gone = |resource: &&provision_engine::terraform::Migrated| {
        found.get(&resource.address).is_some_and(Option::is_none)
    };
    let part = |(address, whole): &(String, String)| format!("{address} (an argument of {whole})");
    list("Part of another resource here:", migration.parts.iter().map(part).collect());
    list("Left to Terraform, since there is no such kind here:", migration.unknown.clone());
    list("Left to Terraform, since its state does not tell what they are:", migration.unidentified.clone());
    let because = |(address, why): &(String, String)| format!("{address}: {why}");
    list(
        "Left to Terraform, since files that they are made of are not there:",
        migration.without_files.iter().map(because).collect(),
    );
    list(
        "Left to Terraform, since what is known of them makes no block:",
        environment.unwritable.iter().map(because).collect(),
    );
    let missing = migration.resources.iter().filter(gone).map(|resource| resource.terraform_address.clone());
    list("Gone: Terraform's state has them, and AWS has not:", missing.collect());
    let variables = environment.secrets.keys().map(|name| format!("PROVISION_VAR_{name}"));
    list(
        "Secrets, of which the state has digests alone. Every plan needs their values, which can come from here:",
        variables.collect(),
    );
    list("Outputs left out, since they are secrets:", environment.left_out.clone());
    lines.push(Line::default());
    let advice = "Terraform's state still has all of this. Take what was taken over out of it (terraform state rm), so that \
                  nobody changes it from there.";
    lines.extend(wrapped(advice, style.width).into_iter().map(|text| Line::default().and(Tone::Plain, text)));
    lines.push(Line::default());
    write_lines(&lines, out, style)
}

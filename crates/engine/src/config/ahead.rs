//! Schemas are made while files are parsed: to check a small environment takes as long as to make the schemas of its kinds.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::kind::Registry;
use crate::source::SourceFile;

/// Makes the schemas of the kinds that files name at the beginning of a table, until there are no more files. Another that
/// is needed is made when it is.
pub(super) fn make_schemas(registry: &Registry, files: Receiver<Arc<SourceFile>>) {
    for file in files {
        let mut last = "";
        for line in file.text.lines() {
            let Some((section, kind)) = kind_of(line).filter(|(_, kind)| *kind != last) else { continue };
            last = kind;
            match section {
                "data" => drop(registry.data(kind).map(|kind| kind.schema())),
                _ => drop(registry.kind(kind).map(|kind| kind.schema())),
            }
        }
    }
}

/// The section and the kind in `[resource.aws_s3_bucket.master]`.
fn kind_of(line: &str) -> Option<(&str, &str)> {
    let (section, rest) = line.strip_prefix('[')?.split_once('.')?;
    let (kind, _) = rest.split_once('.')?;
    matches!(section, "resource" | "data").then_some((section, kind))
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn the_kind_of_a_table_is_found_without_parsing() {
        assert_eq!(kind_of("[resource.aws_s3_bucket.master]"), Some(("resource", "aws_s3_bucket")));
        assert_eq!(kind_of("[data.aws_s3_bucket.master.lifecycle]"), Some(("data", "aws_s3_bucket")));
        assert_eq!(kind_of("[module.storytime.x]"), None);
        assert_eq!(kind_of("bucket = \"[resource.a.b]\""), None);
    }
}

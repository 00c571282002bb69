//! Headers of tables that are misspelled, unknown, or there twice.

use provision_engine::spelling::nearest;

use super::{Mutation, Source, misspelled as misspelled_word};

const SECTIONS: [&str; 7] = ["variable", "locals", "resource", "data", "module", "output", "check"];

/// The lines that are headers, each with the place of what is in its brackets.
fn headers<'s>(source: &'s Source<'_>) -> Vec<(usize, &'s str)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut in_text = false;
    for line in source.text().split_inclusive('\n') {
        if !in_text && line.starts_with('[') {
            let inside = line.trim_end().trim_matches(['[', ']']);
            found.push((at + line.find(inside).unwrap(), inside));
        }
        in_text ^= line.matches("'''").count() % 2 == 1 || line.matches("\"\"\"").count() % 2 == 1;
        at += line.len();
    }
    found
}

pub(super) fn misspelled(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (at, header) in headers(source) {
        let section = header.split('.').next().unwrap();
        // What is below another header of the same table would be a second one.
        let is_alone =
            headers(source).iter().filter(|(_, other)| below(other, header) || below(header, other)).count()
                == 1;
        if SECTIONS.contains(&section) && is_alone {
            let by = misspelled_word(section);
            made.push(
                source
                    .edit("a section that is misspelled", at..at + section.len(), &by)
                    .saying(format!("did you mean `{section}`?")),
            );
        }
    }
    made
}

fn below(one: &str, other: &str) -> bool {
    one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

pub(super) fn misspelled_kinds(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (at, header) in headers(source) {
        let parts: Vec<&str> = header.split('.').collect();
        let ["resource" | "data", kind, _] = parts[..] else { continue };
        let whole = format!("{}.{kind}", parts[0]);
        if headers(source).iter().filter(|(_, other)| below(other, &whole)).count() > 1 {
            continue;
        }
        let wrong = misspelled_word(kind);
        let start = at + parts[0].len() + 1;
        let mutation = source.edit("a kind that is misspelled", start..start + kind.len(), &wrong);
        made.push(mutation.saying(format!("did you mean `{kind}`?")));
    }
    made
}

pub(super) fn misspelled_blocks(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (at, header) in headers(source) {
        let parts: Vec<&str> = header.split('.').collect();
        let ["resource", kind, name, block] = parts[..] else { continue };
        let whole = format!("resource.{kind}.{name}.{block}");
        let schema = source.registry.kind(kind).unwrap().schema();
        let wrong = misspelled_word(block);
        let settable = schema.attributes.iter().filter(|(_, attribute)| !attribute.read_only);
        let is_found = nearest(&wrong, settable.map(|(name, _)| name.as_str())) == Some(block);
        if is_found && headers(source).iter().filter(|(_, other)| below(other, &whole)).count() == 1 {
            let start = at + header.len() - block.len();
            let mutation = source.edit("a block that is misspelled", start..start + block.len(), &wrong);
            made.push(mutation.saying(format!("did you mean `{block}`?")));
        }
    }
    made
}

pub(super) fn repeated(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (_, header) in headers(source) {
        let is_one = source.text().contains(&format!("\n[{header}]\n"));
        if is_one {
            made.push(
                source
                    .append("a table that is there twice", &format!("[{header}]\n"))
                    .saying("duplicate key"),
            );
        }
    }
    made
}

pub(super) fn unknown(source: &Source<'_>) -> Vec<Mutation> {
    let made = |text: &str, says: &str| source.append("a section that is not known", text).saying(says);
    let mut all = vec![
        made("[provider]\nregion = \"us-east-1\"\n", "unknown key `provider`"),
        made("[terraform.required_providers.aws]\nsource = \"hashicorp/aws\"\n", "unknown key `terraform`"),
        made("surprise = 1\n", "unknown key `surprise`"),
    ];
    for mutation in &mut all[..2] {
        // What is in it is wrong along with it.
        mutation.lines.extend(mutation.lines.clone().into_iter().map(|line| line + 1));
    }
    // At the end, this is in the last table.
    all.pop();
    if !source.is_environment() {
        all.push(made("[env]\nname = \"dev\"\n", "a module has no `[env]`"));
        all.push(made("[state]\nbackend = \"s3\"\n", "a module has no `[state]`"));
        all.push(made("[[import]]\nto = \"aws_s3_bucket.a\"\nid = \"a\"\n", "a module has no `[[import]]`"));
    }
    all
}

pub(super) fn no_tables(source: &Source<'_>) -> Vec<Mutation> {
    let made = |text: &str| source.append("something else than a table", text).saying("table");
    let mut all = vec![
        made("[variable]\nzonk = 5\n"),
        made("[output]\nzonk = \"x\"\n"),
        made("[resource.aws_s3_bucket]\nzonk = []\n"),
        made("[module]\nzonk = true\n"),
        made("[check]\nzonk = 1\n"),
    ];
    let sections = ["variable", "output", "resource.aws_s3_bucket", "module", "check"];
    let mut each = sections.iter();
    // A header that is there already would be a second one.
    all.retain(|_| {
        let section = each.next().unwrap();
        !source.text().contains(&format!("\n[{section}]\n"))
    });
    all
}

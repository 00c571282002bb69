//! Addresses of what there is not, and other mistakes with what the language has for every block.

use super::{Mutation, Source};

/// Each resource without what is to be put into it, with the place after its header.
fn resources_without(source: &Source<'_>, argument: &str) -> Vec<(String, usize)> {
    let blocks = source.blocks("resource").into_iter();
    blocks
        .filter(|(_, _, entry)| !entry.node.table().unwrap().contains_key(argument))
        .filter_map(|(kind, name, entry)| Some((format!("{kind}.{name}"), source.after_header(entry)?)))
        .collect()
}

pub(super) fn depends_on(source: &Source<'_>) -> Vec<Mutation> {
    const WRONG: [(&str, &str); 7] = [
        ("[\"aws_s3_bucket.nowhere\"]", "there is no `aws_s3_bucket.nowhere`"),
        ("[\"aws_s3_bukcet.this\"]", "there is no `aws_s3_bukcet.this`"),
        ("[\"module.nowhere\"]", "there is no module `nowhere`"),
        ("[\"data.aws_region.nowhere\"]", "there is no `data.aws_region.nowhere`"),
        ("[\"nowhere\"]", "nowhere"),
        ("\"aws_s3_bucket.this\"", "expected a list of addresses"),
        ("[5]", "expected an address"),
    ];
    let mut made = Vec::new();
    for (_, at) in resources_without(source, "depends_on") {
        for (by, says) in WRONG {
            let mutation = source.edit("a wrong depends_on", at..at, &format!("depends_on = {by}\n"));
            made.push(mutation.saying(says));
        }
    }
    made
}

pub(super) fn replace_triggered_by(source: &Source<'_>) -> Vec<Mutation> {
    const WRONG: [(&str, &str); 6] = [
        ("replace_triggered_by = [\"aws_s3_bucket.nowhere\"]", "there is no `aws_s3_bucket.nowhere`"),
        ("replace_triggered_by = [\"module.nowhere\"]", "module"),
        ("replace_triggered_by = [true]", "expected an address"),
        ("ignore_changes = [1]", "expected a string"),
        ("ignore_changes = \"everything\"", "a list of strings"),
        ("replace_trigered_by = []", "did you mean `replace_triggered_by`?"),
    ];
    let mut made = Vec::new();
    for (_, at) in resources_without(source, "lifecycle") {
        for (by, says) in WRONG {
            let mutation = source.edit("a wrong lifecycle", at..at, &format!("lifecycle = {{ {by} }}\n"));
            made.push(mutation.saying(says));
        }
    }
    made
}

pub(super) fn transitions(source: &Source<'_>) -> Vec<Mutation> {
    let add = |text: &str, says: &str| {
        let mut mutation = source.append("a wrong moved, removed or import", text).saying(says);
        mutation.lines.extend(mutation.lines.clone().into_iter().map(|line| line + 1));
        mutation
    };
    let mut made = vec![
        add("[[moved]]\nfrom = \"aws_s3_bucket\"\nto = \"aws_s3_bucket.b\"\n", "is no address"),
        add("[[moved]]\nfrom = \"aws_s3_bucket.a\"\nto = \"module.b\"\n", "cannot become a module"),
        add("[[moved]]\nfrom = \"aws_s3_bucket.a\"\n", "`to` is missing"),
        add("[[moved]]\nform = \"aws_s3_bucket.a\"\nto = \"aws_s3_bucket.b\"\n", "did you mean `from`?"),
        add("[moved]\nfrom = \"aws_s3_bucket.a\"\nto = \"aws_s3_bucket.b\"\n", "[[moved]]"),
        add("[[removed]]\nfrom = \"data.aws_region.this\"\n", "is no address"),
        add("[[removed]]\nlifecycle = { destroy = false }\n", "`from` is missing"),
        add("[[removed]]\nfrom = \"aws_s3_bucket.a\"\nlifecycle = { destroy = \"no\" }\n", "true or false"),
        add(
            "[[removed]]\nfrom = \"aws_s3_bucket.a\"\nlifecycle = { destory = false }\n",
            "did you mean `destroy`?",
        ),
    ];
    if source.is_environment() {
        made.push(add("[[import]]\nto = \"aws_s3_bucket.a\"\n", "`id` is missing"));
        made.push(add(
            "[[import]]\nto = \"aws_s3_bucket.${var.nowhere}\"\nid = \"a\"\n",
            "there is no variable",
        ));
        made.push(add("[[import]]\nto = \"data.aws_region.here\"\nid = \"a\"\n", "is no address"));
        made.push(add("[[import]]\nto = \"aws_s3_bucket\"\nid = \"a\"\n", "is no address"));
    }
    for (address, _) in resources_without(source, "nothing") {
        if source.used.there.contains(&address) {
            made.push(add(&format!("[[removed]]\nfrom = \"{address}\"\n"), "is still configured"));
            let to = format!("{}.elsewhere", address.split('.').next().unwrap());
            made.push(add(
                &format!("[[moved]]\nfrom = \"{address}\"\nto = \"{to}\"\n"),
                "is still configured",
            ));
        }
    }
    // Third lines are broken in these.
    for mutation in &mut made {
        mutation.lines.extend(mutation.lines.clone().into_iter().max().map(|line| line + 1));
    }
    made
}

pub(super) fn counts(source: &Source<'_>) -> Vec<Mutation> {
    let resources = resources_without(source, "nothing").into_iter().map(|(_, at)| at);
    let modules = source.section("module").filter_map(|(_, entry)| source.after_header(entry));
    resources
        .chain(modules)
        .map(|at| source.edit("count", at..at, "count = 2\n").saying("use for_each for several"))
        .collect()
}

pub(super) fn sources(source: &Source<'_>) -> Vec<Mutation> {
    const WRONG: [(&str, &str); 5] = [
        ("\"../nowhere\"", "a module is a directory with a module.toml"),
        ("\"\"", "a module is a directory with a module.toml"),
        ("\"terraform-aws-modules/s3-bucket/aws\"", "a module is a directory with a module.toml"),
        ("5", "add source ="),
        ("\"${env.name}\"", "add source ="),
    ];
    let mut made = Vec::new();
    for (_, entry) in source.section("module") {
        let node = &entry.node.table().unwrap()["source"].node;
        for (by, says) in WRONG {
            if by == "\"\"" && !source.is_environment() {
                continue;
            }
            let mutation = source.edit("a wrong source", node.place.start..node.place.end, by);
            // Where there is no directory at all, that is said of the module.
            made.push(mutation.breaking(entry.key.start).saying(says));
        }
        if !source.is_environment() {
            let mutation =
                source.edit("a module that uses itself", node.place.start..node.place.end, "\".\"");
            made.push(mutation.saying("this module uses itself"));
        }
    }
    made
}

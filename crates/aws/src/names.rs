//! Names that are configured, or made from a prefix and the token of the create.

use provision_engine::kind::Token;
use provision_engine::schema::Problem;
use provision_engine::value::Value;

/// The name to create under: the configured one, or one made of the prefix (Terraform's is `terraform-`).
pub(crate) fn choose(name: Option<&str>, prefix: Option<&str>, token: &Token) -> String {
    match name {
        Some(name) => name.to_owned(),
        None => token.name(prefix.unwrap_or("provision-")),
    }
}

/// That a name and a prefix for one exclude each other.
pub(crate) fn exclusive(configuration: &Value, name: &str, prefix: &str) -> Vec<Problem> {
    // What is not known yet may turn out not to be set.
    let may_be_absent = |name| configuration.get(name).is_null() || configuration.get(name).is_unknown();
    if may_be_absent(name) || may_be_absent(prefix) {
        return Vec::new();
    }
    vec![
        Problem::new(prefix, format!("`{name}` and `{prefix}` exclude each other"))
            .with_hint("keep one of them"),
    ]
}

/// The ending of the names of FIFO topics and queues, and of no others.
const FIFO: &str = ".fifo";

/// [`choose`] for a topic or queue, whose name tells whether it is a FIFO one.
pub(crate) fn choose_fifo(name: Option<&str>, prefix: Option<&str>, is_fifo: bool, token: &Token) -> String {
    let chosen = choose(name, prefix, token);
    if is_fifo && name.is_none() { chosen + FIFO } else { chosen }
}

/// That the name of a topic or queue tells whether it is a FIFO one, as the argument `flag` says.
pub(crate) fn fifo(configuration: &Value, flag: &str) -> Option<Problem> {
    let name = configuration.get("name").as_str()?;
    let is_fifo = configuration.get(flag);
    if is_fifo.is_unknown() {
        return None;
    }
    match (is_fifo.as_bool().unwrap_or_default(), name.ends_with(FIFO)) {
        (true, false) => Some(
            Problem::new("name", format!("with `{flag} = true`, the name ends in `{FIFO}`"))
                .with_hint(format!("write \"{name}{FIFO}\"")),
        ),
        (false, true) => Some(
            Problem::new("name", format!("only with `{flag} = true`, the name ends in `{FIFO}`"))
                .with_hint(format!("add `{flag} = true`, or drop the ending")),
        ),
        _ => None,
    }
}

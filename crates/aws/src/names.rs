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
    if configuration.get(name).is_null() || configuration.get(prefix).is_null() {
        return Vec::new();
    }
    vec![
        Problem::new(prefix, format!("`{name}` and `{prefix}` exclude each other"))
            .with_hint("keep one of them"),
    ]
}

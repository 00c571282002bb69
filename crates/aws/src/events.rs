//! What the kinds of EventBridge share: codes, refusals that pass, and the bus in an id.

use provision_engine::kind::KindError;
use provision_engine::permission::Undertaking;

use crate::permissions::arn;

/// There is none of that name.
pub(crate) const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// Someone else is changing the same rule at this moment.
pub(crate) const BUSY: &[&str] = &["ConcurrentModificationException"];

/// The bus that every account has, and that AWS services send to.
pub(crate) const DEFAULT_BUS: &str = "default";

/// [`DEFAULT_BUS`], for serde.
pub(crate) fn default_bus() -> String {
    DEFAULT_BUS.to_owned()
}

/// Whether a call was refused because someone else was faster, or because of a role that was made a moment ago.
pub(crate) fn passes(error: &KindError) -> bool {
    error.is(BUSY)
        || error.is(&["ValidationException"]) && error.message.contains("cannot be assumed by principal")
}

/// An id with its bus before it, but for the default one.
pub(crate) fn id_on(bus: &str, id: &str) -> String {
    if bus == DEFAULT_BUS { id.to_owned() } else { format!("{bus}/{id}") }
}

/// The ARN of a rule of that name, on the bus that `event_bus_name` says.
pub(crate) fn rule(of: &Undertaking<'_>, name: &str) -> String {
    let bus = of.text("event_bus_name").unwrap_or(DEFAULT_BUS);
    let bus = bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name);
    arn::regional(
        "events",
        &if bus == DEFAULT_BUS { format!("rule/{name}") } else { format!("rule/{bus}/{name}") },
    )
}

/// The bus of an id, and its other parts. The name of a bus may have slashes in it, and no other part has.
pub(crate) fn parts_on<'a, const N: usize>(
    id: &'a str,
    form: &str,
) -> Result<(&'a str, [&'a str; N]), KindError> {
    let mut parts: Vec<&str> = id.rsplitn(N + 1, '/').collect();
    let bus = if parts.len() > N { parts.pop() } else { None };
    parts.reverse();
    match <[&str; N]>::try_from(parts) {
        Ok(parts) => Ok((bus.unwrap_or(DEFAULT_BUS), parts)),
        Err(_) => Err(KindError::new(format!("{id:?} is no id of this kind")).with_hint(format!(
            "write it as `{form}`, with the bus and a slash before it if it is not the default one"
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn an_id_names_its_bus_unless_it_is_the_default_one() {
        assert_eq!(parts_on::<1>("daily", "rule").unwrap(), ("default", ["daily"]));
        assert_eq!(parts_on::<1>(&id_on("orders", "daily"), "rule").unwrap(), ("orders", ["daily"]));
        let partner = id_on("aws.partner/example.com/1", "daily/target");
        assert_eq!(
            parts_on::<2>(&partner, "rule/target").unwrap(),
            ("aws.partner/example.com/1", ["daily", "target"])
        );
        assert!(parts_on::<2>("daily", "rule/target").is_err());
    }
}

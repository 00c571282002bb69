//! How the data sources of policies find one: by its id, or by its name.

use provision_engine::kind::KindError;
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::spelling;
use provision_engine::value::Value;

use crate::permissions::arn;

/// What is wrong with the arguments that select a policy; `kind` is what it is, such as `cache policy`, and `example`
/// the name of one.
pub(crate) fn problems(configuration: &Value, kind: &str, example: &str) -> Vec<Problem> {
    match (configuration.get("id"), configuration.get("name")) {
        (Value::Null, Value::Null) => vec![
            Problem::new("name", format!("neither `name` nor `id` says which {kind} is meant"))
                .with_hint(format!("set one of them, such as `name = \"{example}\"`")),
        ],
        (Value::String(_), Value::String(_)) => {
            vec![Problem::new("id", "`id` and `name` exclude each other").with_hint("keep one of them")]
        }
        _ => Vec::new(),
    }
}

/// The id of the policy of that name among `policies`, which are ids and names.
pub(crate) fn named(policies: &[(String, String)], name: &str, kind: &str) -> Result<String, KindError> {
    if let Some((id, _)) = policies.iter().find(|(_, listed)| listed == name) {
        return Ok(id.clone());
    }
    let names = || policies.iter().map(|(_, name)| name.as_str());
    // AWS's documentation writes CachingOptimized for what the API calls Managed-CachingOptimized.
    let managed = format!("Managed-{name}");
    let hint = match spelling::nearest(name, names()).or_else(|| spelling::nearest(&managed, names())) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(KindError::new(format!("there is no {kind} named \"{name}\"")).with_hint(hint))
}

/// The failure of a data source that names an id which no policy has.
pub(crate) fn unknown_id(kind: &str, id: &str) -> KindError {
    KindError::new(format!("there is no {kind} with the id {id}")).with_hint("select it by its name")
}

/// The failure of a data source of which neither argument is known.
pub(crate) fn unselected() -> KindError {
    KindError::new("neither `name` nor `id` is known")
}

/// What it needs to read a policy, in the words of CloudFront: `cache-policy`, `CachePolicy`, `CachePolicies`.
pub(crate) fn permissions(configuration: &Value, kind: &str, noun: &str, plural: &str) -> Vec<Permission> {
    let id = configuration.get("id").as_str();
    let policy = arn::cloudfront(kind, id.unwrap_or("*"));
    let list = id.is_none().then(|| Permission::new(format!("cloudfront:List{plural}"), "*"));
    [Permission::new(format!("cloudfront:Get{noun}"), policy)].into_iter().chain(list).collect()
}

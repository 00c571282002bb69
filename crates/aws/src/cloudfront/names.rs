//! The lists of names in policies: of cookies, of headers, of parameters of the query string. A behavior beside each
//! says what it is the list of.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types::{CookieNames, Headers, QueryStringNames};
use provision_engine::cloudformation::Block;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// A list of names.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Names {
    /// The names.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    items: BTreeSet<String>,
}

impl Names {
    /// What AWS lists; a list of none is none.
    pub(crate) fn from_sdk(names: &[String]) -> Option<Self> {
        (!names.is_empty()).then(|| Self { items: names.iter().cloned().collect() })
    }
}

pub(crate) fn cookies(names: Option<&Names>) -> Result<Option<CookieNames>, KindError> {
    quantified(names)
        .map(|(quantity, items)| {
            CookieNames::builder().quantity(quantity).set_items(Some(items)).build().map_err(malformed)
        })
        .transpose()
}

pub(crate) fn headers(names: Option<&Names>) -> Result<Option<Headers>, KindError> {
    quantified(names)
        .map(|(quantity, items)| {
            Headers::builder().quantity(quantity).set_items(Some(items)).build().map_err(malformed)
        })
        .transpose()
}

pub(crate) fn query_strings(names: Option<&Names>) -> Result<Option<QueryStringNames>, KindError> {
    quantified(names)
        .map(|(quantity, items)| {
            QueryStringNames::builder().quantity(quantity).set_items(Some(items)).build().map_err(malformed)
        })
        .transpose()
}

/// The names in the SDK's form: how many, and which.
fn quantified(names: Option<&Names>) -> Option<(i32, Vec<String>)> {
    let items = &names?.items;
    (!items.is_empty()).then(|| (items.len() as i32, items.iter().cloned().collect()))
}

/// The blocks of a policy that choose cookies, headers and parameters of the query string, in CloudFormation's form.
pub(crate) fn choices(policy: &mut Block<'_>) {
    policy.block("cookies_config", "CookiesConfig", |chosen| {
        chosen.same(&["cookie_behavior"]);
        chosen.within("cookies", |names| names.rename("items", "Cookies"));
    });
    policy.block("headers_config", "HeadersConfig", |chosen| {
        chosen.same(&["header_behavior"]);
        chosen.within("headers", |names| names.rename("items", "Headers"));
    });
    policy.block("query_strings_config", "QueryStringsConfig", |chosen| {
        chosen.same(&["query_string_behavior"]);
        chosen.within("query_strings", |names| names.rename("items", "QueryStrings"));
    });
}

/// Where a list of names stands in a block, and what says whether there is one.
pub(crate) struct Place<'a> {
    /// The argument that chooses, such as `cookie_behavior`.
    pub(crate) behavior: &'a str,
    /// The choices that go with a list.
    pub(crate) listing: &'a [&'a str],
    /// The list, such as `cookies`.
    pub(crate) list: &'a str,
}

/// What is wrong with a block of a behavior and a list: one of them without the other.
pub(crate) fn problems(block: &Value, path: &Path, place: &Place<'_>) -> Vec<Problem> {
    let &Place { behavior, listing, list } = place;
    let Some(chosen) = block.get(behavior).as_str() else { return Vec::new() };
    let names = block.get(list);
    let takes_names = listing.contains(&chosen);
    if takes_names && (names.is_null() || is_hollow(names)) {
        return vec![
            Problem::new(path.key(behavior), format!("`{behavior}` is {chosen}, and no names are listed"))
                .with_hint(format!("list them: `{list} = {{ items = [\"…\"] }}`")),
        ];
    }
    if !takes_names && !names.get("items").items().is_empty() {
        return vec![
            Problem::new(path.key(list), format!("`{behavior}` is {chosen}, so no names can be listed"))
                .with_hint(format!("set `{behavior} = \"whitelist\"`, or remove `{list}`")),
        ];
    }
    Vec::new()
}

/// Whether a block of names is known and lists none.
fn is_hollow(names: &Value) -> bool {
    names.as_map().is_some() && names.get("items").is_empty()
}

//! How record sets are read. Route 53 answers five calls a second, of all who ask in an account, and 300 sets
//! in a call: so the sets of a zone that are asked for at about the same time are read in as few pages as
//! hold them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{ResourceRecordSet, RrType};
use futures::StreamExt;
use futures::future::join_all;
use provision_engine::kind::KindError;

use super::Key;
use crate::call::Outcome;
use crate::clients::Reader;
use crate::dns;
use crate::kinds::route53_zone::ABSENT;
use crate::reads::{Answers, Batched};

/// From how many sets of a zone on they are read in pages. A page takes longer than a set.
const WORTHWHILE: usize = 4;
/// How many sets, or parts of a zone, are read at a time.
const AT_A_TIME: usize = 4;
/// How many sets a page has at most.
const PAGE: i32 = 300;

/// A record set by zone, whole name, type and set identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sought {
    zone_id: String,
    fqdn: String,
    r#type: String,
    set_identifier: Option<String>,
}

struct Records;

impl Batched for Records {
    type Question = Sought;
    type Answer = Option<ResourceRecordSet>;
    const AT_ONCE: usize = usize::MAX;
}

/// The set of that key, read along with others of its zone.
pub(super) async fn lookup_with_others(
    reader: &Reader,
    key: &Key,
    fqdn: &str,
) -> Result<Option<ResourceRecordSet>, KindError> {
    let sought = Sought {
        zone_id: key.zone_id.clone(),
        fqdn: dns::plain(fqdn),
        r#type: key.r#type.clone(),
        set_identifier: key.set_identifier.clone(),
    };
    let client = reader.route53().clone();
    let ask = move |sought| find_all(client.clone(), sought);
    reader.batch::<Records>().ask(sought, ask).await
}

/// The set of that key. A list that starts at it begins with it, if it is there.
pub(super) async fn lookup(
    route53: &Client,
    key: &Key,
    fqdn: &str,
) -> Result<Option<ResourceRecordSet>, KindError> {
    let page = route53
        .list_resource_record_sets()
        .hosted_zone_id(&key.zone_id)
        .start_record_name(fqdn)
        .start_record_type(RrType::from(key.r#type.as_str()))
        .set_start_record_identifier(key.set_identifier.clone())
        .max_items(1)
        .send()
        .await
        .unless(ABSENT)?;
    let sets = page.map(|page| page.resource_record_sets).unwrap_or_default();
    Ok(sets.into_iter().find(|set| {
        dns::same(&set.name, fqdn)
            && set.r#type.as_str() == key.r#type
            && set.set_identifier == key.set_identifier
    }))
}

type Found = Answers<Sought, Option<ResourceRecordSet>>;

async fn find_all(route53: Client, sought: Vec<Sought>) -> Result<Found, KindError> {
    let mut zones: BTreeMap<String, Vec<Sought>> = BTreeMap::new();
    for sought in sought {
        zones.entry(sought.zone_id.clone()).or_default().push(sought);
    }
    let route53 = &route53;
    let zones = zones.into_iter().map(|(zone, sought)| async move {
        // Where Route 53 has a name with other characters, in octal, is nowhere said.
        let (plain, mut single): (Vec<_>, Vec<_>) =
            sought.into_iter().partition(|sought| is_plain(&sought.fqdn));
        let mut found = if plain.len() < WORTHWHILE {
            single.extend(plain);
            Found::new()
        } else {
            let (found, left) = walk_all(route53, &zone, plain).await;
            single.extend(left);
            found
        };
        found.extend(each(route53, single).await);
        found
    });
    Ok(join_all(zones).await.into_iter().flatten().collect())
}

/// Each by a call of its own.
async fn each(route53: &Client, sought: Vec<Sought>) -> Found {
    let lookups = sought.into_iter().map(|sought| async move {
        let Sought { zone_id, r#type, set_identifier, .. } = sought.clone();
        let key = Key { zone_id, name: String::new(), r#type, set_identifier };
        let found = lookup(route53, &key, &sought.fqdn).await;
        (sought, found)
    });
    futures::stream::iter(lookups).buffer_unordered(AT_A_TIME).collect().await
}

/// Reads sets of a zone in pages: those that were found, and those that have to be looked for one by one. The
/// first page has all of most zones. Parts of a larger one are read at the same time.
async fn walk_all(route53: &Client, zone: &str, mut sought: Vec<Sought>) -> (Found, Vec<Sought>) {
    sought.sort_by_cached_key(|sought| place(&sought.fqdn));
    let mut walk = Walk { route53, zone, found: Found::new(), left: Vec::new() };
    let rest = walk.page(sought).await;
    let size = rest.len().div_ceil(AT_A_TIME).max(1);
    let parts = rest.chunks(size).map(|part| async move {
        let mut walk = Walk { route53, zone, found: Found::new(), left: Vec::new() };
        let mut rest = part.to_vec();
        while !rest.is_empty() {
            rest = walk.page(rest).await;
        }
        (walk.found, walk.left)
    });
    for (found, left) in join_all(parts).await {
        walk.found.extend(found);
        walk.left.extend(left);
    }
    (walk.found, walk.left)
}

/// A walk through a zone.
struct Walk<'w> {
    route53: &'w Client,
    zone: &'w str,
    found: Found,
    /// What the pages do not have: it is gone, or they end amid the sets of its name.
    left: Vec<Sought>,
}

impl Walk<'_> {
    /// Reads the page that begins with the first name that is sought, and gives those that may be on a later
    /// one. `sought` is in Route 53's order.
    async fn page(&mut self, sought: Vec<Sought>) -> Vec<Sought> {
        let Some(first) = sought.first().map(|first| first.fqdn.clone()) else { return Vec::new() };
        let request = self.route53.list_resource_record_sets().hosted_zone_id(self.zone);
        let page = match request.start_record_name(&first).max_items(PAGE).send().await.unless(ABSENT) {
            Ok(Some(page)) => page,
            Ok(None) => {
                self.found.extend(sought.into_iter().map(|sought| (sought, Ok(None))));
                return Vec::new();
            }
            Err(error) => {
                self.found.extend(sought.into_iter().map(|sought| (sought, Err(error.clone()))));
                return Vec::new();
            }
        };
        let end = page.resource_record_sets.last().filter(|_| page.is_truncated);
        let end = end.map(|last| place(&dns::plain(&last.name)));
        let mut there: HashMap<Sought, ResourceRecordSet> =
            page.resource_record_sets.into_iter().map(|set| (self.sought(&set), set)).collect();
        let mut later = Vec::new();
        for sought in sought {
            match there.remove(&sought) {
                Some(set) => {
                    self.found.insert(sought, Ok(Some(set)));
                }
                None if sought.fqdn != first
                    && end.as_ref().is_some_and(|end| place(&sought.fqdn) >= *end) =>
                {
                    later.push(sought);
                }
                None => self.left.push(sought),
            }
        }
        later
    }

    /// By what a set is sought.
    fn sought(&self, set: &ResourceRecordSet) -> Sought {
        Sought {
            zone_id: self.zone.to_owned(),
            fqdn: dns::plain(&set.name),
            r#type: set.r#type.as_str().to_owned(),
            set_identifier: set.set_identifier.clone(),
        }
    }
}

/// Whether a name has none but letters, digits, `-` and `_`.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Where Route 53 has a name, in the order of its lists: by its labels from the last to the first, each
/// followed by a dot.
fn place(name: &str) -> String {
    let mut labels: Vec<&str> = name.split('.').collect();
    labels.reverse();
    labels.join(".") + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_route_53() {
        let mut names =
            ["www.example.com", "b.a.example.com", "example.com", "a-b.example.com", "a.example.com"];
        names.sort_by_key(|name| place(name));
        // A hyphen comes before a dot.
        let expected =
            ["example.com", "a-b.example.com", "a.example.com", "b.a.example.com", "www.example.com"];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_route_53_writes_in_octal_is_not_plain() {
        assert!(is_plain("_acme-challenge.example.com"));
        assert!(!is_plain("*.example.com"));
        assert!(!is_plain(r"a\056b.example.com"));
    }
}

//! Deleting what is left in a zone that is to go.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};
use provision_engine::kind::{Departure, Holder, KindError};

use super::{ABSENT, BUSY, get};
use crate::call::{Outcome, eventually, malformed};
use crate::dns;

/// AWS takes 1000 values and 32000 characters in a batch: this leaves room for what counts twice.
const VALUES_AT_ONCE: usize = 400;
const CHARACTERS_AT_ONCE: usize = 15_000;

/// Deletes all records of a zone but those that AWS made with it, in as few calls as it takes.
pub(super) async fn delete_records(route53: &Client, id: &str) -> Result<(), KindError> {
    let Some((zone, _)) = get(route53, id).await? else { return Ok(()) };
    let mut batch = Vec::new();
    for set in records(route53, id).await? {
        if matches!(set.r#type, RrType::Ns | RrType::Soa) && dns::same(&set.name, &zone.name) {
            continue;
        }
        if is_full(&batch, &set) {
            delete(route53, id, std::mem::take(&mut batch)).await?;
        }
        batch.push(set);
    }
    if batch.is_empty() { Ok(()) } else { delete(route53, id, batch).await }
}

/// What the delete of a zone takes with it, if that empties it, or is refused for.
pub(super) async fn departure(route53: &Client, id: &str, force: bool) -> Result<Departure, KindError> {
    let (zone, records) = futures::join!(get(route53, id), records(route53, id));
    let Some((zone, _)) = zone? else { return Ok(Departure::default()) };
    let own = |set: &ResourceRecordSet| {
        matches!(set.r#type, RrType::Ns | RrType::Soa) && dns::same(&set.name, &zone.name)
    };
    let sets: Vec<ResourceRecordSet> = records?.into_iter().filter(|set| !own(set)).collect();
    if force {
        let takes_along = match sets.len() {
            0 => Vec::new(),
            1 => vec!["1 record set".to_owned()],
            count => vec![format!("{count} record sets")],
        };
        return Ok(Departure { takes_along, ..Departure::default() });
    }
    let zone_name = dns::plain(&zone.name);
    let holder = |set: ResourceRecordSet| {
        let name = dns::plain(&set.name);
        let short = name.strip_suffix(&zone_name).map(|short| short.trim_end_matches('.').to_owned());
        let suffix = set.set_identifier.map(|identifier| format!("_{identifier}")).unwrap_or_default();
        let ids = [Some(name), short].into_iter().flatten();
        let ids = ids.map(|name| format!("{id}_{name}_{}{suffix}", set.r#type.as_str())).collect();
        Holder { kind: "aws_route53_record", ids }
    };
    Ok(Departure {
        held_by: sets.into_iter().map(holder).collect(),
        hint: Some("delete its records first, or set force_destroy = true, and apply that".to_owned()),
        ..Departure::default()
    })
}

fn is_full(batch: &[ResourceRecordSet], next: &ResourceRecordSet) -> bool {
    let values = |set: &ResourceRecordSet| set.resource_records().len().max(1);
    let characters = |set: &ResourceRecordSet| {
        set.resource_records().iter().map(|record| record.value.len()).sum::<usize>()
    };
    let all = || batch.iter().chain([next]);
    all().map(values).sum::<usize>() > VALUES_AT_ONCE
        || all().map(characters).sum::<usize>() > CHARACTERS_AT_ONCE
}

async fn delete(route53: &Client, id: &str, sets: Vec<ResourceRecordSet>) -> Result<(), KindError> {
    let changes = sets
        .into_iter()
        .map(|set| Change::builder().action(ChangeAction::Delete).resource_record_set(set).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(malformed)?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(malformed)?;
    eventually(&[BUSY], || async {
        route53
            .change_resource_record_sets()
            .hosted_zone_id(id)
            .change_batch(batch.clone())
            .send()
            .await
            .unless(ABSENT)
    })
    .await?;
    Ok(())
}

async fn records(route53: &Client, id: &str) -> Result<Vec<ResourceRecordSet>, KindError> {
    let mut found = Vec::new();
    let mut next = route53.list_resource_record_sets().hosted_zone_id(id);
    loop {
        let Some(page) = next.send().await.unless(ABSENT)? else { return Ok(found) };
        found.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(found);
        }
        next = route53
            .list_resource_record_sets()
            .hosted_zone_id(id)
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

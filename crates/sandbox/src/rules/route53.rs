//! Route 53 knows a caller reference again, keeps names within their zone and aliases to themselves, and
//! writes names in a way of its own.

use crate::{
    SandboxError,
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
    xml::{self, Element},
};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    let Some(root) = xml::parse(request.body()) else { return Ok(()) };
    match identity.operation.as_str() {
        "CreateHostedZone" => check_reference(&ask, root.text_at(&["CallerReference"])).await,
        "ChangeResourceRecordSets" => {
            let id = request.uri().path().split('/').nth(3).unwrap_or_default();
            check_changes(&ask, id, &root).await
        }
        _ => Ok(()),
    }
}

/// AWS refuses a caller reference that was used, whatever it was used for; ministack answers the zone.
async fn check_reference(ask: &Ask<'_>, reference: &str) -> Result<(), Refusal> {
    for zone in zones(ask).await? {
        if zone.text_at(&["CallerReference"]) == reference {
            let message = format!(
                "A hosted zone has already been created with the specified caller reference {reference}."
            );
            return Err(Refusal::new(409, "HostedZoneAlreadyExists", message));
        }
    }
    Ok(())
}

/// The zones of an account.
pub(crate) async fn zones(ask: &Ask<'_>) -> Result<Vec<Element>, SandboxError> {
    let mut found = Vec::new();
    let mut page = String::new();
    loop {
        let mut list = ask.get("route53", &format!("/2013-04-01/hostedzone{page}")).await?;
        found.extend(
            list.child_mut("HostedZones")
                .map(|zones| std::mem::take(&mut zones.children))
                .unwrap_or_default(),
        );
        match list.text_at(&["NextMarker"]) {
            "" => return Ok(found),
            marker => page = format!("?marker={marker}"),
        }
    }
}

/// The record sets of a zone.
pub(crate) async fn records(ask: &Ask<'_>, zone: &str) -> Result<Vec<Element>, SandboxError> {
    let mut found = Vec::new();
    let mut page = String::new();
    loop {
        let mut list = ask.get("route53", &format!("/2013-04-01/hostedzone/{zone}/rrset{page}")).await?;
        let sets = list.child_mut("ResourceRecordSets");
        found.extend(sets.map(|sets| std::mem::take(&mut sets.children)).unwrap_or_default());
        if list.text_at(&["IsTruncated"]) != "true" {
            return Ok(found);
        }
        page = format!(
            "?name={}&type={}&identifier={}",
            crate::query::encode(list.text_at(&["NextRecordName"])),
            list.text_at(&["NextRecordType"]),
            crate::query::encode(list.text_at(&["NextRecordIdentifier"])),
        );
    }
}

async fn check_changes(ask: &Ask<'_>, zone: &str, root: &Element) -> Result<(), Refusal> {
    let path = format!("/2013-04-01/hostedzone/{zone}");
    let Some(answer) = ask.find("route53", &path).await? else { return Ok(()) };
    let apex = answer.text_at(&["HostedZone", "Name"]).to_owned();
    let mut taken = records(ask, zone)
        .await?
        .iter()
        .map(|record| (name(record), record.text_at(&["Type"]).to_owned()))
        .collect::<Vec<_>>();
    let changes =
        root.at(&["ChangeBatch", "Changes"]).map(|changes| changes.children.as_slice()).unwrap_or_default();
    for change in changes {
        let Some(record) = change.child("ResourceRecordSet") else { continue };
        let (name, kind) = (name(record), record.text_at(&["Type"]).to_owned());
        if change.text_at(&["Action"]) == "DELETE" {
            taken.retain(|(other, other_kind)| (other, other_kind) != (&name, &kind));
            continue;
        }
        if name != apex && !name.ends_with(&format!(".{apex}")) {
            return Err(bad_batch(format!("RRSet with DNS name {name} is not permitted in zone {apex}")));
        }
        if kind == "CNAME" && name == apex {
            return Err(bad_batch(format!(
                "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"
            )));
        }
        let clash = taken.iter().find(|(other, other_kind)| {
            *other == name && *other_kind != kind && (kind == "CNAME" || other_kind == "CNAME")
        });
        if clash.is_some() {
            return Err(bad_batch(format!(
                "RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME \
                 with the same DNS name already exists in zone {apex}"
            )));
        }
        if record.child("AliasTarget").is_none() && record.child("TTL").is_none() {
            return Err(Refusal::new(400, "InvalidInput", "Invalid request: Missing field 'TTL' in Change"));
        }
        taken.push((name, kind));
    }
    Ok(())
}

/// The name of a record set in small letters, with the dot at the end.
fn name(record: &Element) -> String {
    let name = record.text_at(&["Name"]).replace(ASTERISK, "*");
    format!("{}.", name.trim_end_matches('.').to_lowercase())
}

/// How Route 53 writes the asterisk of a wildcard, in whatever way it was sent.
const ASTERISK: &str = "\\052";

/// Lets ministack, which knows only the asterisk and minds about case, see names as it keeps them. A request
/// with none but such names is left as it was signed.
pub(super) fn translated(request: &Request, identity: &Identity) -> Option<Request> {
    let mut translated = request.clone();
    match identity.operation.as_str() {
        "ChangeResourceRecordSets" => {
            let mut root = xml::parse(request.body())?;
            let changes = root.child_mut("ChangeBatch")?.child_mut("Changes")?;
            let mut changed = false;
            for change in &mut changes.children {
                let record = change.child_mut("ResourceRecordSet")?;
                let name = name(record);
                changed |= record.text_at(&["Name"]).trim_end_matches('.') != name.trim_end_matches('.');
                record.put(Element::of("Name", name));
            }
            if !changed {
                return None;
            }
            *translated.body_mut() = root.document().into();
        }
        "ListResourceRecordSets" => {
            let uri = request.uri().to_string();
            let plain = uri.replace("%5C052", "*").replace("%5c052", "*");
            if plain == uri {
                return None;
            }
            *translated.uri_mut() = plain.parse().ok()?;
        }
        _ => return None,
    }
    Some(translated)
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) fn after(identity: &Identity, reply: Reply) -> Reply {
    let root = xml::parse(reply.body()).filter(|_| identity.operation == "ListResourceRecordSets");
    let Some(mut root) = root else { return reply };
    let escape = |name: Option<&mut Element>| {
        if let Some(name) = name {
            name.text = name.text.replace('*', ASTERISK);
        }
    };
    escape(root.child_mut("NextRecordName"));
    for record in root.child_mut("ResourceRecordSets").into_iter().flat_map(|records| &mut records.children) {
        escape(record.child_mut("Name"));
    }
    let (parts, _) = reply.into_parts();
    Reply::from_parts(parts, root.document().into())
}

fn bad_batch(message: String) -> Refusal {
    Refusal::new(400, "InvalidChangeBatch", message)
}

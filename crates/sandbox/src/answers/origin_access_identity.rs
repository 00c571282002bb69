//! CloudFront's origin access identities, the forerunners of its origin access controls.

use std::collections::BTreeMap;

use hyper::Method;
use uuid::Uuid;

use crate::{
    call::{Identity, header},
    proxy::{Reply, Request},
    query,
    reply::{self, CLOUDFRONT_NAMESPACE, Refusal},
    rules::paging,
    xml::{self, Element},
};

const NAME: &str = "CloudFrontOriginAccessIdentity";

/// An identity of one account.
#[derive(Clone, Debug)]
pub(crate) struct OriginAccessIdentity {
    id: String,
    canonical_user: String,
    etag: String,
    caller_reference: String,
    comment: String,
}

/// Answers a request about identities. `used_by` names the distribution that uses the identity that is to
/// be deleted, if there is one.
pub(crate) fn answer(
    identities: &mut BTreeMap<String, OriginAccessIdentity>,
    request: &Request,
    identity: &Identity,
    used_by: Option<&str>,
) -> Reply {
    let segments =
        request.uri().path().split('/').filter(|part| !part.is_empty()).skip(3).collect::<Vec<_>>();
    let answer = match (request.method(), &segments[..]) {
        (&Method::POST, []) => create(identities, request),
        (&Method::GET, []) => Ok(list(identities, request.uri().query().unwrap_or_default())),
        (&Method::GET, [id]) => find(identities, id).map(|found| tagged(200, &found.element(), &found.etag)),
        (&Method::GET, [id, "config"]) => {
            find(identities, id).map(|found| tagged(200, &found.config(), &found.etag))
        }
        (&Method::PUT, [id, "config"]) => update(identities, request, id),
        (&Method::DELETE, [id]) => delete(identities, request, id, used_by),
        _ => Err(Refusal::new(404, "NoSuchResource", "The sandbox does not know this request.")),
    };
    answer.unwrap_or_else(|refusal| refusal.reply(identity.protocol, &identity.service))
}

impl OriginAccessIdentity {
    fn element(&self) -> Element {
        Element::new(NAME)
            .with(Element::of("Id", &self.id))
            .with(Element::of("S3CanonicalUserId", &self.canonical_user))
            .with(self.config())
    }

    fn config(&self) -> Element {
        Element::new("CloudFrontOriginAccessIdentityConfig")
            .with(Element::of("CallerReference", &self.caller_reference))
            .with(Element::of("Comment", &self.comment))
    }

    fn summary(&self) -> Element {
        Element::new("CloudFrontOriginAccessIdentitySummary")
            .with(Element::of("Id", &self.id))
            .with(Element::of("S3CanonicalUserId", &self.canonical_user))
            .with(Element::of("Comment", &self.comment))
    }
}

fn create(
    identities: &mut BTreeMap<String, OriginAccessIdentity>,
    request: &Request,
) -> Result<Reply, Refusal> {
    let (caller_reference, comment) = config(request)?;
    let existing = identities.values().find(|existing| existing.caller_reference == caller_reference);
    let identity = match existing {
        // The same request once more is the same identity.
        Some(existing) if existing.comment == comment => existing.clone(),
        Some(_) => {
            return Err(Refusal::new(
                409,
                "CloudFrontOriginAccessIdentityAlreadyExists",
                "The caller reference that you specified was used for an origin access identity with another comment.",
            ));
        }
        None => OriginAccessIdentity {
            id: format!("E{}", random(13).to_uppercase()),
            canonical_user: random(96),
            etag: etag(),
            caller_reference,
            comment,
        },
    };
    let mut reply = tagged(201, &identity.element(), &identity.etag);
    let location = format!("/2020-05-31/origin-access-identity/cloudfront/{}", identity.id);
    reply::set(&mut reply, "location", &location);
    identities.insert(identity.id.clone(), identity);
    Ok(reply)
}

fn update(
    identities: &mut BTreeMap<String, OriginAccessIdentity>,
    request: &Request,
    id: &str,
) -> Result<Reply, Refusal> {
    let (caller_reference, comment) = config(request)?;
    let identity = identities.get_mut(id).ok_or_else(no_such)?;
    check_version(request, identity)?;
    if identity.caller_reference != caller_reference {
        return Err(Refusal::new(400, "IllegalUpdate", "The caller reference cannot be changed."));
    }
    identity.comment = comment;
    identity.etag = etag();
    Ok(tagged(200, &identity.element(), &identity.etag))
}

fn delete(
    identities: &mut BTreeMap<String, OriginAccessIdentity>,
    request: &Request,
    id: &str,
    used_by: Option<&str>,
) -> Result<Reply, Refusal> {
    check_version(request, find(identities, id)?)?;
    if let Some(distribution) = used_by {
        return Err(Refusal::new(
            409,
            "CloudFrontOriginAccessIdentityInUse",
            format!("The origin access identity is used by the distribution {distribution}."),
        ));
    }
    identities.remove(id);
    Ok(reply::bytes(204, ""))
}

fn list(identities: &BTreeMap<String, OriginAccessIdentity>, parameters: &str) -> Reply {
    let items = identities.values().map(OriginAccessIdentity::summary);
    let mut root = Element::new("CloudFrontOriginAccessIdentityList")
        .with(Element::of("Marker", ""))
        .with(Element::of("MaxItems", "100"))
        .with(Element::of("IsTruncated", "false"))
        .with(Element::of("Quantity", identities.len().to_string()))
        .with(Element::new("Items").with_all(items));
    root.attributes.push(("xmlns".to_owned(), CLOUDFRONT_NAMESPACE.to_owned()));
    paging::cut(&mut root, parameters);
    reply::xml(200, &root)
}

fn find<'a>(
    identities: &'a BTreeMap<String, OriginAccessIdentity>,
    id: &str,
) -> Result<&'a OriginAccessIdentity, Refusal> {
    identities.get(id).ok_or_else(no_such)
}

/// The caller reference and the comment that a request gives.
fn config(request: &Request) -> Result<(String, String), Refusal> {
    let root = xml::parse(request.body())
        .ok_or_else(|| Refusal::new(400, "MissingBody", "The body of the request is not XML."))?;
    let (reference, comment) = (root.text_at(&["CallerReference"]), root.text_at(&["Comment"]));
    if reference.is_empty() || comment.chars().count() > 128 {
        let message = "A caller reference is needed, and a comment has at most 128 characters.";
        return Err(Refusal::new(400, "InvalidArgument", message));
    }
    Ok((reference.to_owned(), comment.to_owned()))
}

fn check_version(request: &Request, identity: &OriginAccessIdentity) -> Result<(), Refusal> {
    match header(request, "if-match") {
        None | Some("") => Err(Refusal::new(
            400,
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )),
        Some(version) if version == identity.etag => Ok(()),
        Some(_) => Err(Refusal::new(
            412,
            "PreconditionFailed",
            "The precondition given in one or more of the request-header fields evaluated to false.",
        )),
    }
}

fn no_such() -> Refusal {
    Refusal::new(
        404,
        "NoSuchCloudFrontOriginAccessIdentity",
        "The specified origin access identity does not exist.",
    )
}

fn tagged(status: u16, root: &Element, etag: &str) -> Reply {
    let mut root = root.clone();
    root.attributes.push(("xmlns".to_owned(), CLOUDFRONT_NAMESPACE.to_owned()));
    let mut reply = reply::xml(status, &root);
    reply::set(&mut reply, "etag", etag);
    reply
}

fn etag() -> String {
    format!("E{}", random(13).to_uppercase())
}

/// So many hexadecimal digits.
fn random(length: usize) -> String {
    let mut digits = String::new();
    while digits.len() < length {
        digits.push_str(&Uuid::new_v4().simple().to_string());
    }
    digits.truncate(length);
    digits
}

/// The id in the form in which an origin names its identity.
pub(crate) fn id_of_path(path: &str) -> Option<&str> {
    path.strip_prefix("origin-access-identity/cloudfront/")
}

/// The id of the identity that a request addresses.
pub(crate) fn addressed(request: &Request) -> Option<String> {
    request.uri().path().split('/').filter(|part| !part.is_empty()).nth(3).map(query::percent_decode)
}

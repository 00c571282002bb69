//! What ministack lacks, and the front therefore answers by itself.

pub(crate) mod mediaconvert;
pub(crate) mod origin_access_identity;
pub(crate) mod service_catalog;

use crate::{
    SandboxError, authorization,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
    rules::{acm, cloudfront},
};

/// The front's own answer, if it is the one to give it.
pub(crate) async fn answer(front: &Front, request: &Request, identity: &Identity) -> Option<Reply> {
    if let Some(reply) = acm::repeated(front, request, identity) {
        return Some(reply);
    }
    if front.authenticate && identity.is("iam", "SimulatePrincipalPolicy") {
        let answer = authorization::simulation::answer(front, request, identity).await;
        return Some(answer.unwrap_or_else(|refusal| refusal.reply(identity.protocol, &identity.service)));
    }
    let is_mediaconvert = identity.service == "mediaconvert";
    let is_identity = identity.service == "cloudfront"
        && request.uri().path().starts_with("/2020-05-31/origin-access-identity/cloudfront");
    let is_service_catalog = identity.service == "servicecatalog";
    if !is_mediaconvert && !is_identity && !is_service_catalog {
        return None;
    }
    if let Some(denied) = denied(front, request, identity).await {
        return Some(denied);
    }
    if is_mediaconvert {
        return Some(mediaconvert::answer(front, request, identity));
    }
    if is_service_catalog {
        return Some(service_catalog::answer(front, request, identity).await);
    }
    let user = match user(front, request, identity).await {
        Ok(user) => user,
        Err(error) => return Some(Refusal::from(error).reply(identity.protocol, &identity.service)),
    };
    Some(front.kept.with(&identity.account, |kept| {
        origin_access_identity::answer(&mut kept.origin_access_identities, request, identity, user.as_deref())
    }))
}

/// The distribution that uses the origin access identity that is to be deleted.
async fn user(front: &Front, request: &Request, identity: &Identity) -> Result<Option<String>, SandboxError> {
    match origin_access_identity::addressed(request) {
        Some(id) if identity.operation == "DeleteCloudFrontOriginAccessIdentity" => {
            let named = format!("origin-access-identity/cloudfront/{id}");
            let ask = front.ask(&identity.account, &identity.region);
            cloudfront::user_of(&ask, "OriginAccessIdentity", &named).await
        }
        _ => Ok(None),
    }
}

/// Has ministack check the credentials of a request that it would not know how to serve, and the front its permissions.
async fn denied(front: &Front, request: &Request, identity: &Identity) -> Option<Reply> {
    if !front.authenticate {
        return None;
    }
    if let Err(refusal) = authorization::check(front, request, identity).await {
        return Some(refusal.reply(identity.protocol, &identity.service));
    }
    let reply = authorization::forward(front, request, None, identity).await;
    (reply.status().as_u16() == 403).then_some(reply)
}

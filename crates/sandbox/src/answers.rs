//! What ministack lacks, and the front therefore answers by itself.

pub(crate) mod mediaconvert;

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
};

/// The front's own answer, if it is the one to give it.
pub(crate) async fn answer(front: &Front, request: &Request, identity: &Identity) -> Option<Reply> {
    if identity.service != "mediaconvert" {
        return None;
    }
    if let Some(denied) = denied(front, request).await {
        return Some(denied);
    }
    Some(mediaconvert::answer(front, request, identity))
}

/// Has ministack check the credentials of a request that it would not know how to serve.
async fn denied(front: &Front, request: &Request) -> Option<Reply> {
    if !front.authenticate {
        return None;
    }
    let reply = front.forward(request).await;
    (reply.status().as_u16() == 403).then_some(reply)
}

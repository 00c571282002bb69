//! The rules of AWS that ministack lets pass.

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
};

/// Refuses a call that AWS would refuse and ministack would not.
pub(crate) async fn before(_front: &Front, _request: &Request, _identity: &Identity) -> Result<(), Refusal> {
    Ok(())
}

/// Makes of ministack's answer the one that AWS would give.
pub(crate) async fn after(_front: &Front, _request: &Request, _identity: &Identity, reply: Reply) -> Reply {
    reply
}

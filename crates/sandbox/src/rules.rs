//! The rules of AWS that ministack lets pass.

pub(crate) mod acm;
pub(crate) mod cloudfront;
pub(crate) mod cloudwatch;
pub(crate) mod dynamodb;
mod events;
mod iam;
mod kms;
mod lambda;
mod logs;
pub(crate) mod paging;
mod principals;
pub(crate) mod route53;
mod s3;
pub(crate) mod secretsmanager;
pub(crate) mod sns;
mod sqs;

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
};

/// Refuses a call that AWS would refuse and ministack would not.
pub(crate) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    principals::before(front, request, identity).await?;
    match identity.service.as_str() {
        "acm" => acm::before(front, request, identity).await,
        "cloudfront" => cloudfront::before(front, request, identity).await,
        "events" => events::before(front, request, identity).await,
        "dynamodb" => dynamodb::before(front, request, identity).await,
        "iam" => iam::before(front, request, identity).await,
        "kms" => kms::before(front, request, identity).await,
        "lambda" => lambda::before(front, request, identity).await,
        "logs" => logs::before(front, request, identity).await,
        "monitoring" => cloudwatch::before(front, request, identity).await,
        "route53" => route53::before(front, request, identity).await,
        "s3" => s3::before(front, request, identity).await,
        "secretsmanager" => secretsmanager::before(request, identity),
        "sns" => sns::before(front, request, identity).await,
        "sqs" => sqs::before(front, request, identity),
        _ => Ok(()),
    }
}

/// What ministack is to be sent for a request that it would not understand as AWS does; none for the request
/// as it is.
pub(crate) fn translated(request: &Request, identity: &Identity) -> Option<Request> {
    match identity.service.as_str() {
        "events" => events::translated(request, identity),
        "route53" => route53::translated(request, identity),
        "s3" => s3::translated(request, identity),
        _ => None,
    }
}

/// Makes of ministack's answer the one that AWS would give.
pub(crate) async fn after(front: &Front, request: &Request, identity: &Identity, reply: Reply) -> Reply {
    let corrected = match identity.service.as_str() {
        "acm" => acm::after(front, request, identity, reply).await,
        "cloudfront" => Ok(cloudfront::after(front, request, identity, reply).await),
        "dynamodb" => Ok(dynamodb::after(front, request, identity, reply)),
        "iam" => iam::after(front, request, identity, reply).await,
        "lambda" => lambda::after(request, identity, reply),
        "monitoring" => Ok(cloudwatch::after(front, request, identity, reply)),
        "route53" => Ok(route53::after(identity, reply)),
        "s3" => s3::after(front, request, identity, reply).await,
        "secretsmanager" => secretsmanager::after(front, request, identity, reply).await,
        "sns" => sns::after(front, request, identity, reply).await,
        "sqs" => Ok(sqs::after(front, request, identity, reply)),
        _ => Ok(reply),
    };
    corrected.unwrap_or_else(|refusal| refusal.reply(identity.protocol, &identity.service))
}

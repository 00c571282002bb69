//! Where private keys are: in Secrets Manager, or in a file.

use std::fmt;
use std::path::Path;

use provision_engine::kind::{Connect, KindError};

use crate::call::Outcome;
use crate::clients::{Aws, Reader};

/// Text that is wiped from memory when it is no longer needed.
pub type Secret = rsa::pkcs8::der::zeroize::Zeroizing<String>;

/// A private key as Secrets Manager keeps it.
pub struct StoredKey {
    /// The key, in PEM.
    pub pem: Secret,
    /// The id that CloudFront knows its public half by, if the version of the secret bears it as a label.
    pub key_pair_id: Option<String>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoredKey").field("key_pair_id", &self.key_pair_id).finish_non_exhaustive()
    }
}

/// The current value of a secret, by its name or ARN, in the region that its ARN names or else in that of `aws`.
///
/// # Errors
///
/// If it cannot be read, or is no text.
pub async fn stored_key(aws: &Aws, secret: &str) -> Result<StoredKey, KindError> {
    let reader = Connect::<Reader>::connect(aws, region(secret)).await?;
    let found = reader.secrets_manager().get_secret_value().secret_id(secret).send().await.or_fail();
    let value = found.map_err(|error| match error.code.as_deref() {
        Some("ResourceNotFoundException") => KindError {
            message: format!(
                "there is no secret `{secret}` in {}, or no value in it",
                reader.region().unwrap_or("?")
            ),
            hint: Some("put the private key into it, in PEM".to_owned()),
            ..error
        },
        _ => {
            KindError { message: format!("the secret `{secret}` cannot be read: {}", error.message), ..error }
        }
    })?;
    let labels = value.version_stages().iter().filter(|label| !label.starts_with("AWS"));
    let key_pair_id = match labels.collect::<Vec<_>>().as_slice() {
        [label] => Some((*label).clone()),
        _ => None,
    };
    let Some(pem) = value.secret_string else {
        let message =
            format!("the value of the secret `{secret}` is binary, and a private key in PEM is text");
        return Err(KindError::new(message));
    };
    Ok(StoredKey { pem: Secret::new(pem), key_pair_id })
}

/// A private key in a file, in PEM.
///
/// # Errors
///
/// If the file cannot be read.
pub fn key_in_file(path: &Path) -> std::io::Result<Secret> {
    std::fs::read_to_string(path).map(Secret::new)
}

/// The region in the ARN of a secret.
fn region(secret: &str) -> Option<&str> {
    let mut parts = secret.strip_prefix("arn:")?.split(':');
    let (_partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
    (service == "secretsmanager" && !region.is_empty()).then_some(region)
}

//! `tls_private_key`: a private key that is made in the run that needs it, and kept nowhere.

use async_trait::async_trait;
use futures::channel::oneshot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cloudformation::{Counterpart, Returned};
use crate::kind::{Computed, Created, Ephemeral, Kind, KindError, Token};
use crate::permission::{Permission, Undertaking};
use crate::value::Value;

use key_pair::{Algorithm, Curve, KeyPair};

mod key_pair;

/// Makes a private key and gives it, with its public key, to other resources.
///
/// Unlike Terraform's, the state has no private key in it, but a digest: the key is known only in the run that
/// makes it, which is where a secret that stores it has to be written.
///
/// Its id is the SHA-1 of the public key (its DER form), in hexadecimal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsPrivateKey {
    /// The algorithm of the key.
    #[schemars(extend("enum" = ["RSA", "ECDSA", "ED25519"], "forces_replacement" = true))]
    pub algorithm: String,
    /// The size of an RSA key in bits.
    #[serde(default = "rsa_bits")]
    #[schemars(range(min = 2048, max = 8192), extend("forces_replacement" = true))]
    pub rsa_bits: u32,
    /// The curve of an ECDSA key. Beware of the default, which is Terraform's: P224 is the weakest of them, and
    /// OpenSSH does not know it.
    #[serde(default = "ecdsa_curve")]
    #[schemars(extend("enum" = ["P224", "P256", "P384", "P521"], "forces_replacement" = true))]
    pub ecdsa_curve: String,
    /// The private key in PEM, as is usual for its algorithm: PKCS#1 for RSA, SEC1 for ECDSA, PKCS#8 for ED25519.
    #[serde(default)]
    pub private_key_pem: Ephemeral<String>,
    /// The private key in PEM, as PKCS#8.
    #[serde(default)]
    pub private_key_pem_pkcs8: Ephemeral<String>,
    /// The private key in PEM, as OpenSSH has it. Absent for a curve that OpenSSH does not know.
    #[serde(default)]
    pub private_key_openssh: Ephemeral<String>,
    /// The public key in PEM.
    #[serde(default)]
    pub public_key_pem: Computed<String>,
    /// The public key as a line of OpenSSH's `authorized_keys`. Absent for a curve that OpenSSH does not know.
    #[serde(default)]
    pub public_key_openssh: Computed<String>,
    /// The MD5 of the public key as OpenSSH shows it, such as `aa:bb:…`.
    #[serde(default)]
    pub public_key_fingerprint_md5: Computed<String>,
    /// The SHA-256 of the public key as OpenSSH shows it, such as `SHA256:…`.
    #[serde(default)]
    pub public_key_fingerprint_sha256: Computed<String>,
}

fn rsa_bits() -> u32 {
    2048
}

fn ecdsa_curve() -> String {
    "P224".to_owned()
}

impl TlsPrivateKey {
    fn algorithm(&self) -> Result<Algorithm, KindError> {
        Ok(match (self.algorithm.as_str(), self.ecdsa_curve.as_str()) {
            ("RSA", _) => Algorithm::Rsa { bits: self.rsa_bits },
            ("ECDSA", "P224") => Algorithm::Ecdsa(Curve::P224),
            ("ECDSA", "P256") => Algorithm::Ecdsa(Curve::P256),
            ("ECDSA", "P384") => Algorithm::Ecdsa(Curve::P384),
            ("ECDSA", "P521") => Algorithm::Ecdsa(Curve::P521),
            ("ED25519", _) => Algorithm::Ed25519,
            (algorithm, curve) => {
                return Err(KindError::new(format!("there is no key of {algorithm} with {curve}")));
            }
        })
    }

    fn with(&self, keys: KeyPair) -> Self {
        let (private_openssh, public) = match keys.openssh {
            Some(openssh) => (Some(openssh.private), Some(openssh.public)),
            None => (None, None),
        };
        let (public_key_openssh, md5, sha256) = match public {
            Some(public) => {
                (Some(public.line), Some(public.fingerprint_md5), Some(public.fingerprint_sha256))
            }
            None => (None, None, None),
        };
        Self {
            private_key_pem: keys.private_pem.to_string().into(),
            private_key_pem_pkcs8: keys.private_pkcs8.to_string().into(),
            private_key_openssh: private_openssh.map(|pem| pem.to_string()).into(),
            public_key_pem: keys.public_pem.into(),
            public_key_openssh: public_key_openssh.into(),
            public_key_fingerprint_md5: md5.into(),
            public_key_fingerprint_sha256: sha256.into(),
            ..self.clone()
        }
    }
}

/// Makes a key pair on a thread of its own: for RSA it takes so long that nothing else would run meanwhile.
async fn generate(algorithm: Algorithm) -> Result<KeyPair, KindError> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("tls_private_key".to_owned())
        .spawn(move || {
            // A run that was stopped takes no delivery.
            let _undelivered = sender.send(KeyPair::generate(algorithm));
        })
        .map_err(|error| KindError::new(format!("no thread to make a key on: {error}")))?;
    match receiver.await {
        Ok(keys) => keys.map_err(KindError::new),
        Err(oneshot::Canceled) => Err(KindError::new("making the key was cut short")),
    }
}

#[async_trait]
impl Kind for TlsPrivateKey {
    const NAME: &'static str = "tls_private_key";
    const REMOTE: bool = false;
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        (
            "public_key_pem",
            Returned::Parameter(
                "Public key of the pair (PEM), such as from `openssl pkey -in KEY.pem -pubout`",
            ),
        ),
        (
            "public_key_openssh",
            Returned::Parameter("Public key of the pair, as a line of OpenSSH's `authorized_keys`"),
        ),
        ("public_key_fingerprint_md5", Returned::Parameter("MD5 of the public key, as OpenSSH shows it")),
        (
            "public_key_fingerprint_sha256",
            Returned::Parameter("SHA-256 of the public key, as OpenSSH shows it"),
        ),
        ("private_key_pem", Returned::Secret("Private key of the pair (PEM)")),
        ("private_key_pem_pkcs8", Returned::Secret("Private key of the pair (PEM, as PKCS#8)")),
        ("private_key_openssh", Returned::Secret("Private key of the pair, as OpenSSH has it")),
    ]));
    type Reader = ();
    type Writer = ();

    /// Terraform cannot import one: its state would need the private half.
    fn terraform_import_id(_id: &str, _attributes: &Value) -> Option<String> {
        None
    }

    async fn read(_reader: &(), _id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Ok(Some(prior.clone()))
    }

    async fn find(&self, _reader: &(), _token: &Token) -> Result<Option<String>, KindError> {
        Ok(None)
    }

    async fn create(&self, _writer: &(), _token: &Token) -> Result<Created<Self>, KindError> {
        let keys = generate(self.algorithm()?).await?;
        Ok(Created::Known { id: keys.id(), attributes: self.with(keys) })
    }

    async fn update(&self, _writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        // Every argument forces a replacement, so there is nothing that an update could change.
        Ok(())
    }

    async fn delete(_writer: &(), _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(_undertaking: Undertaking<'_>) -> Vec<Permission> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;

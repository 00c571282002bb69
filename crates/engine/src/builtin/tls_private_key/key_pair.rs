//! Making key pairs, and writing them down in the forms that are in use.

use md5::{Digest, Md5};
use p256::elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, SecretKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{AssociatedOid, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use sha1::Sha1;
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
use ssh_key::sec1::EncodeEcPrivateKey;
use ssh_key::{HashAlg, PrivateKey};

/// Text that is wiped from memory when it is no longer needed.
type Secret = rsa::pkcs8::der::zeroize::Zeroizing<String>;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub(super) enum Algorithm {
    Rsa { bits: u32 },
    Ecdsa(Curve),
    Ed25519,
}

/// The curves of ECDSA.
#[derive(Debug, Clone, Copy)]
pub(super) enum Curve {
    P224,
    P256,
    P384,
    P521,
}

/// A key pair in all its forms.
pub(super) struct KeyPair {
    /// PKCS#1, SEC1 or PKCS#8, as the algorithm has it.
    pub(super) private_pem: Secret,
    pub(super) private_pkcs8: Secret,
    pub(super) public_pem: String,
    public_der: Vec<u8>,
    /// Absent for what OpenSSH does not know.
    pub(super) openssh: Option<OpenSsh>,
}

/// A key pair as OpenSSH has it.
pub(super) struct OpenSsh {
    pub(super) private: Secret,
    pub(super) public: OpenSshPublic,
}

/// A public key as OpenSSH has it.
pub(super) struct OpenSshPublic {
    pub(super) line: String,
    pub(super) fingerprint_md5: String,
    pub(super) fingerprint_sha256: String,
}

impl KeyPair {
    /// Makes a key pair from the randomness of the operating system.
    ///
    /// # Errors
    /// What the cryptography says.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, String> {
        match algorithm {
            Algorithm::Rsa { bits } => Self::rsa(bits),
            Algorithm::Ecdsa(Curve::P224) => Self::elliptic::<p224::NistP224>(|_| None),
            Algorithm::Ecdsa(Curve::P256) => Self::elliptic::<p256::NistP256>(|key| {
                let public = key.public_key().to_encoded_point(false);
                Some(EcdsaKeypair::NistP256 { public, private: key.into() })
            }),
            Algorithm::Ecdsa(Curve::P384) => Self::elliptic::<p384::NistP384>(|key| {
                let public = key.public_key().to_encoded_point(false);
                Some(EcdsaKeypair::NistP384 { public, private: key.into() })
            }),
            Algorithm::Ecdsa(Curve::P521) => Self::elliptic::<p521::NistP521>(|key| {
                let public = key.public_key().to_encoded_point(false);
                Some(EcdsaKeypair::NistP521 { public, private: key.into() })
            }),
            Algorithm::Ed25519 => Self::ed25519(),
        }
    }

    /// The SHA-1 of the public key, in hexadecimal.
    pub(super) fn id(&self) -> String {
        hexadecimal(&Sha1::digest(&self.public_der)).concat()
    }

    fn rsa(bits: u32) -> Result<Self, String> {
        let bits = usize::try_from(bits).map_err(failed)?;
        let key = RsaPrivateKey::new(&mut OsRng, bits).map_err(failed)?;
        let private_pem = key.to_pkcs1_pem(LineEnding::LF).map_err(failed)?;
        let openssh = RsaKeypair::try_from(&key).map_err(failed)?;
        Self::new(private_pem, &key, &key.to_public_key(), Some(openssh.into()))
    }

    fn elliptic<C>(openssh: impl Fn(SecretKey<C>) -> Option<EcdsaKeypair>) -> Result<Self, String>
    where
        C: AssociatedOid + CurveArithmetic,
        AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let key = SecretKey::<C>::random(&mut OsRng);
        // The method of the same name on the key itself leaves out the curve, without which OpenSSL cannot read it.
        let private_pem = EncodeEcPrivateKey::to_sec1_pem(&key, LineEnding::LF).map_err(failed)?;
        let public = key.public_key();
        Self::new(private_pem, &key, &public, openssh(key.clone()).map(KeypairData::Ecdsa))
    }

    fn ed25519() -> Result<Self, String> {
        let key = ed25519_dalek::SigningKey::generate(&mut OsRng);
        let public = key.verifying_key();
        // The first version of PKCS#8, without the public key in it: not every program can read the second.
        let private = ed25519_dalek::pkcs8::KeypairBytes { secret_key: key.to_bytes(), public_key: None };
        let private_pem = private.to_pkcs8_pem(LineEnding::LF).map_err(failed)?;
        Self::new(private_pem, &private, &public, Some(Ed25519Keypair::from(key).into()))
    }

    fn new(
        private_pem: Secret,
        private: &impl EncodePrivateKey,
        public: &impl EncodePublicKey,
        openssh: Option<KeypairData>,
    ) -> Result<Self, String> {
        Ok(Self {
            private_pem,
            private_pkcs8: private.to_pkcs8_pem(LineEnding::LF).map_err(failed)?,
            public_pem: public.to_public_key_pem(LineEnding::LF).map_err(failed)?,
            public_der: public.to_public_key_der().map_err(failed)?.into_vec(),
            openssh: openssh.map(OpenSsh::new).transpose()?,
        })
    }
}

impl OpenSsh {
    fn new(keys: KeypairData) -> Result<Self, String> {
        let private = PrivateKey::new(keys, "").map_err(failed)?;
        let public = private.public_key();
        let digest = Md5::digest(public.to_bytes().map_err(failed)?);
        Ok(Self {
            private: private.to_openssh(LineEnding::LF).map_err(failed)?,
            public: OpenSshPublic {
                line: format!("{}\n", public.to_openssh().map_err(failed)?),
                fingerprint_md5: hexadecimal(&digest).join(":"),
                fingerprint_sha256: public.fingerprint(HashAlg::Sha256).to_string(),
            },
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("the key could not be made: {error}")
}

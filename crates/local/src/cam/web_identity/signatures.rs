//! Signatures of tokens, by ring, which computes those of TLS as well.

use ::signature::{Signer, Verifier};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::hmac;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use signature::RsaParameters;

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Secret::new(*algorithm, key)?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Key {
            algorithm: *algorithm,
            key: key.clone(),
        }))
    },
    // For keys that are made into others, which nobody does here.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes signatures work, unless the program has chosen who computes them.
pub(super) fn install() {
    let _ = RING.install_default();
}

/// How a key is used.
enum KeyUse {
    Secret(hmac::Algorithm),
    Rsa(&'static RsaParameters),
    Curve(&'static dyn VerificationAlgorithm),
}

/// How a key of `algorithm` is used, if it is known here.
fn use_of(algorithm: Algorithm) -> Option<KeyUse> {
    use KeyUse::{Curve, Rsa, Secret};
    Some(match algorithm {
        Algorithm::HS256 => Secret(hmac::HMAC_SHA256),
        Algorithm::HS384 => Secret(hmac::HMAC_SHA384),
        Algorithm::HS512 => Secret(hmac::HMAC_SHA512),
        Algorithm::RS256 => Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Curve(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Curve(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Curve(&signature::ED25519),
        _ => return None,
    })
}

/// Compares signatures with a key.
struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Key {
    fn verify(&self, message: &[u8], sent: &Vec<u8>) -> Result<(), ::signature::Error> {
        let verified = match (use_of(self.algorithm), self.key.kind()) {
            (Some(KeyUse::Secret(hash)), DecodingKeyKind::SecretOrDer(secret)) => {
                hmac::verify(&hmac::Key::new(hash, secret), message, sent)
            }
            (Some(KeyUse::Rsa(parameters)), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, sent)
            }
            (Some(KeyUse::Rsa(parameters)), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(parameters, key).verify(message, sent)
            }
            (Some(KeyUse::Curve(parameters)), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(parameters, key).verify(message, sent)
            }
            _ => return Err(::signature::Error::new()),
        };
        verified.map_err(|_| ::signature::Error::new())
    }
}

impl JwtVerifier for Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Signs with a secret, as the tokens of this cloud are.
struct Secret {
    algorithm: Algorithm,
    key: hmac::Key,
}

impl Secret {
    fn new(algorithm: Algorithm, key: &EncodingKey) -> Result<Self, Error> {
        match use_of(algorithm) {
            Some(KeyUse::Secret(hash)) => Ok(Self {
                algorithm,
                key: hmac::Key::new(hash, key.as_bytes()),
            }),
            _ => Err(ErrorKind::InvalidAlgorithm.into()),
        }
    }
}

impl Signer<Vec<u8>> for Secret {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, ::signature::Error> {
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }
}

impl JwtSigner for Secret {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

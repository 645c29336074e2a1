//! Encryption of objects at rest: with keys of the service's, or with a key of the client's.
//!
//! The service's keys are a word that is remembered and answered; nothing here is safer for it. With a key
//! of the client's content is really encrypted: see `crate::store::CustomerKey`. There is no Key
//! Management Service.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::StatusCode;
use md5::{Digest as _, Md5};
use tcloud_core::server::Fault;
use tcloud_cos::types::{DefaultEncryptionAlgorithm, ServerSideEncryption};

use super::bucket::setting::encryption::{default, may_have_default};
use super::fault::{invalid, not_implemented};
use crate::state::State;
use crate::store::{Bucket, CustomerKey, ObjectAttributes};

/// Under which name it is kept that the service has the key.
const SERVICE: &str = "x-cos-server-side-encryption";
/// Under which name the digest of a client's key is kept.
const CUSTOMER: &str = "x-cos-server-side-encryption-customer-key-md5";
/// The only cipher.
const CIPHER: &str = "AES256";

/// The headers with which a request sends a key of its own.
pub(super) struct Sent<'a> {
    /// How their names begin.
    pub(super) prefix: &'static str,
    pub(super) algorithm: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) md5: Option<&'a str>,
}

/// The key that a request sends for its object.
macro_rules! sent_key {
    ($request:expr) => {
        $crate::cos::encryption::Sent {
            prefix: "x-cos-server-side-encryption-customer",
            algorithm: $request.sse_customer_algorithm.as_deref(),
            key: $request.sse_customer_key.as_deref(),
            md5: $request.sse_customer_key_md5.as_deref(),
        }
    };
}
pub(super) use sent_key;

/// The key that a request sends for the source of a copy.
macro_rules! sent_source_key {
    ($request:expr) => {
        $crate::cos::encryption::Sent {
            prefix: "x-cos-copy-source-server-side-encryption-customer",
            algorithm: $request.copy_source_sse_customer_algorithm.as_deref(),
            key: $request.copy_source_sse_customer_key.as_deref(),
            md5: $request.copy_source_sse_customer_key_md5.as_deref(),
        }
    };
}
pub(super) use sent_source_key;

/// Says in an answer how an object with these attributes is encrypted.
macro_rules! show {
    ($answer:expr, $attributes:expr) => {{
        let attributes = $attributes;
        let key = $crate::cos::encryption::customer(attributes);
        $answer.server_side_encryption = $crate::cos::encryption::service(attributes);
        $answer.sse_customer_algorithm = key.map(|_| "AES256".to_owned());
        $answer.sse_customer_key_md5 = key.map(str::to_owned);
    }};
}
pub(super) use show;

/// A key of the client's, and its digest as the service shows it.
pub(super) struct Key {
    pub(super) key: CustomerKey,
    md5: String,
}

impl Sent<'_> {
    /// The key, if there is one.
    ///
    /// # Errors
    ///
    /// One of the headers is missing, or says what it must not.
    pub(super) fn read(&self) -> Result<Option<Key>, Fault> {
        let Self {
            prefix,
            algorithm,
            key,
            md5,
        } = self;
        // Some clients send empty headers.
        let [algorithm, key, md5] = [algorithm, key, md5].map(|it| it.filter(|it| !it.is_empty()));
        if algorithm.is_none() && key.is_none() && md5.is_none() {
            return Ok(None);
        }
        let missing = |name: &str| invalid(format!("{prefix}-{name} is missing beside the others"));
        let algorithm = algorithm.ok_or_else(|| missing("algorithm"))?;
        let key = key.ok_or_else(|| missing("key"))?;
        let md5 = md5.ok_or_else(|| missing("key-MD5"))?;
        if algorithm != CIPHER {
            return Err(invalid(format!(
                "{prefix}-algorithm must be {CIPHER}, got `{algorithm}`"
            )));
        }
        let bytes = BASE64_STANDARD.decode(key.trim()).ok();
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes
            .ok_or_else(|| invalid(format!("{prefix}-key is not the Base64 form of 32 bytes")))?;
        let digest = BASE64_STANDARD.encode(Md5::digest(bytes));
        if digest != md5.trim() {
            return Err(invalid(format!(
                "{prefix}-key-MD5 is not the digest of {prefix}-key"
            )));
        }
        let key = CustomerKey::new(bytes).ok_or_else(|| {
            not_implemented(&format!(
                "Encryption with a key of your own (`{prefix}-key`), which this program was built \
                 without,"
            ))
        })?;
        Ok(Some(Key { key, md5: digest }))
    }
}

/// Notes in `attributes` how the object that is going to have them is encrypted: as the request says, or
/// as the bucket has it. Returns the key with which its content is to be encrypted here.
pub(super) async fn encrypt(
    state: &State,
    bucket: &Bucket,
    word: Option<&ServerSideEncryption>,
    sent: Sent<'_>,
    attributes: &mut ObjectAttributes,
) -> Result<Option<CustomerKey>, Fault> {
    // A copy is encrypted as its own request says.
    attributes.headers.remove(SERVICE);
    attributes.headers.remove(CUSTOMER);
    match (word, sent.read()?) {
        (Some(ServerSideEncryption::CosKms), _) => return Err(no_kms(SERVICE)),
        (Some(ServerSideEncryption::Aes256), Some(_)) => {
            return Err(invalid(format!(
                "{SERVICE} asks for a key of the service, and {CUSTOMER} for one of your own; leave \
                 one out"
            )));
        }
        (Some(ServerSideEncryption::Aes256), None) => note_service(attributes),
        (Some(other), _) => {
            return Err(invalid(format!(
                "{SERVICE} must be {CIPHER}, got `{other}`"
            )));
        }
        (None, Some(key)) => {
            attributes.headers.insert(CUSTOMER.to_owned(), key.md5);
            return Ok(Some(key.key));
        }
        (None, None) if may_have_default(bucket) => {
            encrypt_by_default(state, &bucket.name, attributes).await?;
        }
        (None, None) => {}
    }
    Ok(None)
}

/// Notes in `attributes` how the object that is going to have them is encrypted, if the bucket says so.
pub(crate) async fn encrypt_by_default(
    state: &State,
    bucket: &str,
    attributes: &mut ObjectAttributes,
) -> Result<(), Fault> {
    match default(state, bucket).await? {
        None => {}
        Some(DefaultEncryptionAlgorithm::Aes256) => note_service(attributes),
        // An earlier release has kept it.
        Some(_) => return Err(no_kms("PutBucketEncryption")),
    }
    Ok(())
}

fn note_service(attributes: &mut ObjectAttributes) {
    let headers = &mut attributes.headers;
    headers.insert(SERVICE.to_owned(), CIPHER.to_owned());
}

/// The refusal of encryption by keys of another service.
pub(super) fn no_kms(what: &str) -> Fault {
    not_implemented(&format!(
        "Encryption with keys of the Key Management Service (`{what}`), which is not here,"
    ))
}

/// Whether the service encrypts an object with these attributes.
pub(super) fn service(attributes: &ObjectAttributes) -> Option<ServerSideEncryption> {
    let word = attributes.headers.get(SERVICE)?;
    Some(ServerSideEncryption::from(word.as_str()))
}

/// The digest of the client's key with which an object with these attributes is encrypted.
pub(super) fn customer(attributes: &ObjectAttributes) -> Option<&str> {
    attributes.headers.get(CUSTOMER).map(String::as_str)
}

/// Refuses a request that does not send the key with which an object with these attributes is
/// encrypted, or sends one where there is none.
pub(super) fn require(attributes: &ObjectAttributes, key: Option<&Key>) -> Result<(), Fault> {
    let refused = |code: &str, message: &str| Fault::new(StatusCode::BAD_REQUEST, code, message);
    match (customer(attributes), key) {
        (None, None) => Ok(()),
        (Some(md5), Some(key)) if key.md5 == md5 => Ok(()),
        (Some(_), Some(_)) => Err(refused(
            "SsecDecryptHeaderInvalid",
            "it is encrypted with another key of your own than the one of this request",
        )),
        (Some(_), None) => Err(refused(
            "SsecDecryptHeaderInvalid",
            "it is encrypted with a key of your own; send that, as when it was stored",
        )),
        (None, Some(_)) => Err(refused(
            "SSEHeaderNotAllowed",
            "it is not encrypted with a key of your own; leave the headers about one out",
        )),
    }
}

#[cfg(test)]
#[cfg(feature = "encryption")]
mod tests {
    use super::Sent;

    const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
    const MD5: &str = "U5L61r7jcwdNvT7frmUG8g==";

    fn read(sent: [Option<&str>; 3]) -> Result<Option<String>, String> {
        let [algorithm, key, md5] = sent;
        let prefix = "x-cos-server-side-encryption-customer";
        let sent = Sent {
            prefix,
            algorithm,
            key,
            md5,
        };
        match sent.read() {
            Ok(key) => Ok(key.map(|key| key.md5)),
            Err(fault) => {
                assert_eq!(fault.code, "InvalidArgument");
                assert!(!fault.message.contains(KEY), "{fault}");
                Err(fault.message)
            }
        }
    }

    #[test]
    fn a_key_comes_with_its_cipher_and_its_digest() {
        let whole = [Some("AES256"), Some(KEY), Some(MD5)];
        assert_eq!(read(whole), Ok(Some(MD5.to_owned())));
        assert_eq!(read([None; 3]), Ok(None));
        for missing in 0..3 {
            let mut sent = whole;
            sent[missing] = None;
            assert!(read(sent).unwrap_err().contains("missing"), "{missing}");
        }
        for (at, wrong) in [(0, "aes"), (0, "SM4"), (1, "c2hvcnQ="), (1, "?"), (2, KEY)] {
            let mut sent = whole;
            sent[at] = Some(wrong);
            assert!(read(sent).is_err(), "{wrong}");
        }
    }
}

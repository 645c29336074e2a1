//! What an object is stored with.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use tcloud_core::body::crc64;
use tcloud_cos::{ObjectAcl, StorageClass};

/// What an object is stored with besides its content.
///
/// ```
/// use tcloud_cos::StorageClass;
/// use tcloud_transfer::Settings;
///
/// let settings = Settings::new()
///     .content_type("text/html")
///     .cache_control("max-age=3600")
///     .storage_class(StorageClass::StandardIa)
///     .metadata("author", "me");
/// # let _ = settings;
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// How caches treat the object.
    pub cache_control: Option<String>,
    /// How a browser shows or saves it.
    pub content_disposition: Option<String>,
    /// Encoding of the content.
    pub content_encoding: Option<String>,
    /// Language of the content.
    pub content_language: Option<String>,
    /// Media type of the content. That of a file is guessed from its name unless set.
    pub content_type: Option<String>,
    /// HTTP date from which caches ask again.
    pub expires: Option<String>,
    /// Who may use the object.
    pub acl: Option<ObjectAcl>,
    /// Storage class.
    pub storage_class: Option<StorageClass>,
    /// Tags, written like a query string.
    pub tagging: Option<String>,
    /// How it is encrypted at rest.
    pub encryption: Option<Encryption>,
    /// Metadata of your own, by name without `x-cos-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// How an object is encrypted at rest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Encryption {
    /// With keys of the service.
    Service,
    /// With a key of the Key Management Service.
    Kms {
        /// ID of the key; the service makes one unless set.
        key_id: Option<String>,
        /// JSON object in Base64 that is bound to the encryption.
        context: Option<String>,
    },
    /// With a key of your own.
    Customer(CustomerKey),
}

/// A key of your own, which the service uses and does not keep. It is needed again to read, copy or
/// complete what is encrypted with it.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerKey {
    /// The key in Base64.
    pub(crate) key: String,
    /// Its MD5 digest in Base64.
    pub(crate) md5: String,
}

impl CustomerKey {
    /// The only cipher of the service.
    pub(crate) const ALGORITHM: &'static str = "AES256";

    /// A key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            key: BASE64_STANDARD.encode(key),
            md5: BASE64_STANDARD.encode(Md5::digest(key)),
        }
    }
}

/// The key is a secret.
impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey(…)")
    }
}

impl Settings {
    /// As the bucket says.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how caches treat the object, such as `max-age=3600`.
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// Sets how a browser shows or saves the object, such as `attachment`.
    pub fn content_disposition(mut self, value: impl Into<String>) -> Self {
        self.content_disposition = Some(value.into());
        self
    }

    /// Sets the encoding of the content, such as `gzip`.
    pub fn content_encoding(mut self, value: impl Into<String>) -> Self {
        self.content_encoding = Some(value.into());
        self
    }

    /// Sets the language of the content, such as `de`.
    pub fn content_language(mut self, value: impl Into<String>) -> Self {
        self.content_language = Some(value.into());
        self
    }

    /// Sets the media type of the content, such as `image/png`.
    pub fn content_type(mut self, value: impl Into<String>) -> Self {
        self.content_type = Some(value.into());
        self
    }

    /// Sets the HTTP date from which caches ask again.
    pub fn expires(mut self, value: impl Into<String>) -> Self {
        self.expires = Some(value.into());
        self
    }

    /// Sets who may use the object.
    pub fn acl(mut self, value: ObjectAcl) -> Self {
        self.acl = Some(value);
        self
    }

    /// Sets the storage class.
    pub fn storage_class(mut self, value: StorageClass) -> Self {
        self.storage_class = Some(value);
        self
    }

    /// Sets the tags, written like a query string: `team=blue&year=2024`.
    pub fn tagging(mut self, value: impl Into<String>) -> Self {
        self.tagging = Some(value.into());
        self
    }

    /// Sets how it is encrypted at rest.
    pub fn encryption(mut self, value: Encryption) -> Self {
        self.encryption = Some(value);
        self
    }

    /// Adds metadata of your own.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Whether it says anything that a copy takes over from its source otherwise.
    pub(crate) fn describes_content(&self) -> bool {
        let texts = [
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
            &self.content_type,
            &self.expires,
        ];
        texts.into_iter().any(Option::is_some) || !self.metadata.is_empty()
    }

    /// The same, with what a copy takes over from `source`.
    pub(crate) fn with_content_of(self, source: Self) -> Self {
        Self {
            acl: self.acl,
            storage_class: self.storage_class,
            tagging: self.tagging,
            encryption: self.encryption,
            ..source
        }
    }

    /// The key of your own that it is encrypted with.
    pub(crate) fn customer_key(&self) -> Option<&CustomerKey> {
        match &self.encryption {
            Some(Encryption::Customer(key)) => Some(key),
            _ => None,
        }
    }

    /// All of it in short: an upload that was begun with other settings is not continued.
    pub(crate) fn digest(&self) -> u64 {
        let texts = [
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
            &self.content_type,
            &self.expires,
            &self.tagging,
        ];
        let words = (
            self.acl.as_ref().map(ObjectAcl::as_str),
            self.storage_class.as_ref().map(StorageClass::as_str),
        );
        let encryption = self.encryption.as_ref().map(|encryption| match encryption {
            Encryption::Service => ("service", None, None),
            Encryption::Kms { key_id, context } => ("kms", key_id.as_ref(), context.as_ref()),
            Encryption::Customer(key) => ("customer", Some(&key.md5), None),
        });
        // Texts and maps of texts can always be written.
        let all = serde_json::to_vec(&(texts, words, encryption, &self.metadata));
        crc64(&all.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tcloud_cos::{ObjectAcl, StorageClass};

    use super::{CustomerKey, Encryption, Settings};

    #[test]
    fn a_customer_key_is_written_as_the_service_wants_it_and_never_shown() {
        let key = CustomerKey::new(b"0123456789ABCDEF0123456789ABCDEF");
        // As the service's document on parts prints them.
        assert_eq!(key.key, "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=");
        assert_eq!(key.md5, "U5L61r7jcwdNvT7frmUG8g==");
        assert_eq!(format!("{key:?}"), "CustomerKey(…)");
        let settings = Settings::new().encryption(Encryption::Customer(key.clone()));
        assert!(!format!("{settings:?}").contains(&key.key));
    }

    #[test]
    fn each_setting_counts() {
        let one = || Settings::new();
        let all = [
            one(),
            one().cache_control("a"),
            one().content_disposition("a"),
            one().content_encoding("a"),
            one().content_language("a"),
            one().content_type("a"),
            one().expires("a"),
            one().acl(ObjectAcl::Private),
            one().storage_class(StorageClass::Archive),
            one().tagging("a"),
            one().encryption(Encryption::Service),
            one().encryption(Encryption::Kms {
                key_id: None,
                context: None,
            }),
            one().encryption(Encryption::Customer(CustomerKey::new(&[0; 32]))),
            one().metadata("a", "b"),
            one().metadata("a", "c"),
        ];
        let digests: BTreeSet<u64> = all.iter().map(Settings::digest).collect();
        assert_eq!(digests.len(), all.len());
        assert_eq!(one().digest(), one().digest());
    }
}

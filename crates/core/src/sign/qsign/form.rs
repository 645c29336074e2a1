//! The signature of a form by which a browser stores an object: it is over the text of the form's
//! policy, which says what the form may hold, and over nothing of the request.

use std::fmt;

use super::canonical::{Window, sign_key, signature_mac};
use super::signer::Signer;
use super::verify::{access_key_id, check_window, window};
use crate::sign::digest::{mac_hex, matches, sha1_hex};
use crate::sign::items::single;
use crate::sign::rejection::{Policy, Rejection};

impl Signer<'_> {
    /// The fields of a form that sign the text of its policy. The policy itself, in Base64, and a
    /// session token are fields of their own.
    ///
    /// ```
    /// use tcloud_core::credentials::Credentials;
    /// use tcloud_core::sign::qsign::{Signer, TokenName, Window};
    ///
    /// let key = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    /// let signer = Signer::new(&key, TokenName::Cos, Window::new(1_567_150_692, 1_567_157_892));
    /// let fields = signer.sign_form(r#"{"expiration":"2019-08-30T09:38:12Z","conditions":[]}"#);
    /// assert_eq!(fields[2], ("q-key-time", "1567150692;1567157892".to_owned()));
    /// ```
    pub fn sign_form(&self, policy: &str) -> [(&'static str, String); 4] {
        let times = self.window().to_string();
        let sign_key = sign_key(self.credentials().secret_key(), &times);
        let signature = signature_mac(&sign_key, &sha1_hex(policy.as_bytes()));
        [
            ("q-sign-algorithm", "sha1".to_owned()),
            ("q-ak", self.credentials().secret_id().to_owned()),
            ("q-key-time", times),
            ("q-signature", mac_hex(signature)),
        ]
    }
}

/// The signature of a form as its fields carry it, read but not yet checked.
///
/// `Debug` hides the signature itself.
#[derive(Clone, PartialEq, Eq)]
pub struct FormSignature {
    access_key_id: String,
    key_time: Window,
    signature: String,
}

impl fmt::Debug for FormSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormSignature")
            .field("access_key_id", &self.access_key_id)
            .field("key_time", &self.key_time)
            .finish_non_exhaustive()
    }
}

impl FormSignature {
    /// Reads the signature out of the fields of a form.
    ///
    /// # Errors
    ///
    /// [`Rejection::MissingAuthorization`] if there is no field of it, and
    /// [`Rejection::InvalidAuthorization`] if it cannot be read.
    pub fn from_fields<'a>(
        fields: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
    ) -> Result<Self, Rejection> {
        let item = |name: &str| single(fields.clone(), name);
        if !fields.clone().any(|(name, _)| name.starts_with("q-")) {
            return Err(Rejection::MissingAuthorization);
        }
        Ok(Self {
            access_key_id: access_key_id(fields)?,
            key_time: window("q-key-time", item("q-key-time")?)?,
            signature: item("q-signature")?.to_owned(),
        })
    }

    /// The access key's id, by which the server finds the secret key.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When the signature is valid.
    pub const fn key_time(&self) -> Window {
        self.key_time
    }

    /// Checks the signature of the text `form_policy`.
    ///
    /// `secret_key` is `None` if the server does not know the access key; the refusal then takes
    /// as long as that of a wrong signature. `now` is the server's Unix time in seconds.
    ///
    /// # Errors
    ///
    /// Any [`Rejection`] but the one for a missing signature.
    pub fn verify(
        &self,
        form_policy: &str,
        secret_key: Option<&str>,
        now: i64,
        policy: Policy,
    ) -> Result<(), Rejection> {
        check_window(self.key_time, now, policy)?;
        let sign_key = sign_key(secret_key.unwrap_or_default(), &self.key_time.to_string());
        let string_to_sign = sha1_hex(form_policy.as_bytes());
        let is_right = matches(signature_mac(&sign_key, &string_to_sign), &self.signature);
        match secret_key {
            None => Err(Rejection::UnknownKey {
                access_key_id: self.access_key_id.clone(),
            }),
            Some(_) if is_right => Ok(()),
            Some(_) => Err(Rejection::SignatureMismatch {
                http_string: form_policy.to_owned(),
                string_to_sign,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FormSignature;
    use crate::credentials::Credentials;
    use crate::sign::qsign::{Signer, TokenName, Window};
    use crate::sign::{Policy, Rejection};

    /// The policy, the key and the signature that the service's document computes with.
    const POLICY: &str = r#"{
    "expiration": "2019-08-30T09:38:12.414Z",
    "conditions": [
        { "acl": "default" },
        { "bucket": "examplebucket-1250000000" },
        [ "starts-with", "$key", "folder/subfolder/" ],
        [ "starts-with", "$Content-Type", "image/" ],
        [ "starts-with", "$success_action_redirect", "https://my.website/" ],
        [ "eq", "$x-cos-server-side-encryption", "AES256" ],
        { "q-sign-algorithm": "sha1" },
        { "q-ak": "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q" },
        { "q-sign-time": "1567150692;1567157892" }
    ]
}"#;
    const ID: &str = "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q";
    const SECRET: &str = "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz";
    const SIGNATURE: &str = "7758dc9a832e9d301dca704cacbf9d9f8172fdef";
    const START: i64 = 1_567_150_692;

    fn fields() -> [(&'static str, String); 4] {
        let key = Credentials::new(ID, SECRET);
        Signer::new(&key, TokenName::Cos, Window::new(START, START + 7200)).sign_form(POLICY)
    }

    fn read(fields: &[(&'static str, String)]) -> Result<FormSignature, Rejection> {
        FormSignature::from_fields(&fields.iter().map(|(name, value)| (*name, value.as_str())))
    }

    #[test]
    fn the_document_computes_the_same() {
        let [algorithm, id, time, signature] = fields();
        assert_eq!(algorithm, ("q-sign-algorithm", "sha1".to_owned()));
        assert_eq!(id, ("q-ak", ID.to_owned()));
        assert_eq!(time, ("q-key-time", "1567150692;1567157892".to_owned()));
        assert_eq!(signature, ("q-signature", SIGNATURE.to_owned()));
    }

    #[test]
    fn a_signature_is_good_for_its_policy_its_key_and_its_time() {
        let signed = read(&fields()).unwrap();
        assert_eq!(signed.access_key_id(), ID);
        let verify = |policy: &str, secret, now| signed.verify(policy, secret, now, Policy::COS);
        assert_eq!(verify(POLICY, Some(SECRET), START), Ok(()));
        let changed = POLICY.replace("image/", "");
        assert!(matches!(
            verify(&changed, Some(SECRET), START),
            Err(Rejection::SignatureMismatch { .. })
        ));
        assert!(matches!(
            verify(POLICY, Some("other"), START),
            Err(Rejection::SignatureMismatch { .. })
        ));
        assert!(matches!(
            verify(POLICY, None, START),
            Err(Rejection::UnknownKey { .. })
        ));
        assert!(matches!(
            verify(POLICY, Some(SECRET), START + 7201),
            Err(Rejection::Expired { .. })
        ));
        assert!(matches!(
            verify(POLICY, Some(SECRET), START - 901),
            Err(Rejection::TimeTooSkewed { .. })
        ));
        assert!(!format!("{signed:?}").contains(SIGNATURE));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert_eq!(read(&[]).unwrap_err(), Rejection::MissingAuthorization);
        for place in 0..4 {
            let mut fewer = fields().to_vec();
            let (name, _) = fewer.remove(place);
            let why = read(&fewer).unwrap_err().to_string();
            assert!(why.contains(name), "{why}");
        }
        let mut twice = fields().to_vec();
        twice.push(("q-ak", "another".to_owned()));
        assert!(read(&twice).unwrap_err().to_string().contains("twice"));
        for (name, value) in [
            ("q-sign-algorithm", "md5"),
            ("q-ak", ""),
            ("q-key-time", "1"),
            ("q-key-time", "2;1"),
        ] {
            let changed = fields()
                .map(|(own, text)| (own, if own == name { value.to_owned() } else { text }));
            let why = read(&changed).unwrap_err().to_string();
            assert!(why.contains(name), "{why}");
        }
    }
}

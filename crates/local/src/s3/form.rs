//! Forms of browsers that are signed as S3 signs them.

use http::{HeaderName, HeaderValue, Method, StatusCode};
use tcloud_core::server::Fault;

use super::checksum::HEADER;
use super::operation::{Scope, find, not_implemented};
use super::request::header;
use super::v4::{Signature, is_of_signature};
use crate::form::Fields;

/// The signature of a form.
#[derive(Debug)]
pub(crate) struct FormSignature(Signature);

impl FormSignature {
    /// Reads the signature of a form; `None` if it has none of S3.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(crate) fn read(fields: &Fields) -> Result<Option<Self>, Fault> {
        Ok(Signature::in_form(|name| fields.get(name))?.map(Self))
    }

    /// The signature without what it is of.
    pub(crate) fn signature(&self) -> &Signature {
        &self.0
    }

    /// Checks it against the field `policy`, as it was sent.
    ///
    /// # Errors
    ///
    /// The form must not be taken.
    pub(crate) fn verify(&self, policy: &str, secret: Option<&str>) -> Result<(), Fault> {
        self.0.verify_policy(policy, secret)
    }
}

/// The fields of Object Storage that say the same.
///
/// # Errors
///
/// Something is asked for that is not here.
pub(crate) fn as_cos(fields: &Fields) -> Result<Fields, Fault> {
    let put = find(&Method::PUT, Scope::Object, &[], &http::HeaderMap::new())?;
    let mut translated = Vec::new();
    for (name, value) in fields.iter() {
        let lower = name.to_ascii_lowercase();
        let asking = match lower.as_str() {
            "acl" => "x-amz-acl",
            "tagging" => {
                return Err(not_implemented(
                    "the field `tagging` is not implemented here",
                ));
            }
            name if is_of_signature(name) => continue,
            name if name.starts_with(HEADER) => {
                let name = name.escape_debug();
                let message = format!("the field `{name}` is not implemented here");
                return Err(not_implemented(message));
            }
            name if name.starts_with("x-amz-") || name.starts_with("x-cos-") => name,
            _ => {
                translated.push((name.to_owned(), value.to_owned()));
                continue;
            }
        };
        // An empty field of a page is one that nobody has filled in.
        if value.is_empty() {
            continue;
        }
        let pair = HeaderName::from_bytes(asking.as_bytes())
            .ok()
            .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let (name, value) = pair.ok_or_else(|| {
            let message = format!("the field `{}` cannot be a header", name.escape_debug());
            Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
        })?;
        if let Some((name, value)) = header(put, &name, &value)? {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            translated.push((name.as_str().to_owned(), value));
        }
    }
    Ok(translated.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{FormSignature, as_cos};
    use crate::form::Fields;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// The policy of the example in S3's documents.
    const POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    fn example() -> FormSignature {
        let fields = fields(&[
            (
                "X-Amz-Credential",
                "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
            ),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Date", "20151229T000000Z"),
            ("Policy", POLICY),
            (
                "X-Amz-Signature",
                "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
            ),
        ]);
        FormSignature::read(&fields).unwrap().unwrap()
    }

    #[test]
    fn the_form_of_the_documents() {
        let secret = Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let signature = example();
        signature.verify(POLICY, secret).unwrap();
        let wrong = signature.verify(&POLICY.replace("ey", "eY"), secret);
        assert_eq!(wrong.unwrap_err().code, "SignatureDoesNotMatch");
        let unknown = signature.verify(POLICY, None);
        assert_eq!(unknown.unwrap_err().code, "InvalidAccessKeyId");
    }

    #[test]
    fn fields_get_their_other_names() {
        let sent = fields(&[
            ("key", "k"),
            ("acl", "private"),
            ("X-Amz-Meta-A", "b"),
            ("x-amz-storage-class", "GLACIER"),
            ("x-amz-date", "d"),
            ("x-amz-security-token", "t"),
            ("x-amz-meta-empty", ""),
        ]);
        let translated = as_cos(&sent).unwrap();
        let pairs: Vec<_> = translated.iter().collect();
        assert_eq!(
            pairs,
            [
                ("key", "k"),
                ("x-cos-acl", "private"),
                ("x-cos-meta-a", "b"),
                ("x-cos-storage-class", "ARCHIVE"),
            ]
        );
        for field in [
            ("tagging", "<Tagging/>"),
            ("x-amz-checksum-crc32", "AAAAAA=="),
            ("x-amz-website-redirect-location", "/"),
            ("x-cos-acl", "private"),
        ] {
            assert_eq!(
                as_cos(&fields(&[field])).unwrap_err().code,
                "NotImplemented"
            );
        }
    }
}

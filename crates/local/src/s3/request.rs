//! A request of S3 as the request of Object Storage that asks for the same: its parameters and its
//! headers.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH,
};
use http::{HeaderMap, StatusCode};
use tcloud_core::server::Fault;

use super::checksum::Algorithm;
use super::operation::{Operation, is_own, not_implemented};
use super::payload::Payload;
use super::words;

/// The beginning of the headers by which S3 is asked for something.
const ASKING: &str = "x-amz-";
/// Headers that say nothing of what is asked for, or that were looked at before; `*` stands for any
/// rest.
const LEFT_OUT: [&str; 13] = [
    "x-amz-checksum-*",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    // The account is looked at before.
    "x-amz-expected-bucket-owner",
    "x-amz-source-expected-bucket-owner",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-te",
    "x-amz-trailer",
    "x-amz-user-agent",
    "x-amz-id-2",
    "x-amz-request-id",
];
/// Headers that both have, behind their beginnings.
const SHARED: [&str; 14] = [
    "copy-source",
    "copy-source-if-match",
    "copy-source-if-modified-since",
    "copy-source-if-none-match",
    "copy-source-if-unmodified-since",
    "copy-source-range",
    "server-side-encryption",
    "server-side-encryption-context",
    "server-side-encryption-customer-algorithm",
    "server-side-encryption-customer-key",
    "server-side-encryption-customer-key-md5",
    "copy-source-server-side-encryption-customer-algorithm",
    "copy-source-server-side-encryption-customer-key",
    "copy-source-server-side-encryption-customer-key-md5",
];
/// The words for access to a bucket, and to an object.
const BUCKET_ACLS: [&str; 4] = [
    "authenticated-read",
    "private",
    "public-read",
    "public-read-write",
];
const OBJECT_ACLS: [&str; 2] = ["private", "public-read"];
/// What S3 says content is where nobody has said it.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("binary/octet-stream");

/// A request of Object Storage.
#[derive(Debug)]
pub(crate) struct Translated {
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// What the answer has to know.
    pub(crate) asked: Asked,
}

/// What S3 is asked for that its answer has to know.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The parameters, as they came.
    pub(super) query: Vec<(String, String)>,
    /// The checksum that parts of an upload are to have.
    pub(super) checksum: Option<HeaderValue>,
}

impl Asked {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query.find_map(|(own, value)| (own == name).then_some(value.as_str()))
    }
}

/// The request of Object Storage that asks for the same. `headers` are those of [`with_hoisted`].
///
/// # Errors
///
/// Something is asked for that is not here, or a value is wrong.
pub(crate) fn translate(
    operation: &Operation,
    query: &[(String, String)],
    headers: &HeaderMap,
    payload: &Payload,
) -> Result<Translated, Fault> {
    let own = query.iter().filter(|(name, _)| is_own(name)).cloned();
    let checksum = headers.get("x-amz-checksum-algorithm");
    let is_known = |value: &HeaderValue| value.to_str().ok().and_then(Algorithm::named).is_some();
    if let Some(other) = checksum.filter(|value| !is_known(value)) {
        let other = String::from_utf8_lossy(other.as_bytes());
        return Err(invalid(format!(
            "Checksum algorithm provided is unsupported: {}",
            other.escape_debug()
        )));
    }
    let asked = Asked {
        query: own.collect(),
        checksum: checksum.cloned(),
    };
    let parameters = parameters(operation, &asked)?;
    let mut translated = HeaderMap::new();
    for (name, value) in headers {
        if let Some((name, value)) = header(operation, name, value)? {
            translated.append(name, value);
        }
    }
    conditions(operation, &mut translated)?;
    length(payload, &mut translated);
    let stores = matches!(operation.name, "PutObject" | "CreateMultipartUpload");
    if stores && !translated.contains_key(CONTENT_TYPE) {
        translated.insert(CONTENT_TYPE, MEDIA_TYPE);
    }
    if operation.name == "CompleteMultipartUpload" {
        let names = headers.keys().map(HeaderName::as_str);
        let full = names.filter_map(|name| name.strip_prefix("x-amz-checksum-"));
        if let Some(kind) = full.into_iter().find(|kind| *kind != "type") {
            return Err(not_implemented(format!(
                "CompleteMultipartUpload: a checksum of the whole object (`x-amz-checksum-{kind}`) \
                 is not implemented here; those of its parts are checked as they come"
            )));
        }
    }
    Ok(Translated {
        parameters,
        headers: translated,
        asked,
    })
}

/// The headers, with those that a presigned URL has as parameters.
///
/// # Errors
///
/// A parameter cannot be a header.
pub(crate) fn with_hoisted(
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<HeaderMap, Fault> {
    let mut headers = headers.clone();
    for (name, value) in query {
        let name = name.to_ascii_lowercase();
        if !name.starts_with(ASKING) || super::v4::is_of_signature(&name) {
            continue;
        }
        let pair = HeaderName::from_bytes(name.as_bytes())
            .ok()
            .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let (name, value) = pair.ok_or_else(|| {
            let name = name.escape_debug();
            invalid(format!(
                "the parameter `{name}` cannot be a header, which it stands for"
            ))
        })?;
        headers.entry(name).or_insert(value);
    }
    Ok(headers)
}

/// The parameters of Object Storage.
fn parameters(operation: &Operation, asked: &Asked) -> Result<Vec<(String, String)>, Fault> {
    let mut parameters = Vec::new();
    // A token goes before the key to start after, in whichever order they come.
    let token = asked.parameter("continuation-token");
    let mut marker = token.map(from_token).transpose()?;
    for (name, value) in &asked.query {
        let (name, value) = match (operation.name, name.as_str()) {
            ("ListObjectsV2", "list-type" | "fetch-owner")
            | ("ListObjectsV2" | "ListBuckets", "continuation-token") => continue,
            ("ListBuckets", "bucket-region") => ("region", value.clone()),
            ("ListBuckets", "max-buckets") => ("max-keys", at_most(name, value, 1, 2000)?),
            ("ListObjectsV2", "start-after") => {
                marker.get_or_insert_with(|| value.clone());
                continue;
            }
            // None at all is asked for as one, which is left out of the answer.
            ("ListObjects" | "ListObjectsV2" | "ListObjectVersions", "max-keys")
            | ("ListMultipartUploads", "max-uploads")
            | ("ListParts", "max-parts") => (name.as_str(), at_most(name, value, 0, 1000)?),
            (_, name) => (name, value.clone()),
        };
        parameters.push((name.to_owned(), value));
    }
    if let Some(marker) = marker {
        parameters.push(("marker".to_owned(), marker));
    }
    Ok(parameters)
}

/// A number of items as Object Storage takes it: S3 gives no more than `most` of them to whoever asks
/// for more.
fn at_most(name: &str, value: &str, least: u32, most: u32) -> Result<String, Fault> {
    let number = value.parse::<u32>().ok();
    let number = number.filter(|number| *number >= least && *number <= i32::MAX.unsigned_abs());
    let number = number.ok_or_else(|| {
        invalid(format!(
            "{name} must be a number from {least} to 2147483647, and is `{}`",
            value.escape_debug()
        ))
    })?;
    Ok(number.clamp(1, most).to_string())
}

/// The token by which a list goes on behind `marker`.
pub(super) fn token(marker: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(marker)
}

fn from_token(token: &str) -> Result<String, Fault> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let marker = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    marker.ok_or_else(|| invalid("The continuation token provided is incorrect".to_owned()))
}

/// A header of Object Storage; `None` for one that it need not see.
pub(super) fn header(
    operation: &Operation,
    name: &HeaderName,
    value: &HeaderValue,
) -> Result<Option<(HeaderName, HeaderValue)>, Fault> {
    let text = || {
        let text = value.to_str();
        text.map_err(|_| invalid(format!("the header {name} is not ASCII text")))
    };
    let renamed = |name: &str, value: HeaderValue| {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| invalid("a header has no name".to_owned()))?;
        Ok(Some((name, value)))
    };
    let of = |text: &str| {
        let value = HeaderValue::from_str(text);
        value.map_err(|_| invalid(format!("the header {name} has a wrong value")))
    };
    let Some(rest) = name.as_str().strip_prefix(ASKING) else {
        return match name.as_str() {
            "authorization" | "expect" => Ok(None),
            // What only Object Storage has is no part of S3.
            own if own.starts_with("x-cos-")
                || own.starts_with("x-ci-")
                || own == "pic-operations" =>
            {
                Err(unknown(operation, own))
            }
            _ if *name == CONTENT_ENCODING => {
                let kept = without_chunks(text()?);
                let kept = (!kept.is_empty()).then(|| of(&kept)).transpose()?;
                Ok(kept.map(|kept| (name.clone(), kept)))
            }
            _ => Ok(Some((name.clone(), value.clone()))),
        };
    };
    let is_left_out = LEFT_OUT.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.as_str().starts_with(start),
        None => name == known,
    });
    if is_left_out {
        return Ok(None);
    }
    if SHARED.contains(&rest) || rest.starts_with("meta-") {
        let value = match (rest, operation.name) {
            ("server-side-encryption", _) => of(match text()? {
                "aws:kms" => "cos/kms",
                word => word,
            })?,
            _ => value.clone(),
        };
        return renamed(&format!("x-cos-{rest}"), value);
    }
    match (rest, operation.name) {
        ("acl", name) => {
            let word = text()?;
            let is_bucket = matches!(name, "CreateBucket" | "PutBucketAcl");
            let words: &[&str] = if is_bucket {
                &BUCKET_ACLS
            } else {
                &OBJECT_ACLS
            };
            if !words.contains(&word) {
                return Err(not_implemented(format!(
                    "x-amz-acl: {} is not implemented here; there are {}",
                    word.escape_debug(),
                    words.join(", ")
                )));
            }
            renamed("x-cos-acl", value.clone())
        }
        (
            "grant-read" | "grant-write" | "grant-read-acp" | "grant-write-acp"
            | "grant-full-control",
            _,
        ) => {
            let grantees = words::grantees(name.as_str(), text()?)?;
            renamed(&format!("x-cos-{rest}"), of(&grantees)?)
        }
        ("storage-class", _) => renamed("x-cos-storage-class", of(words::class_asked(text()?)?)?),
        ("tagging", "PutObject" | "CopyObject" | "CreateMultipartUpload") => {
            renamed("x-cos-tagging", value.clone())
        }
        ("metadata-directive" | "tagging-directive", "CopyObject") => {
            let word = match text()? {
                "REPLACE" => "Replaced",
                "COPY" => "Copy",
                word => {
                    let word = word.escape_debug();
                    return Err(invalid(format!(
                        "Unknown {rest}: {word}; there are COPY and REPLACE"
                    )));
                }
            };
            renamed(&format!("x-cos-{rest}"), of(word)?)
        }
        ("server-side-encryption-aws-kms-key-id", _) => {
            renamed("x-cos-server-side-encryption-cos-kms-key-id", value.clone())
        }
        _ => Err(unknown(operation, name.as_str())),
    }
}

/// `If-None-Match: *` of S3 is that nothing is replaced.
fn conditions(operation: &Operation, headers: &mut HeaderMap) -> Result<(), Fault> {
    if !matches!(
        operation.name,
        "PutObject" | "CompleteMultipartUpload" | "CopyObject" | "DeleteObject"
    ) {
        return Ok(());
    }
    if headers.contains_key(IF_MATCH) {
        return Err(unknown(operation, IF_MATCH.as_str()));
    }
    match headers.remove(IF_NONE_MATCH) {
        None => Ok(()),
        Some(any) if any == "*" && operation.name == "PutObject" => {
            let name = HeaderName::from_static("x-cos-forbid-overwrite");
            headers.insert(name, HeaderValue::from_static("true"));
            Ok(())
        }
        Some(_) => Err(unknown(operation, IF_NONE_MATCH.as_str())),
    }
}

/// The length of the content, where the body is longer.
fn length(payload: &Payload, headers: &mut HeaderMap) {
    if payload.is_in_chunks()
        && let Some(length) = payload.length()
    {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// The encodings of the content without that of its way here.
fn without_chunks(encodings: &str) -> String {
    let encodings = encodings.split(',').map(str::trim);
    let kept = encodings.filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("aws-chunked"));
    kept.collect::<Vec<_>>().join(", ")
}

fn unknown(operation: &Operation, header: &str) -> Fault {
    let name = operation.name;
    not_implemented(format!(
        "A header you provided implies functionality that is not implemented: {name} has no \
         `{header}` here"
    ))
}

fn invalid(message: String) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
}

#[cfg(test)]
mod tests;

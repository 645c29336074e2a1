//! The source of a copy: the header that names it, who may read it, and the conditions on it.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::server::{Context, Fault};
use tcloud_core::sign::encode;
use tcloud_cos::operation::delete_object::DeleteObjectRequest;
use tcloud_cos::operation::get_object::GetObjectRequest;

use super::conditions::{Conditions, Held};
use crate::cos::{is_bucket_name, names, permission};
use crate::state::State;
use crate::store::{
    ByteRange, CustomerKey, Object, ObjectName, ObjectReader, StoreError, VersionId,
};

/// The source of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cos) struct Source {
    name: ObjectName,
    version: Option<VersionId>,
}

/// Reads `x-cos-copy-source`: host, URL-encoded key and perhaps a version, as in
/// `sourcebucket-1250000000.cos.ap-shanghai.myqcloud.com/example.jpg?versionId=…`.
pub(in crate::cos) fn parse(state: &State, header: &str) -> Result<Source, Fault> {
    let wrong = |why: &str| {
        let message = format!(
            "`{header}` is no source of a copy: {why}; write it as \
             <bucket>.cos.<region>.myqcloud.com/<URL-encoded key>"
        );
        Fault::new(StatusCode::BAD_REQUEST, "InvalidCopySource", message)
    };
    // Some write it with a scheme or a slash before it.
    let text = header.trim();
    let text = ["http://", "https://", "/"]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(text);
    // A key is URL-encoded, so that a question mark is none of its own.
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let (host, key) = text.split_once('/').ok_or_else(|| wrong("it has no key"))?;
    let path = encode::decode_path(&format!("/{key}"));
    let path = path.ok_or_else(|| wrong("the key is not UTF-8"))?;
    // Some clients name the bucket alone.
    let (bucket, key) = if is_bucket_name(host) {
        let key = path.strip_prefix('/').unwrap_or_default();
        (host.to_owned(), key.to_owned())
    } else {
        let led = state.fetch.bucket_at(host, &path);
        led.ok_or_else(|| wrong("the host is that of no bucket"))?
    };
    if key.is_empty() {
        return Err(wrong("it has no key"));
    }
    let query = encode::decode_query(query).ok_or_else(|| wrong("the query is not UTF-8"))?;
    let mut version = None;
    for (name, value) in &query {
        if !name.eq_ignore_ascii_case("versionId") {
            return Err(wrong("it may have the parameter versionId and no other"));
        }
        version = names::version(Some(value))?;
    }
    Ok(Source {
        name: names::object(Some(bucket), Some(key))?,
        version,
    })
}

/// Refuses callers that may not read the source.
pub(in crate::cos) async fn permit(
    state: &State,
    context: &Context,
    source: &Source,
) -> Result<(), Fault> {
    let operation = GetObjectRequest::operation();
    permission::require(state, context, operation, &source.name, source.version).await
}

/// Refuses callers that may not take the object `from` away.
pub(super) async fn permit_moving(
    state: &State,
    context: &Context,
    from: &ObjectName,
) -> Result<(), Fault> {
    permission::require(state, context, DeleteObjectRequest::operation(), from, None).await
}

/// Refuses a source for which the conditions do not hold: none of them is good for anything else
/// than not to copy.
pub(in crate::cos) fn require(conditions: &Conditions, source: &Object) -> Result<(), Fault> {
    let modified = source.last_modified.div_euclid(1000);
    match conditions.check(&source.etag, modified)? {
        Held::Yes => Ok(()),
        Held::NotModified => {
            let message = "the source is the one that x-cos-copy-source-If-None-Match or \
                           x-cos-copy-source-If-Modified-Since excludes";
            let status = StatusCode::PRECONDITION_FAILED;
            Err(Fault::new(status, "PreconditionFailed", message))
        }
    }
}

impl Source {
    /// The object as it is now.
    pub(in crate::cos) async fn find(&self, state: &State) -> Result<Object, Fault> {
        let found = state.store.head_version(&self.name, self.version).await;
        found.map_err(missing)
    }

    /// The object as it is now, with its content or a part of it, encrypted with `key` if it is.
    pub(in crate::cos) async fn read(
        &self,
        state: &State,
        part: Option<ByteRange>,
        key: Option<&CustomerKey>,
    ) -> Result<ObjectReader, Fault> {
        let (name, version) = (&self.name, self.version);
        let read = state.store.get_sealed(name, version, part, key).await;
        read.map_err(missing)
    }
}

/// The fault of a copy whose source cannot be read.
fn missing(error: StoreError) -> Fault {
    let is_missing = matches!(error, StoreError::NoSuchObject(_));
    let mut fault = Fault::from(error);
    if is_missing {
        "NoSuchCopySource".clone_into(&mut fault.code);
    }
    fault
}

//! A call that the file of a seed writes out.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_saphyr::Spanned;
use tcloud_core::codec::{self, Document};
use tcloud_core::operation::{BodyFormat, Catalog, Operation};
use tcloud_core::schema::Place;

use super::error::SeedError;

/// What a call without the name of its service is looked for in: what buckets have.
const OF_BUCKETS: [&Catalog; 2] = [&tcloud_cos::CATALOG, &tcloud_ci::CATALOG];
/// All services.
const ALL: [&Catalog; 6] = [
    &tcloud_cos::CATALOG,
    &tcloud_ci::CATALOG,
    &tcloud_mps::CATALOG,
    &tcloud_ims::CATALOG,
    &tcloud_sts::CATALOG,
    &tcloud_tiia::CATALOG,
];

/// How a call is written: the name of its operation, and the request.
pub(super) type Written = Spanned<BTreeMap<String, Option<Value>>>;

/// A call that is known to be one of its table.
#[derive(Clone)]
pub(crate) struct Call {
    /// Where it stands.
    pub(crate) line: u64,
    pub(crate) operation: &'static Operation,
    pub(crate) request: Document,
    /// The bucket it is about.
    pub(crate) bucket: Option<String>,
}

impl Call {
    /// The call that is `written` as a setting of `bucket`.
    pub(super) fn of_bucket(written: &Written, bucket: &str) -> Result<Self, SeedError> {
        let line = written.referenced.line();
        let (name, request) = only(written)?;
        let mut found = OF_BUCKETS.iter().filter_map(|it| it.operation(name));
        let operation = found.next().ok_or_else(|| {
            let message = format!(
                "there is no operation {name} of Object Storage or Cloud Infinite; `tcloud local \
                 --list` names all of them"
            );
            SeedError::in_line(line, message)
        })?;
        let mut fields = operation.request.fields().iter();
        if !fields.any(|field| field.place == Place::Host && field.name == "bucket") {
            let message = format!(
                "{name} is about no bucket; write it below `calls` at the end, as {}.{name}",
                operation.service.name
            );
            return Err(SeedError::in_line(line, message));
        }
        let mut request = request
            .clone()
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if let Value::Object(nodes) = &mut request {
            nodes.insert("bucket".to_owned(), bucket.into());
        }
        Self::new(line, operation, &request)
    }

    /// The call that is `written` with the name of its service.
    pub(super) fn of_any(written: &Written) -> Result<Self, SeedError> {
        let line = written.referenced.line();
        let (name, request) = only(written)?;
        let found = name.split_once('.').and_then(|(service, operation)| {
            let mut catalogs = ALL.iter();
            let catalog = catalogs.find(|it| it.service.name == service)?;
            catalog.operation(operation)
        });
        let operation = found.ok_or_else(|| {
            let message = format!(
                "there is no operation {name}; write the service as well, as in cos.PutObjectTagging"
            );
            SeedError::in_line(line, message)
        })?;
        let empty = Value::Object(serde_json::Map::new());
        Self::new(line, operation, request.as_ref().unwrap_or(&empty))
    }

    fn new(line: u64, operation: &'static Operation, request: &Value) -> Result<Self, SeedError> {
        let refused = |why: String| SeedError::in_line(line, format!("{}: {why}", operation.name));
        if operation.request_body == BodyFormat::Raw {
            let message = "it takes content, which only files of buckets have here";
            return Err(refused(message.to_owned()));
        }
        let (document, drift) = codec::request(operation.request, &request.to_string())
            .map_err(|error| refused(error.to_string()))?;
        if let Some(departure) = drift.first() {
            return Err(refused(departure.to_string()));
        }
        let missing = codec::check(&document, "", false).missing;
        if !missing.is_empty() {
            return Err(refused(format!(
                "required, but missing: {}",
                missing.join(", ")
            )));
        }
        let bucket = request.get("bucket").and_then(Value::as_str);
        Ok(Self {
            line,
            operation,
            request: document,
            bucket: bucket.map(str::to_owned),
        })
    }
}

/// The operation and the request of what is to be one call.
fn only(written: &Written) -> Result<(&str, &Option<Value>), SeedError> {
    let mut all = written.value.iter();
    match (all.next(), all.next()) {
        (Some((name, request)), None) => Ok((name, request)),
        _ => Err(SeedError::in_line(
            written.referenced.line(),
            "write one operation in each item of the list, as in `- CreatePicBucket: {}`",
        )),
    }
}

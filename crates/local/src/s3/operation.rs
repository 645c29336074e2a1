//! The operations of S3 that are here: those that Object Storage has, too.

use http::{HeaderMap, Method, StatusCode};
use tcloud_core::server::Fault;

use super::v4;

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Service,
    Bucket,
    Object,
}

/// An operation by its name in S3's documents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    method: &'static str,
    scope: Scope,
    /// The parameters without which it is another one.
    selectors: &'static [&'static str],
    /// Whether it has the header `x-amz-copy-source`.
    copies: bool,
    /// The parameters that it may have.
    parameters: &'static [&'static str],
    /// Whether its request has a document.
    pub(crate) has_document: bool,
}

const OVERRIDES: [&str; 7] = [
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "versionId",
];
const VERSION: [&str; 1] = ["versionId"];
const NONE: [&str; 0] = [];

/// A row of [`OPERATIONS`].
const fn row(
    name: &'static str,
    (method, scope): (&'static str, Scope),
    selectors: &'static [&'static str],
    parameters: &'static [&'static str],
) -> Operation {
    Operation {
        name,
        method,
        scope,
        selectors,
        copies: false,
        parameters,
        has_document: false,
    }
}

const fn with_document(operation: Operation) -> Operation {
    Operation {
        has_document: true,
        ..operation
    }
}

const fn copying(operation: Operation) -> Operation {
    Operation {
        copies: true,
        ..operation
    }
}

const SERVICE_GET: (&str, Scope) = ("GET", Scope::Service);
const BUCKET_GET: (&str, Scope) = ("GET", Scope::Bucket);
const BUCKET_PUT: (&str, Scope) = ("PUT", Scope::Bucket);
const BUCKET_DELETE: (&str, Scope) = ("DELETE", Scope::Bucket);
const BUCKET_POST: (&str, Scope) = ("POST", Scope::Bucket);
const BUCKET_HEAD: (&str, Scope) = ("HEAD", Scope::Bucket);
const GET: (&str, Scope) = ("GET", Scope::Object);
const HEAD: (&str, Scope) = ("HEAD", Scope::Object);
const PUT: (&str, Scope) = ("PUT", Scope::Object);
const POST: (&str, Scope) = ("POST", Scope::Object);
const DELETE: (&str, Scope) = ("DELETE", Scope::Object);

static OPERATIONS: &[Operation] = &[
    row(
        "ListBuckets",
        SERVICE_GET,
        &NONE,
        &["bucket-region", "continuation-token", "max-buckets"],
    ),
    with_document(row("CreateBucket", BUCKET_PUT, &NONE, &NONE)),
    row("HeadBucket", BUCKET_HEAD, &NONE, &NONE),
    row("DeleteBucket", BUCKET_DELETE, &NONE, &NONE),
    row("GetBucketLocation", BUCKET_GET, &["location"], &NONE),
    row(
        "ListObjects",
        BUCKET_GET,
        &NONE,
        &["delimiter", "encoding-type", "marker", "max-keys", "prefix"],
    ),
    row(
        "ListObjectsV2",
        BUCKET_GET,
        &["list-type"],
        &[
            "continuation-token",
            "delimiter",
            "encoding-type",
            "fetch-owner",
            "max-keys",
            "prefix",
            "start-after",
        ],
    ),
    row(
        "ListObjectVersions",
        BUCKET_GET,
        &["versions"],
        &[
            "delimiter",
            "encoding-type",
            "key-marker",
            "max-keys",
            "prefix",
            "version-id-marker",
        ],
    ),
    row(
        "ListMultipartUploads",
        BUCKET_GET,
        &["uploads"],
        &[
            "delimiter",
            "encoding-type",
            "key-marker",
            "max-uploads",
            "prefix",
            "upload-id-marker",
        ],
    ),
    row("GetBucketAcl", BUCKET_GET, &["acl"], &NONE),
    with_document(row("PutBucketAcl", BUCKET_PUT, &["acl"], &NONE)),
    row("GetBucketCors", BUCKET_GET, &["cors"], &NONE),
    with_document(row("PutBucketCors", BUCKET_PUT, &["cors"], &NONE)),
    row("DeleteBucketCors", BUCKET_DELETE, &["cors"], &NONE),
    row(
        "GetBucketLifecycleConfiguration",
        BUCKET_GET,
        &["lifecycle"],
        &NONE,
    ),
    with_document(row(
        "PutBucketLifecycleConfiguration",
        BUCKET_PUT,
        &["lifecycle"],
        &NONE,
    )),
    row(
        "DeleteBucketLifecycle",
        BUCKET_DELETE,
        &["lifecycle"],
        &NONE,
    ),
    row("GetBucketTagging", BUCKET_GET, &["tagging"], &NONE),
    with_document(row("PutBucketTagging", BUCKET_PUT, &["tagging"], &NONE)),
    row("DeleteBucketTagging", BUCKET_DELETE, &["tagging"], &NONE),
    row("GetBucketVersioning", BUCKET_GET, &["versioning"], &NONE),
    with_document(row(
        "PutBucketVersioning",
        BUCKET_PUT,
        &["versioning"],
        &NONE,
    )),
    with_document(row("DeleteObjects", BUCKET_POST, &["delete"], &NONE)),
    row("GetObject", GET, &NONE, &OVERRIDES),
    row("HeadObject", HEAD, &NONE, &OVERRIDES),
    row("PutObject", PUT, &NONE, &NONE),
    copying(row("CopyObject", PUT, &NONE, &NONE)),
    row("DeleteObject", DELETE, &NONE, &VERSION),
    row("GetObjectAcl", GET, &["acl"], &VERSION),
    with_document(row("PutObjectAcl", PUT, &["acl"], &VERSION)),
    row("GetObjectTagging", GET, &["tagging"], &VERSION),
    with_document(row("PutObjectTagging", PUT, &["tagging"], &VERSION)),
    row("DeleteObjectTagging", DELETE, &["tagging"], &VERSION),
    with_document(row("RestoreObject", POST, &["restore"], &VERSION)),
    with_document(row(
        "SelectObjectContent",
        POST,
        &["select", "select-type"],
        &NONE,
    )),
    row("CreateMultipartUpload", POST, &["uploads"], &NONE),
    row("UploadPart", PUT, &["partNumber", "uploadId"], &NONE),
    copying(row(
        "UploadPartCopy",
        PUT,
        &["partNumber", "uploadId"],
        &NONE,
    )),
    with_document(row("CompleteMultipartUpload", POST, &["uploadId"], &NONE)),
    row("AbortMultipartUpload", DELETE, &["uploadId"], &NONE),
    row(
        "ListParts",
        GET,
        &["uploadId"],
        &["max-parts", "part-number-marker"],
    ),
];

/// Whether the parameter `name` says what a request is about, and not how it is signed.
pub(super) fn is_own(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !v4::is_of_signature(&name) && !name.starts_with("x-amz-") && name != "x-id"
}

/// The operation of a request.
///
/// # Errors
///
/// `NotImplemented`, naming what is not here.
pub(crate) fn find(
    method: &Method,
    scope: Scope,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<&'static Operation, Fault> {
    let has = |name: &str| query.iter().any(|(own, _)| own == name);
    let copies = headers.contains_key("x-amz-copy-source");
    let fitting = OPERATIONS.iter().filter(|operation| {
        operation.method == method.as_str()
            && operation.scope == scope
            && operation.selectors.iter().all(|name| has(name))
    });
    let found = fitting
        .filter(|operation| operation.copies == copies || !operation.can_copy())
        .max_by_key(|operation| operation.selectors.len());
    let Some(operation) = found else {
        let names = query.iter().map(|(name, _)| name.as_str());
        let names: Vec<_> = names.filter(|name| is_own(name)).map(shortened).collect();
        let asked = match names.as_slice() {
            [] => String::new(),
            names => format!(" with {}", names.join(", ")),
        };
        let what = match scope {
            Scope::Service => "the service",
            Scope::Bucket => "a bucket",
            Scope::Object => "an object",
        };
        let message = format!("{method} of {what}{asked} is not implemented here");
        return Err(not_implemented(message));
    };
    operation.require_known(query, copies)?;
    Ok(operation)
}

impl Operation {
    /// Whether a header makes another operation of it.
    fn can_copy(&self) -> bool {
        matches!(
            self.name,
            "PutObject" | "CopyObject" | "UploadPart" | "UploadPartCopy"
        )
    }

    fn require_known(&self, query: &[(String, String)], copies: bool) -> Result<(), Fault> {
        let Self { name, .. } = self;
        if copies && !self.copies {
            let message = format!("{name} has no header `x-amz-copy-source`");
            return Err(not_implemented(message));
        }
        for (own, value) in query {
            let known = self.selectors.contains(&own.as_str())
                || self.parameters.contains(&own.as_str())
                || !is_own(own);
            if !known {
                let message = format!(
                    "{name} has no parameter `{}` here, and what that asks for is not implemented",
                    shortened(own)
                );
                return Err(not_implemented(message));
            }
            // SDKs write which operation they mean.
            if own == "x-id" && value != name {
                let value = shortened(value);
                let message = format!("the request is a {name} and x-id says {value}");
                return Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    "InvalidArgument",
                    message,
                ));
            }
            if own == "list-type" && value != "2" {
                let message = format!("Invalid List Type specified in Query: {}", shortened(value));
                return Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    "InvalidArgument",
                    message,
                ));
            }
        }
        Ok(())
    }

    /// Whether the content of an object comes or goes.
    pub(crate) fn has_content(&self) -> bool {
        matches!(
            self.name,
            "GetObject" | "HeadObject" | "PutObject" | "UploadPart"
        )
    }
}

/// A name as far as it is repeated.
fn shortened(name: &str) -> String {
    let start: String = name.chars().take(100).collect();
    start.escape_debug().to_string()
}

pub(super) fn not_implemented(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};
    use tcloud_core::sign::encode;

    use super::{Scope, find};

    fn named(
        method: &Method,
        scope: Scope,
        query: &str,
        copies: bool,
    ) -> Result<&'static str, String> {
        let query = encode::decode_query(query).unwrap();
        let mut headers = HeaderMap::new();
        if copies {
            headers.insert("x-amz-copy-source", HeaderValue::from_static("b/k"));
        }
        let found = find(method, scope, &query, &headers);
        found.map(|it| it.name).map_err(|fault| fault.code)
    }

    #[test]
    fn parameters_select() {
        use Scope::{Bucket, Object, Service};
        for (method, scope, query, copies, name) in [
            (Method::GET, Service, "", false, "ListBuckets"),
            (
                Method::GET,
                Service,
                "x-id=ListBuckets",
                false,
                "ListBuckets",
            ),
            (Method::GET, Bucket, "prefix=a", false, "ListObjects"),
            (
                Method::GET,
                Bucket,
                "list-type=2&prefix=a",
                false,
                "ListObjectsV2",
            ),
            (Method::GET, Bucket, "versions", false, "ListObjectVersions"),
            (Method::GET, Object, "X-Amz-Signature=0", false, "GetObject"),
            (Method::GET, Object, "uploadId=a", false, "ListParts"),
            (Method::PUT, Object, "", false, "PutObject"),
            (Method::PUT, Object, "", true, "CopyObject"),
            (
                Method::PUT,
                Object,
                "partNumber=1&uploadId=a",
                true,
                "UploadPartCopy",
            ),
            (
                Method::PUT,
                Object,
                "partNumber=1&uploadId=a",
                false,
                "UploadPart",
            ),
            (
                Method::POST,
                Object,
                "uploads",
                false,
                "CreateMultipartUpload",
            ),
            (
                Method::POST,
                Object,
                "uploadId=a",
                false,
                "CompleteMultipartUpload",
            ),
            (
                Method::POST,
                Object,
                "select&select-type=2",
                false,
                "SelectObjectContent",
            ),
        ] {
            assert_eq!(
                named(&method, scope, query, copies),
                Ok(name),
                "{method} {query}"
            );
        }
    }

    #[test]
    fn nothing_is_taken_for_another_thing() {
        use Scope::{Bucket, Object, Service};
        for (method, scope, query, copies, code) in [
            (Method::GET, Bucket, "policy", false, "NotImplemented"),
            (Method::DELETE, Bucket, "website", false, "NotImplemented"),
            (Method::GET, Bucket, "acl&cors", false, "NotImplemented"),
            (Method::GET, Object, "attributes", false, "NotImplemented"),
            (Method::GET, Object, "partNumber=1", false, "NotImplemented"),
            (Method::PUT, Object, "uploadId=a", false, "NotImplemented"),
            (Method::PUT, Object, "acl", true, "NotImplemented"),
            (Method::POST, Object, "", false, "NotImplemented"),
            (Method::POST, Service, "", false, "NotImplemented"),
            (
                Method::GET,
                Object,
                "x-id=PutObject",
                false,
                "InvalidArgument",
            ),
            (Method::GET, Bucket, "list-type=3", false, "InvalidArgument"),
        ] {
            let refused = named(&method, scope, query, copies);
            assert_eq!(refused, Err(code.to_owned()), "{method} {query}");
        }
    }
}

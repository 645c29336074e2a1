//! The requests that were answered, for tests to look at.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use tcloud_core::call::Request;
use tcloud_core::codec::{self, CodecError, Drift, json, xml};
use tcloud_core::node::Node;
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::server::{Incoming, is_common_parameter};

/// How many bytes all requests that are kept may have together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The requests that a [`LocalCloud`](crate::LocalCloud) has answered, in the order of their answers.
/// Cloning gives another handle to the same ones.
///
/// There are at most [`Settings::recorded_requests`](crate::Settings::recorded_requests), and none of
/// which nobody could tell the operation; `/_local/requests` shows those. Content of objects is not
/// kept, signatures are not shown, and what the tables call secret is `(secret)`.
///
/// ```
/// use tcloud_core::config::Config;
/// use tcloud_core::credentials::Credentials;
/// use tcloud_cos::operation::put_object::PutObjectRequest;
/// use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::default().bucket("album-1250000000");
/// let cloud = LocalCloud::start(settings).await?;
/// # let config = Config::builder()
/// #     .region("ap-guangzhou")
/// #     .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
/// #     .transport(cloud.transport())
/// #     .build()?;
/// # let cos = tcloud_cos::Client::new(&config);
/// cos.put_object("album-1250000000", "cat.png", "…").content_type("image/png").send().await?;
///
/// let uploads = cloud.requests().of::<PutObjectRequest>();
/// assert_eq!(uploads.len(), 1);
/// assert_eq!(uploads[0].key.as_deref(), Some("cat.png"));
/// assert_eq!(uploads[0].content_type.as_deref(), Some("image/png"));
/// assert_eq!(cloud.requests().all()[0].status, 200);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Requests(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<RecordedRequest>,
    /// How many bytes they have together.
    bytes: usize,
}

/// A request that was answered. `Debug` shows what is public, and neither headers nor document.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The service, such as `cos`.
    pub service: &'static str,
    /// The operation, such as `PutObject`.
    pub operation: &'static str,
    /// The bucket it was sent to.
    pub bucket: Option<String>,
    /// The key of the object it was about.
    pub key: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The code of the error, if it was one.
    pub code: Option<String>,
    /// The id of the request, as the answer names it.
    pub request_id: String,
    /// The rules for faults that it met, see [`Faults`](crate::Faults).
    pub faults: Vec<u64>,
    arrived: Arc<Arrived>,
}

/// What came of a request, as far as it was read.
#[derive(Clone)]
pub(crate) struct Arrived {
    operation: &'static Operation,
    bucket: Option<String>,
    key: Option<String>,
    labels: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    document: Option<Bytes>,
}

/// What came of an answer.
pub(crate) struct Answered<'a> {
    pub(crate) status: u16,
    pub(crate) code: Option<&'a str>,
    pub(crate) request_id: &'a str,
    pub(crate) faults: &'a [u64],
}

impl Requests {
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Shared {
            most,
            kept: Mutex::default(),
        }))
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<RecordedRequest> {
        self.lock().requests.iter().cloned().collect()
    }

    /// Those of the operation of `Q`, decoded as the server does, whether they were carried out or
    /// refused. What a request that was refused early had in its document is not among it.
    pub fn of<Q: Request + Default>(&self) -> Vec<Q> {
        self.all()
            .iter()
            .filter_map(RecordedRequest::decode)
            .collect()
    }

    /// Forgets them.
    pub fn clear(&self) {
        *self.lock() = Kept::default();
    }

    /// Whether any are kept.
    pub(crate) fn are_kept(&self) -> bool {
        self.0.most > 0
    }

    /// Keeps a request, and forgets the oldest ones for it.
    pub(crate) fn push(&self, mut arrived: Arrived, answered: &Answered<'_>) -> Arc<Arrived> {
        let mut kept = self.lock();
        kept.bytes = kept.bytes.saturating_add(arrived.bytes());
        let (bucket, key) = (arrived.bucket.take(), arrived.key.take());
        let arrived = Arc::new(arrived);
        kept.requests.push_back(RecordedRequest {
            service: arrived.operation.service.name,
            operation: arrived.operation.name,
            bucket,
            key,
            status: answered.status,
            code: answered.code.map(str::to_owned),
            request_id: answered.request_id.to_owned(),
            faults: answered.faults.to_vec(),
            arrived: Arc::clone(&arrived),
        });
        while kept.requests.len() > self.0.most || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.requests.pop_front() else {
                break;
            };
            kept.bytes = kept.bytes.saturating_sub(oldest.arrived.bytes());
        }
        arrived
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A count that is wrong after a panic lets fewer be kept, and no more than that.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordedRequest {
    /// The typed request, if it is one of the operation of `Q`: its secrets struck out.
    pub fn decode<Q: Request + Default>(&self) -> Option<Q> {
        let own = Q::operation();
        let is_own = self.service == own.service.name && self.operation == own.name;
        is_own.then(|| self.arrived.decode())
    }

    /// The decoded query, without what signs the request.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.arrived.query.iter();
        query
            .filter(|(name, _)| !is_common_parameter(name))
            .cloned()
            .collect()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .field("bucket", &self.bucket)
            .field("key", &self.key)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("request_id", &self.request_id)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl Arrived {
    /// A request to `bucket`, whose document was not read unless its body is in memory.
    pub(crate) fn new(incoming: &Incoming, bucket: Option<&str>) -> Self {
        let mut labels = incoming.labels.iter();
        let key = labels.find(|(name, _)| name == "key");
        let mut arrived = Self {
            operation: incoming.operation,
            bucket: bucket.map(str::to_owned),
            key: key.map(|(_, key)| key.clone()),
            labels: incoming.labels.clone(),
            query: incoming.query.clone(),
            headers: incoming.headers.clone(),
            document: None,
        };
        arrived.read(incoming);
        arrived
    }

    /// It is about the object `key`, which was not in its address.
    pub(crate) fn about(&mut self, key: &str) {
        self.key = Some(key.to_owned());
    }

    /// Adds the document, if it was read.
    pub(crate) fn read(&mut self, incoming: &Incoming) {
        // Content of objects is not kept.
        if self.operation.request_body != BodyFormat::Raw {
            let document = incoming.body.try_clone();
            self.document = document.and_then(|body| body.into_bytes().ok());
        }
    }

    /// How much it is, but for what is short anyway.
    fn bytes(&self) -> usize {
        let headers = self.headers.values().map(http::HeaderValue::len);
        let document = self.document.as_ref().map_or(0, Bytes::len);
        headers.sum::<usize>().saturating_add(document)
    }

    fn decode<Q: Request + Default>(&self) -> Q {
        let mut request = Q::default();
        // What cannot be read was refused, and there is no more to it.
        let _ = self.fill(&mut request);
        codec::redact(&mut request);
        request
    }

    /// The operation it was found to ask for.
    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Its document, if it has one that was read.
    pub(crate) fn document(&self) -> Option<&[u8]> {
        self.document.as_deref()
    }

    /// Fills `request`, secrets included.
    ///
    /// # Errors
    ///
    /// The document cannot be read. All else is filled.
    pub(crate) fn fill(&self, request: &mut dyn Node) -> Result<Vec<Drift>, CodecError> {
        let mut drift = codec::fill_labels(request, borrowed(&self.labels));
        drift.extend(codec::fill_query(request, borrowed(&self.query)));
        let headers = self.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
        });
        drift.extend(codec::fill_headers(request, headers));
        let document = self.document.as_deref().map(std::str::from_utf8);
        if let Some(Ok(text)) = document {
            drift.extend(match self.operation.request_body {
                // A body is optional where no node of it is required.
                BodyFormat::Xml(root) if !text.trim().is_empty() => {
                    xml::decode(text, root, request)?
                }
                BodyFormat::Json => json::decode(text, "", request)?,
                _ => Vec::new(),
            });
        }
        Ok(drift)
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived")
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

//! Requests and answers on file, secrets struck out.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Response};
use serde::{Deserialize, Serialize};

use super::received::Received;
use super::strike;
use crate::body::Body;
use crate::transport::TransportError;

/// The layout of the file. Another one is refused.
const VERSION: u32 = 1;

/// What a service was asked and what it answered, in order: a JSON file to be kept beside a test.
///
/// Signatures, tokens, what the tables mark as secret, and nodes that no table knows, which may be
/// secrets, are struck out before they are kept. **Raw bodies are kept as they are**: record no
/// object whose content is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cassette {
    /// The layout of the file.
    version: u32,
    /// Each request with its answer.
    pub interactions: Vec<Interaction>,
}

/// A request with its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interaction {
    /// The operation, such as `cos:GetObject`.
    pub operation: String,
    /// The request.
    pub request: RecordedRequest,
    /// The answer.
    pub answer: RecordedAnswer,
}

/// A request as a cassette keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The host that was asked.
    pub host: String,
    /// Path and query string, without a signature.
    pub target: String,
    /// Headers that say what is asked for, as `name: value`, sorted. Those of the connection, of
    /// the signature and of this SDK are left out.
    pub headers: Vec<String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Content::is_empty")]
    pub(super) body: Content,
}

/// An answer as a cassette keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedAnswer {
    /// The status.
    pub status: u16,
    /// Headers, as `name: value`.
    pub headers: Vec<String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Content::is_empty")]
    pub(super) body: Content,
}

/// A body: text where it is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Content {
    Text(String),
    Base64(String),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Content {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    fn bytes(&self) -> Result<Bytes, TransportError> {
        match self {
            Self::Text(text) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            Self::Base64(text) => STANDARD.decode(text).map(Bytes::from).map_err(|error| {
                TransportError::unsent(format!("a body of the cassette: {error}"))
            }),
        }
    }
}

impl Cassette {
    /// An empty cassette.
    pub const fn new() -> Self {
        Self {
            version: VERSION,
            interactions: Vec::new(),
        }
    }

    /// A cassette from the text of its file.
    ///
    /// # Errors
    /// The text is not a cassette, or one of another version.
    pub fn from_json(text: &str) -> Result<Self, CassetteError> {
        let cassette: Self = serde_json::from_str(text)
            .map_err(|error| CassetteError::new(format!("it is not a cassette: {error}")))?;
        if cassette.version != VERSION {
            return Err(CassetteError::new(format!(
                "it is of version {}, and this is version {VERSION}; record it again",
                cassette.version
            )));
        }
        Ok(cassette)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, CassetteError> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| CassetteError::new(error.to_string()))?;
        text.push('\n');
        Ok(text)
    }

    /// Reads the cassette at `path`.
    ///
    /// # Errors
    /// The file cannot be read or is not a cassette.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CassetteError> {
        let path = path.as_ref();
        fs::read_to_string(path)
            .map_err(|error| CassetteError::new(error.to_string()))
            .and_then(|text| Self::from_json(&text))
            .map_err(|error| error.at(path))
    }

    /// Writes the cassette to `path`, as a whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CassetteError> {
        let path = path.as_ref();
        let text = self.to_json()?;
        let part = path.with_extension("part");
        fs::File::create(&part)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&part, path))
            .map_err(|error| CassetteError::new(error.to_string()).at(path))
    }
}

impl Default for Cassette {
    fn default() -> Self {
        Self::new()
    }
}

impl RecordedRequest {
    /// `received` without its secrets.
    pub(super) fn of(received: &Received) -> Self {
        let mut target = received.uri.path().to_owned();
        let query = strike::query(received.uri.query().unwrap_or_default(), received.operation);
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        let host = received
            .headers
            .get(http::header::HOST)
            .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
        Self {
            method: received.method.to_string(),
            host: host.unwrap_or_default(),
            target,
            headers: strike::request_headers(&received.headers, received.operation),
            // In what is compressed no secret is found.
            body: Content::of(&strike::request_body(
                &received.document(),
                received.operation,
            )),
        }
    }

    /// The first part in which `self`, which was recorded, and `other`, which was sent, differ.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let differ = |what: &str, recorded: &str, sent: &str| {
            (recorded != sent)
                .then(|| format!("its {what} is {sent:?}, and {recorded:?} was recorded"))
        };
        differ("method", &self.method, &other.method)
            .or_else(|| differ("host", &self.host, &other.host))
            .or_else(|| differ("target", &self.target, &other.target))
            .or_else(|| {
                differ(
                    "header",
                    &self.headers.join("; "),
                    &other.headers.join("; "),
                )
            })
            .or_else(|| (self.body != other.body).then(|| "its body is another one".to_owned()))
    }

    /// Whether both ask for the same, whatever their headers and bodies.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.method == other.method && self.target == other.target
    }
}

impl RecordedAnswer {
    /// An answer without its secrets.
    pub(super) fn of(status: u16, headers: &HeaderMap, body: &[u8], received: &Received) -> Self {
        Self {
            status,
            headers: strike::answer_headers(headers, received.operation),
            body: Content::of(&strike::answer_body(status, body, received.operation)),
        }
    }

    /// The answer once more.
    pub(super) fn to_response(&self) -> Result<Response<Body>, TransportError> {
        let mut builder = Response::builder().status(self.status);
        for line in &self.headers {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            builder = builder.header(name, value);
        }
        builder
            .body(Body::from(self.body.bytes()?))
            .map_err(|error| TransportError::unsent(format!("an answer of the cassette: {error}")))
    }
}

/// Why a cassette cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CassetteError {
    path: Option<PathBuf>,
    message: String,
}

impl CassetteError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            path: None,
            message: message.into(),
        }
    }

    fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }
}

impl fmt::Display for CassetteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "the cassette {}: {}", path.display(), self.message),
            None => write!(f, "the cassette: {}", self.message),
        }
    }
}

impl std::error::Error for CassetteError {}

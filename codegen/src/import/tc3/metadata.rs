//! `api.json`: a service's actions and objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::error::Error;

/// The metadata of a version of a service.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// The operations.
    pub(super) actions: BTreeMap<String, Action>,
    /// Requests, responses and the structures in them.
    pub(super) objects: BTreeMap<String, Object>,
    #[serde(rename = "metadata")]
    header: Header,
}

#[derive(Debug, Deserialize)]
struct Header {
    #[serde(rename = "serviceShortName")]
    service: String,
    #[serde(rename = "apiVersion")]
    version: String,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(super) struct Action {
    /// The object that is sent.
    pub(super) input: String,
    /// The object that comes back.
    pub(super) output: String,
    /// `online`, or what else has become of it.
    #[serde(default)]
    pub(super) status: Option<String>,
    /// It is called without a signature.
    #[serde(default)]
    pub(super) skip_sign: bool,
}

/// A structure.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    /// Its members, in the order of the document.
    pub(super) members: Vec<Member>,
}

/// A member of a structure.
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) name: String,
    /// `string`, `int`, `float`, `bool`, `binary`, `object` or `list`.
    #[serde(rename = "type")]
    pub(super) shape: String,
    /// The kind of text or number, or the name of the object; of a list that of its items.
    #[serde(rename = "member")]
    pub(super) of: String,
    #[serde(default, deserialize_with = "truth")]
    pub(super) required: bool,
    /// Whether every answer has it; only members that answers can hold say so.
    #[serde(default)]
    pub(super) output_required: Option<bool>,
    #[serde(default)]
    pub(super) disabled: bool,
    /// An answer may hold `null` for it.
    #[serde(default, rename = "value_allowed_null")]
    pub(super) nullable: bool,
    /// What the document says of it. Nothing of the text is taken over.
    #[serde(default)]
    document: String,
}

impl Object {
    /// Whether the response may come as a stream of events: then the document of the request's id
    /// says that the id is in a header, since the interface is one of streaming responses.
    pub(super) fn is_streamed(&self) -> bool {
        let id = self.members.iter().find(|it| it.name == "RequestId");
        id.is_some_and(|id| id.document.contains(STREAMED))
    }
}

impl Member {
    /// Whether the service knows a request again by this text: its document says that it makes the
    /// request idempotent, and not that it is reserved, as it is where nothing comes of it yet. A
    /// text by which a request is merely refused the second time says neither.
    pub(super) fn is_idempotency_token(&self) -> bool {
        let says = |words: &[&str]| {
            let text = self.document.to_lowercase();
            words.iter().any(|word| text.contains(word))
        };
        self.shape == "string"
            && self.name.contains("Token")
            && !self.required
            && !self.disabled
            && says(&IDEMPOTENT)
            && !says(&RESERVED)
    }
}

/// What the official metadata calls an interface of streaming responses.
const STREAMED: &str = "\u{6d41}\u{5f0f}\u{54cd}\u{5e94}\u{63a5}\u{53e3}";

/// What it says of a text that makes a request idempotent, in both of its languages.
const IDEMPOTENT: [&str; 2] = ["\u{5e42}\u{7b49}", "idempoten"];

/// What it says of a parameter that is reserved.
const RESERVED: [&str; 2] = ["\u{4fdd}\u{7559}", "reserved"];

/// A truth value, which some services write as a number.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Word(bool),
        Number(u8),
    }
    Ok(match Truth::deserialize(deserializer)? {
        Truth::Word(truth) => truth,
        Truth::Number(number) => number != 0,
    })
}

impl Metadata {
    /// Reads `api.json`.
    ///
    /// # Errors
    ///
    /// Text that is not such metadata.
    pub fn parse(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(
                "api.json",
                format!("this is not metadata of API 3.0: {error}"),
            )
        })
    }

    /// The service's short name.
    pub fn service(&self) -> &str {
        &self.header.service
    }

    /// The version, `YYYY-MM-DD`.
    pub fn version(&self) -> &str {
        &self.header.version
    }
}

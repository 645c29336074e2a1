//! Services of API 3.0 that are not run: their requests are routed and checked by the official tables,
//! and their answers are the examples of the documents, or made up to the tables' shape.
//!
//! An answer says which of the two it is by the header `X-Tcloud-Mock`.

mod made;
mod page;
#[cfg(feature = "mock")]
mod read;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::codec::{CodecError, Document, json};
use tcloud_core::operation::{Catalog, Operation, Protocol};
use tcloud_core::server::{Context, Fault, Incoming, Outgoing};

use self::made::{Asked, Maker};

/// Says that an answer is made up, and how.
const HEADER: HeaderName = HeaderName::from_static("x-tcloud-mock");

/// A service of API 3.0 that is mocked: see [`Settings::mock`](crate::Settings::mock).
#[derive(Clone)]
pub struct MockService {
    catalog: &'static Catalog,
    /// The answers of the documents' examples, by the name of the action.
    examples: Arc<BTreeMap<String, Value>>,
    seed: u64,
}

impl MockService {
    /// The same service, whose ids and words are those of `seed`; without it they are those of 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Its operations, and what it is.
    pub fn catalog(&self) -> &'static Catalog {
        self.catalog
    }

    /// Whether `operation` is answered by an example of its document, and not by what is made up.
    pub fn has_example(&self, operation: &Operation) -> bool {
        self.examples.contains_key(operation.name)
    }

    /// Whether it is the service of `operation`, in the same version.
    pub(crate) fn knows(&self, operation: &Operation) -> bool {
        let (own, asked) = (self.catalog.service, operation.service);
        own.name == asked.name
            && own.version == asked.version
            && self.catalog.operation(operation.name).is_some()
    }

    /// Checks a request by its table, and answers it.
    ///
    /// # Errors
    ///
    /// The request violates its table, or asks for events.
    pub(crate) fn answer(&self, context: &Context, incoming: Incoming) -> Result<Outgoing, Fault> {
        let operation = incoming.operation;
        let sent = incoming.body.as_bytes().map(serde_json::from_slice);
        // What is no JSON is refused below.
        let sent: Value = sent.and_then(Result::ok).unwrap_or_default();
        incoming.decode_into(&mut Document::new(operation.request))?;
        refuse_events(operation, &sent)?;
        let (mut answer, how) = match self.examples.get(operation.name) {
            Some(example) => (example.clone(), "example"),
            None => (self.made(operation, &sent, &context.region), "generated"),
        };
        if let Some(paging) = operation.paging {
            page::cut(&mut answer, paging, &sent)?;
        }
        if let Some(members) = answer.as_object_mut() {
            let id = context.request_id.clone();
            members.insert("RequestId".to_owned(), Value::String(id));
        }
        let internal = |error: CodecError| Fault::internal(Protocol::Tc3, error.to_string());
        let mut output = Document::new(operation.response);
        json::decode(&answer.to_string(), "", &mut output).map_err(internal)?;
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_static(how))]);
        Outgoing::write(
            operation,
            &mut output,
            Body::empty(),
            StatusCode::OK,
            headers,
        )
    }

    fn made(&self, operation: &Operation, sent: &Value, region: &str) -> Value {
        let maker = Maker {
            service: self.catalog.service.name,
            seed: self.seed,
            region,
            asked: Asked::of(sent),
            list: operation.paging.map(|paging| paging.items),
        };
        maker.answer(operation.response)
    }
}

impl fmt::Debug for MockService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.catalog.service;
        write!(f, "MockService({}@{})", service.name, service.version)
    }
}

/// A client that waits for events would wait for a stream that never comes.
fn refuse_events(operation: &Operation, sent: &Value) -> Result<(), Fault> {
    let Some(events) = operation.events else {
        return Ok(());
    };
    let asked = sent.get(events.asked_by).and_then(Value::as_bool);
    if !events.asked_by.is_empty() && asked != Some(true) {
        return Ok(());
    }
    let mut message = format!(
        "{} answers with events, which a mocked service does not send",
        operation.name
    );
    if !events.asked_by.is_empty() {
        message.push_str("; send ");
        message.push_str(events.asked_by);
        message.push_str(" as false");
    }
    Err(Fault::new(StatusCode::OK, "UnsupportedOperation", message))
}

#[cfg(test)]
#[cfg(feature = "mock")]
mod tests;

//! Messages with checksums as a server sends them: rows that it has selected, and what it says of its
//! work meanwhile.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::call::{Message, Statistics};
use crate::codec::message::encode;

const EVENT: (&str, &str) = (":message-type", "event");

/// The bytes of `message`.
pub fn message(message: &Message) -> Bytes {
    let event = |name, content: Option<&str>, payload: &[u8]| {
        let mut headers = vec![EVENT, (":event-type", name)];
        headers.extend(content.map(|content| (":content-type", content)));
        encode(&headers, payload)
    };
    let figures = |name, statistics: &Statistics| {
        let document = document(name, statistics);
        event(name, Some("text/xml"), document.as_bytes())
    };
    match message {
        Message::Records(records) => event("Records", Some("application/octet-stream"), records),
        Message::Continuation => event("Cont", None, b""),
        Message::Progress(statistics) => figures("Progress", statistics),
        Message::Stats(statistics) => figures("Stats", statistics),
        Message::End => event("End", None, b""),
        Message::Unknown { name, payload } => event(name, None, payload),
    }
}

/// The bytes of the message that says why there is no other one.
pub fn error_message(code: &str, text: &str) -> Bytes {
    let headers = [
        (":error-code", code),
        (":error-message", text),
        (":message-type", "error"),
    ];
    encode(&headers, b"")
}

/// The document of `statistics`.
fn document(root: &str, statistics: &Statistics) -> String {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}>");
    for (name, number) in [
        ("BytesScanned", statistics.bytes_scanned),
        ("BytesProcessed", statistics.bytes_processed),
        ("BytesReturned", statistics.bytes_returned),
    ] {
        if let Some(number) = number {
            // Writing to a String cannot fail.
            let _ = write!(text, "<{name}>{number}</{name}>");
        }
    }
    text + "</" + root + ">"
}

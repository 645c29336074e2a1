//! Documents in XML and JSON: what is decoded survives being encoded and decoded again.
//!
//! The first line of an input names the operation and the side whose table reads the rest, such as
//! `CreateImageInspectJob request`.

use std::sync::LazyLock;

use tcloud_core::codec::{CodecError, xml as codec};
use tcloud_core::operation::BodyFormat;

use super::Target;
use super::random::addressed;
use crate::Failure;
use crate::samples::{Message, Side, of_seeds, of_specs};

/// Pieces that readers of XML and JSON stumble over.
const PIECES: &[&[u8]] = &[
    b"<",
    b">",
    b"</",
    b"/>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version=\"1.0\"?>",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&",
    b"&a;",
    b"&#0;",
    b"&#13;",
    b"&#x10FFFF;",
    b"&lt;",
    b" a=\"1\"",
    b" a=\"&#10;\"",
    b" xmlns=\"u\"",
    b"<a:b c:d='e'/>",
    b"<x><x><x><x><x><x><x><x><x><x>",
    b"</x></x></x></x></x></x></x></x>",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[",
    b":",
    b",",
    b"\"",
    b"\"\":",
    b"\"x\":null,",
    b"null",
    b"true",
    b"\"true\"",
    b"-0",
    b"1e400",
    b"18446744073709551615",
    b"9223372036854775808",
    b"0.1",
    b"\\u0000",
    b"\\ud800",
    b"\0",
    "\u{feff}".as_bytes(),
    b"\r\n",
    "\u{1F600}\u{202E}".as_bytes(),
];

pub(super) const XML: Target = Target {
    name: "xml",
    entry: xml,
    seeds: || Ok(seeds(is_xml)),
    pieces: PIECES,
    addressed: true,
    accepted: 10..=99,
};

pub(super) const JSON: Target = Target {
    name: "json",
    entry: json,
    seeds: || Ok(seeds(is_json)),
    pieces: PIECES,
    addressed: true,
    accepted: 10..=99,
};

static MESSAGES: LazyLock<Vec<Message>> =
    LazyLock::new(|| messages().expect("the samples can be read"));

fn messages() -> Result<Vec<Message>, Failure> {
    let samples = [of_specs()?, of_seeds()?].into_iter().flatten();
    Ok(samples.flat_map(|sample| sample.messages).collect())
}

fn is_xml(format: BodyFormat) -> bool {
    matches!(format, BodyFormat::Xml(_))
}

fn is_json(format: BodyFormat) -> bool {
    format == BodyFormat::Json
}

fn seeds(wanted: fn(BodyFormat) -> bool) -> Vec<Vec<u8>> {
    let messages = MESSAGES.iter();
    messages
        .filter(|message| wanted(message.format()))
        .map(|message| {
            let (name, side) = (message.operation.name, word(message.side));
            format!("{name} {side}\n{}", message.text).into_bytes()
        })
        .collect()
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "response",
    }
}

/// Reads an XML document by the table that its first line names.
pub fn xml(input: &[u8]) -> bool {
    document(input, is_xml)
}

/// Reads a JSON document by the table that its first line names.
pub fn json(input: &[u8]) -> bool {
    document(input, is_json)
}

fn document(input: &[u8], wanted: fn(BodyFormat) -> bool) -> bool {
    let (head, text) = addressed(input);
    let Some((name, side)) = std::str::from_utf8(head)
        .ok()
        .and_then(|head| head.trim_end().split_once(' '))
    else {
        return false;
    };
    let mut messages = MESSAGES.iter().filter(|message| wanted(message.format()));
    messages
        .find(|message| message.operation.name == name && word(message.side) == side)
        .is_some_and(|message| round_trip(message, &String::from_utf8_lossy(text)))
}

/// Decodes `text`, and if that goes well, encodes and decodes it again. Returns whether it went
/// well.
fn round_trip(message: &Message, text: &str) -> bool {
    if is_xml(message.format()) {
        let _ = codec::decode_any(text);
    }
    let Ok((document, _)) = message.decode(text) else {
        return false;
    };
    let again = match message.encode(&document) {
        Ok(again) => again,
        Err(error) => {
            assert_unprintable(message, &error);
            return true;
        }
    };
    let (same, _) = message
        .decode(&again)
        .unwrap_or_else(|error| panic!("what was encoded is refused: {error}\n{again}"));
    assert!(
        same == document,
        "lost on the way\n{text}\n{document:#?}\n{again}\n{same:#?}"
    );
    true
}

/// XML cannot carry all that its readers let through; nothing else may be refused.
fn assert_unprintable(message: &Message, error: &CodecError) {
    let known = ["XML cannot carry", "cannot be the name"];
    assert!(
        is_xml(message.format()) && known.iter().any(|known| error.reason().contains(known)),
        "what was decoded is not encoded: {error}"
    );
}

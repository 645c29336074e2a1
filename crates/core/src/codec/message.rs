//! Messages out of bytes, as they come, and into bytes: each has a length, headers, a payload and
//! checksums.
//!
//! ```text
//! length (4) · length of the headers (4) · CRC-32 of both (4)
//! headers: length of the name (1) · name · type (1) · value
//! payload
//! CRC-32 of all before it (4)
//! ```
//!
//! Numbers begin with their highest byte.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, checksum};

use super::error::CodecError;

#[cfg(test)]
mod tests;

/// The lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum of a message.
const CHECKSUM: usize = 4;
/// Most bytes of a message. A record of a service's answer has 1 MiB at most.
const LIMIT: usize = 16 * 1024 * 1024;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The headers that are texts, in their order.
    headers: Vec<(String, String)>,
    pub(crate) payload: Bytes,
}

impl Message {
    /// The text of the header `name`; empty without it.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        headers
            .find_map(|(own, value)| (own == name).then_some(value.as_str()))
            .unwrap_or_default()
    }
}

/// Reads a stream of messages. It is fed with chunks, which may end anywhere, and keeps no more than
/// one message and a chunk.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    buffer: BytesMut,
    /// How long the message is that has begun, and its headers.
    begun: Option<(usize, usize)>,
}

impl Parser {
    /// Takes a chunk. The messages in it are to be read before the next one.
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Whether nothing is left of a message that has begun.
    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next message that is complete.
    ///
    /// # Errors
    /// A checksum is wrong, or what has come is no message, or one that is too long.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, CodecError> {
        let (length, headers) = match self.begun {
            Some(begun) => begun,
            None => match self.buffer.get(..PRELUDE) {
                Some(prelude) => *self.begun.insert(lengths(prelude)?),
                None => return Ok(None),
            },
        };
        if self.buffer.len() < length {
            return Ok(None);
        }
        self.begun = None;
        let mut message = self.buffer.split_to(length).freeze();
        let mut sum = message.split_off(length.saturating_sub(CHECKSUM));
        if checksum_of(&message) != sum.get_u32() {
            return Err(refuse("a message has another checksum than it says"));
        }
        message.advance(PRELUDE);
        let payload = message.split_off(headers);
        Ok(Some(Message {
            headers: read_headers(message)?,
            payload,
        }))
    }
}

/// The bytes of a message with these headers, all of them texts. A name is cut at 255 bytes, a text at
/// 65,535, since no longer ones can be written.
pub(crate) fn encode(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut written = BytesMut::new();
    for (name, text) in headers {
        let name = cut(name, usize::from(u8::MAX));
        let text = cut(text, usize::from(u16::MAX));
        written.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        written.put_slice(name.as_bytes());
        written.put_u8(TEXT);
        written.put_u16(u16::try_from(text.len()).unwrap_or(u16::MAX));
        written.put_slice(text.as_bytes());
    }
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let length = PRELUDE + written.len() + payload.len() + CHECKSUM;
    let mut message = BytesMut::with_capacity(length);
    message.put_u32(number(length));
    message.put_u32(number(written.len()));
    message.put_u32(checksum_of(&message));
    message.put_slice(&written);
    message.put_slice(payload);
    message.put_u32(checksum_of(&message));
    message.freeze()
}

/// As much of `text` as `limit` bytes hold.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The length of a message and of its headers.
fn lengths(mut prelude: &[u8]) -> Result<(usize, usize), CodecError> {
    let expected = checksum_of(prelude.get(..8).unwrap_or_default());
    let length = usize::try_from(prelude.get_u32()).unwrap_or(usize::MAX);
    let headers = usize::try_from(prelude.get_u32()).unwrap_or(usize::MAX);
    if expected != prelude.get_u32() {
        return Err(refuse(
            "the beginning of a message has another checksum than it says",
        ));
    }
    if length > LIMIT {
        return Err(refuse(format!("a message has more than {LIMIT} bytes")));
    }
    let rest = length.checked_sub(PRELUDE + CHECKSUM);
    if rest.is_none_or(|rest| headers > rest) {
        return Err(refuse("a message is shorter than its headers"));
    }
    Ok((length, headers))
}

fn read_headers(mut bytes: Bytes) -> Result<Vec<(String, String)>, CodecError> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name = taken(&mut bytes, 1).map(|mut it| usize::from(it.get_u8()));
        let name = name.and_then(|length| taken(&mut bytes, length));
        let kind = taken(&mut bytes, 1).map(|mut it| it.get_u8());
        let (Some(name), Some(kind)) = (name, kind) else {
            return Err(refuse("the headers of a message end within one"));
        };
        let length = match kind {
            // Truth values, which are types of their own.
            0 | 1 => Some(0),
            2 => Some(1),
            3 => Some(2),
            4 => Some(4),
            5 | 8 => Some(8),
            9 => Some(16),
            6 | TEXT => taken(&mut bytes, 2).map(|mut it| usize::from(it.get_u16())),
            _ => {
                return Err(refuse(format!(
                    "a header of a message has the unknown type {kind}"
                )));
            }
        };
        let value = length.and_then(|length| taken(&mut bytes, length));
        let Some(value) = value else {
            return Err(refuse("the headers of a message end within one"));
        };
        if kind == TEXT {
            let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
            headers.push((text(&name), text(&value)));
        }
    }
    Ok(headers)
}

/// The type of a header that is a text.
const TEXT: u8 = 7;

/// The next `length` bytes.
fn taken(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

fn checksum_of(bytes: &[u8]) -> u32 {
    // The algorithm has 32 bits, whatever the type.
    u32::try_from(checksum(CrcAlgorithm::Crc32IsoHdlc, bytes)).unwrap_or_default()
}

fn refuse(reason: impl Into<String>) -> CodecError {
    CodecError::new(String::new(), reason.into())
}

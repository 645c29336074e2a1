//! What has gone out of a body in one attempt.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::content::Body;
use super::crc64::Crc64;
use super::watch::Watch;

/// What has gone out of a body in one attempt: how much, its checksum, and why it broke off.
///
/// The transport reads the body, so this is how the call gets to know.
#[derive(Clone)]
pub(crate) struct Sent(Arc<Mutex<Record>>);

struct Record {
    bytes: u64,
    crc64: Option<Crc64>,
    failure: Option<String>,
}

impl Sent {
    /// Nothing yet; with a checksum of what is to come if `sums`.
    pub(crate) fn new(sums: bool) -> Self {
        Self(Arc::new(Mutex::new(Record {
            bytes: 0,
            crc64: sums.then(Crc64::new),
            failure: None,
        })))
    }

    /// `body`, to be sent once, with what goes out of it recorded here.
    pub(crate) fn watch(&self, body: Body) -> Body {
        // There is nothing to look at, and nothing that could fail.
        if body.length() == Some(0) {
            return body;
        }
        let announced = body.length();
        body.watched(Recorder {
            announced,
            sent: self.clone(),
        })
    }

    /// How many bytes went out, and their CRC-64/XZ if it was to be computed.
    pub(crate) fn crc64(&self) -> (u64, Option<u64>) {
        let record = self.record();
        (record.bytes, record.crc64.as_ref().map(Crc64::value))
    }

    /// Why the body broke off, if it did by itself.
    pub(crate) fn failure(&self) -> Option<String> {
        self.record().failure.clone()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sent({} bytes)", self.record().bytes)
    }
}

struct Recorder {
    announced: Option<u64>,
    sent: Sent,
}

impl Watch for Recorder {
    fn chunk(&mut self, chunk: &Bytes) -> io::Result<()> {
        let mut record = self.sent.record();
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        record.bytes = record.bytes.saturating_add(length);
        // A transport would cut off the rest, and nobody would know.
        if let Some(announced) = self.announced
            && record.bytes > announced
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it has more than the {announced} bytes that it announces"),
            ));
        }
        if let Some(crc64) = &mut record.crc64 {
            crc64.update(chunk);
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let bytes = self.sent.record().bytes;
        match self.announced {
            Some(announced) if bytes < announced => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("it ends after {bytes} of the {announced} bytes that it announces"),
            )),
            _ => Ok(()),
        }
    }

    fn failed(&mut self, error: &io::Error) {
        self.sent.record().failure = Some(error.to_string());
    }
}

//! The last requests with their verdicts.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use serde::{Serialize, Serializer};
use tcloud_core::time::format_iso_utc;

use super::signature::Verdict;
use crate::faults::Struck;
use crate::recorded::Arrived;

/// How many requests are remembered.
const CAPACITY: usize = 500;
/// The longest text of an entry, in bytes.
const TEXT_LIMIT: usize = 4096;

/// A request that was answered. It holds no query, header or body, where secrets may be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// When it came, by the clock of the local cloud.
    pub(crate) time: String,
    pub(crate) request_id: String,
    pub(crate) method: String,
    /// The host name as sent.
    pub(crate) host: String,
    /// The path as sent.
    pub(crate) path: String,
    /// The operation that was recognised, such as `cos.PutObject`; nothing if none was.
    pub(crate) operation: Option<String>,
    /// HTTP status of the answer.
    pub(crate) status: u16,
    /// Code of the error, if it was one.
    pub(crate) code: Option<String>,
    /// The error in words.
    pub(crate) message: Option<String>,
    /// The result of the check of the signature; nothing if there was none.
    pub(crate) signature: Option<Verdict>,
    /// The rules for faults that it met, of which the log shows the numbers.
    #[serde(
        rename = "faults",
        serialize_with = "numbers",
        skip_serializing_if = "met_none"
    )]
    pub(crate) struck: Struck,
    /// How long it took until the answer began, in milliseconds.
    pub(crate) duration_ms: f64,
    /// What arrived, if requests are recorded.
    #[serde(skip)]
    pub(super) arrived: Option<Arrived>,
}

fn numbers<S: Serializer>(struck: &Struck, serializer: S) -> Result<S::Ok, S::Error> {
    struck.ids.serialize(serializer)
}

fn met_none(struck: &Struck) -> bool {
    struck.ids.is_empty()
}

impl Entry {
    /// A request that came at `unix_seconds`.
    pub(crate) fn new(unix_seconds: i64, request_id: &str, method: &Method) -> Self {
        Self {
            time: format_iso_utc(unix_seconds),
            request_id: request_id.to_owned(),
            method: method.to_string(),
            host: String::new(),
            path: String::new(),
            operation: None,
            status: 0,
            code: None,
            message: None,
            signature: None,
            struck: Struck::default(),
            duration_ms: 0.0,
            arrived: None,
        }
    }

    /// Cuts texts that only an attack makes this long, so that the log stays small.
    fn shorten(&mut self) {
        let cut = |text: &mut String| {
            let end = text.floor_char_boundary(TEXT_LIMIT);
            if end < text.len() {
                text.truncate(end);
                text.push('…');
            }
        };
        cut(&mut self.method);
        cut(&mut self.host);
        cut(&mut self.path);
        if let Some(message) = &mut self.message {
            cut(message);
        }
        if let Some(verdict) = &mut self.signature {
            verdict.texts().into_iter().for_each(cut);
        }
    }

    /// Notes how long it took, to the microsecond.
    pub(crate) fn took(&mut self, duration: Duration) {
        self.duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3;
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<VecDeque<Entry>>);

impl Log {
    /// Remembers `entry` and forgets the oldest one if there are too many.
    pub(crate) fn push(&self, mut entry: Entry) {
        entry.shorten();
        let mut entries = self.lock();
        if entries.len() >= CAPACITY {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// The last `limit` requests, newest first.
    pub(super) fn last(&self, limit: usize) -> Vec<Entry> {
        self.lock().iter().rev().take(limit).cloned().collect()
    }

    /// Forgets all requests.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        // A push leaves the list whole whatever happens.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{CAPACITY, Entry, Log};

    #[test]
    fn the_oldest_are_forgotten() {
        let requests = Log::default();
        for n in 0..CAPACITY + 2 {
            requests.push(Entry::new(0, &n.to_string(), &Method::GET));
        }
        let ids: Vec<_> = requests
            .last(usize::MAX)
            .into_iter()
            .map(|entry| entry.request_id)
            .collect();
        assert_eq!(ids.len(), CAPACITY);
        assert_eq!(ids.first().unwrap(), &(CAPACITY + 1).to_string());
        assert_eq!(ids.last().unwrap(), "2");
        assert_eq!(requests.last(1).len(), 1);
    }
}

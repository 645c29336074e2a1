//! The last requests with their verdicts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use serde::{Serialize, Serializer};
use tcloud_core::time::format_iso_utc;
use tokio::sync::watch;

use super::seen::Seen;
use super::signature::Verdict;
use crate::faults::Struck;
use crate::recorded::Arrived;

/// How many requests are remembered.
const CAPACITY: usize = 500;
/// The longest text of an entry, in bytes.
const TEXT_LIMIT: usize = 4096;

/// A request that was answered. What is written of it holds no query, header or body.
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
    /// What it carried, without its secrets, for the console.
    #[serde(skip)]
    pub(super) seen: Option<Arc<Seen>>,
    /// What there is to know of it if accesses to its bucket are logged.
    #[serde(skip)]
    pub(super) logged: Option<Logged>,
    /// Whether the console asks, for the owner of the account.
    #[serde(skip)]
    pub(super) as_owner: bool,
}

/// An access to a bucket whose accesses are logged.
#[derive(Debug, Clone)]
pub(super) struct Logged {
    pub(super) bucket: String,
    pub(super) region: String,
    /// The number of who asks.
    pub(super) requester: String,
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
            seen: None,
            logged: None,
            as_owner: false,
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

/// The last requests. Cloning gives another handle to the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Kept>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Entry>,
    end: Position,
}

/// How much of the log somebody has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// How often all was forgotten.
    cleared: u64,
    /// How many requests there were.
    pushed: u64,
}

/// What has come since.
#[derive(Debug)]
pub(super) struct News {
    /// Whether all that came before was forgotten.
    pub(super) cleared: bool,
    /// The requests, oldest first.
    pub(super) entries: Vec<Entry>,
    /// Where they end.
    pub(super) end: Position,
}

impl Log {
    /// Remembers `entry` and forgets the oldest one if there are too many.
    pub(crate) fn push(&self, mut entry: Entry) {
        entry.shorten();
        {
            let mut kept = self.lock();
            if kept.entries.len() >= CAPACITY {
                kept.entries.pop_front();
            }
            kept.entries.push_back(entry);
            kept.end.pushed = kept.end.pushed.wrapping_add(1);
        }
        self.0.changes.send_replace(());
    }

    /// The last `limit` requests, newest first.
    pub(super) fn last(&self, limit: usize) -> Vec<Entry> {
        let kept = self.lock();
        kept.entries.iter().rev().take(limit).cloned().collect()
    }

    /// The request with the id `id`, if it is still there.
    pub(super) fn find(&self, id: &str) -> Option<Entry> {
        let kept = self.lock();
        let mut entries = kept.entries.iter().rev();
        entries.find(|entry| entry.request_id == id).cloned()
    }

    /// Forgets all requests.
    pub(super) fn clear(&self) {
        {
            let mut kept = self.lock();
            kept.entries.clear();
            kept.end.cleared = kept.end.cleared.wrapping_add(1);
        }
        self.0.changes.send_replace(());
    }

    /// Where it ends for now.
    pub(super) fn position(&self) -> Position {
        self.lock().end
    }

    /// Tells when there is more, or less.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// What has come since `position`, as far as it is still there.
    pub(super) fn since(&self, position: Position) -> News {
        let kept = self.lock();
        let cleared = kept.end.cleared != position.cleared;
        let count = kept.end.pushed.wrapping_sub(position.pushed);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let skipped = kept.entries.len().saturating_sub(count);
        News {
            cleared,
            entries: kept.entries.iter().skip(skipped).cloned().collect(),
            end: kept.end,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A push leaves the list whole whatever happens.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{CAPACITY, Entry, Log, News};

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

    #[test]
    fn what_has_come_since_is_told_once() {
        let requests = Log::default();
        let push = |id: &str| requests.push(Entry::new(0, id, &Method::GET));
        let ids = |news: &News| {
            let entries = news.entries.iter();
            entries.map(|it| it.request_id.clone()).collect::<Vec<_>>()
        };
        push("a");
        let start = requests.position();
        push("b");
        push("c");
        let news = requests.since(start);
        assert_eq!(
            (ids(&news), news.cleared),
            (vec!["b".into(), "c".into()], false)
        );
        assert!(requests.since(news.end).entries.is_empty());
        requests.clear();
        push("d");
        let news = requests.since(news.end);
        assert_eq!((ids(&news), news.cleared), (vec!["d".into()], true));
        assert!(requests.find("a").is_none());
        assert!(requests.find("d").is_some());
    }
}

//! Accesses to buckets that are logged, until they are delivered.
//!
//! They are kept by the process that answered, and bounded: like those of the service, logs are
//! delivered as well as can be, and an access that nobody delivered before a crash is lost.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tcloud_core::sign::encode;
use tcloud_core::time::format_iso_utc;

/// How much is kept of all buckets together, in bytes.
const MOST: usize = 32 * 1024 * 1024;

/// An access, as far as its line says. Empty texts are shown as `-`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) region: &'a str,
    /// When it was answered, in Unix seconds.
    pub(crate) at: i64,
    /// The host that was asked.
    pub(crate) host: &'a str,
    /// The operation, such as `PutObject`.
    pub(crate) operation: &'a str,
    pub(crate) address: String,
    pub(crate) secret_id: &'a str,
    /// How many bytes the client sent.
    pub(crate) sent: &'a str,
    pub(crate) path: &'a str,
    /// What follows the path.
    pub(crate) query: &'a str,
    pub(crate) method: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) referer: &'a str,
    pub(crate) status: u16,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    /// How many bytes were answered.
    pub(crate) answered: &'a str,
    /// How long it took until the answer began, in milliseconds.
    pub(crate) took: u128,
    pub(crate) storage_class: &'a str,
    /// The number of the root account.
    pub(crate) owner: &'a str,
    /// The number of who asked.
    pub(crate) requester: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) version: &'a str,
}

impl Access<'_> {
    /// Its line, in the fields and the order that the service documents.
    pub(crate) fn line(&self) -> String {
        let requester = match self.requester {
            "" => String::new(),
            requester => format!("{}:{requester}", self.owner),
        };
        let uri = match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        };
        let fields: [&str; 30] = [
            "1.0",
            self.bucket,
            self.region,
            &format_iso_utc(self.at),
            self.host,
            self.operation,
            &self.address,
            self.secret_id,
            // Reserved.
            "",
            self.sent,
            // By how much what is stored has grown: not known here.
            "",
            self.path,
            self.method,
            &encoded(self.user_agent),
            &self.status.to_string(),
            self.code,
            &encoded(self.message),
            self.answered,
            &self.took.to_string(),
            "USER",
            self.storage_class,
            self.owner,
            &self.took.to_string(),
            &requester,
            self.request_id,
            // The size of the object, and the class that it was moved to.
            "",
            self.version,
            "",
            &encoded(self.referer),
            &encoded(&uri),
        ];
        let mut line = String::new();
        for (index, field) in fields.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            let field: &str = if field.is_empty() { "-" } else { field };
            // Fields are separated by spaces, so that none has one.
            let is_whole = !field.contains(|sign: char| sign.is_whitespace());
            // Writing to a text never fails.
            let _ = if is_whole {
                write!(line, "{separator}{field}")
            } else {
                write!(line, "{separator}{}", encoded(field))
            };
        }
        line.push('\n');
        line
    }
}

fn encoded(text: &str) -> String {
    encode::component(text)
}

/// Lines that are not delivered yet.
#[derive(Debug, Default)]
pub(crate) struct AccessLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    buckets: BTreeMap<String, Lines>,
    size: usize,
}

/// Lines of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lines {
    /// When the first one was written, in Unix milliseconds.
    pub(crate) since: i64,
    pub(crate) text: String,
}

impl AccessLog {
    /// Keeps `line` of `bucket`, written at the time `now`, if there is room.
    pub(crate) fn push(&self, bucket: &str, line: &str, now: i64) {
        let mut kept = self.lock();
        if kept.size.saturating_add(line.len()) > MOST {
            tracing::warn!(
                bucket,
                "an access is not logged: too many are not delivered"
            );
            return;
        }
        kept.size += line.len();
        let lines = kept.buckets.entry(bucket.to_owned());
        let lines = lines.or_insert_with(|| Lines {
            since: now,
            text: String::new(),
        });
        lines.text.push_str(line);
    }

    /// Takes the lines of all buckets that have some since `before` or earlier.
    pub(crate) fn take(&self, before: i64) -> BTreeMap<String, Lines> {
        let mut kept = self.lock();
        let (due, rest) = mem::take(&mut kept.buckets)
            .into_iter()
            .partition(|(_, lines): &(String, Lines)| lines.since <= before);
        kept.buckets = rest;
        kept.size = kept.buckets.values().map(|lines| lines.text.len()).sum();
        due
    }

    /// Gives `lines` of `bucket` back, which could not be delivered.
    pub(crate) fn put_back(&self, bucket: &str, lines: &Lines) {
        self.push(bucket, &lines.text, lines.since);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // What is kept stays whole whatever happens.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, AccessLog, MOST};

    #[test]
    fn a_line_has_thirty_fields() {
        let access = Access {
            bucket: "album-1250000000",
            at: 1_543_662_153,
            path: "/folder/a b",
            user_agent: "a client/1.0",
            message: "there is no such key",
            owner: "100000000001",
            requester: "100000000002",
            ..Access::default()
        };
        let line = access.line();
        let fields: Vec<_> = line.trim_end().split(' ').collect();
        assert_eq!(fields.len(), 30, "{line}");
        assert_eq!(fields[0], "1.0");
        assert_eq!(fields[2], "-");
        assert_eq!(fields[3], "2018-12-01T11:02:33Z");
        assert_eq!(fields[13], "a%20client%2F1.0");
        assert_eq!(fields[23], "100000000001:100000000002");
        assert!(line.ends_with('\n'));
    }

    #[test]
    fn lines_are_taken_once_and_bounded() {
        let log = AccessLog::default();
        log.push("a", "1\n", 10);
        log.push("a", "2\n", 20);
        log.push("b", "3\n", 20);
        assert!(log.take(9).is_empty());
        let taken = log.take(10);
        assert_eq!(taken.len(), 1);
        assert_eq!(taken["a"].text, "1\n2\n");
        log.put_back("a", &taken["a"]);
        assert_eq!(log.take(20).len(), 2);
        assert!(log.take(i64::MAX).is_empty());
        log.push("a", &"x".repeat(MOST), 0);
        log.push("a", "more", 0);
        assert_eq!(log.take(0)["a"].text.len(), MOST);
        log.push("a", "again", 0);
        log.clear();
        assert!(log.take(i64::MAX).is_empty());
    }
}

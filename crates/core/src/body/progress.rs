//! How far a body has come.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::content::Body;
use super::watch::Watch;

/// What is called while a body moves: with the bytes that have moved so far, and those of the whole
/// body where that is known.
///
/// It is called with 0 when an attempt begins to send or receive, and then once a chunk. An attempt
/// that starts again starts at 0 again. Chunks of an upload count when the transport takes them,
/// those of a download when the caller does. It runs on the task that moves the body, so it should
/// be quick.
#[derive(Clone)]
pub struct OnProgress(Arc<dyn Fn(u64, Option<u64>) + Send + Sync>);

impl OnProgress {
    /// Calls `observer` with the bytes that have moved and, where it is known, their number in all.
    pub fn new(observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observer))
    }

    /// The same body, observed. An empty one never moves.
    pub(crate) fn observe(&self, body: Body) -> Body {
        if body.length() == Some(0) {
            return body;
        }
        let total = body.length();
        body.watched(Progress {
            observer: self.clone(),
            moved: 0,
            total,
        })
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}

struct Progress {
    observer: OnProgress,
    moved: u64,
    total: Option<u64>,
}

impl Watch for Progress {
    fn start(&mut self) {
        (self.observer.0)(0, self.total);
    }

    fn chunk(&mut self, chunk: &Bytes) -> io::Result<()> {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.moved = self.moved.saturating_add(length);
        (self.observer.0)(self.moved, self.total);
        Ok(())
    }
}

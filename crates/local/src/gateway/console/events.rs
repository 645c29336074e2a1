//! Requests as they come: server-sent events.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tcloud_core::body::Body;
use tokio::time::sleep;

use super::super::Gateway;

/// How often something is sent where there is nothing to say, so that who has left is noticed.
const BEAT: Duration = Duration::from_secs(15);

impl Gateway {
    /// An answer that goes on until the cloud ends or the browser leaves: `request` with a line of
    /// the log for each request that was answered, `cleared` when all were forgotten.
    pub(super) fn events(&self) -> Response<Body> {
        let log = self.log.clone();
        let shutdown = self.shutdown.clone();
        let since = log.position();
        let changes = log.changes();
        let pieces = stream::unfold(
            (log, changes, shutdown, since, true),
            async |(log, mut changes, shutdown, since, is_first)| {
                // Says that the events have begun, before there is any.
                if is_first {
                    let start = Bytes::from_static(b"retry: 1000\n\n");
                    return Some((Ok(start), (log, changes, shutdown, since, false)));
                }
                tokio::select! {
                    () = shutdown.cancelled() => return None,
                    more = changes.changed() => more.ok()?,
                    () = sleep(BEAT) => {}
                }
                let news = log.since(since);
                let mut text = String::new();
                if news.cleared {
                    text.push_str("event: cleared\ndata: {}\n\n");
                }
                for entry in news.entries {
                    if let Ok(json) = serde_json::to_string(&entry) {
                        // Writing to a `String` cannot fail.
                        let _ = write!(text, "event: request\ndata: {json}\n\n");
                    }
                }
                if text.is_empty() {
                    text.push_str(":\n\n");
                }
                Some((
                    Ok(Bytes::from(text)),
                    (log, changes, shutdown, news.end, false),
                ))
            },
        );
        let mut response = Response::new(Body::from_stream(pieces, None));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

//! What becomes of a request that met rules for faults.

use std::io;
use std::mem;
use std::time::Duration;

use futures_util::stream;
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use super::log::Entry;
use super::{Gateway, signature};
use crate::faults::{FaultKind, Met};

/// The header that names the rules.
const MARK: HeaderName = HeaderName::from_static("x-tcloud-fault");
/// The header with the checksum of an object.
const CHECKSUM: HeaderName = HeaderName::from_static("x-cos-hash-crc64ecma");

impl Gateway {
    /// Compares a request with the rules for faults, lets it wait, and notes in `entry` what is to
    /// be done to its answer.
    ///
    /// # Errors
    ///
    /// A rule refuses it.
    pub(super) async fn strike(
        &self,
        met: Met<'_>,
        protocol: Protocol,
        entry: &mut Entry,
    ) -> Result<(), Fault> {
        // Faults are for the program under test, and count its requests.
        if entry.as_owner {
            return Ok(());
        }
        let struck = self.faults.judge(met);
        let (latency, refusal) = (struck.latency, struck.refusal.clone());
        entry.struck = struck;
        if !latency.is_zero() {
            self.wait(latency).await;
        }
        match refusal {
            Some(refusal) => Err(refused(refusal, protocol)),
            None => Ok(()),
        }
    }

    /// Waits until `latency` has passed by the cloud's clock, whether it was waited for or the clock
    /// put ahead.
    async fn wait(&self, latency: Duration) {
        let store = &self.state.store;
        let mut changes = store.changes();
        let millis = i64::try_from(latency.as_millis()).unwrap_or(i64::MAX);
        let until = store.now().saturating_add(millis);
        let mut passed = self.settings().clock.sleep(latency);
        loop {
            tokio::select! {
                () = &mut passed => return,
                Ok(()) = changes.changed() => {
                    if store.now() >= until {
                        return;
                    }
                }
            }
        }
    }
}

/// The refusal that a rule asks for, as a service of `protocol` would say it.
fn refused(kind: FaultKind, protocol: Protocol) -> Fault {
    const MESSAGE: &str = "a rule for faults of the local cloud refuses the request";
    match kind {
        FaultKind::Refuse {
            status,
            code,
            message,
        } => {
            let usual = match protocol {
                Protocol::Tc3 => StatusCode::OK,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            let message = message.unwrap_or_else(|| MESSAGE.to_owned());
            Fault::new(status.unwrap_or(usual), code, message)
        }
        FaultKind::ExpiredToken => signature::expired(protocol),
        // The others refuse nothing.
        _ => {
            let (status, code) = match protocol {
                Protocol::Cos => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
                Protocol::Ci => (StatusCode::TOO_MANY_REQUESTS, "SlowDown"),
                _ => (StatusCode::OK, "RequestLimitExceeded"),
            };
            Fault::new(status, code, MESSAGE)
        }
    }
}

impl Entry {
    /// Does to `response` what the rules that the request met ask for, and marks it.
    pub(super) fn alter(&self, response: &mut Response<Body>) {
        let struck = &self.struck;
        if struck.ids.is_empty() {
            return;
        }
        if let Some(after) = struck.cut {
            let body = mem::take(response.body_mut());
            *response.body_mut() = cut(body, after);
        }
        let headers = response.headers_mut();
        if struck.wrong_checksum
            && let Some(checksum) = headers.get_mut(CHECKSUM)
        {
            let right = checksum.to_str().ok().and_then(|text| text.parse().ok());
            *checksum = HeaderValue::from(!right.unwrap_or(0_u64));
        }
        if let Some(FaultKind::Throttle {
            retry_after: Some(seconds),
        }) = struck.refusal
        {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let ids: Vec<_> = struck.ids.iter().map(u64::to_string).collect();
        if let Ok(ids) = HeaderValue::from_str(&ids.join(", ")) {
            headers.insert(MARK, ids);
        }
    }
}

/// `body`, which breaks off after `after` bytes, before its last one in any case. It still announces
/// its whole length.
fn cut(body: Body, after: u64) -> Body {
    let length = body.length();
    if length == Some(0) {
        return body;
    }
    let after = length.map_or(after, |length| after.min(length.saturating_sub(1)));
    let pieces = stream::unfold(Some((body, after)), async |state| {
        let (mut body, left) = state?;
        if left > 0 {
            match body.chunk().await {
                Some(Ok(mut bytes)) => {
                    bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    let sent = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    return Some((Ok(bytes), Some((body, left.saturating_sub(sent)))));
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None => {}
            }
        }
        // So that a connection has sent what came before it breaks.
        tokio::task::yield_now().await;
        let why = "a rule for faults cuts the answer here";
        let broken = io::Error::new(io::ErrorKind::ConnectionReset, why);
        Some((Err(broken), None))
    });
    Body::from_stream(pieces, length)
}

//! The service's time, according to its refusals.
//!
//! A `Date` header is easily wrong, and a wrong belief would spoil every later signature. So a time
//! is believed only if it is possible and if a refusal blames the clock, and only until a request
//! that is signed by it is refused for its time again.

use http::StatusCode;
use http::header::HeaderValue;

use super::prepare::{VALID_AFTER, VALID_BEFORE};
use super::refusal;
use crate::client::Client;
use crate::error::Error;
use crate::operation::Operation;

/// No service answers from before this: 2020-01-01.
const EARLIEST: i64 = 1_577_836_800;

/// Nor from this many seconds after our own time: 25 years, for a device that starts in 1970.
const AHEAD: i64 = 25 * 365 * 86_400;

/// Times this close, in milliseconds, are one time: `Date` has whole seconds, and takes time to
/// arrive.
const CLOSE: i64 = 30_000;

/// The time of an answer by its `Date`, in Unix seconds, if a service may have it while ours is
/// `own`.
pub(super) fn server_time(date: Option<&HeaderValue>, own: i64) -> Option<i64> {
    let time = crate::time::parse_http_date(date?.to_str().ok()?)?;
    let possible = EARLIEST..own.max(EARLIEST).saturating_add(AHEAD);
    possible.contains(&time).then_some(time)
}

/// Whether a request that was signed at `signed` may have been refused for its time; `told` is that
/// of the answer.
pub(super) fn is_to_blame(
    operation: &Operation,
    error: &Error,
    signed: i64,
    told: Option<i64>,
) -> bool {
    // The answer to a HEAD has no body to say why; its date shows whether the signature was good.
    let silent = operation.method == "HEAD" && error.status() == Some(StatusCode::FORBIDDEN);
    let good = signed.saturating_sub(VALID_BEFORE)..=signed.saturating_add(VALID_AFTER);
    refusal::is_clock_error(error) || silent && told.is_some_and(|told| !good.contains(&told))
}

/// Learns from a refusal for its time of a request that was signed by `used`, in milliseconds ahead
/// of our clock. Says whether another attempt would be signed by another time.
pub(super) fn learn(client: &Client, used: i64, told: Option<i64>) -> bool {
    let is_used = |skew: i64| skew.saturating_sub(used).saturating_abs() < CLOSE;
    let believed = client.skew();
    if !is_used(believed) {
        // Another call has learnt meanwhile.
        return true;
    }
    let now = client.config().context.environment.now();
    let better = told
        .map(|seconds| seconds.saturating_mul(1000).saturating_sub(now))
        // The time that it was signed by is not a cure: back to our own clock.
        .filter(|skew| !is_used(*skew))
        .unwrap_or(0);
    client.replace_skew(believed, better);
    !is_used(better)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_times_are_not_believed() {
        let told = |time: i64, own: i64| {
            let date = crate::time::format_http_date(time).parse().unwrap();
            server_time(Some(&date), own)
        };
        let now = 1_780_000_000;
        assert_eq!(told(now - 86_400, now), Some(now - 86_400));
        assert_eq!(told(now + 86_400, now), Some(now + 86_400));
        assert_eq!(told(now, 0), Some(now), "a device without a clock");
        assert_eq!(
            told(now, 4_070_908_800),
            Some(now),
            "a clock that is far ahead"
        );
        assert_eq!(told(0, now), None);
        assert_eq!(told(4_070_908_800, now), None, "2099");
    }
}

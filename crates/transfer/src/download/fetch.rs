//! Bytes of an object, whatever breaks under way.

use std::ops::Range;

use bytes::Bytes;
use tcloud_core::body::{Body, Crc64};
use tcloud_core::error::Error as CallError;
use tokio::time::sleep_until;

use crate::again::{Rounds, is_trouble};
use crate::engine::Job;
use crate::error::{Error, ErrorKind};
use crate::limits::Slot;
use crate::object::Object;
use crate::progress::Share;
use crate::settings::CustomerKey;

/// What takes the bytes, in their order.
pub(super) trait Sink: Send {
    /// Takes further bytes.
    fn take(&mut self, bytes: Bytes) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Keeps them in memory.
impl Sink for Vec<Bytes> {
    async fn take(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.push(bytes);
        Ok(())
    }
}

/// The object that is read: the content with this ETag, or an error.
#[derive(Debug, Clone)]
pub(super) struct From {
    pub(super) object: Object,
    pub(super) etag: Option<String>,
    pub(super) key: Option<CustomerKey>,
}

/// Reads `range` into `sink`, from `opened` first, which is at its start. An answer that breaks off
/// is gone on with where it broke. Says the CRC-64 of the range.
pub(super) async fn fetch(
    job: &Job,
    from: &From,
    range: Range<u64>,
    mut opened: Option<Body>,
    slot: Option<&Slot>,
    sink: &mut impl Sink,
) -> Result<u64, Error> {
    let share = job.meter.share();
    let mut rounds = Rounds::new(&job.engine.tuning);
    let mut crc64 = Crc64::new();
    let mut at = range.start;
    while at < range.end {
        let before = at;
        let read = read(
            job,
            from,
            at..range.end,
            opened.take(),
            &share,
            (&mut crc64, sink),
        )
        .await;
        let (moved, outcome) = read;
        at = at.saturating_add(moved);
        if let Err(error) = outcome {
            if let Some(slot) = slot.filter(|_| is_trouble(&error)) {
                slot.troubled();
            }
            if at > before {
                rounds.progress();
            }
            rounds.next(error).await?;
        }
    }
    if let Some(slot) = slot {
        slot.ended(range.end.saturating_sub(range.start));
    }
    share.done();
    Ok(crc64.value())
}

/// Reads as much of `range` as one answer gives, and says how much that was.
async fn read(
    job: &Job,
    from: &From,
    range: Range<u64>,
    opened: Option<Body>,
    share: &Share,
    (crc64, sink): (&mut Crc64, &mut impl Sink),
) -> (u64, Result<(), Error>) {
    let wanted = range.end.saturating_sub(range.start);
    let mut body = if let Some(body) = opened {
        body
    } else {
        let bytes = Some((range.start, range.end.saturating_sub(1)));
        let (etag, key) = (from.etag.as_deref(), from.key.as_ref());
        match job.engine.service.get(&from.object, bytes, etag, key).await {
            Ok((_, body)) => body,
            Err(error) => return (0, Err(changed(error))),
        }
    };
    let mut moved = 0_u64;
    while moved < wanted {
        let mut chunk = match body.chunk().await {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return (moved, Err(CallError::of_body(error).into())),
            None => return (moved, Err(cut())),
        };
        // An answer to a request for all goes on behind the range.
        let rest = usize::try_from(wanted.saturating_sub(moved)).unwrap_or(usize::MAX);
        chunk.truncate(rest);
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if let Some(bandwidth) = &job.engine.bandwidth {
            sleep_until(bandwidth.reserve(length)).await;
        }
        crc64.update(&chunk);
        if let Err(error) = sink.take(chunk).await {
            return (moved, Err(error));
        }
        share.add(length);
        moved = moved.saturating_add(length);
    }
    (moved, Ok(()))
}

/// The object is another one than when the download began.
pub(super) fn changed(error: CallError) -> Error {
    let error = Error::from(error);
    if error.kind() == ErrorKind::Changed {
        return error.advise("the object changed while it was downloaded; download it again");
    }
    error
}

fn cut() -> Error {
    let error = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Error::from(CallError::of_body(error))
}

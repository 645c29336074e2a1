//! A download in the order of its bytes, for a writer or as a stream.
//!
//! The first piece is handed over as it comes. Pieces behind it are fetched at the same time as far
//! as memory is free, and wait there for their turn. A reader who is slow costs no more than that
//! memory, and one who waits for another reader's memory fetches piece by piece without any.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tcloud_core::body::{Body, Crc64};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::fetch::{From, Sink, fetch};
use super::verify::Verified;
use crate::engine::Job;
use crate::error::Error;
use crate::limits::Permit;
use crate::parts::{MIB, Parts};
use crate::service::ObjectInfo;

/// Pieces are of this size.
const PIECE: u64 = 4 * MIB;
/// Chunks that have been fetched and not been taken.
const AHEAD: usize = 4;

/// A task that ends when nobody wants it any more.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The bytes of an object in their order. The last come only if all are right.
pub(super) struct Ordered {
    chunks: mpsc::Receiver<Result<Bytes, Error>>,
    _task: Task<()>,
}

impl Ordered {
    /// Begins to download; `opened` is an answer with all of the object, not yet read.
    pub(super) fn begin(job: Job, from: From, info: ObjectInfo, opened: Option<Body>) -> Self {
        let (sender, chunks) = mpsc::channel(AHEAD);
        let task = tokio::spawn(async move {
            let mut hand = Hand {
                chunks: sender,
                info: info.clone(),
                crc64: Crc64::new(),
                left: info.size,
            };
            let work = pieces(&job, &from, &info, opened, &mut hand);
            let outcome = job.control.unless_cancelled(work).await;
            if let Err(error) = outcome.and_then(|outcome| outcome) {
                // Nobody may listen any more.
                let _ = hand.chunks.send(Err(error)).await;
            }
            job.meter.finish();
        });
        Self {
            chunks,
            _task: Task(task),
        }
    }

    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        self.chunks.recv().await
    }
}

impl Stream for Ordered {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.chunks.poll_recv(context);
        next.map(|next| next.map(|chunk| chunk.map_err(io::Error::other)))
    }
}

/// A piece that is fetched before its turn.
type Fetched = Result<(Vec<Bytes>, Permit), Error>;

async fn pieces(
    job: &Job,
    from: &From,
    info: &ObjectInfo,
    mut opened: Option<Body>,
    hand: &mut Hand,
) -> Result<(), Error> {
    if info.size == 0 {
        return Verified::of(info, hand.crc64.value()).map(|_| ());
    }
    let parts = Parts::pieces(info.size, PIECE);
    job.meter
        .expect(Some(info.size), Some(u64::from(parts.count())));
    let mut ahead: VecDeque<Task<Fetched>> = VecDeque::new();
    let mut next = 1;
    for number in 1..=parts.count() {
        job.control.turn().await?;
        if let Some(task) = ahead.pop_front() {
            prefetch(job, from, parts, &mut next, &mut ahead);
            let (chunks, permit) = task.wait().await?;
            for chunk in chunks {
                hand.take(chunk).await?;
            }
            drop(permit);
        } else {
            // Small objects come in one answer.
            let opened = opened.take();
            let range = parts.range(number);
            let (range, last) = match &opened {
                Some(_) if info.size < job.engine.tuning.threshold => {
                    (range.start..info.size, parts.count())
                }
                _ => (range, number),
            };
            next = last.saturating_add(1);
            prefetch(job, from, parts, &mut next, &mut ahead);
            fetch(job, from, range, opened, None, hand).await?;
            if last > number {
                break;
            }
        }
    }
    Ok(())
}

/// Begins to fetch what has room in memory.
fn prefetch(
    job: &Job,
    from: &From,
    parts: Parts,
    next: &mut u32,
    ahead: &mut VecDeque<Task<Fetched>>,
) {
    while *next <= parts.count() && ahead.len() < job.engine.slots.limit() {
        let Some(permit) = job.engine.memory.try_take(parts.length(*next)) else {
            return;
        };
        let (job, from, range) = (job.clone(), from.clone(), parts.range(*next));
        ahead.push_back(Task(tokio::spawn(kept(job, from, range, permit))));
        *next = next.saturating_add(1);
    }
}

async fn kept(job: Job, from: From, range: Range<u64>, permit: Permit) -> Fetched {
    let slot = job.engine.slots.take().await;
    let mut kept = Vec::new();
    fetch(&job, &from, range, None, Some(&slot), &mut kept).await?;
    Ok((kept, permit))
}

impl Task<Fetched> {
    async fn wait(mut self) -> Fetched {
        let ended = (&mut self.0).await;
        ended.map_err(|error| {
            Error::new(
                crate::ErrorKind::Stream,
                format!("a piece's task ended: {error}"),
            )
        })?
    }
}

/// Hands bytes over in their order, the last only if all are right.
struct Hand {
    chunks: mpsc::Sender<Result<Bytes, Error>>,
    info: ObjectInfo,
    crc64: Crc64,
    left: u64,
}

impl Sink for Hand {
    async fn take(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.crc64.update(&bytes);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(length);
        if self.left == 0 {
            Verified::of(&self.info, self.crc64.value())?;
        }
        // Who has dropped the other end wants no more.
        self.chunks
            .send(Ok(bytes))
            .await
            .map_err(|_| Error::cancelled())
    }
}

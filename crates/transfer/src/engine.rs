//! What all transfers of one [`Transfers`](crate::Transfers) have in common.

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use crate::control::Control;
use crate::error::Error;
use crate::limits::{Bandwidth, Memory, Slot, Slots};
use crate::progress::{Meter, OnProgress};
use crate::service::Service;

/// The client and the limits.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Parts>);

/// What an [`Engine`] consists of.
pub(crate) struct Parts {
    pub(crate) service: Service,
    pub(crate) slots: Slots,
    pub(crate) memory: Memory,
    pub(crate) bandwidth: Option<Bandwidth>,
    pub(crate) tuning: Tuning,
}

/// What a program can choose.
#[derive(Debug, Clone)]
pub(crate) struct Tuning {
    /// The size of parts, if it does not follow the object's.
    pub(crate) part_size: Option<u64>,
    /// Objects of this size and more move in parts.
    pub(crate) threshold: u64,
    /// Objects of this size and more are copied in parts.
    pub(crate) copy_threshold: u64,
    /// How often a part is begun again, after the attempts of each call.
    pub(crate) rounds: u32,
    /// The first pause between rounds.
    pub(crate) pause: Duration,
    /// Where checkpoints of uploads are.
    pub(crate) checkpoints: Option<PathBuf>,
}

impl Engine {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("tuning", &self.tuning)
            .finish_non_exhaustive()
    }
}

/// One transfer: what it shares with others, who steers it, and who watches it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) engine: Engine,
    pub(crate) control: Control,
    pub(crate) meter: Meter,
}

impl Job {
    pub(crate) fn new(
        engine: &Engine,
        control: Option<&Control>,
        observer: Option<OnProgress>,
        parent: Option<Meter>,
    ) -> Self {
        Self {
            engine: engine.clone(),
            control: control.cloned().unwrap_or_default(),
            meter: Meter::new(observer, parent),
        }
    }

    /// A slot for a further task of `tasks`, or the end of one of them, whichever comes first. While
    /// the job is paused, there is no slot.
    ///
    /// # Errors
    /// The job has been cancelled.
    pub(crate) async fn slot_or<T: 'static>(
        &self,
        tasks: &mut JoinSet<T>,
    ) -> Result<Turn<T>, Error> {
        loop {
            let mut slot = pin!(async {
                self.control.turn().await?;
                Ok::<_, Error>(self.engine.slots.take().await)
            });
            let next = poll_fn(|context| {
                if let Poll::Ready(Some(ended)) = tasks.poll_join_next(context) {
                    return Poll::Ready(Ok(Turn::Ended(ended)));
                }
                slot.as_mut().poll(context).map_ok(Turn::Slot)
            });
            match next.await? {
                // It may have been paused while the slot was waited for.
                Turn::Slot(slot) if self.control.is_paused() => drop(slot),
                turn => return Ok(turn),
            }
        }
    }
}

/// What comes first.
pub(crate) enum Turn<T> {
    Slot(Slot),
    Ended(Result<T, JoinError>),
}

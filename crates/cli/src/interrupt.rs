//! A signal during a job command: the first asks it to end in order, the second ends it at once.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::signals::{Signal, Signals};

/// Whether the user wants an end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruption {
    wanted: CancellationToken,
    signal: Arc<OnceLock<Signal>>,
}

impl Interruption {
    /// One that the next signal brings about.
    pub(crate) fn listen() -> Self {
        let interruption = Self::default();
        // Without a way to hear of signals, the command runs until it is killed.
        if let Ok(mut signals) = Signals::new() {
            let interruption = interruption.clone();
            tokio::spawn(async move { interruption.want(signals.next().await) });
        }
        interruption
    }

    /// Brings the end about.
    pub(crate) fn want(&self, signal: Signal) {
        // The first counts.
        let _ = self.signal.set(signal);
        self.wanted.cancel();
    }

    /// Ends once the user wants an end.
    pub(crate) async fn wanted(&self) {
        self.wanted.cancelled().await;
    }

    /// That the user has ended the command, if so.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.signal.get() {
            Some(signal) => Err(Error::Ended(*signal)),
            None => Ok(()),
        }
    }

    /// Does `work`, unless the user ends it.
    pub(crate) async fn or<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match self.wanted.run_until_cancelled(work).await {
            Some(done) => done,
            None => Err(Error::Ended(
                self.signal.get().copied().unwrap_or(Signal::Interrupt),
            )),
        }
    }
}

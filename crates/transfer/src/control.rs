//! Pausing and cancelling.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;

use crate::error::Error;

/// Pauses, continues and cancels the transfers that it is given to. Clones are the same control.
///
/// ```
/// use tcloud_transfer::Control;
///
/// let control = Control::new();
/// control.pause();
/// assert!(control.is_paused());
/// control.proceed();
/// control.cancel();
/// assert!(control.is_cancelled());
/// ```
#[derive(Clone)]
pub struct Control(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Paused,
    Cancelled,
}

impl Control {
    /// A control of transfers that run.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::Running)))
    }

    /// Begins no further request until [`proceed`](Self::proceed). Parts that are under way are
    /// finished: a connection that stands still would be closed by the service.
    pub fn pause(&self) {
        self.change(State::Running, State::Paused);
    }

    /// Continues after a pause.
    pub fn proceed(&self) {
        self.change(State::Paused, State::Running);
    }

    /// Ends the transfers with [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled). What is under
    /// way is dropped; parts at the service are removed, unless a checkpoint keeps them for later.
    pub fn cancel(&self) {
        self.0.send_replace(State::Cancelled);
    }

    /// Whether no request is begun now.
    pub fn is_paused(&self) -> bool {
        *self.0.borrow() == State::Paused
    }

    /// Whether the transfers have been cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow() == State::Cancelled
    }

    fn change(&self, from: State, to: State) {
        self.0.send_if_modified(|state| {
            let changes = *state == from;
            if changes {
                *state = to;
            }
            changes
        });
    }

    /// Waits while the transfers are paused.
    ///
    /// # Errors
    /// They have been cancelled.
    pub(crate) async fn turn(&self) -> Result<(), Error> {
        let mut state = self.0.subscribe();
        let state = state.wait_for(|state| *state != State::Paused).await;
        match state.as_deref() {
            Ok(State::Cancelled) => Err(Error::cancelled()),
            _ => Ok(()),
        }
    }

    /// What `work` gives, unless the transfers are cancelled first.
    ///
    /// # Errors
    /// They have been cancelled; `work` is dropped.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let mut work = pin!(work);
        let mut state = self.0.subscribe();
        let mut cancelled = pin!(state.wait_for(|state| *state == State::Cancelled));
        std::future::poll_fn(|context| {
            if cancelled.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(Error::cancelled()));
            }
            work.as_mut().poll(context).map(Ok)
        })
        .await
    }
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Control({:?})", *self.0.borrow())
    }
}

#[cfg(test)]
mod tests {
    use super::Control;

    #[tokio::test]
    async fn a_pause_waits_and_a_cancellation_ends() {
        let control = Control::new();
        control.pause();
        let waiting = tokio::spawn({
            let control = control.clone();
            async move { control.turn().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        control.proceed();
        waiting.await.unwrap().unwrap();

        let never = tokio::spawn({
            let control = control.clone();
            async move { control.unless_cancelled(std::future::pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        control.cancel();
        assert!(never.await.unwrap().unwrap_err().is_cancelled());
        // It is final.
        control.proceed();
        control.pause();
        assert!(control.turn().await.unwrap_err().is_cancelled());
    }
}

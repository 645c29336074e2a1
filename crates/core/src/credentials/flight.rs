//! One future that many callers wait for. Whoever is polled drives it, so that no caller that goes
//! away takes it along, and no task has to be spawned.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::future::BoxFuture;

/// A future with an outcome for all who wait.
pub(super) struct Flight<T> {
    stage: Mutex<Stage<T>>,
    waiting: Arc<Waiting>,
}

enum Stage<T> {
    Flying(BoxFuture<'static, T>),
    Landed(T),
    /// The future has panicked.
    Lost,
}

/// Who is to be woken.
#[derive(Default)]
struct Waiting(Mutex<Vec<Waker>>);

impl<T: Clone> Flight<T> {
    pub(super) fn new(future: BoxFuture<'static, T>) -> Arc<Self> {
        Arc::new(Self {
            stage: Mutex::new(Stage::Flying(future)),
            waiting: Arc::default(),
        })
    }

    /// The outcome, once it is there; `None` if the future has panicked in someone's hands.
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        // Before the future is polled, or its wake could come in between.
        self.waiting.add(context.waker());
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        // What panics below leaves the flight lost behind it.
        match std::mem::replace(&mut *stage, Stage::Lost) {
            Stage::Lost => Poll::Ready(None),
            Stage::Landed(outcome) => {
                *stage = Stage::Landed(outcome.clone());
                Poll::Ready(Some(outcome))
            }
            Stage::Flying(mut future) => {
                let waker = Waker::from(Arc::clone(&self.waiting));
                match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Pending => {
                        *stage = Stage::Flying(future);
                        Poll::Pending
                    }
                    Poll::Ready(outcome) => {
                        *stage = Stage::Landed(outcome.clone());
                        self.wake_all();
                        Poll::Ready(Some(outcome))
                    }
                }
            }
        }
    }

    /// Wakes all who wait, so that each looks what has become of it.
    pub(super) fn wake_all(&self) {
        self.waiting.wake_all();
    }
}

impl Waiting {
    fn add(&self, waker: &Waker) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.iter().any(|known| known.will_wake(waker)) {
            waiting.push(waker.clone());
        }
    }

    fn wake_all(&self) {
        let waiting = {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

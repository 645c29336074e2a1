//! Notices when `reqwest` makes a connection, and for which request.
//!
//! Its own limit for connecting is one for all requests of a client, and it does not say when a
//! request begins to connect. But the work is done while the request's future is polled: so what a
//! task-local variable holds then is the clock of the request a connection is made for. If another
//! connection becomes free meanwhile, the request takes that one, and the new connection is
//! finished by a task of its own, for the pool.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;
use tower_layer::Layer;
use tower_service::Service;

use crate::transport::connect::ConnectClock;

/// How long connecting may take when no call's clock bounds it: for the pool, or of a request that
/// no call has made.
const UNWATCHED: Duration = Duration::from_secs(10);

tokio::task_local! {
    static CLOCK: ConnectClock;
}

/// Polls `future` such that connections it makes are seen by `clock`.
pub(super) async fn watched<T>(clock: Option<ConnectClock>, future: impl Future<Output = T>) -> T {
    match clock {
        Some(clock) => CLOCK.scope(clock, future).await,
        None => future.await,
    }
}

/// The layer around `reqwest`'s connector.
#[derive(Clone, Copy)]
pub(super) struct Noticing;

impl<S> Layer<S> for Noticing {
    type Service = Connector<S>;

    fn layer(&self, inner: S) -> Connector<S> {
        Connector(inner)
    }
}

#[derive(Clone)]
pub(super) struct Connector<S>(S);

type BoxError = Box<dyn Error + Send + Sync>;

impl<Q, S: Service<Q, Error = BoxError>> Service<Q> for Connector<S> {
    type Response = S::Response;
    type Error = BoxError;
    type Future = Connecting<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: Q) -> Connecting<S::Future> {
        let clock = CLOCK.try_with(Clone::clone).ok();
        if let Some(clock) = &clock {
            clock.start();
        }
        Connecting {
            clock,
            unwatched: None,
            future: Box::pin(self.0.call(target)),
        }
    }
}

/// A connection that is being made.
pub(super) struct Connecting<F> {
    /// That of the request it is made for.
    clock: Option<ConnectClock>,
    /// Ends a connection that no request waits for.
    unwatched: Option<Pin<Box<Sleep>>>,
    future: Pin<Box<F>>,
}

impl<F> Connecting<F> {
    fn stop(&mut self) {
        if let Some(clock) = self.clock.take() {
            clock.stop();
        }
    }
}

impl<T, F: Future<Output = Result<T, BoxError>>> Future for Connecting<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let is_own = |clock: &ConnectClock| CLOCK.try_with(|now| now.is(clock)).unwrap_or(false);
        if !self.clock.as_ref().is_some_and(is_own) {
            self.stop();
        }
        let outcome = self.future.as_mut().poll(context);
        if outcome.is_ready() {
            self.stop();
            return outcome;
        }
        if self.clock.is_none() {
            let sleep = self
                .unwatched
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(UNWATCHED)));
            if sleep.as_mut().poll(context).is_ready() {
                let seconds = UNWATCHED.as_secs();
                return Poll::Ready(Err(format!("no connection within {seconds} s").into()));
            }
        }
        Poll::Pending
    }
}

impl<F> Drop for Connecting<F> {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Never connects.
    struct Silent;

    impl Service<()> for Silent {
        type Response = ();
        type Error = BoxError;
        type Future = std::future::Pending<Result<(), BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            std::future::pending()
        }
    }

    fn recording() -> (ConnectClock, Arc<Mutex<Vec<bool>>>) {
        let changes = Arc::<Mutex<Vec<bool>>>::default();
        let recorded = Arc::clone(&changes);
        let clock = ConnectClock::new(move |starts| recorded.lock().unwrap().push(starts));
        (clock, changes)
    }

    async fn begin(
        connector: &mut Connector<Silent>,
    ) -> Connecting<std::future::Pending<Result<(), BoxError>>> {
        let mut connecting = connector.call(());
        std::future::poll_fn(|context| {
            assert!(Pin::new(&mut connecting).poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        connecting
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_its_request_has_left_is_bounded_all_the_same() {
        let mut connector = Noticing.layer(Silent);
        let (clock, changes) = recording();
        let connecting = watched(Some(clock), begin(&mut connector)).await;
        assert_eq!(*changes.lock().unwrap(), [true]);
        // Polled by whoever finishes it for the pool.
        let error = connecting.await.unwrap_err();
        assert!(
            error.to_string().contains("no connection within 10 s"),
            "{error}"
        );
        assert_eq!(*changes.lock().unwrap(), [true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_without_a_clock_has_a_limit() {
        let mut connector = Noticing.layer(Silent);
        let connecting = pin!(connector.call(()));
        assert!(connecting.await.is_err());
    }

    #[tokio::test]
    async fn the_clock_stops_when_connecting_is_given_up() {
        let mut connector = Noticing.layer(Silent);
        let (clock, changes) = recording();
        drop(watched(Some(clock), begin(&mut connector)).await);
        assert_eq!(*changes.lock().unwrap(), [true, false]);
    }
}

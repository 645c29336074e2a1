//! The clock of making a connection, which only a transport can start and stop.

use std::fmt;
use std::sync::Arc;

/// Lets a transport say when it makes a connection.
///
/// A request that a call sends has one among its extensions. A transport that finds it
/// [starts](Self::start) it when it begins to connect for this request, and [stops](Self::stop) it
/// when the connection is there, TLS included. The call then ends an attempt that cannot connect
/// by its [connect clock](crate::timeouts::Timeouts::connect), by dropping the future of
/// [`Transport::send`](super::send::Transport::send), and says that nothing was sent. Of a transport that
/// leaves it alone, connecting counts as waiting for the answer.
///
/// ```
/// use tcloud_core::transport::ConnectClock;
///
/// # let request = http::Request::new(());
/// if let Some(clock) = request.extensions().get::<ConnectClock>() {
///     clock.start();
///     // … connect …
///     clock.stop();
/// }
/// ```
#[derive(Clone)]
pub struct ConnectClock(Arc<dyn Fn(bool) + Send + Sync>);

impl ConnectClock {
    /// A clock that calls `on_change` with `true` when it starts, and with `false` when it stops.
    pub fn new(on_change: impl Fn(bool) + Send + Sync + 'static) -> Self {
        Self(Arc::new(on_change))
    }

    /// A connection is being made.
    pub fn start(&self) {
        (self.0)(true);
    }

    /// The connection is there, or is not waited for any more.
    pub fn stop(&self) {
        (self.0)(false);
    }

    /// Whether both are of the same request.
    #[cfg(feature = "reqwest")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for ConnectClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectClock")
    }
}

//! A program without TLS.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::LocalError;
use crate::state::State;

/// What there is none of.
#[derive(Debug)]
pub(crate) enum Https {}

impl Https {
    /// Refuses.
    pub(crate) fn open(_: &Arc<State>) -> Result<Self, LocalError> {
        let why = "this program was built without it; build it with the feature tls";
        Err(LocalError::Tls(why.to_owned()))
    }

    /// The file of the authority.
    pub(crate) fn ca_file(&self) -> &Path {
        match *self {}
    }

    /// Agrees with the client at the other end of `stream`.
    #[expect(clippy::unused_async, reason = "it is the other one that waits")]
    pub(crate) async fn accept<S>(&self, _: S, _: IpAddr) -> io::Result<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match *self {}
    }
}

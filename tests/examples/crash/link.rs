//! Clients of a server that comes and goes.

use std::time::Duration;

use http::StatusCode;
use tcloud_core::client::Client;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::retry::RetryPolicy;
use tcloud_core::timeouts::Timeouts;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::Failure;

pub(crate) const BUCKET: &str = "crash-1250000000";
pub(crate) const REGION: &str = "ap-guangzhou";
/// The access key that the server is given.
pub(crate) const SECRET_ID: &str = "AKIDcrash";
pub(crate) const SECRET_KEY: &str = "crash-secret";

/// A call that takes longer has failed, however busy the machine is.
const TIMEOUT: Duration = Duration::from_mins(5);
/// How long to wait before a server that is not available is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// The clients of one life of the server.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) ci: tcloud_ci::Client,
    pub(crate) cos: tcloud_cos::Client,
    pub(crate) mps: tcloud_mps::Client,
    /// Calls operations by their tables alone.
    pub(crate) tables: Client,
    life: u32,
}

impl Clients {
    fn new(address: &str, life: u32) -> Result<Self, Error> {
        let config = Config::builder()
            .region(REGION)
            .endpoint(Endpoint::parse(address)?)
            .credentials(Credentials::new(SECRET_ID, SECRET_KEY))
            // A job that was sent twice would be two jobs.
            .retry(RetryPolicy::never())
            .timeouts(Timeouts::new().total(TIMEOUT))
            .build()?;
        Ok(Self {
            ci: tcloud_ci::Client::new(&config),
            cos: tcloud_cos::Client::new(&config),
            mps: tcloud_mps::Client::new(&config),
            tables: Client::new(&config),
            life,
        })
    }
}

/// Tells the streams of jobs whether the server is there.
pub(crate) struct Switch {
    sender: watch::Sender<Option<Clients>>,
    lives: u32,
}

impl Switch {
    pub(crate) fn new() -> (Self, Link) {
        let (sender, receiver) = watch::channel(None);
        (Self { sender, lives: 0 }, Link(receiver))
    }

    pub(crate) fn on(&mut self, address: &str) -> Result<(), Failure> {
        self.lives += 1;
        let clients = Clients::new(address, self.lives)?;
        self.sender.send_replace(Some(clients));
        Ok(())
    }

    pub(crate) fn off(&mut self) {
        self.sender.send_replace(None);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.sender.borrow().is_some()
    }
}

/// The way to the server, whichever life it is in.
#[derive(Clone)]
pub(crate) struct Link(watch::Receiver<Option<Clients>>);

impl Link {
    /// Clients of the server, once it is there.
    pub(crate) async fn clients(&self) -> Result<Clients, Failure> {
        self.clients_after(0).await
    }

    async fn clients_after(&self, life: u32) -> Result<Clients, Failure> {
        let later = |clients: &Option<Clients>| clients.as_ref().is_some_and(|it| it.life > life);
        let mut receiver = self.0.clone();
        let found = receiver
            .wait_for(later)
            .await
            .map_err(|_| "the server is gone, and no other will come")?;
        Ok(found.clone().ok_or("the server is gone")?)
    }

    /// Makes a call that may be made twice until it is answered, over as many lives of the server
    /// as it takes.
    pub(crate) async fn persist<T>(
        &self,
        call: impl AsyncFn(&Clients) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let mut clients = self.clients().await?;
        loop {
            match call(&clients).await {
                Err(error) if is_unavailable(&error) => {
                    sleep(PAUSE).await;
                    clients = self.clients().await?;
                }
                Err(error) if is_lost(&error) => {
                    clients = self.clients_after(clients.life).await.map_err(|_| error)?;
                }
                outcome => return Ok(outcome?),
            }
        }
    }
}

/// Whether the server says that it cannot reach its database or its content.
fn is_unavailable(error: &Error) -> bool {
    // API 3.0 says so in an answer with the status 200.
    error.status() == Some(StatusCode::SERVICE_UNAVAILABLE)
        || error.code() == Some("ServiceUnavailable")
}

/// Whether the call was cut off, by a kill or by an outage behind the server: nobody knows whether
/// it was acted on.
pub(crate) fn is_lost(error: &Error) -> bool {
    is_unavailable(error)
        || matches!(error.kind(), ErrorKind::Transport | ErrorKind::Response)
            && error.code().is_none()
}

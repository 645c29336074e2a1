//! `tcloud local`: serves the local cloud.

mod account;
mod accounts;
mod args;
mod clock;
mod exec;
mod file;
mod given;
mod greeting;
mod jobs;
mod keys;
mod list;
#[cfg(feature = "mock")]
mod mock;
#[cfg(feature = "networks")]
mod model;
mod page;
mod ready;
mod reset;
mod running;
mod snapshot;
mod state;

use std::net::SocketAddr;

use tcloud_local::LocalCloud;
use tokio::net::TcpListener;

pub(crate) use self::args::LocalArgs;
use self::args::settings;
use self::given::Given;
use self::greeting::{greeting, url_of};
use self::list::list;
use self::ready::ReadyFile;
use crate::console;
use crate::error::{Error, Outcome};
use crate::log;
use crate::signals::Signals;

pub(crate) async fn run(mut args: LocalArgs) -> Result<Outcome, Error> {
    if let Some(command) = args.command {
        log::start(&args.log.unwrap_or_default());
        return state::run(command).await;
    }
    // An empty variable counts as unset.
    args.bucket = args.bucket.filter(|name| !name.is_empty());
    if args.list {
        #[cfg(feature = "mock")]
        list(&args.mock.read()?)?;
        #[cfg(not(feature = "mock"))]
        list(&[])?;
        return Ok(Outcome::Done);
    }
    // First of all: one that comes while the cloud starts is heard as well.
    let mut signals = Signals::new()
        .map_err(|error| Error::Failed(format!("local: cannot listen for signals: {error}")))?;
    log::start(&args.log.clone().unwrap_or_default());
    let given = Given::read(args.account.as_deref(), args.seed.as_deref())?;
    let mut keys = keys::all(&args.keys, &args.keys_files)?;
    if keys.is_empty() {
        keys = given.keys();
    }
    let address = SocketAddr::new(args.host, args.port);
    let unusable = |error| {
        Error::Failed(format!(
            "local: cannot listen on {address}: {error}; choose another --port or --host"
        ))
    };
    let ready = args.ready_file.as_deref().map(ReadyFile::new).transpose()?;
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = listener.local_addr().map_err(unusable)?;
    let failed = |error: tcloud_local::LocalError| Error::Failed(format!("local: {error}"));
    let settings = settings(&args, given, &keys);
    #[cfg(feature = "mock")]
    let settings = mock::apply(settings, args.mock.read()?);
    let cloud = LocalCloud::start(settings).await.map_err(failed)?;
    if let Some(path) = &args.web_identity_token {
        account::write_token(&cloud, &args.web_identity_subject, path)?;
    }
    let served = async { cloud.serve(listener).await.map_err(failed) };
    let ended = async {
        signals.next().await;
        console::note(
            "shutting down; unfinished jobs continue at the next start; Ctrl-C again ends it at once",
        );
        tokio::select! {
            () = cloud.shutdown() => Ok(()),
            signal = signals.next() => Err(Error::Ended(signal)),
        }
    };
    let greeted = async {
        if let Some(ready) = &ready {
            ready.write(&url_of(args.tls, bound), cloud.ca_file())?;
        }
        match console::print(&greeting(&args, &keys, bound, cloud.ca_file())) {
            // Who started it may have read enough.
            Err(Error::ReaderGone) => Ok(()),
            printed => printed,
        }
    };
    // The server ends by the shutdown, with the requests under way answered.
    tokio::try_join!(served, ended, greeted).map(|_| Outcome::Done)
}

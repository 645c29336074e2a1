//! The local cloud as a whole: started, served, shut down.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http::{Request, Response};
use tcloud_core::body::Body;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cam::Directory;
use crate::cos::background::{self, When};
use crate::cos::{batch, is_bucket_name, origin, replication};
use crate::faults::Faults;
use crate::gateway::Gateway;
use crate::https::Https;
use crate::jobs::Jobs;
use crate::recorded::Requests;
use crate::state::State;
use crate::{
    Account, BackedUp, Emptied, LocalError, Seed, Seeded, Settings, housekeeping, jobs, listen,
    opening, services,
};

/// A running local cloud. Cloning gives another handle to the same one.
#[derive(Debug, Clone)]
pub struct LocalCloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<State>,
    gateway: Arc<Gateway>,
    https: Option<Arc<Https>>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl LocalCloud {
    /// Opens the state and starts the workers. Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`] if the state cannot be opened, [`LocalError::Account`] if the account
    /// contradicts itself, [`LocalError::Bucket`] if one of [`Settings::buckets`] cannot be,
    /// [`LocalError::Tls`] if the files of [`Settings::tls`] cannot be used,
    /// [`LocalError::Seed`] if the cloud refuses what [`Settings::seed`] has; an empty state is as empty
    /// as it was then.
    pub async fn start(settings: Settings) -> Result<Self, LocalError> {
        if let Some(name) = settings.buckets.iter().find(|it| !is_bucket_name(it)) {
            return Err(LocalError::Bucket(name.clone()));
        }
        let store = opening::open(&settings).await?;
        let directory = Directory::new(settings.account.clone(), store.secret().await?)?;
        let state = Arc::new(State::new(store, directory, settings));
        let shutdown = CancellationToken::new();
        let kinds = services::all()
            .iter()
            .flat_map(|service| &service.kinds)
            .map(|make| make(&state))
            .collect();
        let jobs = Jobs::new(&state, kinds);
        let gateway = Arc::new(Gateway::new(&state, jobs.clone(), shutdown.clone()));
        let own: Weak<Gateway> = Arc::downgrade(&gateway);
        state.fetch.set_own(own);
        let begun = async {
            let https = state.settings.tls.then(|| Https::open(&state));
            let https = https.transpose()?.map(Arc::new);
            gateway.begin().await?;
            Ok(https)
        };
        let https = match begun.await {
            Ok(https) => https,
            Err(error) => {
                state.store.clone().close().await;
                return Err(error);
            }
        };
        let tasks = TaskTracker::new();
        let (kinds, control) = (Arc::clone(jobs.kinds()), Arc::clone(jobs.control()));
        let work = jobs::run(Arc::clone(&state), kinds, control, shutdown.clone());
        tasks.spawn(work);
        tasks.spawn(jobs::callbacks::run(Arc::clone(&state), shutdown.clone()));
        tasks.spawn(replication::keep(Arc::clone(&state), shutdown.clone()));
        tasks.spawn(batch::running::keep(Arc::clone(&state), shutdown.clone()));
        tasks.spawn(origin::keep(Arc::clone(&state), shutdown.clone()));
        tasks.spawn(housekeeping::run(Arc::clone(&state), shutdown.clone()));
        Ok(Self(Arc::new(Inner {
            state,
            gateway,
            https,
            tasks,
            shutdown,
        })))
    }

    /// Answers what comes in by `listener`, until [`LocalCloud::shutdown`]; with [`Settings::tls`] over
    /// TLS as well, and through tunnels.
    ///
    /// # Errors
    ///
    /// [`LocalError::Listen`] if the listener has no address.
    pub async fn serve(&self, listener: TcpListener) -> Result<(), LocalError> {
        let address = listener.local_addr().map_err(LocalError::Listen)?;
        self.0.state.listen_at(address);
        let settings = &self.0.state.settings;
        // A handle to the cloud, so that it lives for as long as anybody can reach it.
        let cloud = self.clone();
        let handle = move |request| {
            let cloud = cloud.clone();
            async move { cloud.handle(request).await }
        };
        let https = self.0.https.clone();
        let task = listen::serve(handle, settings, https, listener, &self.0.shutdown);
        self.0.tasks.track_future(task).await
    }

    /// Answers one request, as if it had come in by a socket.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        self.0.gateway.handle(request).await
    }

    /// The file, in PEM, of the certificate by which clients have to trust this cloud with
    /// [`Settings::tls`]. A state in a folder has the same one at each start, in `tls` there; that of
    /// any other is gone with the cloud.
    pub fn ca_file(&self) -> Option<&Path> {
        self.0.https.as_deref().map(Https::ca_file)
    }

    /// A token of the identity provider `local` for `subject`, such as
    /// `system:serviceaccount:default:web`, which `AssumeRoleWithWebIdentity` takes for `lifetime`
    /// from now on if the trust of the role names the provider. In the file of
    /// `TKE_WEB_IDENTITY_TOKEN_FILE` it stands for the token of a pod.
    pub fn web_identity_token(&self, subject: &str, lifetime: Duration) -> String {
        let state = &self.0.state;
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        state
            .directory()
            .web_identity(subject, state.unix_seconds(), seconds)
    }

    /// Puts the cloud's clock ahead by `duration`, for every process on the same state: what is due
    /// later is due sooner, what is kept for a time is forgotten sooner. It cannot be put back.
    /// Claims of jobs are not affected.
    ///
    /// What settings of buckets ask for by then has been done when this returns: objects that are to
    /// expire have expired.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`] if the state cannot be written, or `duration` is longer than ten years.
    pub async fn advance_clock(&self, duration: Duration) -> Result<(), LocalError> {
        let state = &self.0.state;
        state.store.advance_clock(duration).await?;
        background::run(state, When::Now).await?;
        Ok(())
    }

    /// Empties the cloud: no bucket is left but [`Settings::buckets`], no object, no job and no
    /// callback, no fault, nothing that was said of jobs and no recorded request, and the clock shows the time again. What the settings
    /// gave is as it was: account, keys, domains; and temporary keys that were issued stay good.
    ///
    /// Then there is what [`Settings::seed`] has. Whoever asks meanwhile finds all of the old state or
    /// nothing of it, and of the seed what there is so far. A job that runs is
    /// abandoned and changes nothing; a callback on its way may still arrive. Where several processes
    /// share the state it is emptied for all of them, and each keeps its faults and requests.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`] if the state cannot be written. Nothing of it is lost then.
    /// [`LocalError::Seed`] if the seed has changed since, and the cloud refuses it.
    pub async fn reset(&self) -> Result<Emptied, LocalError> {
        self.0.gateway.reset().await
    }

    /// Adds what `seed` has to what there is: its buckets unless they exist, its objects in the place
    /// of those of the same keys, its account in the place of this one.
    ///
    /// # Errors
    ///
    /// [`LocalError::Seed`] if the cloud refuses something: what came before that is there.
    pub async fn seed(&self, seed: &Seed) -> Result<Seeded, LocalError> {
        self.0.gateway.seed(seed).await
    }

    /// Writes all of the state to the file `to`, which does not exist yet: buckets, objects, jobs,
    /// callbacks and the clock, as they are at one moment or newer. It is an archive as
    /// [`back_up`](crate::back_up) makes them, and [`restore`](crate::restore) makes a state of it.
    /// Accounts, faults and recorded requests are not in it, nor the secret of temporary keys.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`] if the file cannot be written, or the state is in a database that
    /// processes share.
    pub async fn snapshot(&self, to: impl AsRef<Path>) -> Result<BackedUp, LocalError> {
        Ok(self.0.state.store.save(to.as_ref()).await?)
    }

    /// Puts what is in the file `from` in the place of all of the state, in one step, as
    /// [`LocalCloud::reset`] forgets it. An older version of this program may have written it.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`] if it is no snapshot, one of a newer version, or there is no room for its
    /// content; or if the state is in a database that processes share. Nothing has changed then.
    pub async fn restore(&self, from: impl AsRef<Path>) -> Result<BackedUp, LocalError> {
        Ok(self.0.state.store.load(from.as_ref()).await?)
    }

    /// The account: its keys, users, roles and identity providers.
    pub fn account(&self) -> Account {
        self.0.state.directory().account().clone()
    }

    /// From now on there is `account` in the place of the one there was, until
    /// [`LocalCloud::reset`]. What it does not have any more can do nothing any more; temporary keys
    /// of users and roles that it has stay good. Where several processes share the state, each has an
    /// account of its own.
    ///
    /// # Errors
    ///
    /// [`LocalError::Account`] if it contradicts itself. Nothing has changed then.
    pub fn set_account(&self, account: Account) -> Result<(), LocalError> {
        Ok(self.0.state.set_account(account)?)
    }

    /// The rules by which requests fail.
    pub fn faults(&self) -> &Faults {
        self.0.gateway.faults()
    }

    /// The jobs: to look at, to hold, to move on and to end.
    pub fn jobs(&self) -> &Jobs {
        self.0.gateway.jobs()
    }

    /// The requests that were answered, the last [`Settings::recorded_requests`] of them.
    pub fn requests(&self) -> &Requests {
        self.0.gateway.requests()
    }

    /// Stops accepting requests and claiming jobs, lets those under way end within
    /// [`Settings::shutdown_grace`] and closes the state: its folder is free for another start,
    /// whoever still has a handle to this cloud. What was not finished continues at the next
    /// start.
    pub async fn shutdown(&self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        background::end(&self.0.state).await;
        self.0.state.store.clone().close().await;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The workers would otherwise continue for a cloud nobody can reach.
        self.shutdown.cancel();
    }
}

#[cfg(all(test, feature = "s3"))]
mod tests;

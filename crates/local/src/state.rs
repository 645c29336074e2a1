//! What the services share.

use std::net::{IpAddr, SocketAddr};
#[cfg(feature = "pictures")]
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

#[cfg(feature = "pictures")]
use crate::Data;
use crate::Settings;
use crate::access_log::AccessLog;
use crate::attempts::Attempts;
use crate::cam::{Account, AccountError, Directory};
use crate::cos::origin::Pulls;
use crate::fetch::Fetch;
#[cfg(feature = "pictures")]
use crate::pictures::{Pictures, cache::Renditions};
use crate::store::Store;

/// Everything a service, a worker or a page needs to do its work.
#[derive(Debug)]
pub(crate) struct State {
    /// Buckets, objects, jobs and callbacks.
    pub(crate) store: Store,
    /// Who there is, and who may do what. It is replaced as a whole.
    directory: RwLock<Arc<Directory>>,
    /// How this cloud was started.
    pub(crate) settings: Settings,
    /// The only way out to the network.
    pub(crate) fetch: Arc<Fetch>,
    /// Work on pictures, with the memory that all of them share.
    #[cfg(feature = "pictures")]
    pub(crate) pictures: Pictures,
    /// What was made of pictures while they were read.
    #[cfg(feature = "pictures")]
    pub(crate) renditions: Renditions,
    /// How callbacks were delivered.
    pub(crate) attempts: Attempts,
    /// Where this cloud is listening.
    pub(crate) listeners: Mutex<Vec<SocketAddr>>,
    /// Accesses that are not delivered yet.
    pub(crate) access_log: AccessLog,
    /// Tells that there may be versions to copy to other buckets.
    pub(crate) replicate: tokio::sync::Notify,
    /// Tells that there may be batch jobs to go on with.
    pub(crate) batch: tokio::sync::Notify,
    /// What is fetched from origins of buckets.
    pub(crate) pulls: Pulls,
    /// Places for those who select rows of objects.
    #[cfg(feature = "select")]
    pub(crate) selections: crate::cos::select::Places,
    /// Held by whoever does what settings of buckets ask for from time to time: one at a time.
    pub(crate) background: tokio::sync::Mutex<()>,
}

impl State {
    /// The state of a cloud that keeps its facts in `store` and knows who is in `directory`.
    pub(crate) fn new(store: Store, directory: Directory, settings: Settings) -> Self {
        let fetch = Arc::new(Fetch::new(settings.allow_private_addresses));
        Self {
            store,
            directory: RwLock::new(Arc::new(directory)),
            #[cfg(feature = "pictures")]
            pictures: Pictures::new(&settings, Arc::clone(&fetch)),
            #[cfg(feature = "pictures")]
            renditions: Renditions::new(settings.rendition_cache, renditions_folder(&settings)),
            fetch,
            settings,
            attempts: Attempts::default(),
            listeners: Mutex::default(),
            access_log: AccessLog::default(),
            replicate: tokio::sync::Notify::new(),
            batch: tokio::sync::Notify::new(),
            pulls: Pulls::default(),
            #[cfg(feature = "select")]
            selections: crate::cos::select::Places::default(),
            background: tokio::sync::Mutex::default(),
        }
    }

    /// Who there is, and who may do what, as of now.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        // It is replaced in one step, which cannot panic.
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// From now on there is `account`. Temporary keys stay good as far as it has whom they are for.
    ///
    /// # Errors
    ///
    /// It contradicts itself, and everything stays as it was.
    pub(crate) fn set_account(&self, account: Account) -> Result<(), AccountError> {
        let mut directory = self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *directory = Arc::new(directory.with(account)?);
        Ok(())
    }

    /// Notes that this cloud is listening at `address`.
    pub(crate) fn listen_at(&self, address: SocketAddr) {
        self.listeners().push(address);
    }

    /// Whether other machines can reach this cloud.
    pub(crate) fn is_open_to_others(&self) -> bool {
        let listeners = self.listeners();
        let mut addresses = listeners.iter().map(|it| it.ip().to_canonical());
        addresses.any(|address| !address.is_loopback())
    }

    /// Whether `host`, an address or a name for this machine, and `port` lead to this cloud.
    pub(crate) fn listens_at(&self, host: &str, port: u16) -> bool {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let asked: Option<IpAddr> = literal.parse().ok();
        let asked = asked.map(|asked| asked.to_canonical());
        self.listeners().iter().any(|listener| {
            let ip = listener.ip().to_canonical();
            listener.port() == port
                && asked
                    .is_none_or(|asked| asked == ip || (ip.is_unspecified() && asked.is_loopback()))
        })
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the store's clock, in Unix seconds.
    pub(crate) fn unix_seconds(&self) -> i64 {
        self.store.now().div_euclid(1000)
    }
}

/// The folder of this cloud alone that renditions are kept in. Where the state has none, they are
/// kept in the system's folder for temporary files.
#[cfg(feature = "pictures")]
fn renditions_folder(settings: &Settings) -> Option<PathBuf> {
    match &settings.data {
        Data::Folder(folder) => Some(folder.join("renditions")),
        _ => None,
    }
}

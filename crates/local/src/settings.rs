//! How a local cloud is to run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tcloud_ci::picture::Separator;
use tcloud_core::credentials::Credentials;
use tcloud_inspect::Profile;

use crate::cam::Account;
use crate::clock::{Clock, SystemClock};
use crate::content_bucket::ContentBucket;
use crate::database_url::DatabaseUrl;
use crate::mock::MockService;
use crate::seed::Seed;

/// Where state is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Data {
    /// In this folder, which is made if needed and which one process uses at a time.
    Folder(PathBuf),
    /// In this database, which any number of processes use. Content goes to [`Settings::blobs`], or
    /// into a folder that all of them see.
    Database {
        /// Which database.
        url: DatabaseUrl,
        /// The folder for content, unless it goes to a bucket.
        folder: Option<PathBuf>,
    },
    /// In memory, until the cloud is dropped.
    #[default]
    Ephemeral,
}

/// How strictly signatures are checked, and policies with them: what a user or a temporary key may
/// do counts where its signature is checked. Whoever is not checked is taken for the root account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMode {
    /// A request must be signed; only what is publicly readable may be read without. Headers and
    /// parameters that a signature leaves out are not covered by it, as with the service;
    /// `/_local/requests` advises where that is `host`.
    #[default]
    Strict,
    /// A signature that can be read is checked if its key is known; requests without one, or by an
    /// unknown key, may do everything.
    Lenient,
    /// Signatures are not checked. Those of S3 are refused all the same, as in every mode: what
    /// they come with is not understood.
    Off,
}

impl AuthMode {
    /// The name, as the command line takes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuthMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Strict, Self::Lenient, Self::Off]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no such mode; use strict, lenient or off"))
    }
}

/// How a local cloud is to run. The default is in memory, strict and on public terms only.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Where state is kept.
    pub data: Data,
    /// The S3 bucket that the content of objects is kept in; beside the state, unless given. State
    /// in memory has its content there, too.
    pub blobs: Option<ContentBucket>,
    /// How strictly signatures are checked.
    pub auth: AuthMode,
    /// The account that owns everything: its keys, users, roles and identity providers.
    pub account: Account,
    /// The region of requests whose host names none.
    pub default_region: String,
    /// The bucket of requests that name none.
    pub default_bucket: Option<String>,
    /// The buckets that there are from the start, in the default region, and again after each
    /// [`LocalCloud::reset`].
    ///
    /// [`LocalCloud::reset`]: crate::LocalCloud::reset
    pub buckets: Vec<String>,
    /// What there is in a cloud that has no bucket yet when it starts, and again after each
    /// [`LocalCloud::reset`].
    ///
    /// [`LocalCloud::reset`]: crate::LocalCloud::reset
    pub seed: Option<Seed>,
    /// How many requests are kept at most for [`LocalCloud::requests`]; with 0 none is.
    ///
    /// [`LocalCloud::requests`]: crate::LocalCloud::requests
    pub recorded_requests: usize,
    /// Whether there is a console at `/_local/`. It acts for the owner of the account and answers this
    /// machine alone, whatever the local cloud listens on.
    pub console: bool,
    /// Names by which the local cloud may be called, besides addresses, `localhost`, names below it
    /// and the hosts of the services. Whoever can make one of these names lead to this machine can
    /// use the cloud from a web page.
    pub allowed_hosts: Vec<String>,
    /// Domains of buckets' owners, each with the bucket that it leads to.
    pub domains: BTreeMap<String, String>,
    /// Whether pictures and objects of origins may be fetched from, and callbacks sent to, loopback
    /// and private addresses. Addresses that hold machine metadata are never used.
    pub allow_private_addresses: bool,
    /// How many jobs of each class run at the same time: light ones, pictures, media and documents
    /// do not wait for each other. With 0, jobs are accepted and wait.
    pub workers: usize,
    /// How long a process that is silent counts as alive where several share the state: its jobs,
    /// deliveries and uploads go to the others after that. It has to be longer than an outage of the
    /// database that should cost nothing.
    pub lease: Duration,
    /// How long the work of one job may take. A job that takes longer fails.
    pub job_deadline: Duration,
    /// How long requests, jobs and callbacks under way may continue after [`LocalCloud::shutdown`]
    /// was called. Then requests are cut off, and jobs and callbacks continue at the next start.
    ///
    /// [`LocalCloud::shutdown`]: crate::LocalCloud::shutdown
    pub shutdown_grace: Duration,
    /// How long the record of a finished job is kept, with its callbacks.
    pub job_retention: Duration,
    /// How many records of finished jobs are kept at most. The oldest go first.
    pub max_finished_jobs: u64,
    /// How many bytes the content of all objects together may have while state is kept in memory
    /// ([`Data::Ephemeral`]).
    pub ephemeral_limit: u64,
    /// Whether writes that come at the same time share one fsync. Without it each waits for its own:
    /// nothing is safer then, only slower.
    pub group_commit: bool,
    /// How many connections may be open at the same time. Further ones wait until one is closed.
    pub max_connections: usize,
    /// Whether [`LocalCloud::serve`] answers over TLS as well, on the same port, and is a proxy with
    /// tunnels to the hosts of the services. Clients have to trust [`LocalCloud::ca_file`].
    ///
    /// [`LocalCloud::serve`]: crate::LocalCloud::serve
    /// [`LocalCloud::ca_file`]: crate::LocalCloud::ca_file
    pub tls: bool,
    /// How many bytes of memory all pictures being processed may take together. A picture that
    /// could take more than that alone is refused.
    pub picture_memory: u64,
    /// How many bytes of renditions, pictures that were made of others while they were read, are kept
    /// on the disk: in the folder of the state, or in the system's folder for temporary files.
    /// Nothing outlives the process; with 0 nothing is kept.
    pub rendition_cache: u64,
    /// What may stand between the key of a picture and the name of a style, as in `cat.jpg!small`.
    pub style_separators: Vec<Separator>,
    /// The networks that make pictures larger and better.
    #[cfg(feature = "networks")]
    pub models: tcloud_networks::Models,
    /// The services of API 3.0 whose operations are answered without being done, unless the local
    /// cloud does them.
    pub mocks: Vec<MockService>,
    /// Which payloads inspections look for.
    pub inspect_profile: Profile,
    /// Where the time is read from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: Data::default(),
            blobs: None,
            auth: AuthMode::default(),
            account: Account::default(),
            default_region: "ap-guangzhou".to_owned(),
            default_bucket: None,
            buckets: Vec::new(),
            seed: None,
            recorded_requests: 1_000,
            console: true,
            allowed_hosts: Vec::new(),
            domains: BTreeMap::new(),
            allow_private_addresses: false,
            workers: 2,
            lease: Duration::from_mins(2),
            job_deadline: Duration::from_mins(5),
            shutdown_grace: Duration::from_secs(10),
            // The service keeps records for about a month.
            job_retention: Duration::from_hours(30 * 24),
            max_finished_jobs: 100_000,
            ephemeral_limit: 1 << 30,
            group_commit: true,
            max_connections: 512,
            tls: false,
            picture_memory: 2 << 30,
            rendition_cache: 512 << 20,
            style_separators: vec![Separator::Exclamation],
            #[cfg(feature = "networks")]
            models: tcloud_networks::Models::default(),
            mocks: Vec::new(),
            inspect_profile: Profile::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl Settings {
    /// Keeps state in `folder`.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Data::Folder(folder.into());
        self
    }

    /// Sets [`Settings::blobs`].
    pub fn blobs(mut self, bucket: ContentBucket) -> Self {
        self.blobs = Some(bucket);
        self
    }

    /// Sets [`Settings::auth`].
    pub fn auth(mut self, mode: AuthMode) -> Self {
        self.auth = mode;
        self
    }

    /// Sets [`Settings::account`].
    pub fn account(mut self, account: Account) -> Self {
        self.account = account;
        self
    }

    /// Replaces the access keys of the root account.
    pub fn keys(mut self, keys: impl IntoIterator<Item = Credentials>) -> Self {
        self.account.keys = keys.into_iter().collect();
        self
    }

    /// Sets [`Settings::default_region`].
    pub fn default_region(mut self, region: impl Into<String>) -> Self {
        self.default_region = region.into();
        self
    }

    /// Sets [`Settings::default_bucket`].
    pub fn default_bucket(mut self, bucket: impl Into<String>) -> Self {
        self.default_bucket = Some(bucket.into());
        self
    }

    /// Adds to [`Settings::buckets`].
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.buckets.push(name.into());
        self
    }

    /// Sets [`Settings::seed`], and [`Settings::account`] if the seed has one.
    pub fn seed(mut self, seed: Seed) -> Self {
        if let Some(account) = seed.account() {
            self.account = account.clone();
        }
        self.seed = Some(seed);
        self
    }

    /// Sets [`Settings::recorded_requests`].
    pub fn recorded_requests(mut self, most: usize) -> Self {
        self.recorded_requests = most;
        self
    }

    /// Sets [`Settings::console`].
    pub fn console(mut self, serve: bool) -> Self {
        self.console = serve;
        self
    }

    /// Adds to [`Settings::allowed_hosts`], for example the name of a container.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Adds to [`Settings::domains`]: requests for the host `name` are for `bucket`.
    pub fn domain(mut self, name: &str, bucket: impl Into<String>) -> Self {
        self.domains
            .insert(name.to_ascii_lowercase(), bucket.into());
        self
    }

    /// Sets [`Settings::allow_private_addresses`].
    pub fn allow_private_addresses(mut self, allow: bool) -> Self {
        self.allow_private_addresses = allow;
        self
    }

    /// Sets [`Settings::workers`].
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Keeps state in the database at `url`, and content in [`Settings::blobs`] or in a folder
    /// (see [`Data::Database`]).
    pub fn database(mut self, url: DatabaseUrl) -> Self {
        self.data = Data::Database { url, folder: None };
        self
    }

    /// Sets [`Settings::lease`].
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets [`Settings::job_deadline`].
    pub fn job_deadline(mut self, deadline: Duration) -> Self {
        self.job_deadline = deadline;
        self
    }

    /// Sets [`Settings::shutdown_grace`].
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.shutdown_grace = grace;
        self
    }

    /// Sets [`Settings::job_retention`].
    pub fn job_retention(mut self, age: Duration) -> Self {
        self.job_retention = age;
        self
    }

    /// Sets [`Settings::max_finished_jobs`].
    pub fn max_finished_jobs(mut self, number: u64) -> Self {
        self.max_finished_jobs = number;
        self
    }

    /// Sets [`Settings::ephemeral_limit`].
    pub fn ephemeral_limit(mut self, bytes: u64) -> Self {
        self.ephemeral_limit = bytes;
        self
    }

    /// Sets [`Settings::group_commit`].
    pub fn group_commit(mut self, group: bool) -> Self {
        self.group_commit = group;
        self
    }

    /// Sets [`Settings::max_connections`].
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets [`Settings::tls`].
    pub fn tls(mut self, serve: bool) -> Self {
        self.tls = serve;
        self
    }

    /// Sets [`Settings::picture_memory`].
    pub fn picture_memory(mut self, bytes: u64) -> Self {
        self.picture_memory = bytes;
        self
    }

    /// Sets [`Settings::rendition_cache`].
    pub fn rendition_cache(mut self, bytes: u64) -> Self {
        self.rendition_cache = bytes;
        self
    }

    /// Sets [`Settings::style_separators`]. The service sets them for each bucket, in its console
    /// alone.
    pub fn style_separators(mut self, separators: impl IntoIterator<Item = Separator>) -> Self {
        self.style_separators = separators.into_iter().collect();
        self
    }

    /// Sets [`Settings::models`].
    #[cfg(feature = "networks")]
    pub fn models(mut self, models: tcloud_networks::Models) -> Self {
        self.models = models;
        self
    }

    /// Adds to [`Settings::mocks`].
    pub fn mock(mut self, service: MockService) -> Self {
        self.mocks.push(service);
        self
    }

    /// Sets [`Settings::inspect_profile`].
    pub fn inspect_profile(mut self, profile: Profile) -> Self {
        self.inspect_profile = profile;
        self
    }

    /// Sets the number of the account that ends the names of its buckets.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.account.app_id = app_id.into();
        self
    }

    /// Sets [`Settings::clock`].
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

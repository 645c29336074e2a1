//! The arguments of `tcloud local`.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use tcloud_ci::picture::Separator;
use tcloud_core::credentials::Credentials;
use tcloud_core::host::Domain;
use tcloud_local::{AuthMode, ContentBucket, Data, DatabaseUrl, Settings};

use super::given::Given;
use super::jobs::JobsCommand;
use super::keys;
#[cfg(feature = "mock")]
use super::mock::MockArgs;
#[cfg(feature = "networks")]
use super::model;
use super::running::RunningArgs;
use crate::{bucket, duration, log};

const MEBIBYTE: u64 = 1024 * 1024;
/// How many requests the console lists.
const LISTED_REQUESTS: usize = 500;

/// Serve COS, CI, MPS and STS on this machine, really doing the work
///
/// Buckets are reached by host name, by path, or with the address as an HTTP proxy. The state is
/// kept in a folder and survives a crash, jobs included.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct LocalArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(super) host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(short, long, default_value_t = 8273)]
    pub(super) port: u16,
    #[command(subcommand)]
    pub(super) command: Option<StateCommand>,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Seconds after which a process that is silent is taken for dead, with --database: the others
    /// then take over its jobs
    #[arg(long, value_name = "SECONDS", default_value_t = 120,
        value_parser = clap::value_parser!(u32).range(5..))]
    pub(super) lease: u32,
    /// Keep the state in memory only
    #[arg(long, conflicts_with_all = ["data", "blobs", "database"])]
    pub(super) ephemeral: bool,
    /// How strictly signatures are checked
    #[arg(long, value_enum, default_value = "strict")]
    pub(super) auth: Auth,
    /// An access key that is known, instead of the built-in one; may be repeated
    ///
    /// Other users of the machine can see it in the list of processes: for a key that matters, use
    /// --keys-file.
    #[arg(long = "key", value_name = "ID:SECRET", value_parser = keys::parse)]
    pub(super) keys: Vec<Credentials>,
    /// A name by which the cloud may be called besides addresses, localhost and the services' own
    /// hosts, such as that of a container; may be repeated
    #[arg(long = "allow-host", value_name = "NAME", value_parser = host_name)]
    pub(super) allowed_hosts: Vec<String>,
    /// A domain that leads to a bucket, as NAME=BUCKET; may be repeated
    #[arg(long = "domain", value_name = "NAME=BUCKET", value_parser = domain)]
    pub(super) domains: Vec<(String, String)>,
    /// File of access keys that are known, one ID:SECRET per line; may be repeated
    ///
    /// Empty lines and lines that begin with # are ignored. Without --key and --keys-file, the
    /// variable TCLOUD_LOCAL_KEYS is read: ID:SECRET, several separated by commas or line breaks.
    #[arg(long = "keys-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) keys_files: Vec<PathBuf>,
    /// JSON file of the account: its users, roles, policies and identity providers, and the role of
    /// the virtual machine that the metadata service is in
    ///
    /// Keys of the root account that are given otherwise take the place of those in the file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) account: Option<PathBuf>,
    /// Folder of what there is from the start: folders are buckets, files are objects, and seed.yaml
    /// says settings, headers of objects and the account
    ///
    /// It is for a state without a bucket, and after each reset. `tcloud_local::Seed` documents the
    /// file.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) seed: Option<PathBuf>,
    /// Write a token of the identity provider `local` to this file, as a pod has one in
    /// TKE_WEB_IDENTITY_TOKEN_FILE; it is valid for 30 days
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) web_identity_token: Option<PathBuf>,
    /// Whom the token is for
    #[arg(
        long,
        value_name = "SUBJECT",
        requires = "web_identity_token",
        default_value = "system:serviceaccount:default:default"
    )]
    pub(super) web_identity_subject: String,
    /// Bucket to create, and to use for requests that name none
    #[arg(long, env = bucket::VARIABLE, hide_env_values = true, value_name = "NAME")]
    pub(super) bucket: Option<String>,
    /// Region of requests that name none
    #[arg(long, default_value = "ap-guangzhou")]
    pub(super) region: String,
    /// Let jobs and origins of buckets fetch from private and loopback addresses, and callbacks be
    /// sent there
    #[arg(long)]
    pub(super) allow_private_addresses: bool,
    /// Jobs of each class (light, picture, media, document) running at the same time
    #[arg(long, value_name = "NUMBER", default_value_t = 2,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) workers: u8,
    /// Seconds that a job may take before it fails
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) job_deadline: u64,
    /// Days that the records of finished jobs are kept
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(super) keep_days: u32,
    /// Most records of finished jobs that are kept; the oldest are dropped first
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    pub(super) keep_jobs: u64,
    /// Memory for the content of all objects together, with --ephemeral
    #[arg(long, value_name = "MIB", default_value_t = 1024,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) ephemeral_limit: u32,
    /// Connections open at the same time; further ones wait
    #[arg(long, value_name = "NUMBER", default_value_t = 512,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) max_connections: u16,
    /// Answer over TLS as well, on the same port, and let clients of the proxy have tunnels to the
    /// services
    ///
    /// Clients have to trust its certificate, whose file is among what is said first. It is in the
    /// folder of the state, and the same at each start.
    #[arg(long)]
    pub(super) tls: bool,
    /// Serve no console at /_local/
    #[arg(long)]
    pub(super) no_console: bool,
    /// Write the address to this file once requests are answered, and remove it at the end; with
    /// --tls, the file of the certificate is its second line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) ready_file: Option<PathBuf>,
    /// What to log on the standard error: off, error, warn, info, debug, trace, or a filter such as
    /// tcloud_local=debug; info shows every request [default: warn]
    #[arg(long, value_name = "FILTER", env = log::VARIABLE, hide_env_values = true,
        value_parser = log::Filter::parse)]
    pub(super) log: Option<log::Filter>,
    /// Memory for all pictures being processed together; one that could take more is refused
    #[arg(long, value_name = "MIB", default_value_t = 2048,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) picture_memory: u32,
    /// Renditions of pictures kept on the disk: what URLs such as cat.jpg?imageMogr2/rotate/90 show
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(super) rendition_cache: u32,
    /// Characters that separate the key of a picture from the name of a style, as in cat.jpg!small:
    /// any of - _ / and !
    #[arg(
        long,
        value_name = "CHARACTERS",
        default_value = "!",
        allow_hyphen_values = true
    )]
    pub(super) style_separators: Separators,
    /// A network of your own in the place of one that makes pictures larger or better, as
    /// NAME=FILE.onnx; may be repeated
    ///
    /// The names are sr_x2 for clean pictures, sr_x2_robust for compressed ones, and denoise. A file
    /// has to hold a chain of 3 x 3 convolutions over 32 channels, as these do.
    #[cfg(feature = "networks")]
    #[arg(long = "model", value_name = "NAME=FILE", value_parser = model::parse)]
    pub(super) models: Vec<model::Named>,
    #[cfg(feature = "mock")]
    #[command(flatten)]
    pub(super) mock: MockArgs,
    /// List the operations instead of serving
    #[arg(long)]
    pub(super) list: bool,
}

/// Separators between keys and styles.
#[derive(Debug, Clone)]
pub(super) struct Separators(Vec<Separator>);

impl FromStr for Separators {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [
            Separator::Hyphen,
            Separator::Underscore,
            Separator::Slash,
            Separator::Exclamation,
        ];
        let named = |c: char| {
            let mut known = all.into_iter();
            known
                .find(|separator| separator.as_str() == c.to_string())
                .ok_or_else(|| format!("`{c}` is none; use any of - _ / and !"))
        };
        text.chars().map(named).collect::<Result<_, _>>().map(Self)
    }
}

/// Where the state is.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    #[command(flatten)]
    pub(super) folder: FolderArgs,
    /// PostgreSQL database for the state, which several processes may share; content goes to --blobs,
    /// or into the folder --data if all of them see it
    ///
    /// Written as postgres://user@host/database. A password is read from PGPASSWORD, or from the
    /// file that PGPASSFILE names.
    #[arg(
        long,
        value_name = "URL",
        env = "TCLOUD_LOCAL_DATABASE",
        hide_env_values = true
    )]
    pub(super) database: Option<DatabaseUrl>,
}

/// Where a state is that is in no database.
#[derive(Debug, Args)]
pub(super) struct FolderArgs {
    /// Folder for the state, created if needed
    #[arg(long, value_name = "DIR", default_value = "tcloud-data", value_hint = ValueHint::DirPath)]
    pub(super) data: PathBuf,
    /// S3 bucket for the content of objects, as s3://BUCKET or s3://BUCKET/PREFIX, instead of the
    /// folder
    ///
    /// Address, region and keys come from the environment: AWS_ENDPOINT_URL, AWS_REGION,
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
    #[arg(long, value_name = "URL")]
    pub(super) blobs: Option<ContentBucket>,
}

impl StateArgs {
    /// `settings` with the state that is named.
    pub(super) fn apply(&self, settings: Settings) -> Settings {
        let mut settings = self.folder.apply(settings);
        if let Some(url) = &self.database {
            settings.data = Data::Database {
                url: url.clone(),
                folder: Some(self.folder.data.clone()),
            };
        }
        settings
    }
}

impl FolderArgs {
    /// `settings` with the state that is named.
    pub(super) fn apply(&self, settings: Settings) -> Settings {
        let settings = settings.folder(&self.data);
        match &self.blobs {
            Some(bucket) => settings.blobs(bucket.clone()),
            None => settings,
        }
    }
}

/// A command, and the cloud that it has to itself.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    /// Bucket to create; may be repeated. The first is used for requests that name none
    #[arg(long = "bucket", value_name = "NAME")]
    pub(super) buckets: Vec<String>,
    /// Region of requests that name none
    #[arg(long, default_value = "ap-guangzhou")]
    pub(super) region: String,
    /// How strictly signatures are checked
    #[arg(long, value_enum, default_value = "strict")]
    pub(super) auth: Auth,
    /// JSON file of the account; its first key of the root account is the command's, if it has one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) account: Option<PathBuf>,
    #[cfg(feature = "mock")]
    #[command(flatten)]
    pub(super) mock: MockArgs,
    /// Folder of what there is from the start, as for `tcloud local`; its account is the command's
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) seed: Option<PathBuf>,
    /// Answer over TLS, and let the command trust it
    ///
    /// The command has the file of the certificate in SSL_CERT_FILE, REQUESTS_CA_BUNDLE,
    /// CURL_CA_BUNDLE, AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS, and https_proxy leads to the cloud, so
    /// that other hosts are out of its reach over https unless no_proxy has them.
    #[arg(long)]
    pub(super) tls: bool,
    /// Let jobs and origins of buckets fetch from private and loopback addresses, and callbacks be
    /// sent there, such as to the command
    #[arg(long)]
    pub(super) allow_private_addresses: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true,
        value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(super) command: Vec<OsString>,
}

/// What is done to a state, or to a running cloud, instead of serving one.
#[derive(Debug, Subcommand)]
pub(super) enum StateCommand {
    /// Compare rows and content of a state; no cloud may use one in a folder meanwhile
    ///
    /// Reads all content and compares its size, CRC-64 and ETag, and looks for content that nothing
    /// names. Ends with 3 if something is wrong.
    Check {
        #[command(flatten)]
        state: StateArgs,
        /// Delete objects without content, and content that nothing names; damaged objects stay
        #[arg(long)]
        repair: bool,
    },
    /// Copy a state, which a cloud may be using
    ///
    /// What the cloud had acknowledged before is in the copy, as it was or newer.
    Backup {
        /// Folder that does not exist or is empty, or a file NAME.tar
        #[arg(value_hint = ValueHint::AnyPath)]
        to: PathBuf,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Move the state of a folder, which no cloud uses, to a PostgreSQL database
    ///
    /// All of it is there in the end, or nothing. Content stays where it is, and the database in the
    /// folder is renamed, so that nobody goes on with it.
    Move {
        /// The database, as postgres://user@host/database, without a state
        #[arg(long, value_name = "URL")]
        to: DatabaseUrl,
        #[command(flatten)]
        state: FolderArgs,
    },
    /// Show the clock of a running cloud, or put it ahead, so that what takes days is there at once
    Clock {
        /// How far it is put ahead, such as 90s, 12h or 30d
        #[arg(value_name = "TIME", value_parser = duration::parse)]
        ahead: Option<Duration>,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Show the account of a running cloud as JSON, or put another in its place until a reset
    ///
    /// Secrets are shown as (secret); where a file says that, the secret stays as it is.
    Accounts {
        /// JSON file of the account, as for --account
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Look at the jobs of a running cloud, hold them, move them on, and let them end as you say
    Jobs {
        #[command(subcommand)]
        command: JobsCommand,
    },
    /// Save all of the state of a running cloud as one file, and go back to it
    Snapshot {
        #[command(subcommand)]
        command: SnapshotCommand,
    },
    /// Empty a running cloud: buckets, objects, jobs, faults and the clock; keys and --bucket stay
    Reset {
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Run a command with a cloud of its own, in memory, and end with its exit code
    ///
    /// The command finds the address and an access key in its environment: TCLOUD_ENDPOINT,
    /// TENCENTCLOUD_SECRET_ID and the like for tcloud and the SDKs, COS_SECRET_ID and the like as in
    /// the examples of others, and http_proxy, by which SDKs reach the cloud that are told to use
    /// http. It gets the signals that this command gets.
    Exec(ExecArgs),
    /// Make a state of a backup
    Restore {
        /// The backup: a folder, or a file NAME.tar
        #[arg(value_hint = ValueHint::AnyPath)]
        from: PathBuf,
        #[command(flatten)]
        state: StateArgs,
    },
}

/// What is done with a snapshot.
#[derive(Debug, Subcommand)]
pub(super) enum SnapshotCommand {
    /// Save buckets, objects, jobs, callbacks and the clock, as they are at one moment
    ///
    /// The file is one as `tcloud local backup` writes, so `tcloud local restore` makes a state of it.
    Save {
        /// File NAME.tar that does not exist
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Put what is in a file in the place of all of the state
    Restore {
        /// The file, which an older version may have written
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        #[command(flatten)]
        running: RunningArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Auth {
    /// Requests must have a valid signature, except reads of what is public
    Strict,
    /// A signature is checked if there is one
    Lenient,
    /// Nothing is checked
    Off,
}

impl From<Auth> for AuthMode {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Strict => Self::Strict,
            Auth::Lenient => Self::Lenient,
            Auth::Off => Self::Off,
        }
    }
}

/// A bucket's own domain.
fn domain(text: &str) -> Result<(String, String), String> {
    let (name, bucket) = text
        .split_once('=')
        .filter(|(_, bucket)| !bucket.is_empty())
        .ok_or("write it as img.example.com=album-1250000000")?;
    let name = Domain::parse(name).map_err(|error| error.to_string())?;
    Ok((name.name().to_owned(), bucket.to_owned()))
}

fn host_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || !text.chars().all(is_name) {
        return Err("write the name alone, such as emulator or cloud.example".to_owned());
    }
    Ok(text.to_owned())
}

/// How the cloud runs that `args` ask for, with the access keys `keys`.
pub(super) fn settings(args: &LocalArgs, given: Given, keys: &[Credentials]) -> Settings {
    let mut settings = Settings::default()
        .auth(args.auth.into())
        .default_region(&args.region)
        .workers(usize::from(args.workers))
        .max_connections(usize::from(args.max_connections))
        .console(!args.no_console)
        .tls(args.tls)
        .lease(Duration::from_secs(args.lease.into()))
        .job_deadline(Duration::from_secs(args.job_deadline))
        .job_retention(Duration::from_hours(24 * u64::from(args.keep_days)))
        .max_finished_jobs(args.keep_jobs)
        .ephemeral_limit(u64::from(args.ephemeral_limit) * MEBIBYTE)
        .picture_memory(u64::from(args.picture_memory) * MEBIBYTE)
        .rendition_cache(u64::from(args.rendition_cache) * MEBIBYTE)
        .style_separators(args.style_separators.0.iter().copied())
        .allow_private_addresses(args.allow_private_addresses)
        // Only the console looks at them.
        .recorded_requests(if args.no_console { 0 } else { LISTED_REQUESTS });
    #[cfg(feature = "networks")]
    {
        settings = settings.models(model::all(&args.models));
    }
    if !args.ephemeral {
        settings = args.state.apply(settings);
    }
    settings = given.apply(settings);
    if !keys.is_empty() {
        settings = settings.keys(keys.iter().cloned());
    }
    if let Some(bucket) = &args.bucket {
        settings = settings.default_bucket(bucket).bucket(bucket);
    }
    for name in &args.allowed_hosts {
        settings = settings.allow_host(name);
    }
    for (name, bucket) in &args.domains {
        settings = settings.domain(name, bucket);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn an_allowed_host_is_a_name_alone() {
        for name in ["emulator", "cloud_1.example", "LOCAL-cloud"] {
            assert_eq!(host_name(name).unwrap(), name);
        }
        for text in ["", "http://emulator", "emulator:9000", "*", "a b"] {
            assert!(host_name(text).is_err(), "{text}");
        }
    }
}

//! `tcloud local`: serves the local cloud.

mod keys;

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_local::{
    AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings, implements,
};
use tokio::net::TcpListener;

use crate::args::BUCKET_VARIABLE;
use crate::console;
use crate::error::{Error, Outcome};
use crate::log;
use crate::operation::CATALOGS;
use crate::signals::Signals;
use crate::table::table;

const MEBIBYTE: u64 = 1024 * 1024;

/// Serve COS, CI and MPS on this machine, really doing the work
///
/// Buckets are reached by host name, by path, or with the address as an HTTP proxy. The state is
/// kept in a folder and survives a crash, jobs included.
#[derive(Debug, Args)]
pub(crate) struct LocalArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(short, long, default_value_t = 8273)]
    port: u16,
    /// Folder for the state, made if needed
    #[arg(long, value_name = "DIR", default_value = "tcloud-data", value_hint = ValueHint::DirPath)]
    data: PathBuf,
    /// Keep the state in memory only
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// How strictly signatures are checked
    #[arg(long, value_enum, default_value = "strict")]
    auth: Auth,
    /// An access key that is known, instead of the built-in one; may be repeated
    ///
    /// Other users of the machine can see it in the list of processes: for a key that matters, use
    /// --keys-file.
    #[arg(long = "key", value_name = "ID:SECRET", value_parser = keys::parse)]
    keys: Vec<Credentials>,
    /// A name by which the cloud may be called besides addresses, localhost and the services' own
    /// hosts, such as that of a container; may be repeated
    #[arg(long = "allow-host", value_name = "NAME", value_parser = host_name)]
    allowed_hosts: Vec<String>,
    /// File of access keys that are known, one ID:SECRET a line; may be repeated
    ///
    /// Empty lines and lines that begin with # say nothing. Without --key and --keys-file, the
    /// variable TCLOUD_LOCAL_KEYS is read: ID:SECRET, several separated by commas or line breaks.
    #[arg(long = "keys-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    keys_files: Vec<PathBuf>,
    /// Bucket to make, and to take for requests that name none
    #[arg(long, env = BUCKET_VARIABLE, hide_env_values = true, value_name = "NAME")]
    bucket: Option<String>,
    /// Region of requests that name none
    #[arg(long, default_value = "ap-guangzhou")]
    region: String,
    /// Let jobs fetch from, and callbacks go to, private and loopback addresses
    #[arg(long)]
    allow_private_addresses: bool,
    /// Jobs of each class (light, picture, media, document) in work at the same time
    #[arg(long, value_name = "NUMBER", default_value_t = 2,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    workers: u8,
    /// Seconds that a job may take before it fails
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..))]
    job_deadline: u64,
    /// Days that the records of finished jobs are kept
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    keep_days: u32,
    /// Records of finished jobs that are kept at most; the oldest go first
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    keep_jobs: u64,
    /// Memory for the content of all objects together, with --ephemeral
    #[arg(long, value_name = "MIB", default_value_t = 1024,
        value_parser = clap::value_parser!(u32).range(1..))]
    ephemeral_limit: u32,
    /// Connections open at the same time; further ones wait
    #[arg(long, value_name = "NUMBER", default_value_t = 512,
        value_parser = clap::value_parser!(u16).range(1..))]
    max_connections: u16,
    /// What to log on the standard error: off, error, warn, info, debug, trace, or a filter such as
    /// tcloud_local=debug; info shows every request [default: warn]
    #[arg(long, value_name = "FILTER", env = log::VARIABLE, hide_env_values = true,
        value_parser = log::Filter::parse)]
    log: Option<log::Filter>,
    /// Memory for all pictures being processed together; one that could take more is refused
    #[arg(long, value_name = "MIB", default_value_t = 2048,
        value_parser = clap::value_parser!(u32).range(1..))]
    picture_memory: u32,
    /// List the operations instead of serving
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Auth {
    /// Requests must be signed rightly; what is publicly readable may be read without
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

fn host_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || !text.chars().all(is_name) {
        return Err("write the name alone, such as emulator or cloud.example".to_owned());
    }
    Ok(text.to_owned())
}

pub(crate) async fn run(mut args: LocalArgs) -> Result<Outcome, Error> {
    // An empty variable counts as unset.
    args.bucket = args.bucket.filter(|name| !name.is_empty());
    if args.list {
        list()?;
        return Ok(Outcome::Done);
    }
    // First of all: one that comes while the cloud starts is heard as well.
    let mut signals = Signals::new()
        .map_err(|error| Error::Failed(format!("local: cannot listen for signals: {error}")))?;
    log::start(&args.log.clone().unwrap_or_default());
    let keys = keys::all(&args.keys, &args.keys_files)?;
    let address = SocketAddr::new(args.host, args.port);
    let unusable = |error| {
        Error::Failed(format!(
            "local: cannot listen on {address}: {error}; choose another --port or --host"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = listener.local_addr().map_err(unusable)?;
    let failed = |error: tcloud_local::LocalError| Error::Failed(format!("local: {error}"));
    let cloud = LocalCloud::start(settings(&args, &keys))
        .await
        .map_err(failed)?;
    if let Some(bucket) = &args.bucket {
        make_bucket(&cloud, &args, &keys, bucket).await?;
    }
    let served = async { cloud.serve(listener).await.map_err(failed) };
    let ended = async {
        signals.next().await;
        console::note(
            "shutting down; unfinished jobs go on at the next start; Ctrl-C again ends it at once",
        );
        tokio::select! {
            () = cloud.shutdown() => Ok(()),
            signal = signals.next() => Err(Error::Ended(signal)),
        }
    };
    let greeted = async {
        match console::print(&greeting(&args, &keys, bound)) {
            // Who started it may have read enough.
            Err(Error::ReaderGone) => Ok(()),
            printed => printed,
        }
    };
    // The server ends by the shutdown, with the requests under way answered.
    tokio::try_join!(served, ended, greeted).map(|_| Outcome::Done)
}

fn settings(args: &LocalArgs, keys: &[Credentials]) -> Settings {
    let mut settings = Settings::default()
        .auth(args.auth.into())
        .default_region(&args.region)
        .workers(usize::from(args.workers))
        .max_connections(usize::from(args.max_connections))
        .job_deadline(Duration::from_secs(args.job_deadline))
        .job_retention(Duration::from_hours(24 * u64::from(args.keep_days)))
        .max_finished_jobs(args.keep_jobs)
        .ephemeral_limit(u64::from(args.ephemeral_limit) * MEBIBYTE)
        .picture_memory(u64::from(args.picture_memory) * MEBIBYTE)
        .allow_private_addresses(args.allow_private_addresses);
    if !args.ephemeral {
        settings = settings.folder(&args.data);
    }
    if !keys.is_empty() {
        settings = settings.keys(keys.iter().cloned());
    }
    if let Some(bucket) = &args.bucket {
        settings = settings.default_bucket(bucket);
    }
    for name in &args.allowed_hosts {
        settings = settings.allow_host(name);
    }
    settings
}

/// Makes the bucket, unless an earlier run has.
async fn make_bucket(
    cloud: &LocalCloud,
    args: &LocalArgs,
    keys: &[Credentials],
    bucket: &str,
) -> Result<(), Error> {
    let key = keys
        .first()
        .cloned()
        .unwrap_or_else(|| Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY));
    let config = Config::builder()
        .region(&args.region)
        .credentials(key)
        .transport(cloud.transport())
        .build()?;
    match tcloud_cos::Client::new(&config)
        .put_bucket(bucket)
        .send()
        .await
    {
        Err(error) if error.code() != Some("BucketAlreadyOwnedByYou") => Err(error.into()),
        _ => Ok(()),
    }
}

/// How to reach the cloud that is `bound`.
fn greeting(args: &LocalArgs, keys: &[Credentials], bound: SocketAddr) -> String {
    let mut text = String::new();
    let address = SocketAddr::new(reachable(bound.ip()), bound.port());
    let url = format!("http://{address}");
    let state = if args.ephemeral {
        "in memory".to_owned()
    } else {
        args.data.display().to_string()
    };
    let auth = AuthMode::from(args.auth);
    let mut line = |name: &str, value: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {name:<11} {value}");
    };
    line("state", &state);
    line("signatures", auth.as_str());
    if keys.is_empty() {
        let only = if bound.ip().is_loopback() {
            ""
        } else {
            " (on this machine only; others need --keys-file)"
        };
        line(
            "access key",
            &format!("{DEFAULT_SECRET_ID} {DEFAULT_SECRET_KEY}{only}"),
        );
    }
    for key in keys {
        line(
            "access key",
            &format!("{} (its secret as given)", key.secret_id()),
        );
    }
    line("region", &args.region);
    if let Some(bucket) = &args.bucket {
        line("bucket", bucket);
    }
    // The proxy answers for hosts of Tencent Cloud alone: what is on this machine, the cloud
    // itself included, has to be reached without it.
    let mut direct = "localhost,127.0.0.1,::1".to_owned();
    if !address.ip().is_loopback() {
        let _ = write!(direct, ",{}", address.ip());
    }
    format!(
        "The local cloud is at {url}\n{text}\n\
         To use it:\n  \
         tcloud      export TCLOUD_ENDPOINT={url}\n  \
         other SDKs  set {url} as HTTP proxy, with the scheme http:\n              \
         export http_proxy={url} no_proxy={direct}\n  \
         health      {url}/_local/health\n  \
         requests    {url}/_local/requests\n  \
         log         --log info shows every request\n\n\
         Ctrl-C ends it."
    )
}

/// The address of this machine under which `bound` is reached from it.
fn reachable(bound: IpAddr) -> IpAddr {
    match bound {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

fn list() -> Result<(), Error> {
    let mut rows = table(["Service", "Operation", "What it does"]);
    let mut counts = String::new();
    for (catalog, _) in CATALOGS {
        let service = catalog.service;
        let implemented = || catalog.operations.iter().filter(|it| implements(it));
        for operation in implemented() {
            rows.add_row([service.name, operation.name, operation.summary]);
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            counts,
            "{}: {} of {} operations in its tables",
            service.name,
            implemented().count(),
            catalog.operations.len()
        );
    }
    console::print(&rows.to_string())?;
    console::print(&counts)?;
    console::print(
        "What is not implemented is refused by its name: NotImplemented, or UnsupportedOperation \
         in MPS; so is a parameter, a header or a node that an operation does not have.\n\
         Objects and buckets: no versions, encryption, tags, archive classes, zones or grants to \
         accounts.\n\
         Jobs: ImageInspect with AutoProcess and callbacks to addresses; TDMQ is refused.\n\
         ProcessImage: JPEG, PNG, WebP and BMP, Quality, ImageResize and SuperResolution; any other \
         node is refused as UnsupportedOperation.",
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{LocalArgs, greeting, host_name};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: LocalArgs,
    }

    /// The greeting of a cloud bound to `address`.
    fn greeted(address: &str) -> String {
        let line = Line::parse_from(["local", "--ephemeral"]);
        greeting(&line.args, &[], address.parse().unwrap())
    }

    #[test]
    fn an_allowed_host_is_a_name_alone() {
        for name in ["emulator", "cloud_1.example", "LOCAL-cloud"] {
            assert_eq!(host_name(name).unwrap(), name);
        }
        for text in ["", "http://emulator", "emulator:9000", "*", "a b"] {
            assert!(host_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_address_of_the_greeting_can_be_used() {
        for (bound, url) in [
            ("127.0.0.1:80", "http://127.0.0.1:80"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://[::1]:80"),
            ("192.168.0.7:80", "http://192.168.0.7:80"),
        ] {
            let text = greeted(bound);
            assert!(
                text.contains(&format!("The local cloud is at {url}\n")),
                "{text}"
            );
        }
    }

    #[test]
    fn the_cloud_itself_is_never_reached_through_it_as_a_proxy() {
        let text = greeted("192.168.0.7:80");
        let export = "export http_proxy=http://192.168.0.7:80 \
                      no_proxy=localhost,127.0.0.1,::1,192.168.0.7\n";
        assert!(text.contains(export), "{text}");
    }
}

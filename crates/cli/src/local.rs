//! `tcloud local`: serves the local cloud.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_local::{
    AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings, implements,
};
use tokio::net::TcpListener;

use crate::console;
use crate::error::{Error, Outcome};
use crate::operation::CATALOGS;
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
    #[arg(long = "key", value_name = "ID:SECRET", value_parser = key)]
    keys: Vec<Credentials>,
    /// A name by which the cloud may be called besides addresses, localhost and the services' own
    /// hosts, such as that of a container; may be repeated
    #[arg(long = "allow-host", value_name = "NAME", value_parser = host_name)]
    allowed_hosts: Vec<String>,
    /// Bucket to make, and to take for requests that name none
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Region of requests that name none
    #[arg(long, default_value = "ap-guangzhou")]
    region: String,
    /// Let jobs fetch from, and callbacks go to, private and loopback addresses
    #[arg(long)]
    allow_private_addresses: bool,
    /// Jobs in work at the same time
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

fn key(text: &str) -> Result<Credentials, String> {
    match text.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
            Ok(Credentials::new(id, secret))
        }
        // The text may be a secret: it is not shown.
        _ => Err("write it as ID:SECRET".to_owned()),
    }
}

fn host_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || !text.chars().all(is_name) {
        return Err("write the name alone, such as emulator or cloud.example".to_owned());
    }
    Ok(text.to_owned())
}

pub(crate) async fn run(args: LocalArgs) -> Result<Outcome, Error> {
    if args.list {
        list()?;
        return Ok(Outcome::Done);
    }
    let address = SocketAddr::new(args.host, args.port);
    let unusable = |error| {
        Error::Failed(format!(
            "local: cannot listen on {address}: {error}; choose another --port or --host"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = listener.local_addr().map_err(unusable)?;
    let failed = |error: tcloud_local::LocalError| Error::Failed(format!("local: {error}"));
    let cloud = LocalCloud::start(settings(&args)).await.map_err(failed)?;
    if let Some(bucket) = &args.bucket {
        make_bucket(&cloud, &args, bucket).await?;
    }
    let served = async { cloud.serve(listener).await.map_err(failed) };
    let interrupted = async {
        // Without a way to hear of an interruption, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        console::note("shutting down; unfinished jobs go on at the next start");
        cloud.shutdown().await;
        Ok(())
    };
    // Last: who has read it may interrupt at once, and that must be heard already.
    let greeted = async {
        match console::print(&greeting(&args, bound)) {
            // Who started it may have read enough.
            Err(Error::ReaderGone) => Ok(()),
            printed => printed,
        }
    };
    // The server ends by the shutdown, with the requests under way answered.
    tokio::try_join!(served, interrupted, greeted).map(|_| Outcome::Done)
}

fn settings(args: &LocalArgs) -> Settings {
    let mut settings = Settings::default()
        .auth(args.auth.into())
        .default_region(&args.region)
        .workers(usize::from(args.workers))
        .job_deadline(Duration::from_secs(args.job_deadline))
        .job_retention(Duration::from_hours(24 * u64::from(args.keep_days)))
        .max_finished_jobs(args.keep_jobs)
        .ephemeral_limit(u64::from(args.ephemeral_limit) * MEBIBYTE)
        .allow_private_addresses(args.allow_private_addresses);
    if !args.ephemeral {
        settings = settings.folder(&args.data);
    }
    if !args.keys.is_empty() {
        settings = settings.keys(args.keys.iter().cloned());
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
async fn make_bucket(cloud: &LocalCloud, args: &LocalArgs, bucket: &str) -> Result<(), Error> {
    let key = args
        .keys
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

/// How to reach the cloud at `address`.
fn greeting(args: &LocalArgs, address: SocketAddr) -> String {
    let mut text = String::new();
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
    if args.keys.is_empty() {
        let only = if address.ip().is_loopback() {
            ""
        } else {
            " (on this machine only; others need --key)"
        };
        line(
            "access key",
            &format!("{DEFAULT_SECRET_ID} {DEFAULT_SECRET_KEY}{only}"),
        );
    }
    for key in &args.keys {
        line(
            "access key",
            &format!("{} (its secret as given)", key.secret_id()),
        );
    }
    line("region", &args.region);
    if let Some(bucket) = &args.bucket {
        line("bucket", bucket);
    }
    format!(
        "The local cloud is at {url}\n{text}\n\
         To use it:\n  \
         tcloud      export TCLOUD_ENDPOINT={url}\n  \
         other SDKs  set {url} as HTTP proxy, with the scheme http:\n              \
         export http_proxy={url}\n  \
         health      {url}/_local/health\n  \
         requests    {url}/_local/requests\n\n\
         Ctrl-C ends it."
    )
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
    use super::{host_name, key};

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
    fn a_key_has_two_parts_and_a_bad_one_is_not_repeated() {
        assert!(key("AKID:secret:with:colons").is_ok());
        for text in ["", ":", "AKID:", ":secret", "secretonly"] {
            assert_eq!(key(text).unwrap_err(), "write it as ID:SECRET");
        }
    }
}

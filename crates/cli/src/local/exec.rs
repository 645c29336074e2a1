//! `tcloud local exec`: a command with a cloud of its own.

mod passing;

use std::ffi::OsString;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use tcloud_core::credentials::Credentials;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, LocalError, Settings};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use self::passing::Passing;
use super::args::ExecArgs;
use super::given::Given;
use super::greeting::{CA_VARIABLES, DIRECT};
#[cfg(feature = "mock")]
use super::mock;
use crate::console;
use crate::error::{Error, Outcome};

/// What a shell reports of a command that is not there.
const NOT_FOUND: u8 = 127;
/// What it reports of one that cannot be run.
const NOT_RUN: u8 = 126;

/// Variables that would lead the command to other keys, or to no key at all.
const REMOVED: [&str; 8] = [
    "TENCENTCLOUD_TOKEN",
    "TENCENTCLOUD_SESSION_TOKEN",
    "TENCENTCLOUD_SECURITY_TOKEN",
    "TENCENTCLOUD_SESSIONTOKEN",
    "TENCENTCLOUD_PROFILE",
    "COS_SESSION_TOKEN",
    "COS_TOKEN",
    "TCLOUD_BUCKET",
];

/// Runs the command, with a cloud for as long as it runs.
pub(super) async fn run(args: ExecArgs) -> Result<Outcome, Error> {
    // First of all: a signal that comes while the cloud starts is passed on as well.
    let passing = Passing::listen().map_err(|error| {
        Error::Failed(format!("local exec: cannot listen for signals: {error}"))
    })?;
    let given = Given::read(args.account.as_deref(), args.seed.as_deref())?;
    let key = given
        .keys()
        .into_iter()
        .next()
        .unwrap_or_else(|| Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY));
    let mut settings = Settings::default()
        .auth(args.auth.into())
        .default_region(&args.region)
        .tls(args.tls)
        .allow_private_addresses(args.allow_private_addresses)
        // Nothing is kept, so there is nothing to wait for.
        .shutdown_grace(Duration::ZERO);
    settings = given.apply(settings);
    for bucket in &args.buckets {
        settings = settings.bucket(bucket);
    }
    if let Some(first) = args.buckets.first() {
        settings = settings.default_bucket(first);
    }
    #[cfg(feature = "mock")]
    let settings = mock::apply(settings, args.mock.read()?);
    let failed = |error: LocalError| Error::Failed(format!("local exec: {error}"));
    let unusable = |error| Error::Failed(format!("local exec: no port is free: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    let cloud = LocalCloud::start(settings).await.map_err(failed)?;
    let served = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.serve(listener).await }
    });

    let place = Place {
        address: address.to_string(),
        ca: cloud.ca_file(),
    };
    let mut child = match command(&args, &place, &key).spawn() {
        Ok(child) => child,
        Err(error) => return Ok(not_run(&args, &error)),
    };
    let ended = wait(&mut child, passing).await;
    cloud.shutdown().await;
    // It ends by the shutdown; whatever it says of its listener is of no use any more.
    let _ = served.await;
    let status = ended.map_err(|error| {
        Error::Failed(format!(
            "local exec: the command cannot be waited for: {error}"
        ))
    })?;
    Ok(Outcome::Ended(code(status)))
}

/// Where the cloud is.
struct Place<'a> {
    address: String,
    /// The file of the certificate to trust, if it answers over TLS.
    ca: Option<&'a Path>,
}

/// The command, with what it needs to find the cloud at `place` in its environment.
fn command(args: &ExecArgs, place: &Place<'_>, key: &Credentials) -> Command {
    let mut words = args.command.iter();
    let mut command = Command::new(words.next().map_or_else(OsString::new, Clone::clone));
    command.args(words).kill_on_drop(true);
    for name in REMOVED {
        command.env_remove(name);
    }
    command.envs(environment(args, place, key));
    if let Some(ca) = place.ca {
        command.envs(CA_VARIABLES.map(|name| (name, ca)));
    }
    command
}

fn environment(
    args: &ExecArgs,
    place: &Place<'_>,
    key: &Credentials,
) -> Vec<(&'static str, String)> {
    let (id, secret) = (key.secret_id(), key.secret_key());
    let proxy = format!("http://{}", place.address);
    let secured = format!("https://{}", place.address);
    let url = if place.ca.is_some() { &secured } else { &proxy };
    let mut all = vec![
        ("TCLOUD_ENDPOINT", url.as_str()),
        // The SDKs of all languages for API 3.0, and tcloud.
        ("TENCENTCLOUD_SECRET_ID", id),
        ("TENCENTCLOUD_SECRET_KEY", secret),
        ("TENCENTCLOUD_REGION", args.region.as_str()),
        // Older ones.
        ("TENCENTCLOUD_SECRETID", id),
        ("TENCENTCLOUD_SECRETKEY", secret),
        // The examples of the SDKs for Object Storage.
        ("COS_SECRET_ID", id),
        ("COS_SECRET_KEY", secret),
        ("COS_REGION", args.region.as_str()),
        ("http_proxy", proxy.as_str()),
        ("HTTP_PROXY", proxy.as_str()),
        ("no_proxy", DIRECT),
        ("NO_PROXY", DIRECT),
    ];
    if place.ca.is_some() {
        all.extend([
            ("https_proxy", proxy.as_str()),
            ("HTTPS_PROXY", proxy.as_str()),
        ]);
    }
    if let Some(bucket) = args.buckets.first() {
        all.extend([
            ("TCLOUD_BUCKET", bucket.as_str()),
            ("COS_BUCKET", bucket.as_str()),
        ]);
    }
    let owned = all
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()));
    owned.collect()
}

/// Waits until `child` has ended, and passes on the signals that come meanwhile.
async fn wait(child: &mut Child, mut passing: Passing) -> io::Result<ExitStatus> {
    loop {
        let id = child.id();
        tokio::select! {
            ended = child.wait() => return ended,
            signal = passing.next() => {
                if let Some(id) = id {
                    passing::send(signal, id);
                }
            }
        }
    }
}

/// Says why the command was not run.
fn not_run(args: &ExecArgs, error: &io::Error) -> Outcome {
    let name = args.command.first().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default();
    console::note(&format!("local exec: {name} cannot be run: {error}"));
    Outcome::Ended(if error.kind() == io::ErrorKind::NotFound {
        NOT_FOUND
    } else {
        NOT_RUN
    })
}

/// The exit code of what ended with `status`, as a shell reports it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(signal).map_or(u8::MAX, |signal| signal.saturating_add(128));
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}

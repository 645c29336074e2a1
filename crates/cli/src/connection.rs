//! Where the work is done: by the service, or by a local cloud.

use std::net::IpAddr;
use std::time::Duration;

use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::{Credentials, EnvironmentProvider, Refresh};
use tcloud_core::endpoint::{Endpoint, Site};
use tcloud_core::timeouts::Timeouts;
use tcloud_credentials::DefaultChain;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tempfile::TempDir;

use crate::args::ConnectionArgs;
use crate::console;
use crate::error::Error;
use crate::log;

const LOCAL_REGION: &str = "ap-guangzhou";

/// A way to the services.
pub(crate) struct Connection {
    /// For clients of all services.
    pub(crate) config: Config,
    embedded: Option<Embedded>,
}

/// A local cloud in this process. Its state goes with the folder.
struct Embedded {
    cloud: LocalCloud,
    _folder: TempDir,
}

impl Connection {
    /// To the service or endpoint that is configured.
    pub(crate) fn configured(args: &ConnectionArgs) -> Result<Self, Error> {
        let chain = chain(args);
        let builder = builder(args, &chain);
        let Some(address) = endpoint_of(args) else {
            if args.anonymous {
                return Self::of(builder);
            }
            // Whether a virtual machine has a role is known when it is asked, at the first call.
            return Self::of(builder.credentials_provider(chain));
        };
        if !address.contains("://") {
            return Err(Error::Usage(format!(
                "the endpoint {address} has no scheme; write http://{address}, or https://{address}"
            )));
        }
        let endpoint = Endpoint::parse(address)?;
        let loopback = is_loopback(&endpoint);
        let builder = builder.endpoint(endpoint);
        if args.anonymous {
            let local = |builder| with_local_defaults(builder, args);
            return Self::of(if loopback { local(builder) } else { builder });
        }
        // The profile that is there by default is for the service, not for a cloud on this machine.
        if is_asked_for(&chain) || (!loopback && chain.is_configured()) {
            return Self::of(builder.credentials_provider(chain));
        }
        if !loopback {
            return Err(Error::Failed(format!(
                "no access key for {address}; set TENCENTCLOUD_SECRET_ID and \
                 TENCENTCLOUD_SECRET_KEY, or write a profile by `tcloud configure`"
            )));
        }
        console::note(&format!(
            "no access key is set: using the local cloud's own, {DEFAULT_SECRET_ID}"
        ));
        Self::of(with_local_defaults(builder, args))
    }

    /// As [`Connection::configured`]; but where flags, environment and profiles name no access key
    /// and no endpoint, [in this process](Self::embedded).
    pub(crate) async fn configured_or_embedded(
        args: &ConnectionArgs,
        settings: Settings,
    ) -> Result<Self, Error> {
        if endpoint_of(args).is_some() || args.anonymous || chain(args).is_configured() {
            return Self::configured(args);
        }
        console::note(
            "no access key and no endpoint are set: a local cloud in this process does the work, \
             on a temporary folder",
        );
        Self::embedded(args, settings).await
    }

    /// To a local cloud in this process, which runs by `settings` on a folder of its own.
    pub(crate) async fn embedded(args: &ConnectionArgs, settings: Settings) -> Result<Self, Error> {
        log::start(&log::Filter::of_environment());
        let folder = TempDir::with_prefix("tcloud-").map_err(|error| {
            Error::Failed(format!(
                "cannot make a temporary folder: {error}; set TMPDIR to a folder you may write to"
            ))
        })?;
        // A folder that the store makes is its owner's only.
        let cloud = LocalCloud::start(settings.folder(folder.path().join("state")))
            .await
            .map_err(|error| Error::Failed(error.to_string()))?;
        let builder = builder(args, &chain(args));
        let builder = with_local_defaults(builder, args).transport(cloud.transport());
        Ok(Self {
            config: builder.build()?,
            embedded: Some(Embedded {
                cloud,
                _folder: folder,
            }),
        })
    }

    fn of(builder: ConfigBuilder) -> Result<Self, Error> {
        Ok(Self {
            config: builder.build()?,
            embedded: None,
        })
    }

    /// Whether the work is done in this process.
    pub(crate) const fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// The pause between two looks at a job.
    pub(crate) const fn interval(&self) -> Duration {
        if self.is_embedded() {
            Duration::from_millis(20)
        } else {
            Duration::from_secs(2)
        }
    }

    /// The region requests go to: that of the virtual machine whose role they are made by, if no
    /// other is set.
    pub(crate) async fn region(&self) -> Result<String, Error> {
        if let Some(region) = self.config.region() {
            return Ok(region.to_owned());
        }
        let credentials = self.config.credentials().await;
        let credentials = credentials.map_err(|error| Error::Failed(error.to_string()))?;
        credentials.region().map(str::to_owned).ok_or_else(|| {
            Error::Usage(
                "no region is set; give --region, set TENCENTCLOUD_REGION, or write it into the \
                 profile by `tcloud configure`"
                    .to_owned(),
            )
        })
    }

    /// Ends the local cloud, if there is one.
    pub(crate) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.cloud.shutdown().await;
        }
    }
}

/// Where keys are looked for.
pub(crate) fn chain(args: &ConnectionArgs) -> DefaultChain {
    let chain = DefaultChain::new();
    match args.profile.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => chain.profile(name),
        None => chain,
    }
}

/// Whether keys are named by flags or variables.
fn is_asked_for(chain: &DefaultChain) -> bool {
    let variables = EnvironmentProvider::new().read();
    // Half a key is reported.
    chain.files().named_by().is_some() || variables.err().is_none_or(|error| !error.is_absent())
}

fn builder(args: &ConnectionArgs, chain: &DefaultChain) -> ConfigBuilder {
    // The command reports what the documents do not allow, and sends it.
    let mut builder = Config::builder().check_limits(false).on_refresh(tell);
    if let Some(region) = region_of(args)
        .map(str::to_owned)
        .or_else(|| chain.files().region())
    {
        builder = builder.region(region);
    }
    if args.international {
        builder = builder.site(Site::International);
    }
    let hosts = args.host.clone().unwrap_or_default();
    builder = builder.hosts(hosts.backup(args.backup_hosts));
    if args.anonymous {
        builder = builder.anonymous();
    }
    builder.timeouts(timeouts(args))
}

/// What is not asked for stays as it is for each request.
fn timeouts(args: &ConnectionArgs) -> Timeouts {
    let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
    let mut timeouts = Timeouts::new();
    if let Some(seconds) = args.timeout {
        timeouts = timeouts.total(limit(seconds));
    }
    if let Some(seconds) = args.connect_timeout {
        timeouts = timeouts.connect(limit(seconds));
    }
    if let Some(seconds) = args.attempt_timeout {
        timeouts = timeouts.attempt(limit(seconds));
    }
    if let Some(seconds) = args.stall_timeout {
        timeouts = timeouts.stall(limit(seconds));
    }
    timeouts
}

fn tell(refresh: &Refresh<'_>) {
    if let Refresh::Failed {
        error,
        kept: Some(_),
        ..
    } = refresh
    {
        console::note(&format!(
            "the access key could not be renewed and is used on: {error}"
        ));
    }
}

fn with_local_defaults(builder: ConfigBuilder, args: &ConnectionArgs) -> ConfigBuilder {
    let builder = builder.credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY));
    if region_of(args).is_some() {
        builder
    } else {
        builder.region(LOCAL_REGION)
    }
}

// An empty variable counts as unset.
fn endpoint_of(args: &ConnectionArgs) -> Option<&str> {
    args.endpoint.as_deref().filter(|text| !text.is_empty())
}

fn region_of(args: &ConnectionArgs) -> Option<&str> {
    args.region.as_deref().filter(|text| !text.is_empty())
}

/// Whether `endpoint` is this machine.
fn is_loopback(endpoint: &Endpoint) -> bool {
    let authority = endpoint.authority();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(host, _)| host),
        None => authority
            .split_once(':')
            .map_or(authority, |(host, _)| host),
    };
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{ConnectionArgs, Duration, Endpoint, Timeouts, is_loopback, timeouts};

    #[test]
    fn nothing_is_bounded_by_nought_and_what_is_not_given_stays() {
        let args = ConnectionArgs {
            timeout: Some(0),
            stall_timeout: Some(5),
            ..ConnectionArgs::default()
        };
        let expected = Timeouts::new().total(None).stall(Duration::from_secs(5));
        assert_eq!(timeouts(&args), expected);
        let args = ConnectionArgs {
            connect_timeout: Some(3),
            attempt_timeout: Some(4),
            ..ConnectionArgs::default()
        };
        let expected = Timeouts::new()
            .connect(Duration::from_secs(3))
            .attempt(Duration::from_secs(4));
        assert_eq!(timeouts(&args), expected);
    }

    #[test]
    fn only_this_machine_is_trusted_with_the_known_key() {
        for address in [
            "http://127.0.0.1:8273",
            "http://[::1]:80",
            "http://localhost",
        ] {
            assert!(is_loopback(&Endpoint::parse(address).unwrap()), "{address}");
        }
        for address in [
            "http://127.0.0.1.example.com",
            "http://192.168.0.1:80",
            "https://localhost.example.com",
        ] {
            assert!(
                !is_loopback(&Endpoint::parse(address).unwrap()),
                "{address}"
            );
        }
    }
}

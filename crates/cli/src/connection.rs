//! Where the work is done: by the service, or by a local cloud.

use std::net::IpAddr;
use std::time::Duration;

use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::{Endpoint, Site};
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tempfile::TempDir;

use crate::args::ConnectionArgs;
use crate::console;
use crate::error::Error;
use crate::log;

/// The variables that hold an access key: if one is set, a real service is meant.
const KEY_VARIABLES: [&str; 4] = [
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_SECRETID",
    "TENCENTCLOUD_SECRETKEY",
];
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
        let builder = builder(args);
        let Some(address) = endpoint_of(args) else {
            if has_keys() || args.anonymous {
                return Self::of(builder);
            }
            return Err(Error::Failed(
                "no access key is set; set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or \
                 run `tcloud local` and give its address by --endpoint"
                    .to_owned(),
            ));
        };
        if !address.contains("://") {
            return Err(Error::Usage(format!(
                "the endpoint {address} has no scheme; write http://{address}, or https://{address}"
            )));
        }
        let endpoint = Endpoint::parse(address)?;
        let loopback = is_loopback(&endpoint);
        let builder = builder.endpoint(endpoint);
        if has_keys() {
            return Self::of(builder);
        }
        if args.anonymous {
            let local = |builder| with_local_defaults(builder, args);
            return Self::of(if loopback { local(builder) } else { builder });
        }
        if !loopback {
            return Err(Error::Failed(format!(
                "no access key for {address}; set TENCENTCLOUD_SECRET_ID and \
                 TENCENTCLOUD_SECRET_KEY"
            )));
        }
        console::note(&format!(
            "no access key is set: using the local cloud's own, {DEFAULT_SECRET_ID}"
        ));
        Self::of(with_local_defaults(builder, args))
    }

    /// As [`Connection::configured`]; but where nothing is configured, to a local cloud in this
    /// process, which runs by `settings` on a folder of its own.
    pub(crate) async fn configured_or_embedded(
        args: &ConnectionArgs,
        settings: Settings,
    ) -> Result<Self, Error> {
        if endpoint_of(args).is_some() || has_keys() || args.anonymous {
            return Self::configured(args);
        }
        console::note(
            "no access key and no endpoint are set: a local cloud in this process does the work, \
             on a temporary folder",
        );
        log::start(&log::Filter::of_environment());
        let folder = TempDir::with_prefix("tcloud-").map_err(|error| {
            Error::Failed(format!(
                "cannot make a temporary folder: {error}; set TMPDIR to a folder you may write to"
            ))
        })?;
        let cloud = LocalCloud::start(settings.folder(folder.path()))
            .await
            .map_err(|error| Error::Failed(error.to_string()))?;
        let builder = with_local_defaults(builder(args), args).transport(cloud.transport());
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

    /// The region requests go to.
    pub(crate) fn region(&self) -> Result<&str, Error> {
        self.config.region().ok_or_else(|| {
            Error::Usage("no region is set; give --region, or set TENCENTCLOUD_REGION".to_owned())
        })
    }

    /// Ends the local cloud, if there is one.
    pub(crate) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.cloud.shutdown().await;
        }
    }
}

fn builder(args: &ConnectionArgs) -> ConfigBuilder {
    // The command tells of what the documents do not allow, and sends it.
    let mut builder = Config::builder().check_limits(false);
    if let Some(region) = region_of(args) {
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
    if let Some(seconds) = args.timeout {
        builder = builder.timeout(Duration::from_secs(seconds));
    }
    builder
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

fn has_keys() -> bool {
    KEY_VARIABLES
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
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
    use super::{Endpoint, is_loopback};

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

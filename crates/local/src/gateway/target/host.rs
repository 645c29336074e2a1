//! What a host name means.

use std::net::IpAddr;

use tcloud_core::operation::Protocol;

use crate::services;

/// Suffixes of the hosts of Object Storage and Cloud Infinite. Below the last one, names resolve
/// to this machine in browsers and many resolvers.
const STORAGE: [&str; 4] = [
    ".myqcloud.com",
    ".tencentcos.cn",
    ".tencentci.cn",
    ".localhost",
];
/// Suffixes of the hosts of API 3.0 services.
const API: [&str; 3] = [
    ".tencentcloudapi.com",
    ".tencentcloudapi.cn",
    ".tencentcloudapi.com.cn",
];

/// The label of the hosts at which buckets are websites.
const WEBSITE: &str = "cos-website";

/// The host of the metadata service.
const METADATA: &str = "metadata.tencentyun.com";

/// What a host name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// Object Storage or Cloud Infinite.
    Storage {
        protocol: Protocol,
        bucket: Option<String>,
        region: Option<String>,
    },
    /// A bucket as a website: `<bucket>.cos-website.<region>.myqcloud.com`.
    Website {
        bucket: String,
        region: Option<String>,
    },
    /// A host that some operations of Object Storage or Cloud Infinite have to themselves, such as
    /// `<uin>.cos-control.<region>.myqcloud.com`, as their tables write it.
    Own {
        protocol: Protocol,
        host: String,
        region: String,
    },
    /// The API 3.0 service of this name.
    Api(String),
    /// The metadata service of virtual machines.
    Metadata,
    /// A service of the cloud that is not served here.
    Unserved,
    /// This machine.
    Local,
    /// Anything else.
    Other,
}

impl Host {
    /// Reads a `Host` header or the authority of a URL.
    pub(super) fn parse(text: &str) -> Self {
        let name = name(text);
        if name == "localhost" || name.parse::<IpAddr>().is_ok() {
            return Self::Local;
        }
        if name == METADATA {
            return Self::Metadata;
        }
        let below = |suffixes: &[&str]| {
            suffixes
                .iter()
                .find_map(|suffix| Some(name.strip_suffix(suffix)?.split('.').collect::<Vec<_>>()))
        };
        if let Some(labels) = below(&API) {
            let service = labels.first().copied().unwrap_or_default();
            return Self::Api(service.to_owned());
        }
        match below(&STORAGE) {
            Some(labels) => match Self::storage(&labels) {
                Self::Unserved => {
                    let host = format!("{}.myqcloud.com", labels.join("."));
                    let other = if name.ends_with(".localhost") {
                        Self::Local
                    } else {
                        Self::Unserved
                    };
                    Self::own(host).unwrap_or(other)
                }
                host => host,
            },
            None => Self::own(name).unwrap_or(Self::Other),
        }
    }

    /// What `host` is, if the tables have operations that are called there and nowhere else.
    fn own(host: String) -> Option<Self> {
        let catalogs = services::all().iter().map(|service| service.catalog);
        let storage = catalogs.filter(|it| it.service.protocol != Protocol::Tc3);
        let operations = storage.flat_map(|catalog| catalog.operations);
        let (protocol, region) = operations
            .filter(|operation| !operation.host.contains("{bucket}"))
            .find_map(|operation| {
                let region = region_of(operation.host, &host)?;
                Some((operation.service.protocol, region.to_owned()))
            })?;
        Some(Self::Own {
            protocol,
            host,
            region,
        })
    }

    fn storage(labels: &[&str]) -> Self {
        if let [bucket, WEBSITE, rest @ ..] = labels
            && let [] | [_] = rest
        {
            return Self::Website {
                bucket: (*bucket).to_owned(),
                region: rest.first().map(|region| (*region).to_owned()),
            };
        }
        let (bucket, service, region) = match labels {
            ["service", "cos"] => (None, "cos", None),
            [service] => (None, *service, None),
            [service, region] if is_regional(service) => (None, *service, Some(*region)),
            [bucket, service] => (Some(*bucket), *service, None),
            [bucket, service, region] => (Some(*bucket), *service, Some(*region)),
            _ => return Self::Unserved,
        };
        let bucket = bucket.map(str::to_owned);
        // The global acceleration host says nothing about the region.
        let region = region
            .filter(|region| *region != "accelerate")
            .map(str::to_owned);
        match services::at(service) {
            Some(service) => Self::Storage {
                protocol: service.catalog.service.protocol,
                bucket,
                region,
            },
            None => Self::Unserved,
        }
    }
}

/// The region in `host`, if `host` is written as `template` says.
fn region_of<'h>(template: &str, host: &'h str) -> Option<&'h str> {
    let mut region = None;
    let mut labels = host.split('.');
    for wanted in template.split('.') {
        let label = labels.next().filter(|label| !label.is_empty())?;
        match wanted {
            "{region}" => region = Some(label),
            _ if wanted.starts_with('{') || wanted == label => {}
            _ => return None,
        }
    }
    region.filter(|_| labels.next().is_none())
}

/// Whether `label` begins the host of a whole service in a region: `cos.<region>.myqcloud.com`.
fn is_regional(label: &str) -> bool {
    services::at(label).is_some()
}

/// The authority of a URL without the user in it, whose name could be mistaken for the host's.
pub(crate) fn without_user(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

/// The bare name in lower case: without a port, a dot at the end, the brackets of an IPv6 address,
/// and the scheme that one client puts into its `Host` header.
pub(super) fn name(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let text = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(&text);
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => text.split(':').next(),
    };
    bare.unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use tcloud_core::operation::Protocol;

    use super::Host;

    fn storage(protocol: Protocol, bucket: Option<&str>, region: Option<&str>) -> Host {
        let [bucket, region] = [bucket, region].map(|part| part.map(str::to_owned));
        Host::Storage {
            protocol,
            bucket,
            region,
        }
    }

    fn cos(bucket: Option<&str>, region: Option<&str>) -> Host {
        storage(Protocol::Cos, bucket, region)
    }

    fn ci(bucket: Option<&str>, region: Option<&str>) -> Host {
        storage(Protocol::Ci, bucket, region)
    }

    #[test]
    fn hosts_of_the_cloud() {
        let (b, r) = (Some("b-1250000000"), Some("ap-beijing"));
        for (text, host) in [
            ("b-1250000000.cos.ap-beijing.myqcloud.com", cos(b, r)),
            ("B-1250000000.COS.ap-beijing.tencentcos.cn:80", cos(b, r)),
            ("b-1250000000.cos.ap-beijing.localhost:9000", cos(b, r)),
            ("b-1250000000.cos.accelerate.myqcloud.com", cos(b, None)),
            (
                "b-1250000000.cos-internal.ap-beijing.tencentcos.cn",
                cos(b, r),
            ),
            ("b-1250000000.cos.localhost", cos(b, None)),
            (
                "b-1250000000.cos-website.ap-beijing.myqcloud.com",
                Host::Website {
                    bucket: "b-1250000000".into(),
                    region: Some("ap-beijing".into()),
                },
            ),
            (
                "b-1250000000.cos-website.localhost:9000",
                Host::Website {
                    bucket: "b-1250000000".into(),
                    region: None,
                },
            ),
            ("service.cos.myqcloud.com", cos(None, None)),
            ("cos.ap-beijing.myqcloud.com", cos(None, r)),
            ("cos-internal.ap-beijing.tencentcos.cn", cos(None, r)),
            (
                "b-1250000000.cos-dualstack.ap-beijing.myqcloud.com",
                cos(b, r),
            ),
            ("service.cos.tencentcos.cn", cos(None, None)),
            ("b-1250000000.pic.ap-beijing.tencentci.cn", ci(b, r)),
            ("b-1250000000.ci.ap-beijing.tencentci.cn.", ci(b, r)),
            ("ci.ap-beijing.myqcloud.com", ci(None, r)),
            ("ci.localhost", ci(None, None)),
            (
                "100000000001.cos-control.ap-beijing.tencentcos.cn",
                Host::Own {
                    protocol: Protocol::Cos,
                    host: "100000000001.cos-control.ap-beijing.myqcloud.com".into(),
                    region: "ap-beijing".into(),
                },
            ),
            ("mps.tencentcloudapi.com", Host::Api("mps".into())),
            (
                "mps.ap-beijing.tencentcloudapi.com",
                Host::Api("mps".into()),
            ),
            ("mps.intl.tencentcloudapi.com:443", Host::Api("mps".into())),
            ("mps.internal.tencentcloudapi.com", Host::Api("mps".into())),
            ("mps.tencentcloudapi.cn", Host::Api("mps".into())),
            (
                "mps.ap-beijing.tencentcloudapi.com.cn",
                Host::Api("mps".into()),
            ),
            ("b-1250000000.pic.ap-beijing.myqcloud.com", ci(b, r)),
            ("metadata.tencentyun.com:80", Host::Metadata),
        ] {
            assert_eq!(Host::parse(text), host, "{text}");
        }
    }

    #[test]
    fn hosts_of_this_machine_and_others() {
        for text in [
            "127.0.0.1:9000",
            "[::1]:9000",
            "localhost",
            "http://127.0.0.1:9000",
            "x.localhost",
        ] {
            assert_eq!(Host::parse(text), Host::Local, "{text}");
        }
        for text in [
            "example.com",
            "emulator:9000",
            "myqcloud.com",
            "notmyqcloud.com",
            "",
        ] {
            assert_eq!(Host::parse(text), Host::Other, "{text}");
        }
    }
}

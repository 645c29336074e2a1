//! The choice among a service's hosts.

use std::collections::BTreeMap;

use super::domain::Domain;
use super::url::HostUrl;

/// Which hosts requests are for, family by family: the services' own, unless set.
///
/// ```
/// use tcloud_core::host::{ApiHost, CosHost, Domain, Hosts};
///
/// // From a machine in the cloud.
/// let inside = Hosts::internal();
/// // Uploads from far away, and API calls in the configured region.
/// let far = Hosts::new().cos(CosHost::Accelerate).api(ApiHost::Regional);
/// // Another domain serves where the first cannot be reached.
/// let patient = Hosts::new().backup(true);
/// // A bucket with a domain of its own.
/// let own = Hosts::new().domain("album-1250000000", Domain::parse("img.example.com")?);
/// # Ok::<(), tcloud_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    pub(super) cos: CosHost,
    pub(super) ci: CiHost,
    pub(super) api: ApiHost,
    pub(super) api_domain: ApiDomain,
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) backup: bool,
}

/// The hosts of Object Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CosHost {
    /// `<bucket>.cos.<region>.myqcloud.com`, and `service.cos.myqcloud.com` for what is about no
    /// bucket.
    #[default]
    Own,
    /// The same under `tencentcos.cn`.
    SecondDomain,
    /// `<bucket>.cos-dualstack.<region>.myqcloud.com`, reached by IPv6 as well.
    DualStack,
    /// `<bucket>.cos.accelerate.myqcloud.com`: the nearest entry to the cloud, for buckets in whose
    /// settings acceleration is on. What is about no bucket goes to its own host.
    Accelerate,
    /// `<bucket>.cos-internal.<region>.tencentcos.cn`, reached from machines in the cloud only.
    Internal,
    /// An address with its own host.
    Url(HostUrl),
}

/// The hosts of Cloud Infinite. No host of it inside the cloud's network is documented.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CiHost {
    /// `<bucket>.ci.<region>.myqcloud.com` and its like.
    #[default]
    Own,
    /// The same under `tencentci.cn`.
    SecondDomain,
    /// An address with its own host.
    Url(HostUrl),
}

/// The hosts of API 3.0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiHost {
    /// `<service>.tencentcloudapi.com`, with the label `intl` for accounts of the international
    /// site, and with the region for those of finance, such as `ap-shanghai-fsi`, which are served
    /// at no other host.
    #[default]
    Own,
    /// `<service>.<region>.tencentcloudapi.com`: the region that the call is for.
    Regional,
    /// `<service>.internal.tencentcloudapi.com`, reached from machines in the cloud only.
    Internal,
    /// An address with its own host.
    Url(HostUrl),
}

/// The domains under which API 3.0 answers, each as good as the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiDomain {
    /// `tencentcloudapi.com`.
    #[default]
    Com,
    /// `tencentcloudapi.cn`.
    Cn,
    /// `tencentcloudapi.com.cn`.
    ComCn,
}

impl ApiDomain {
    /// All of them, in the order in which they replace each other.
    pub(super) const ALL: [Self; 3] = [Self::Com, Self::Cn, Self::ComCn];

    /// The domain.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Com => "tencentcloudapi.com",
            Self::Cn => "tencentcloudapi.cn",
            Self::ComCn => "tencentcloudapi.com.cn",
        }
    }
}

impl Hosts {
    /// The services' own hosts.
    pub fn new() -> Self {
        Self::default()
    }

    /// The hosts inside the cloud's network, of the services that have one.
    pub fn internal() -> Self {
        Self::new().cos(CosHost::Internal).api(ApiHost::Internal)
    }

    /// The services' own hosts under their second domains.
    pub fn second_domain() -> Self {
        Self::new()
            .cos(CosHost::SecondDomain)
            .ci(CiHost::SecondDomain)
            .api_domain(ApiDomain::Cn)
    }

    /// The same with other hosts of Object Storage.
    pub fn cos(mut self, host: CosHost) -> Self {
        self.cos = host;
        self
    }

    /// The same with other hosts of Cloud Infinite.
    pub fn ci(mut self, host: CiHost) -> Self {
        self.ci = host;
        self
    }

    /// The same with other hosts of API 3.0.
    pub fn api(mut self, host: ApiHost) -> Self {
        self.api = host;
        self
    }

    /// The same with another domain of API 3.0.
    pub fn api_domain(mut self, domain: ApiDomain) -> Self {
        self.api_domain = domain;
        self
    }

    /// The same with a domain for `bucket`: what is asked of the bucket's Object Storage is asked
    /// there, whatever else is set.
    pub fn domain(mut self, bucket: impl Into<String>, domain: Domain) -> Self {
        self.domains.insert(bucket.into(), domain);
        self
    }

    /// Whether another host may serve where one cannot be reached; not unless set. The services' own
    /// hosts have such backups: `tencentcos.cn`, `tencentci.cn`, and for API 3.0 the domains of
    /// [`ApiDomain`] in turn.
    ///
    /// The next attempt goes there at once if one ended before the first byte of an answer, and if
    /// the call may be tried again at all: once something has answered, the host is not changed.
    /// The clients of the configuration then begin their calls there for 30 seconds, after which one
    /// call tries the first host again.
    pub fn backup(mut self, backup: bool) -> Self {
        self.backup = backup;
        self
    }
}

//! Why a request has no target here.

use std::fmt;

/// Why a request has no target here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A tunnel was asked for.
    Tunnel,
    /// A proxy request for somebody else.
    Foreign(String),
    /// A service of the cloud that is not served here.
    Unserved(String),
    /// The header `Host` names nobody: there is none, several, or one that is no host.
    NoHost,
    /// A name by which nobody may call the local cloud.
    Stranger(String),
    /// A web page of another site.
    Origin(String),
    /// The path is not UTF-8.
    Path,
    /// The path has no key, and the operation must not be applied to a bucket.
    Root(String),
}

impl Refusal {
    /// The first line of an answer that refuses a tunnel: most clients show nothing but that.
    pub(crate) fn reason(&self) -> Option<&'static [u8]> {
        match self {
            Self::Tunnel => Some(b"No tunnels here: use the scheme http, or set the endpoint"),
            Self::Foreign(_) => Some(b"No host of Tencent Cloud: exclude it by NO_PROXY"),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tunnel => f.write_str(
                "The local cloud is a proxy without tunnels: it answers requests itself, which it \
                 has to read. Let the client use the scheme http instead of https, give it the \
                 address of the local cloud as its endpoint, or start the local cloud with --tls.",
            ),
            Self::Foreign(host) => write!(
                f,
                "The local cloud answers for hosts of Tencent Cloud and never forwards anything, \
                 so {host} is out of reach. Exclude it from the proxy, for example by NO_PROXY.",
            ),
            Self::Unserved(host) => write!(
                f,
                "The local cloud has no service at {host}. It has Object Storage \
                 (<bucket>.cos.<region>.myqcloud.com), Cloud Infinite \
                 (<bucket>.ci.<region>.myqcloud.com), API 3.0 (mps.tencentcloudapi.com, \
                 sts.tencentcloudapi.com) and metadata (metadata.tencentyun.com).",
            ),
            Self::NoHost => f.write_str(
                "The request must have one header Host, which names a host and no user.",
            ),
            Self::Stranger(host) => write!(
                f,
                "The local cloud does not answer to the name {host}, since a web page could have \
                 its own name lead here. Use an address, localhost or a host of Tencent Cloud, or \
                 start it with --allow-host {host}.",
            ),
            Self::Origin(origin) => write!(
                f,
                "The request comes from a web page of {origin}, and no CORS rule of a bucket lets it \
                 through. Send it from a program or from a page of the same origin, or add a rule to \
                 the bucket by PutBucketCors.",
            ),
            Self::Root(path) => write!(
                f,
                "The path {path} has no key: it is the bucket itself, since empty segments, . and \
                 .. do not count. Use a key with another segment.",
            ),
            Self::Path => f.write_str("The path is not UTF-8; encode it and try again."),
        }
    }
}

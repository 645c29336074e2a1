//! What `tcloud local` says when it has started.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use tcloud_core::credentials::Credentials;
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY};

use super::args::LocalArgs;

/// What is reached without the proxy: it answers for hosts of Tencent Cloud alone, not for this machine,
/// the cloud itself included.
pub(super) const DIRECT: &str = "localhost,127.0.0.1,::1";

/// Variables by which programs find whom to trust: those of most, of Python's `requests`, of curl, of
/// clients of S3, and of Node.
pub(super) const CA_VARIABLES: [&str; 5] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// How to reach the cloud that is `bound`, and whose certificate to trust is in the file `ca`.
pub(super) fn greeting(
    args: &LocalArgs,
    keys: &[Credentials],
    bound: SocketAddr,
    ca: Option<&Path>,
) -> String {
    let mut text = String::new();
    let url = url_of(ca.is_some(), bound);
    let proxy = url_of(false, bound);
    let state = if args.ephemeral {
        "in memory".to_owned()
    } else if let Some(database) = &args.state.database {
        database.to_string()
    } else {
        args.state.folder.data.display().to_string()
    };
    let auth = AuthMode::from(args.auth);
    let mut line = |name: &str, value: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {name:<11} {value}");
    };
    line("state", &state);
    if let Some(bucket) = &args.state.folder.blobs {
        line("content", &bucket.to_string());
    }
    line("signatures", auth.as_str());
    if let Some(ca) = ca {
        line("certificate", &ca.display().to_string());
    }
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
    if let Some(path) = &args.account {
        line("account", &path.display().to_string());
    }
    if let Some(path) = &args.seed {
        line("seed", &path.display().to_string());
    }
    line("region", &args.region);
    if let Some(bucket) = &args.bucket {
        line("bucket", bucket);
    }
    let mut direct = DIRECT.to_owned();
    let ip = reachable(bound.ip());
    if !ip.is_loopback() {
        let _ = write!(direct, ",{ip}");
    }
    let console = if args.no_console {
        String::new()
    } else {
        format!("console     {url}/_local/\n  ")
    };
    let (schemes, proxies, trust) = match ca {
        None => ("the scheme http", String::new(), String::new()),
        Some(ca) => {
            let mut trust = "export".to_owned();
            for name in CA_VARIABLES {
                let _ = write!(trust, " \\\n                {name}={}", ca.display());
            }
            let trust = format!("trust       its certificate:\n              {trust}\n  ");
            ("http or https", format!("https_proxy={proxy} "), trust)
        }
    };
    format!(
        "The local cloud is at {url}\n{text}\n\
         To use it:\n  \
         {trust}tcloud      export TCLOUD_ENDPOINT={url}\n  \
         other SDKs  set {proxy} as HTTP proxy, with {schemes}:\n              \
         export http_proxy={proxy} {proxies}no_proxy={direct}\n  \
         {console}health      {url}/_local/health\n  \
         requests    {url}/_local/requests\n  \
         metrics     {url}/_local/metrics\n  \
         log         --log info shows every request\n\n\
         Ctrl-C ends it."
    )
}

/// Where the cloud that is `bound` is reached from this machine, over TLS or without.
pub(super) fn url_of(tls: bool, bound: SocketAddr) -> String {
    let address = SocketAddr::new(reachable(bound.ip()), bound.port());
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{address}")
}

/// The address of this machine under which `bound` is reached from it.
fn reachable(bound: IpAddr) -> IpAddr {
    match bound {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::{LocalArgs, greeting};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: LocalArgs,
    }

    /// The greeting of a cloud bound to `address`.
    fn greeted(address: &str) -> String {
        let line = Line::parse_from(["local", "--ephemeral"]);
        greeting(&line.args, &[], address.parse().unwrap(), None)
    }

    #[test]
    fn over_tls_it_says_whom_to_trust() {
        let line = Line::parse_from(["local", "--ephemeral", "--tls"]);
        let ca = Path::new("tls/ca.pem");
        let text = greeting(&line.args, &[], "127.0.0.1:80".parse().unwrap(), Some(ca));
        for part in [
            "The local cloud is at https://127.0.0.1:80\n",
            "  certificate tls/ca.pem\n",
            " \\\n                REQUESTS_CA_BUNDLE=tls/ca.pem",
            "export TCLOUD_ENDPOINT=https://127.0.0.1:80\n",
            "export http_proxy=http://127.0.0.1:80 https_proxy=http://127.0.0.1:80 no_proxy=",
            "https://127.0.0.1:80/_local/",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
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

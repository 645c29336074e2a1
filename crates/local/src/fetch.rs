//! Guarded requests to the world outside: the only way out to the network.
//!
//! A client of the local cloud names addresses for callbacks and pictures, so it must not reach
//! through it what it could not reach itself. Addresses are checked where the connection is made,
//! after the name was resolved, redirects are not followed and no proxy stands in between.

mod reach;
#[cfg(test)]
pub(crate) mod receiver;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use tokio::net::lookup_host;

use self::reach::Reach;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to fetch something.
const GET_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take to send a callback and be answered.
pub(crate) const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests to addresses that may be reached.
#[derive(Debug)]
pub(crate) struct Fetch {
    client: Client,
    guard: Guard,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The text is no address of the web.
    #[error("{0} is no address that begins with http:// or https://")]
    Address(String),
    /// The address must not be reached.
    #[error(
        "{0} leads to an address that may not be used; private ones can be allowed when the local \
         cloud is started"
    )]
    Forbidden(String),
    /// The other side answered with something else than success.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is too long.
    #[error("the answer of {host} has more than {limit} bytes")]
    TooLarge {
        /// Who answered.
        host: String,
        /// How many bytes are read.
        limit: u64,
    },
    /// The exchange failed.
    #[error("cannot reach {host}: {reason}")]
    Network {
        /// Who was asked.
        host: String,
        /// What went wrong.
        reason: String,
    },
}

impl FetchError {
    /// Whether the same request may fare better later.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(self, Self::Status { .. } | Self::Network { .. })
    }

    /// The status of the answer, if there was one.
    pub(crate) const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl Fetch {
    /// Sets outgoing requests up. Loopback and private addresses are reached only if allowed,
    /// link-local ones never.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub(crate) fn new(allow_private_addresses: bool) -> reqwest::Result<Self> {
        let guard = Guard {
            farthest: if allow_private_addresses {
                Reach::Private
            } else {
                Reach::Public
            },
        };
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(GET_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(guard))
            .build()?;
        Ok(Self { client, guard })
    }

    /// The content at `url`, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// The address is refused, the exchange fails, or the answer is no success or too long.
    pub(crate) async fn get(&self, url: &str, limit: u64) -> Result<Bytes, FetchError> {
        let target = self.guard.admit(url)?;
        let host = target.host.as_str();
        let answer = self.client.get(target.url.clone()).send().await;
        read(target.succeeded(answer)?, host, limit).await
    }

    /// Posts `body` to `url` and returns the status of a success. The answer's content is not
    /// read.
    ///
    /// # Errors
    ///
    /// The address is refused, the exchange fails, or the answer is no success.
    pub(crate) async fn post(
        &self,
        url: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<u16, FetchError> {
        let target = self.guard.admit(url)?;
        let request = self
            .client
            .post(target.url.clone())
            .timeout(POST_TIMEOUT)
            .header(CONTENT_TYPE, content_type)
            .body(body);
        let answer = target.succeeded(request.send().await)?;
        Ok(answer.status().as_u16())
    }
}

/// An address whose form is admissible.
struct Target {
    url: Url,
    host: String,
}

impl Target {
    fn succeeded(&self, answer: reqwest::Result<Response>) -> Result<Response, FetchError> {
        let answer = answer.map_err(|error| network(&self.host, error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(FetchError::Status {
            host: self.host.clone(),
            status: answer.status().as_u16(),
        })
    }
}

async fn read(mut answer: Response, host: &str, limit: u64) -> Result<Bytes, FetchError> {
    let too_large = || FetchError::TooLarge {
        host: host.to_owned(),
        limit,
    };
    if answer.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut content = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| network(host, error))? {
        if content.len().saturating_add(chunk.len()) > most {
            return Err(too_large());
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content.freeze())
}

/// The failure without the address, which may hold a secret in its query.
fn network(host: &str, error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        if source.is::<NoAdmissibleAddress>() {
            return FetchError::Forbidden(host.to_owned());
        }
        cause = source;
    }
    FetchError::Network {
        host: host.to_owned(),
        // The innermost cause says what happened, those around it only where.
        reason: if error.is_timeout() {
            "it took too long".to_owned()
        } else {
            cause.to_string()
        },
    }
}

/// Decides which addresses are reached.
#[derive(Debug, Clone, Copy)]
struct Guard {
    farthest: Reach,
}

impl Guard {
    fn admits(self, address: IpAddr) -> bool {
        Reach::of(address) <= self.farthest
    }

    /// Checks what can be checked before a name is resolved. Addresses written as numbers are not
    /// resolved, so this is where they are refused.
    fn admit(self, text: &str) -> Result<Target, FetchError> {
        let url = text
            .parse::<Url>()
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
        let (Some(url), Some(host)) = (url, host) else {
            // Nothing behind a `?`, which may be secret.
            let text = text.split('?').next().unwrap_or_default();
            return Err(FetchError::Address(text.to_owned()));
        };
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse()
            && !self.admits(address)
        {
            return Err(FetchError::Forbidden(host));
        }
        Ok(Target { url, host })
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let mut addresses: Vec<_> = lookup_host((name.as_str(), 0)).await?.collect();
            addresses.retain(|found| guard.admits(found.ip()));
            if addresses.is_empty() {
                return Err(NoAdmissibleAddress.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Every address of a name may not be used.
#[derive(Debug, thiserror::Error)]
#[error("none of its addresses may be used")]
struct NoAdmissibleAddress;

#[cfg(test)]
mod tests;

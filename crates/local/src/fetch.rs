//! Guarded requests to the world outside: the only way out to the network.
//!
//! A client of the local cloud names addresses for callbacks, pictures and origins, so it must not reach
//! through it what it could not reach itself. Addresses are checked where the connection is made,
//! after the name was resolved, redirects are not followed and no proxy is used.

mod asked;
mod own;
mod reach;
#[cfg(test)]
pub(crate) mod receiver;
mod shown;

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use http::header::HOST;
use http::{HeaderMap, Method, Request};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use tcloud_core::body::Body;
use tcloud_core::codec::xml;
use tcloud_core::node::Value;
use tokio::net::lookup_host;

pub(crate) use self::own::{Leads, Own};
use self::reach::Reach;
pub(crate) use self::shown::shown;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to fetch something.
const GET_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take to send a callback and be answered.
pub(crate) const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest refusal of the local cloud itself that is read, in bytes.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// Sends requests to addresses that may be reached.
#[derive(Debug)]
pub(crate) struct Fetch {
    /// Made for the first request: reading the certificates of the machine takes time and memory.
    client: OnceLock<Client>,
    guard: Guard,
    own: OnceLock<Weak<dyn Own>>,
}

/// Content that is on its way.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The media type, as whoever has it says.
    pub(crate) media_type: Option<String>,
    /// The content.
    pub(crate) body: Body,
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
    /// The address names the local cloud, which is answering itself already.
    #[error(
        "{0} is this local cloud, which would ask itself in circles; give the address of an object \
         that is there"
    )]
    Circle(String),
    /// The other side answered with something else than success.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The address names the local cloud, which refused.
    #[error("{host} is this local cloud, which answered with status {status}: {reason}")]
    Own {
        /// The name it was called by.
        host: String,
        /// The HTTP status.
        status: u16,
        /// Code and message of the refusal.
        reason: String,
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
        matches!(
            self,
            Self::Status { .. } | Self::Own { .. } | Self::Network { .. }
        )
    }

    /// The status of the answer, if there was one.
    pub(crate) const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Own { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl Fetch {
    /// Nothing is sent yet. Loopback and private addresses are reached only if allowed, link-local
    /// ones never.
    pub(crate) fn new(allow_private_addresses: bool) -> Self {
        let farthest = if allow_private_addresses {
            Reach::Private
        } else {
            Reach::Public
        };
        Self {
            client: OnceLock::new(),
            guard: Guard { farthest },
            own: OnceLock::new(),
        }
    }

    fn client(&self) -> reqwest::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        crate::tls::choose();
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(GET_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(self.guard))
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sets who answers for the hosts of the local cloud itself. Later ones are ignored.
    pub(crate) fn set_own(&self, own: Weak<dyn Own>) {
        let _ = self.own.set(own);
    }

    /// The local cloud itself, unless it has ended.
    pub(crate) fn cloud(&self) -> Option<Arc<dyn Own>> {
        self.own.get()?.upgrade()
    }

    /// The bucket and the key of the local cloud that `host` and the decoded `path` lead to.
    pub(crate) fn bucket_at(&self, host: &str, path: &str) -> Option<(String, String)> {
        self.own.get()?.upgrade()?.bucket_at(host, path)
    }

    /// Who answers at `target`, if it is the local cloud itself.
    fn own(&self, target: &Target) -> Result<Option<Arc<dyn Own>>, FetchError> {
        let Some(own) = self.cloud() else {
            return Ok(None);
        };
        match own.leads(&target.url) {
            Leads::ToService => Ok(Some(own)),
            Leads::ToPage => Err(FetchError::Forbidden(target.host.clone())),
            Leads::Elsewhere => Ok(None),
        }
    }

    /// The content at `url`, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// The address is refused, the exchange fails, or the answer is no success or too long.
    #[cfg_attr(
        not(feature = "pictures"),
        allow(dead_code, reason = "only jobs with pictures fetch")
    )]
    pub(crate) async fn get(&self, url: &str, limit: u64) -> Result<Bytes, FetchError> {
        let target = Target::parse(url)?;
        let host = target.host.as_str();
        if let Some(own) = self.own(&target)? {
            let request = target.request(Method::GET, "", Vec::new());
            let answer = target.succeeded_by(&*own, request).await?;
            return own_content(answer, host, limit).await;
        }
        self.guard.check(&target)?;
        let answer = match self.client() {
            Ok(client) => client.get(target.url.clone()).send().await,
            Err(error) => Err(error),
        };
        read(target.succeeded(answer)?, host, limit).await
    }

    /// The content at `url`, which is read as it comes: all of it `within` a time.
    ///
    /// # Errors
    ///
    /// The address is refused, the exchange fails, or the answer is no success.
    pub(crate) async fn open(&self, url: &str, within: Duration) -> Result<Fetched, FetchError> {
        let target = Target::parse(url)?;
        if let Some(own) = self.own(&target)? {
            let request = target.request(Method::GET, "", Vec::new());
            let answer = target.succeeded_by(&*own, request).await?;
            return Ok(Fetched {
                media_type: media_type(answer.headers()),
                body: answer.into_body(),
            });
        }
        self.guard.check(&target)?;
        let answer = match self.client() {
            Ok(client) => client.get(target.url.clone()).timeout(within).send().await,
            Err(error) => Err(error),
        };
        let answer = target.succeeded(answer)?;
        let media_type = media_type(answer.headers());
        Ok(Fetched {
            media_type,
            body: content(answer, target.host),
        })
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
        let target = Target::parse(url)?;
        if let Some(own) = self.own(&target)? {
            let request = target.request(Method::POST, content_type, body);
            let answer = target.succeeded_by(&*own, request).await?;
            return Ok(answer.status().as_u16());
        }
        self.guard.check(&target)?;
        let answer = match self.client() {
            Ok(client) => {
                let request = client
                    .post(target.url.clone())
                    .timeout(POST_TIMEOUT)
                    .header(CONTENT_TYPE, content_type)
                    .body(body);
                request.send().await
            }
            Err(error) => Err(error),
        };
        Ok(target.succeeded(answer)?.status().as_u16())
    }
}

/// An address whose form is admissible.
struct Target {
    url: Url,
    host: String,
}

impl Target {
    fn parse(text: &str) -> Result<Self, FetchError> {
        let url = text
            .parse::<Url>()
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
        match (url, host) {
            (Some(url), Some(host)) => Ok(Self { url, host }),
            _ => Err(FetchError::Address(shown(text))),
        }
    }

    /// The request as it would arrive by a socket.
    fn request(&self, method: Method, content_type: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        let path = [self.url.path(), "?", self.url.query().unwrap_or_default()].concat();
        // What is part of a URL can be written as one, and as a header.
        if let Ok(path) = path.trim_end_matches('?').parse() {
            *request.uri_mut() = path;
        }
        let authority = match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        };
        for (name, value) in [(HOST, authority.as_str()), (CONTENT_TYPE, content_type)] {
            if let Some(value) = value.parse().ok().filter(|_| !value.is_empty()) {
                request.headers_mut().insert(name, value);
            }
        }
        request
    }

    /// What `own`, the local cloud itself, answers to `request`.
    async fn answered_by(
        &self,
        own: &dyn Own,
        request: Request<Body>,
    ) -> Result<http::Response<Body>, FetchError> {
        let answer = own::ask(own, request).await;
        answer.ok_or_else(|| FetchError::Circle(self.host.clone()))
    }

    /// As [`answered_by`](Self::answered_by), if that is no refusal.
    async fn succeeded_by(
        &self,
        own: &dyn Own,
        request: Request<Body>,
    ) -> Result<http::Response<Body>, FetchError> {
        let answer = self.answered_by(own, request).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let content = answer.into_body().collect(REFUSAL_LIMIT).await;
        let reason = content.ok().and_then(|content| refusal(&content));
        Err(FetchError::Own {
            host: self.host.clone(),
            status: status.as_u16(),
            reason: reason.unwrap_or_else(|| status.to_string()),
        })
    }

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

/// What `host` has answered, which is read as it comes.
fn content(answer: Response, host: String) -> Body {
    let length = answer.content_length();
    let content = answer
        .bytes_stream()
        .map_err(move |error| io::Error::other(network(&host, error)));
    Body::from_stream(content, length)
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(given.to_owned())
}

/// Code and message of an error in XML.
fn refusal(content: &[u8]) -> Option<String> {
    let (_, error) = xml::decode_any(std::str::from_utf8(content).ok()?).ok()?;
    let text = |name| error.get(name).and_then(Value::as_str);
    Some(format!("{}: {}", text("Code")?, text("Message")?))
}

async fn own_content(
    answer: http::Response<Body>,
    host: &str,
    limit: u64,
) -> Result<Bytes, FetchError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let content = answer.into_body().collect(most).await;
    content.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => FetchError::TooLarge {
            host: host.to_owned(),
            limit,
        },
        _ => FetchError::Network {
            host: host.to_owned(),
            reason: error.to_string(),
        },
    })
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
    fn check(self, target: &Target) -> Result<(), FetchError> {
        let host = &target.host;
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        match literal.parse() {
            Ok(address) if !self.admits(address) => Err(FetchError::Forbidden(host.clone())),
            _ => Ok(()),
        }
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

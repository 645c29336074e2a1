//! What is agreed with a client, and which certificate it sees.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::authority::Authority;
use crate::state::State;
use crate::{LocalError, cos, gateway};

/// What proves to clients that this cloud is who they ask for.
#[derive(Debug)]
pub(crate) struct Https {
    authority: Authority,
    /// What is the same for all connections.
    config: ServerConfig,
    /// Knows the domains of buckets.
    state: Arc<State>,
}

impl Https {
    /// For the cloud of `state`.
    ///
    /// # Errors
    ///
    /// [`LocalError::Tls`] if its files cannot be used.
    pub(crate) fn open(state: &Arc<State>) -> Result<Self, LocalError> {
        let provider = CryptoProvider::get_default()
            .cloned()
            .unwrap_or_else(|| Arc::new(ring::default_provider()));
        let authority = Authority::open(&state.settings.data, &provider);
        let authority = authority.map_err(LocalError::Tls)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| LocalError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Found(None)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            authority,
            config,
            state: Arc::clone(state),
        })
    }

    /// The file of the certificate that clients have to trust.
    pub(crate) fn ca_file(&self) -> &Path {
        self.authority.path()
    }

    /// Agrees with the client at the other end of `stream`, which reached this machine at `address`.
    pub(crate) async fn accept<S>(&self, stream: S, address: IpAddr) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let name = begun.client_hello().server_name().map(ToOwned::to_owned);
        let mut config = self.config.clone();
        config.cert_resolver = Arc::new(Found(self.find(name.as_deref(), address).await));
        let accepted = begun.into_stream(Arc::new(config)).await;
        if let Err(error) = &accepted
            && is_distrust(error)
        {
            let file = self.ca_file().display();
            tracing::warn!(%error, "a client does not trust the local cloud; let it trust {file}");
        }
        accepted
    }

    /// The certificate of the host `name`, or of this machine at `address` if a client names none.
    async fn find(&self, name: Option<&str>, address: IpAddr) -> Option<Arc<CertifiedKey>> {
        let made = match name {
            // For others it would be a lie, which only this cloud's clients would believe.
            Some(name) if !self.answers_to(name).await => {
                tracing::warn!(name, "a client asks for the certificate of somebody else");
                return None;
            }
            Some(name) => self.authority.of_host(name),
            None => self.authority.of_address(address),
        };
        match made {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                tracing::error!(%error, "a certificate could not be made");
                None
            }
        }
    }

    /// Whether `name` is a host of this cloud, or a domain that was set for one of its buckets.
    async fn answers_to(&self, name: &str) -> bool {
        if gateway::answers_to(name, &self.state.settings) {
            return true;
        }
        match cos::led(&self.state, name).await {
            Ok(led) => led.is_some(),
            Err(fault) => {
                tracing::error!(%fault, "the domains of buckets could not be read");
                false
            }
        }
    }
}

/// Whether a client has said that it does not trust a certificate.
fn is_distrust(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|it| it.downcast_ref());
    matches!(
        inner,
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
        ))
    )
}

/// What was found for the client of a connection. Without any, it is refused.
#[derive(Debug)]
struct Found(Option<Arc<CertifiedKey>>);

impl ResolvesServerCert for Found {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }
}

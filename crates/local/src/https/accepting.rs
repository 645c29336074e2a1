//! What is agreed with a client, and which certificate it sees.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::authority::Authority;
use crate::{LocalError, Settings, gateway};

/// What proves to clients that this cloud is who they ask for.
#[derive(Debug)]
pub(crate) struct Https {
    authority: Arc<Authority>,
    /// What is the same for all connections.
    config: ServerConfig,
    settings: Arc<Settings>,
}

impl Https {
    /// For a cloud that runs as `settings` say.
    ///
    /// # Errors
    ///
    /// [`LocalError::Tls`] if its files cannot be used.
    pub(crate) fn open(settings: &Settings) -> Result<Self, LocalError> {
        let provider = CryptoProvider::get_default()
            .cloned()
            .unwrap_or_else(|| Arc::new(ring::default_provider()));
        let authority = Authority::open(&settings.data, &provider);
        let authority = Arc::new(authority.map_err(LocalError::Tls)?);
        let settings = Arc::new(settings.clone());
        let named = Named {
            authority: Arc::clone(&authority),
            settings: Arc::clone(&settings),
            address: IpAddr::from([127, 0, 0, 1]),
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| LocalError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(named));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            authority,
            config,
            settings,
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
        let mut config = self.config.clone();
        config.cert_resolver = Arc::new(Named {
            authority: Arc::clone(&self.authority),
            settings: Arc::clone(&self.settings),
            address,
        });
        let accepted = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
        if let Err(error) = &accepted
            && is_distrust(error)
        {
            let file = self.ca_file().display();
            tracing::warn!(%error, "a client does not trust the local cloud; let it trust {file}");
        }
        accepted
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

/// Finds the certificate for the name that a client asks for.
#[derive(Debug)]
struct Named {
    authority: Arc<Authority>,
    settings: Arc<Settings>,
    /// Where the client reached this machine.
    address: IpAddr,
}

impl ResolvesServerCert for Named {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let made = match hello.server_name() {
            // For others it would be a lie, which only this cloud's clients would believe.
            Some(name) if !gateway::answers_to(name, &self.settings) => {
                tracing::warn!(name, "a client asks for the certificate of somebody else");
                return None;
            }
            Some(name) => self.authority.of_host(name),
            None => self.authority.of_address(self.address),
        };
        match made {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                tracing::error!(%error, "a certificate could not be made");
                None
            }
        }
    }
}

//! What `reqwest` needs for TLS: a cryptography and whom to trust.
//!
//! The cryptography is ring's, which is built in a few seconds, unless the program has installed
//! another one for all of its TLS ([`CryptoProvider::install_default`]).

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::network::Certificates;
use crate::transport::TransportError;

/// TLS that trusts whom the system trusts, and `authorities` besides.
///
/// # Errors
///
/// The authorities cannot be read or used, or the system's certificates cannot be found.
pub(super) fn config(authorities: &[Certificates]) -> Result<ClientConfig, TransportError> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let failed =
        |error: rustls::Error| TransportError::unsent(format!("TLS could not be set up: {error}"));
    let verifier = verifier(authorities, &provider)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(
    authorities: &[Certificates],
    provider: &Arc<CryptoProvider>,
) -> Result<Verifier, TransportError> {
    let failed = |error: rustls::Error| {
        TransportError::unsent(format!("whom to trust could not be found out: {error}"))
    };
    let mut roots = Vec::new();
    for authority in authorities {
        roots.extend(certificates(authority)?);
    }
    if roots.is_empty() {
        return Verifier::new(Arc::clone(provider)).map_err(failed);
    }
    #[cfg(any(all(unix, not(target_os = "android")), target_os = "windows"))]
    return Verifier::new_with_extra_roots(roots, Arc::clone(provider)).map_err(failed);
    #[cfg(not(any(all(unix, not(target_os = "android")), target_os = "windows")))]
    Err(TransportError::unsent(
        "this system does not take certificates besides its own; add them to those it trusts",
    ))
}

fn certificates(
    Certificates(pem): &Certificates,
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let refuse = |why: &str| {
        TransportError::unsent(format!(
            "the certificates to be trusted cannot be read: {why}"
        ))
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| refuse(&error.to_string()))?;
    if certificates.is_empty() {
        return Err(refuse("there is no PEM block of a certificate among them"));
    }
    Ok(certificates)
}

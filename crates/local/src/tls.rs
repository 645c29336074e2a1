//! The cryptography of TLS.

/// Has ring do it, for all of this process, unless the program has chosen already.
///
/// What fetches content, and what keeps it in buckets of others, builds clients that look for this.
pub(crate) fn choose() {
    // Refused if something is chosen already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

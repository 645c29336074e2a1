//! The authority of a local cloud, and the certificates that it makes.
//!
//! ```text
//! authority.pem  its key and its certificate, for the owner alone
//! ca.pem         its certificate, for clients to trust
//! ```
//!
//! Both are in the folder `tls` of the state, so that a client that trusts the one of a cloud trusts
//! it after every start. The certificate follows from the key but for its signature, so nothing ever
//! has to be read out of it.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use tempfile::{NamedTempFile, TempDir};
use uuid::Uuid;

use crate::settings::Data;

/// Key and certificate.
const KEPT: &str = "authority.pem";
/// The certificate alone.
const SHOWN: &str = "ca.pem";
/// What the authority is called. Its certificates name it so: with another name, those of an older
/// version would not lead to the kept one.
const NAME: &str = "tcloud local cloud";
const DAY: Duration = Duration::from_hours(24);
/// How long a certificate is good: some clients take none that is good for longer.
const LIFETIME: Duration = Duration::from_hours(24 * 397);
/// How long one is used.
const RENEWAL: Duration = Duration::from_hours(24 * 180);
/// How many are kept at most. A client may ask for any number of buckets.
const MOST: usize = 1000;

/// Makes certificates for whoever is asked for.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    path: PathBuf,
    /// The key of all of its certificates.
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    /// Those that were made, each with the time of that, by their first names.
    made: Mutex<HashMap<String, (Instant, Arc<CertifiedKey>)>>,
    /// The folder of a state in memory, which goes with it.
    _folder: Option<TempDir>,
}

/// The key is not for logs.
impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority of the cloud whose state is in `data`, which is made at its first start.
    ///
    /// # Errors
    ///
    /// Its files cannot be read, written or understood; the text says which, and what to do.
    pub(super) fn open(data: &Data, provider: &CryptoProvider) -> Result<Self, String> {
        let (path, folder) = match data {
            Data::Folder(folder)
            | Data::Database {
                folder: Some(folder),
                ..
            } => (folder.join("tls"), None),
            Data::Database { folder: None, .. } | Data::Ephemeral => {
                let folder = tempfile::Builder::new().prefix("tcloud-tls-").tempdir();
                let folder = folder.map_err(|error| format!("no folder can be made: {error}"))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        // Clients are started in other folders.
        let path = std::path::absolute(&path).unwrap_or(path);
        let kept = path.join(KEPT);
        let unusable = |why: String| {
            let name = kept.display();
            format!("the file {name} cannot be used: {why}; delete it to have a new authority")
        };
        let text = keep(&path, &kept).map_err(|error| unusable(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes());
        let key = key.map_err(|error| unusable(error.to_string()))?;
        let key = KeyPair::try_from(&key).map_err(|error| unusable(error.to_string()))?;
        let certificate = CertificateDer::from_pem_slice(text.as_bytes());
        certificate.map_err(|error| unusable(error.to_string()))?;
        let shown = text.find("-----BEGIN CERTIFICATE").unwrap_or_default();
        let shown = text.get(shown..).unwrap_or_default();
        let path = path.join(SHOWN);
        show(&path, shown).map_err(|error| {
            let name = path.display();
            format!("the file {name} cannot be written: {error}")
        })?;
        let issuer = Issuer::new(own_parameters(), key);
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let der = PrivatePkcs8KeyDer::from(key.serialize_der());
        let signing = provider.key_provider.load_private_key(der.into());
        Ok(Self {
            issuer,
            path,
            key,
            signing: signing.map_err(|error| error.to_string())?,
            made: Mutex::default(),
            _folder: folder,
        })
    }

    /// The file of its certificate.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate of the host `name`.
    pub(super) fn of_host(&self, name: &str) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        self.of(vec![name.to_ascii_lowercase()])
    }

    /// The certificate of this machine, which is reached at `address`.
    pub(super) fn of_address(&self, address: IpAddr) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        let mut names = vec![address.to_string(), "localhost".to_owned()];
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let others = loopback.into_iter().filter(|&it| it != address);
        names.extend(others.map(|it| it.to_string()));
        self.of(names)
    }

    fn of(&self, names: Vec<String>) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        let first = names.first().cloned().unwrap_or_default();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, certificate)) = made.get(&first)
            && since.elapsed() < RENEWAL
        {
            return Ok(Arc::clone(certificate));
        }
        let certificate = Arc::new(self.make(names)?);
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(first, (Instant::now(), Arc::clone(&certificate)));
        Ok(certificate)
    }

    fn make(&self, names: Vec<String>) -> Result<CertifiedKey, rcgen::Error> {
        let mut parameters = CertificateParams::new(names)?;
        parameters.distinguished_name = called("tcloud local");
        // No two of an authority may have the same.
        parameters.serial_number = Some(Uuid::new_v4().as_bytes().to_vec().into());
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = date_time_ymd(1970, 1, 1) + now.unwrap_or_default();
        // The clock of a client may be slow.
        parameters.not_before = now - DAY;
        parameters.not_after = now + LIFETIME;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(&self.key, &self.issuer)?;
        let chain = vec![certificate.der().clone()];
        Ok(CertifiedKey::new(chain, Arc::clone(&self.signing)))
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut all = DistinguishedName::new();
    all.push(DnType::CommonName, name);
    all
}

/// What its own certificate says, the same for each key.
fn own_parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = called(NAME);
    parameters.not_before = date_time_ymd(2025, 1, 1);
    parameters.not_after = date_time_ymd(2049, 12, 31);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

/// What is in `kept`, which is made in `folder` if it is not there. Another process that shares the
/// folder may make it at the same time: one of the two is kept.
fn keep(folder: &Path, kept: &Path) -> io::Result<String> {
    match fs::read_to_string(kept) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read,
    }
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = own_parameters().self_signed(&key);
    let certificate = certificate.map_err(io::Error::other)?.pem();
    make_folder(folder)?;
    // A temporary file is its owner's alone.
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(key.serialize_pem().as_bytes())?;
    file.write_all(certificate.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(kept) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => fs::read_to_string(kept),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes `text` to the file `path`, unless it has it.
fn show(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests;

//! Files and certificates.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};

use super::*;

fn open(data: &Data) -> Result<Authority, String> {
    Authority::open(data, &ring::default_provider())
}

/// Whether `certificate` is good for `name` until `age` from now, for who trusts the file `ca`.
fn verify(
    ca: &Path,
    certificate: &CertifiedKey,
    name: &str,
    age: Duration,
) -> Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from(name).unwrap();
    let now = UNIX_EPOCH.elapsed().unwrap() + age;
    let now = UnixTime::since_unix_epoch(now);
    let verifier = verifier.build().unwrap();
    verifier
        .verify_server_cert(&certificate.cert[0], &[], &name, &[], now)
        .map(drop)
}

#[test]
fn a_certificate_is_good_for_its_name_by_its_authority_and_for_about_a_year() {
    let authority = open(&Data::Ephemeral).unwrap();
    let ca = authority.path();
    let host = "b-1250000000.cos.ap-guangzhou.myqcloud.com";
    let certificate = authority.of_host(&host.to_uppercase()).unwrap();
    assert_eq!(verify(ca, &certificate, host, Duration::ZERO), Ok(()));
    let other = verify(ca, &certificate, "a.example", Duration::ZERO);
    assert!(
        matches!(
            other,
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForNameContext { .. }
            ))
        ),
        "{other:?}"
    );
    let late = verify(ca, &certificate, host, LIFETIME + DAY);
    assert!(
        matches!(
            late,
            Err(rustls::Error::InvalidCertificate(
                CertificateError::ExpiredContext { .. }
            ))
        ),
        "{late:?}"
    );

    let stranger = open(&Data::Ephemeral).unwrap();
    let distrusted = verify(stranger.path(), &certificate, host, Duration::ZERO);
    assert!(
        matches!(distrusted, Err(rustls::Error::InvalidCertificate(_))),
        "{distrusted:?}"
    );
}

#[test]
fn this_machine_has_all_of_its_names() {
    let authority = open(&Data::Ephemeral).unwrap();
    let certificate = authority.of_address([192, 168, 0, 7].into()).unwrap();
    for name in ["192.168.0.7", "127.0.0.1", "::1", "localhost"] {
        let verified = verify(authority.path(), &certificate, name, Duration::ZERO);
        assert_eq!(verified, Ok(()), "{name}");
    }
}

#[test]
fn the_same_name_has_the_same_certificate_and_any_number_of_names_has_few() {
    let authority = open(&Data::Ephemeral).unwrap();
    let first = authority.of_host("localhost").unwrap();
    let second = authority.of_host("localhost").unwrap();
    assert_eq!(first.cert, second.cert);
    for number in 0..=MOST {
        authority.of_host(&format!("b{number}.localhost")).unwrap();
    }
    assert!(authority.made.lock().unwrap().len() <= MOST);
}

#[test]
fn an_authority_is_kept_with_its_state() {
    let place = tempfile::tempdir().unwrap();
    let data = Data::Folder(place.path().join("data"));
    let first = open(&data).unwrap();
    assert_eq!(first.path(), place.path().join("data/tls/ca.pem"));
    let text = fs::read_to_string(first.path()).unwrap();
    assert!(text.starts_with("-----BEGIN CERTIFICATE"), "{text}");
    assert!(!text.contains("KEY"), "{text}");
    // It comes again, and is the same.
    fs::remove_file(first.path()).unwrap();
    let second = open(&data).unwrap();
    assert_eq!(fs::read_to_string(first.path()).unwrap(), text);
    let certificate = second.of_host("localhost").unwrap();
    let verified = verify(first.path(), &certificate, "localhost", Duration::ZERO);
    assert_eq!(verified, Ok(()));
    let shown = format!("{first:?}");
    assert!(
        shown.starts_with("Authority { path: ") && shown.ends_with(", .. }"),
        "{shown}"
    );
}

#[cfg(unix)]
#[test]
fn its_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let place = tempfile::tempdir().unwrap();
    let authority = open(&Data::Folder(place.path().to_owned())).unwrap();
    let folder = authority.path().parent().unwrap();
    for path in [folder.to_owned(), folder.join(KEPT)] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn those_who_begin_at_the_same_time_have_the_same_one() {
    let place = tempfile::tempdir().unwrap();
    let data = Data::Folder(place.path().to_owned());
    let texts: Vec<String> = std::thread::scope(|scope| {
        let open = || fs::read_to_string(open(&data).unwrap().path()).unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(texts.iter().all(|it| *it == texts[0]));
}

#[test]
fn a_file_that_is_no_authority_is_named() {
    let place = tempfile::tempdir().unwrap();
    let data = Data::Folder(place.path().to_owned());
    let kept = open(&data).unwrap().path().with_file_name(KEPT);
    let whole = fs::read_to_string(&kept).unwrap();
    let key = whole.find("-----BEGIN CERTIFICATE").unwrap();
    for text in ["", "nonsense", &whole[..key], &whole[key..]] {
        fs::write(&kept, text).unwrap();
        let error = open(&data).unwrap_err();
        assert!(
            error.contains(KEPT) && error.contains("delete it"),
            "{error}"
        );
        assert!(!error.contains("BEGIN"), "{error}");
    }
}

#[test]
fn a_state_in_memory_takes_its_files_along() {
    let authority = open(&Data::Ephemeral).unwrap();
    let path = authority.path().to_owned();
    assert!(path.exists());
    drop(authority);
    assert!(!path.exists());
}

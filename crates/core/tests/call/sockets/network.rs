//! Proxy, certificates and pool of the ready transport.

use tcloud_core::network::{Network, Proxy};
use tcloud_core::transport::Memory;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::fixture::CREATE;

const NOTHING: &str = "HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n<Response></Response>";
/// An authority of our own, and what it signed for `localhost`, with its key. Good until 2126.
const AUTHORITY: &[u8] = include_bytes!("authority.pem");
const LOCALHOST: &[u8] = include_bytes!("localhost.pem");

#[tokio::test]
async fn requests_go_through_the_proxy_that_is_given() {
    let proxy = Server::start().await;
    let address = format!("http://{}", proxy.address());
    for (given, login) in [
        (Proxy::url(address.as_str()), None),
        // `user:pass word`, in Base64.
        (
            Proxy::with_login(address.as_str(), "user", "pass word"),
            Some("proxy-authorization: Basic dXNlcjpwYXNzIHdvcmQ="),
        ),
    ] {
        // This machine is no exception: it was asked for.
        for endpoint in ["http://gateway.example.com", "http://127.0.0.1:9"] {
            let network = Network::new().proxy(given.clone());
            let client = client(config(endpoint).network(network));
            let call = tokio::spawn(send(client, &CREATE, Body::empty()));
            let mut peer = proxy.accept().await;
            let head = peer.head().await;
            peer.say(NOTHING).await;
            call.await.unwrap().unwrap();
            assert!(
                head.starts_with(&format!("POST {endpoint}/jobs/")),
                "{head}"
            );
            let found = head.lines().find(|line| line.starts_with("proxy-auth"));
            assert_eq!(found, login);
        }
    }
}

#[tokio::test]
async fn no_proxy_means_none() {
    let server = Server::start().await;
    let network = Network::new().proxy(Proxy::none());
    let address = format!("http://{}", server.address());
    let call = tokio::spawn(send(
        client(config(&address).network(network)),
        &CREATE,
        Body::empty(),
    ));
    let mut peer = server.accept().await;
    assert!(peer.head().await.starts_with("POST /jobs/"));
    peer.say(NOTHING).await;
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_if_it_is_given() {
    let server = Server::start().await;
    let chain = CertificateDer::pem_slice_iter(LOCALHOST).map(Result::unwrap);
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            chain.collect(),
            PrivateKeyDer::from_pem_slice(LOCALHOST).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let address = format!("https://localhost:{}", server.address().port());

    let call = tokio::spawn(send(client(config(&address)), &CREATE, Body::empty()));
    assert!(acceptor.accept(server.accept().await.0).await.is_err());
    let error = call.await.unwrap().unwrap_err();
    assert!(!error.was_ever_sent());
    assert!(error.to_string().contains("certificate"), "{error}");

    let network = Network::new().certificates(AUTHORITY);
    let trusting = client(config(&address).network(network));
    let call = tokio::spawn(send(trusting, &CREATE, Body::empty()));
    let mut stream = acceptor.accept(server.accept().await.0).await.unwrap();
    stream.write_all(NOTHING.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn idle_connections_are_kept_as_the_network_says() {
    let usual = Network::new();
    let none = Network::new().idle_connections(0);
    let short = Network::new().idle_time(Duration::from_nanos(1));
    for (network, reused) in [(usual, true), (none, false), (short, false)] {
        let server = Server::start().await;
        let address = format!("http://{}", server.address());
        let client = client(config(&address).network(network.clone()));
        let mut connected: Option<Peer> = None;
        for _ in 0..2 {
            let call = tokio::spawn(send(client.clone(), &CREATE, Body::empty()));
            let mut peer = match connected.take().filter(|_| reused) {
                Some(peer) => peer,
                None => server.accept().await,
            };
            peer.head().await;
            peer.say(NOTHING).await;
            call.await.unwrap().unwrap();
            connected = Some(peer);
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_when_the_client_is_made() {
    let refused = |network: Network| {
        let error = config("http://127.0.0.1:9").network(network).build();
        error.unwrap_err().to_string()
    };
    let socks = refused(Network::new().proxy(Proxy::url("socks5://name:hidden@proxy:1080")));
    assert!(socks.contains("socks5://proxy:1080"), "{socks}");
    assert!(socks.contains("only http and https"), "{socks}");
    let port = refused(Network::new().proxy(Proxy::url("http://name:hidden@proxy:port")));
    assert!(port.contains("http://proxy:port"), "{port}");
    assert!(!socks.contains("hidden") && !port.contains("hidden"));
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA\n"] {
        let error = refused(Network::new().certificates(pem));
        assert!(error.contains("the certificates to be trusted"), "{error}");
    }
    // What would have no effect is not swallowed.
    let both = config("http://127.0.0.1:9")
        .network(Network::new())
        .transport(Memory::answering([(200, "")]));
    let error = both.build().unwrap_err().to_string();
    assert!(error.contains("not the ready one"), "{error}");
}

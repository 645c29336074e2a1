//! What is not opened to the rules of an origin.

use std::time::Duration;

use tcloud_core::sign::encode;
use tcloud_cos::types::{
    NewOriginHeaders, OriginCondition, OriginFile, OriginFixedFile, OriginHeader, OriginHeaders,
    OriginHost, OriginInfo, OriginParameter, OriginRule, OriginType,
};
use tcloud_local::AuthMode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{BUCKET, Fixture, REGION, code};
use crate::origins::{Origin, answer, put, rule, settings};
use crate::sockets::{Served, status};

#[tokio::test]
async fn pages_about_the_cloud_are_nobodys_origin() {
    let served = Served::new(settings()).await;
    let fixture = &served.fixture;
    fixture.client().put_bucket(BUCKET).send().await.unwrap();
    let own = format!("127.0.0.1:{}", served.port);
    let health = served
        .exchange(
            &["GET /_local/health HTTP/1.1", &format!("Host: {own}")],
            "",
        )
        .await;
    assert_eq!(status(&health), "200", "{health}");
    let to_page = format!("Location: http://{own}/%5Flocal/health\r\n");
    let origin = Origin::new(move |_| answer("302 Found", &to_page, "")).await;
    let page = "</HostInfo><FileInfo><FixedFileConfiguration><FixedFilePath>_local/health\
                </FixedFilePath></FixedFileConfiguration></FileInfo>";
    let asks_itself = rule("Mirror", "404", &own, "").replace("</HostInfo>", page);
    for rules in [asks_itself, rule("Mirror", "404", &origin.address, "")] {
        let set = put(fixture, &rules).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let got = fixture.anonymous("GET /k").await;
        assert_eq!(got.status, 424, "{}", got.text);
    }
}

#[tokio::test]
async fn the_built_in_key_opens_nothing_for_an_origin_where_others_can_ask() {
    const OTHER: &str = "other-1250000000";
    let fixture = Fixture::with(settings().auth(AuthMode::Strict)).await;
    let client = fixture.client();
    for bucket in [BUCKET, OTHER] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    client.put_object(OTHER, "k", "v").send().await.unwrap();
    let signed = client.get_object(OTHER, "k");
    let signed = signed.presign(Duration::from_hours(1)).await.unwrap();
    let (_, signature) = signed.url().split_once('?').unwrap();
    let signature = encode::decode_query(signature).unwrap().into_iter();
    let signature: Vec<_> = signature
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let header = OriginHeader::new("Authorization").value(signature.join("&"));
    let headers = OriginHeaders::new().new_http_headers(NewOriginHeaders::new([header]));
    let host = OriginHost::new().host_name(format!("{OTHER}.cos.{REGION}.myqcloud.com"));
    let file = OriginFile::new().fixed_file_configuration(OriginFixedFile::new("k"));
    let info = OriginInfo::new([host]).file_info(file);
    let condition = OriginCondition::new().http_status_code("404");
    let rule = OriginRule::new(OriginType::Mirror, condition, info)
        .origin_parameter(OriginParameter::new().headers(headers));
    let set = client.put_bucket_origin(BUCKET, [rule]);
    set.send().await.unwrap();
    // Nobody but this machine can ask, and it has the key anyway.
    client.get_object(BUCKET, "a").send().await.unwrap();

    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let cloud = fixture.cloud.clone();
    let serving = tokio::spawn(async move { cloud.serve(listener).await });
    // Whoever is answered knows that it listens.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let ask = b"GET /_local/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(
        code(client.get_object(BUCKET, "b").send().await),
        "MirrorFailed"
    );
    serving.abort();
}

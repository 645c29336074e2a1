//! Requests of API 3.0 that travel compressed.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST};
use tcloud_core::body::Body;
use tcloud_core::config::Config;
use tcloud_core::environment::{Environment, System};
use tcloud_core::sign::tc3;
use tcloud_core::transport::Transport;
use tcloud_local::{LocalCloud, Settings};
use tcloud_mps::operation::describe_image_task_detail::DescribeImageTaskDetailRequest;

use crate::fixture::{REGION, refused, root};

async fn cloud() -> LocalCloud {
    LocalCloud::start(Settings::default()).await.unwrap()
}

#[tokio::test]
async fn a_compressed_request_is_proven_as_it_travels_and_read_as_it_was() {
    let cloud = cloud().await;
    let client = |compress| {
        let config = Config::builder()
            .region(REGION)
            .credentials(root())
            .transport(cloud.transport())
            .compress_requests(compress)
            .build()
            .unwrap();
        tcloud_mps::Client::new(&config)
    };
    // The service names what it has read.
    let id = "t".repeat(100_000);
    let plain = client(false).describe_image_task_detail(&id).send().await;
    let compressed = client(true).describe_image_task_detail(&id).send().await;
    let (code, message) = refused(plain);
    assert_eq!(code, "ResourceNotFound");
    assert_eq!(refused(compressed), (code, message));
    // So do the cloud's notes of what arrived.
    let arrived = cloud.requests().of::<DescribeImageTaskDetailRequest>();
    let ids: Vec<_> = arrived.into_iter().map(|request| request.task_id).collect();
    assert_eq!(ids, [Some(id.clone()), Some(id)]);
}

/// What the cloud answers to `DescribeImageTaskDetail` with this body, which is compressed by
/// `encoding`.
async fn answer(cloud: &LocalCloud, encoding: &'static str, body: Vec<u8>) -> String {
    let mut request = Request::post("https://mps.tencentcloudapi.com/")
        .header(HOST, "mps.tencentcloudapi.com")
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_ENCODING, encoding)
        .header("x-tc-action", "DescribeImageTaskDetail")
        .header("x-tc-version", "2019-06-12")
        .header("x-tc-region", REGION)
        .body(Body::empty())
        .unwrap();
    let method = request.method().clone();
    let key = root();
    tc3::Signer::new(&key, "mps", System.now().div_euclid(1000))
        .authorize(&method, "", request.headers_mut(), &body)
        .unwrap();
    *request.body_mut() = Body::from(body);
    let answer = cloud.transport().send(request).await.unwrap();
    let bytes: Bytes = answer.into_body().collect(100_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn what_is_damaged_too_large_or_compressed_otherwise_is_refused() {
    let cloud = cloud().await;
    let packed = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let document = br#"{"TaskId":"t"}"#;
    let whole = packed(document);
    assert!(
        answer(&cloud, "gzip", whole.clone())
            .await
            .contains("ResourceNotFound")
    );
    let half = whole.get(..whole.len() / 2).unwrap().to_vec();
    let bomb = packed(&vec![b' '; 11 * 1024 * 1024]);
    for (encoding, body, part) in [
        ("gzip", half, "the body"),
        ("gzip", bomb, "bytes, once it is unpacked"),
        ("br", document.to_vec(), "only gzip"),
    ] {
        let answer = answer(&cloud, encoding, body).await;
        assert!(
            answer.contains("InvalidRequest") && answer.contains(part),
            "{encoding}: {answer}"
        );
    }
}

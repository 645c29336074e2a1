//! Pictures that are fetched from the web.

use std::net::SocketAddr;

use image::ImageFormat;
use tcloud_local::Settings;
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{
    CosOutputStorage, ImageEncodeConfig, ImageTaskInput, MediaInputInfo, TaskOutputStorage,
    UrlInputInfo,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{BUCKET, Fixture, REGION, encode, flag, request};

/// A server on loopback that answers everything with `status` and `content`.
async fn serve(status: &'static str, content: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && connection.read_buf(&mut head).await.unwrap() > 0
            {
            }
            let length = content.len();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
            connection.write_all(answer.as_bytes()).await.unwrap();
            connection.write_all(&content).await.unwrap();
        }
    });
    address
}

fn fetched(url: String) -> ProcessImageRequest {
    let input = MediaInputInfo::new("URL").url_input_info(UrlInputInfo::new(url));
    let task = ImageTaskInput::new().encode_config(ImageEncodeConfig::new().format("BMP"));
    let mut asked = request(input, task);
    let place = CosOutputStorage::new().bucket(BUCKET).region(REGION);
    asked.output_storage = Some(TaskOutputStorage::new("COS").cos_output_storage(place));
    asked
}

fn allowing() -> Settings {
    Settings::default().allow_private_addresses(true)
}

#[tokio::test]
async fn a_picture_of_the_web_is_processed() {
    let address = serve("200 OK", encode(&flag(6, 4), ImageFormat::Png)).await;
    let cloud = Fixture::with(allowing()).await;
    let url = format!("http://{address}/photos/my%20photo.png?version=2");
    assert_eq!(cloud.succeed(fetched(url)).await, "/my photo.bmp");
    let stored = cloud.get("my photo.bmp").await.unwrap();
    assert_eq!(stored.picture(), (ImageFormat::Bmp, flag(6, 4)));
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let address = serve("200 OK", encode(&flag(6, 4), ImageFormat::Png)).await;
    let cloud = Fixture::new().await;
    let (code, _, message) = cloud.fail(fetched(format!("http://{address}/a.png"))).await;
    assert_eq!(code, "SourceFileError");
    assert!(message.contains("may not be used"), "{message}");
    assert!(cloud.get("a.bmp").await.is_none());
}

#[tokio::test]
async fn addresses_of_machine_metadata_are_always_refused() {
    let cloud = Fixture::with(allowing()).await;
    let url = "http://169.254.0.23/latest/meta-data/a.png";
    let (code, _, message) = cloud.fail(fetched(url.to_owned())).await;
    assert_eq!(code, "SourceFileError");
    assert!(message.contains("may not be used"), "{message}");
}

#[tokio::test]
async fn an_address_that_answers_badly_fails_the_task() {
    let address = serve("404 Not Found", Vec::new()).await;
    let cloud = Fixture::with(allowing()).await;
    let (code, number, message) = cloud.fail(fetched(format!("http://{address}/a.png"))).await;
    assert_eq!((code.as_str(), number), ("SourceFileError", 60_000));
    assert!(message.contains("404"), "{message}");
}

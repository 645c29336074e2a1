//! Checksums of what was sent and received, against what the service names. The texts and numbers
//! are those that the documents of COS print.

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::transport::Memory;

use crate::fixture::{
    APPEND, CRC64, Chunks, GET, PROCESS, PUT, PUT_ONCE, answer, call, call_with, client, config,
};

const PART: &str = "[Object Part]";
const PART_CRC64: &str = "4510578591875220731";
const CONTENT: &str = "[Object Content]";
const CONTENT_CRC64: &str = "16749565679157681890";

/// Answers each upload with this checksum.
fn storing(crc64: &'static str) -> Memory {
    Memory::new(move |_| Ok(answer(&[(CRC64, crc64), ("x-cos-request-id", "id-1")], "")))
}

fn bodies() -> [Body; 3] {
    [
        Body::from(PART),
        Body::from_factory(Some(13), || Chunks::of(&["[Object", " Part]"])),
        Body::from_stream(Chunks::of(&["[Object", " Part]"]), Some(13)),
    ]
}

#[tokio::test]
async fn an_upload_that_arrived_as_it_was_sent_succeeds() {
    for body in bodies() {
        let came = call(&client(storing(PART_CRC64)), &PUT, body).await;
        assert_eq!(came.unwrap().attempts, 1);
    }
    let empty = call(&client(storing("0")), &PUT, "").await;
    assert_eq!(empty.unwrap().attempts, 1);
}

#[tokio::test]
async fn an_upload_that_arrived_otherwise_is_an_error_of_its_own() {
    for (body, attempts) in bodies().into_iter().zip([3, 3, 1]) {
        let transport = storing(CONTENT_CRC64);
        let error = call(&client(transport.clone()), &PUT, body)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
        assert_eq!(error.request_id(), Some("id-1"));
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.is_retryable());
        let message = error.to_string();
        for told in ["Put: ", "13 bytes", PART_CRC64, CONTENT_CRC64] {
            assert!(message.contains(told), "{message}");
        }
        assert_eq!(transport.requests().len(), attempts);
    }
    // What must not be done twice is not.
    let transport = storing(CONTENT_CRC64);
    let error = call(&client(transport.clone()), &PUT_ONCE, PART).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Integrity);
    assert_eq!(transport.requests().len(), 1);
    let empty = call(&client(storing("1")), &PUT, "").await;
    assert_eq!(empty.unwrap_err().kind(), ErrorKind::Integrity);
}

#[tokio::test]
async fn a_checksum_of_another_content_is_not_compared() {
    for operation in [&PROCESS, &APPEND] {
        call(&client(storing(CONTENT_CRC64)), operation, PART)
            .await
            .unwrap();
    }
    for silent in ["", "-", "not a number"] {
        call(&client(storing(silent)), &PUT, PART).await.unwrap();
    }
}

/// One that answers downloads with the content and these headers.
fn holding(status: u16, headers: &'static [(&'static str, &'static str)]) -> Memory {
    Memory::new(move |_| {
        let mut response = answer(headers, CONTENT);
        *response.status_mut() = status.try_into().unwrap();
        Ok(response)
    })
}

const RIGHT: &[(&str, &str)] = &[(CRC64, CONTENT_CRC64)];
const WRONG: &[(&str, &str)] = &[(CRC64, PART_CRC64), ("x-cos-request-id", "id-2")];

async fn read(client: &Client, options: CallOptions) -> Result<String, Error> {
    let came = call_with(client, &GET, &[], "", options).await?;
    let bytes = came.body.collect(1_000).await.map_err(|error| {
        let error = error.into_inner().unwrap();
        *error.downcast::<Error>().unwrap()
    })?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_download_is_compared_while_it_is_read() {
    let right = read(&client(holding(200, RIGHT)), CallOptions::new()).await;
    assert_eq!(right.unwrap(), CONTENT);

    let error = read(&client(holding(200, WRONG)), CallOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert_eq!(error.operation(), Some("Get"));
    assert_eq!(error.request_id(), Some("id-2"));
    let message = error.to_string();
    for told in ["16 bytes", PART_CRC64, CONTENT_CRC64] {
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test]
async fn whoever_counts_the_bytes_does_not_get_the_last_ones() {
    let stream = || Chunks::of(&["[Object", " Content]"]);
    let transport = Memory::new(move |_| {
        Ok(answer(
            &[(CRC64, PART_CRC64)],
            Body::from_stream(stream(), Some(16)),
        ))
    });
    let mut body = call(&client(transport), &GET, "").await.unwrap().body;
    assert_eq!(body.length(), Some(16));
    assert_eq!(body.chunk().await.unwrap().unwrap(), "[Object");
    body.chunk().await.unwrap().unwrap_err();
    assert!(body.chunk().await.is_none());

    // Without a length it shows at the end.
    let transport = Memory::new(move |_| {
        Ok(answer(
            &[(CRC64, PART_CRC64)],
            Body::from_stream(stream(), None),
        ))
    });
    let mut body = call(&client(transport), &GET, "").await.unwrap().body;
    body.chunk().await.unwrap().unwrap();
    body.chunk().await.unwrap().unwrap();
    body.chunk().await.unwrap().unwrap_err();
}

#[tokio::test]
async fn parts_and_processed_pictures_are_not_compared() {
    let processed = CallOptions::new().query("imageMogr2/thumbnail/!50p", "");
    for (transport, options) in [
        (holding(206, WRONG), CallOptions::new()),
        (
            holding(
                200,
                &[(CRC64, PART_CRC64), ("content-range", "bytes 0-15/99")],
            ),
            CallOptions::new(),
        ),
        (
            holding(200, &[(CRC64, PART_CRC64), ("x-ci-request-id", "c")]),
            CallOptions::new(),
        ),
        (
            holding(200, &[(CRC64, PART_CRC64), ("x-errno", "0")]),
            CallOptions::new(),
        ),
        (holding(200, WRONG), processed),
        (holding(200, &[]), CallOptions::new()),
    ] {
        assert_eq!(read(&client(transport), options).await.unwrap(), CONTENT);
    }
}

#[tokio::test]
async fn one_switch_turns_it_off() {
    let off = || CallOptions::new().check_integrity(false);
    let on = || CallOptions::new().check_integrity(true);
    let up = |client: Client, options| async move {
        call_with(&client, &PUT, &[], PART, options).await.is_ok()
    };
    let down = |client: Client, options| async move { read(&client, options).await.is_ok() };
    let never = |transport| Client::new(&config(transport).check_integrity(false).build().unwrap());
    assert!(up(client(storing(CONTENT_CRC64)), off()).await);
    assert!(up(never(storing(CONTENT_CRC64)), CallOptions::new()).await);
    assert!(!up(never(storing(CONTENT_CRC64)), on()).await);
    assert!(down(client(holding(200, WRONG)), off()).await);
    assert!(down(never(holding(200, WRONG)), CallOptions::new()).await);
    assert!(!down(never(holding(200, WRONG)), on()).await);
}

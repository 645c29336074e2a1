//! `Content-MD5`, as the table wants it computed. The digests are those of the documents of COS and
//! of RFC 1321.

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::operation::Operation;
use tcloud_core::transport::Memory;

use crate::fixture::{
    Chunks, DIGEST, DIGEST_OF_DOCUMENT, DIGEST_REQUIRED, answer, call_with, client,
};

const PART_MD5: &str = "EI9SjrY7Zec08nrjMfX/qg==";
const EMPTY_MD5: &str = "1B2M2Y8AsgTpgAmY7PhCfg==";

/// The `Content-MD5` that was sent, and the body.
async fn sent(
    operation: &'static Operation,
    named: &[(&str, &str)],
    body: Body,
) -> Result<(Option<String>, String), Error> {
    let transport = Memory::new(|_| Ok(answer(&[], "")));
    let client = client(transport.clone());
    call_with(&client, operation, named, body, CallOptions::new()).await?;
    let sent = transport.requests().remove(0);
    let digest = sent.headers.get("content-md5");
    Ok((
        digest.map(|it| it.to_str().unwrap().to_owned()),
        String::from_utf8(sent.body.to_vec()).unwrap(),
    ))
}

#[tokio::test]
async fn a_digest_is_computed_of_what_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part");
    std::fs::write(&path, "[Object Part]").unwrap();
    for operation in [&DIGEST, &DIGEST_REQUIRED] {
        for body in [
            Body::from("[Object Part]"),
            Body::from_path(&path).await.unwrap(),
            Body::from_factory(Some(13), || Chunks::of(&["[Object", " Part]"])),
        ] {
            let (digest, body) = sent(operation, &[], body).await.unwrap();
            assert_eq!(digest.as_deref(), Some(PART_MD5));
            assert_eq!(body, "[Object Part]");
        }
    }
}

#[tokio::test]
async fn a_stream_has_none_unless_the_caller_knows_it() {
    let stream = || Body::from_stream(Chunks::of(&["[Object", " Part]"]), Some(13));
    let (digest, body) = sent(&DIGEST, &[], stream()).await.unwrap();
    assert_eq!((digest, body.as_str()), (None, "[Object Part]"));

    let error = sent(&DIGEST_REQUIRED, &[], stream()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(!error.was_ever_sent());
    for told in ["Required: ", "`Content-MD5`", "a file or a factory"] {
        assert!(error.to_string().contains(told), "{error}");
    }

    let named = [("Content-MD5", PART_MD5)];
    let (digest, body) = sent(&DIGEST_REQUIRED, &named, stream()).await.unwrap();
    assert_eq!(digest.as_deref(), Some(PART_MD5));
    assert_eq!(body, "[Object Part]");
}

#[tokio::test]
async fn what_the_caller_sets_is_sent() {
    let named = [("Content-MD5", EMPTY_MD5)];
    let (digest, _) = sent(&DIGEST, &named, Body::from("[Object Part]"))
        .await
        .unwrap();
    assert_eq!(digest.as_deref(), Some(EMPTY_MD5));
}

#[tokio::test]
async fn nothing_has_a_digest_where_one_is_required() {
    let (digest, _) = sent(&DIGEST, &[], Body::empty()).await.unwrap();
    assert_eq!(digest, None);
    let (digest, _) = sent(&DIGEST_REQUIRED, &[], Body::empty()).await.unwrap();
    assert_eq!(digest.as_deref(), Some(EMPTY_MD5));
}

#[tokio::test]
async fn a_document_has_the_digest_of_its_text() {
    let (digest, body) = sent(&DIGEST_OF_DOCUMENT, &[("Tag", "a")], Body::empty())
        .await
        .unwrap();
    assert_eq!(body, "<Tags><Tag>a</Tag></Tags>");
    // By `printf '<Tags><Tag>a</Tag></Tags>' | openssl md5 -binary | base64`.
    assert_eq!(digest.as_deref(), Some("EdwdNOtp6J+j9qQZGkrbWw=="));
}

#[tokio::test]
async fn a_body_that_breaks_while_it_is_digested_is_told() {
    let body = Body::from_factory(Some(2), || Chunks::failing(&["a"], "the pipe broke"));
    let error = sent(&DIGEST, &[], body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(!error.was_ever_sent());
    assert!(error.to_string().contains("the pipe broke"), "{error}");
}

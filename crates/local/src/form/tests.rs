use std::io;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use proptest::prelude::*;
use tcloud_core::body::Body;
use tcloud_core::server::Fault;

use super::{FIELDS_LIMIT, Form, FormPolicy};

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
const BUCKET: &str = "examplebucket-1250000000";
/// When the policy of the service's document is good.
const NOW: i64 = 1_567_150_700;

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    headers.insert("content-type", media_type.parse().unwrap());
    headers
}

fn field(name: &str, value: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(name: &str, content: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n{content}\r\n"
    )
}

fn end() -> String {
    format!("--{BOUNDARY}--\r\n")
}

/// The form in chunks of `size` bytes.
async fn read(form: &str, size: usize) -> Result<Form, Fault> {
    let bytes = Bytes::copy_from_slice(form.as_bytes());
    let count = bytes.len().div_ceil(size);
    let chunks = (0..count).map(move |n| {
        let end = bytes.len().min((n + 1) * size);
        io::Result::Ok(bytes.slice(n * size..end))
    });
    Form::read(&headers(), Body::from_stream(stream::iter(chunks), None)).await
}

async fn content(form: Form) -> io::Result<Bytes> {
    form.content.collect(1 << 20).await
}

#[tokio::test]
async fn a_form_is_read_however_it_is_cut() {
    // What looks like the boundary and is none belongs to the content.
    let text = format!("a\r\n--{}\r\nb\r\n", &BOUNDARY[..10]);
    let whole = [
        field("key", "dir/${filename}"),
        field("x-cos-meta-名", "值"),
        file("c:\\fakepath\\图 1.txt", &text),
        field("submit", "Store"),
        end(),
    ]
    .concat();
    for size in [1, 7, 64, whole.len()] {
        let form = read(&whole, size).await.unwrap();
        assert_eq!(form.key, "dir/图 1.txt");
        assert_eq!(form.fields.get("X-COS-META-名"), Some("值"));
        assert_eq!(content(form).await.unwrap(), text.as_bytes(), "{size}");
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let key = field("key", "k");
    let long = field("note", &"x".repeat(usize::try_from(FIELDS_LIMIT).unwrap()));
    for (form, code) in [
        (String::new(), "MalformedPOSTRequest"),
        ("hello".to_owned(), "MalformedPOSTRequest"),
        (
            [key.clone(), end()].concat(),
            "IncorrectNumberOfFilesInPostRequest",
        ),
        ([file("f", "x"), end()].concat(), "InvalidArgument"),
        (
            [field("key", ""), file("f", "x"), end()].concat(),
            "InvalidArgument",
        ),
        (
            [key.clone(), field("Key", "k")].concat(),
            "MalformedPOSTRequest",
        ),
        ([key.clone(), long].concat(), "MalformedPOSTRequest"),
        (key.clone(), "MalformedPOSTRequest"),
    ] {
        let fault = read(&form, 4096).await.map(|form| form.key).unwrap_err();
        assert_eq!(fault.code, code, "{fault}");
    }
    for media_type in ["", "text/plain", "multipart/form-data"] {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", media_type.parse().unwrap());
        let refused = Form::read(&headers, Body::from(key.clone())).await;
        assert_eq!(refused.unwrap_err().code, "MalformedPOSTRequest");
    }
}

#[tokio::test]
async fn content_has_to_come_whole_and_last() {
    let start = [field("key", "k"), file("f", "x")].concat();
    for (rest, kind) in [
        (field("acl", "private"), io::ErrorKind::InvalidInput),
        (file("g", "y"), io::ErrorKind::InvalidInput),
        (
            field("button", &"x".repeat(80_000)),
            io::ErrorKind::FileTooLarge,
        ),
    ] {
        let form = read(&[start.clone(), rest, end()].concat()[..], 4096).await;
        let whole = content(form.unwrap()).await;
        assert_eq!(whole.unwrap_err().kind(), kind);
    }
    let cut = read(&start, 4096).await.unwrap();
    assert_eq!(
        content(cut).await.unwrap_err().kind(),
        io::ErrorKind::InvalidData
    );
}

#[tokio::test]
async fn no_more_is_read_than_is_taken() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let start = [field("key", "k"), file("f", "")].concat();
    let start = start.trim_end().to_owned() + "\r\n\r\n";
    let first = stream::iter([io::Result::Ok(Bytes::from(start))]);
    // It is always ready, and has no end.
    let rest = stream::repeat_with(move || {
        count.fetch_add(1, Ordering::Relaxed);
        io::Result::Ok(Bytes::from(vec![b'x'; 64 * 1024]))
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest), None);
    let mut form = Form::read(&headers(), body).await.unwrap();
    for taken in 1..=20 {
        form.content.chunk().await.unwrap().unwrap();
        let made = made.load(Ordering::Relaxed);
        assert!(made <= taken + 1, "{made} chunks for {taken}");
    }
}

fn policy(text: &str) -> FormPolicy {
    FormPolicy::read(&BASE64_STANDARD.encode(text)).unwrap()
}

/// A policy with `conditions` besides those that all have.
fn with(conditions: &str) -> FormPolicy {
    policy(&format!(
        r#"{{"expiration": "2019-08-30T09:38:12.414Z", "conditions": [
            {{"q-sign-algorithm": "sha1"}}, {{"q-ak": "AKID"}}, {{"q-sign-time": "1;2"}}{conditions}
        ]}}"#
    ))
}

fn fields(more: &[(&str, &str)]) -> super::Fields {
    let signed = [
        ("q-sign-algorithm", "sha1"),
        ("q-ak", "AKID"),
        ("q-key-time", "1;2"),
    ];
    let all = signed.iter().chain(more);
    let owned = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    super::Fields(owned.collect())
}

#[test]
fn every_condition_has_to_hold() {
    let form = fields(&[
        ("acl", "default"),
        ("content-type", "image/png"),
        ("success_action_redirect", "https://my.website/done"),
        ("unsigned", "anything"),
    ]);
    let admit = |conditions: &str| {
        let admitted = with(conditions).admit(NOW, BUCKET, "folder/a.png", &form);
        admitted.map_err(|fault| fault.code)
    };
    for good in [
        "",
        r#", {"acl": "default"}, {"bucket": "examplebucket-1250000000"}"#,
        r#", ["starts-with", "$key", "folder/"], ["starts-with", "$Content-Type", "image/"]"#,
        r#", ["eq", "$key", "folder/a.png"], ["starts-with", "$acl", ""]"#,
        r#", ["starts-with", "$success_action_redirect", "https://my.website/"]"#,
    ] {
        assert_eq!(admit(good), Ok(0..=u64::MAX), "{good}");
    }
    assert_eq!(
        admit(r#", ["content-length-range", 1, 10], ["content-length-range", "5", "20"]"#),
        Ok(5..=10)
    );
    for denied in [
        r#", {"acl": "private"}"#,
        r#", {"bucket": "other-1250000000"}"#,
        r#", ["starts-with", "$key", "other/"]"#,
        r#", ["eq", "$key", "folder/"]"#,
        r#", ["starts-with", "$Cache-Control", ""]"#,
        r#", {"q-ak": "another"}"#,
    ] {
        assert_eq!(admit(denied).unwrap_err(), "AccessDenied", "{denied}");
    }
    for invalid in [
        r#", ["ends-with", "$key", ".png"]"#,
        r#", ["eq", "key", "a"]"#,
        r#", ["eq", "$key"]"#,
        r#", ["content-length-range", -1, 10]"#,
        r#", ["content-length-range", 1, "x"]"#,
        r#", {"acl": ["default"]}"#,
        ", 5",
    ] {
        assert_eq!(
            admit(invalid).unwrap_err(),
            "InvalidPolicyDocument",
            "{invalid}"
        );
    }
}

#[test]
fn a_policy_ends_and_says_who_signs_it() {
    let form = fields(&[]);
    let at = |now| {
        with("")
            .admit(now, BUCKET, "k", &form)
            .map_err(|fault| fault.code)
    };
    assert_eq!(at(1_567_157_892), Ok(0..=u64::MAX));
    assert_eq!(at(1_567_157_893).unwrap_err(), "AccessDenied");
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"expiration": "2019-08-30T09:38:12Z"}"#,
        r#"{"expiration": "2019-08-30T09:38:12Z", "conditions": []}"#,
        r#"{"expiration": "tomorrow", "conditions": [{"q-sign-algorithm": "sha1"},
            {"q-ak": "AKID"}, {"q-sign-time": "1;2"}]}"#,
        r#"{"expiration": "2019-08-30T09:38:12Z", "version": 1, "conditions": []}"#,
    ] {
        let fault = policy(bad).admit(NOW, BUCKET, "k", &form).unwrap_err();
        assert_eq!(fault.code, "InvalidPolicyDocument", "{bad}");
    }
    for bad in ["{}", "$$$", &BASE64_STANDARD.encode([0xff])] {
        assert_eq!(
            FormPolicy::read(bad).unwrap_err().code,
            "InvalidPolicyDocument"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1_usize..64) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let start = format!("--{BOUNDARY}\r\n").into_bytes();
        let whole = Bytes::from([start, bytes].concat());
        let chunks = whole.chunks(size).map(|it| Ok(Bytes::copy_from_slice(it))).collect::<Vec<_>>();
        runtime.block_on(async {
            let body = Body::from_stream(stream::iter(chunks), None);
            if let Ok(form) = Form::read(&headers(), body).await {
                let _ = form.content.collect(1 << 20).await;
            }
        });
    }

    #[test]
    fn no_policy_panics(text in any::<String>(), condition in any::<String>()) {
        let _ = policy(&text).admit(NOW, BUCKET, "k", &fields(&[]));
        let _ = with(&format!(", {condition}")).admit(NOW, BUCKET, "k", &fields(&[]));
    }
}

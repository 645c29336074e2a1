//! `PostObject`: the forms of browsers, over a socket.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tcloud_core::credentials::Credentials;
use tcloud_cos::form::{Condition, PresignedForm, SuccessStatus};
use tcloud_cos::types::{BucketAcl, ObjectAcl, VersioningStatus};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, NOW, bucket_host, code, text};
use crate::sockets::{Served, status};

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
const HOUR: Duration = Duration::from_hours(1);

/// A cloud with [`BUCKET`], which listens.
async fn served() -> Served {
    let served = Served::new(Settings::default()).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    served
}

/// What a browser sends of these fields, with a file behind them.
fn multipart(fields: &[(String, String)], name: &str, content: &str) -> String {
    let field = |(name, value): &(String, String)| {
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let fields: Vec<_> = fields.iter().map(field).collect();
    let file = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/html\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n"
    );
    fields.concat() + &file
}

/// The answer to a form of these fields.
async fn post(served: &Served, fields: &[(String, String)], name: &str, content: &str) -> String {
    let body = multipart(fields, name, content);
    let head = [
        "POST / HTTP/1.1",
        &format!("Host: {}", bucket_host()),
        &format!("Content-Type: multipart/form-data; boundary={BOUNDARY}"),
        &format!("Content-Length: {}", body.len()),
    ];
    served.exchange(&head, &body).await
}

/// The fields of a form, with one changed, or removed if the value is empty.
fn changed(form: &PresignedForm, name: &str, value: &str) -> Vec<(String, String)> {
    let mut fields = form.fields().to_vec();
    fields.retain(|(own, _)| own != name);
    if !value.is_empty() {
        fields.push((name.to_owned(), value.to_owned()));
    }
    fields
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let mut lines = answer.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_default()
}

fn error_code(answer: &str) -> &str {
    let rest = answer.split_once("<Code>").unwrap_or_default().1;
    rest.split_once('<').unwrap_or_default().0
}

#[tokio::test]
async fn a_signed_form_stores_its_file() {
    let served = served().await;
    let client = served.fixture.client();
    let form = client
        .upload_form(BUCKET, "photos/${filename}")
        .content_length(1..=100)
        .condition(Condition::starts_with("Content-Type", "image/"))
        .cache_control("max-age=60")
        .acl(ObjectAcl::PublicRead)
        .metadata("album", "summer")
        .presign(HOUR)
        .await
        .unwrap();
    assert_eq!(form.url(), format!("https://{}/", bucket_host()));
    assert!(form.headers().is_empty());
    assert_eq!(form.expires(), NOW / 1000 + 3600);

    let fields = changed(&form, "Content-Type", "image/png");
    let answer = post(&served, &fields, "cat 1.png", "meow").await;
    assert_eq!(status(&answer), "204", "{answer}");
    let location = format!("http://{}/photos/cat%201.png", bucket_host());
    assert_eq!(header(&answer, "Location"), location, "{answer}");
    assert_eq!(
        header(&answer, "ETag"),
        "\"4a4be40c96ac6314e91d93f38043a634\"",
        "{answer}"
    );

    let stored = client
        .get_object(BUCKET, "photos/cat 1.png")
        .send()
        .await
        .unwrap();
    assert_eq!(stored.content_type.as_deref(), Some("image/png"));
    assert_eq!(stored.cache_control.as_deref(), Some("max-age=60"));
    assert_eq!(
        stored.metadata.get("album").map(String::as_str),
        Some("summer")
    );
    assert_eq!(text(stored.into_body()).await, "meow");
    // Anyone may read it, as the form says.
    let read = served.fixture.anonymous("GET /photos/cat%201.png").await;
    assert_eq!(read.text, "meow");
}

#[tokio::test]
async fn the_answer_is_as_the_form_wants_it() {
    let served = served().await;
    let client = served.fixture.client();
    for (wanted, expected) in [
        (SuccessStatus::Ok, "200"),
        (SuccessStatus::Created, "201"),
        (SuccessStatus::NoContent, "204"),
    ] {
        let form = client.upload_form(BUCKET, "k").success_status(wanted);
        let form = form.presign(HOUR).await.unwrap();
        let answer = post(&served, form.fields(), "f", "x").await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    for (target, mark) in [
        ("https://my.website/done.html", '?'),
        ("http://a/?b=c", '&'),
    ] {
        let form = client
            .upload_form(BUCKET, "dir/k")
            .success_redirect(target)
            .success_status(SuccessStatus::Ok)
            .presign(HOUR)
            .await
            .unwrap();
        let answer = post(&served, form.fields(), "f", "x").await;
        assert_eq!(status(&answer), "303", "{answer}");
        let etag = "%229dd4e461268c8034f5c8564e155c67a6%22";
        assert_eq!(
            header(&answer, "Location"),
            format!("{target}{mark}bucket={BUCKET}&key=dir%2Fk&etag={etag}")
        );
    }
    // In a bucket that keeps versions, it says which one.
    client
        .put_bucket_versioning(BUCKET, VersioningStatus::Enabled)
        .send()
        .await
        .unwrap();
    let form = client.upload_form(BUCKET, "k").presign(HOUR).await.unwrap();
    let answer = post(&served, form.fields(), "f", "y").await;
    assert_ne!(header(&answer, "x-cos-version-id"), "", "{answer}");
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused() {
    let served = served().await;
    let client = served.fixture.client();
    let form = client
        .upload_form(BUCKET, "dir/${filename}")
        .content_length(2..=4)
        .content_type("text/plain")
        .presign(HOUR)
        .await
        .unwrap();
    let as_it_is = form.fields();
    for (fields, content, expected) in [
        (as_it_is.to_vec(), "a", ("400", "EntityTooSmall")),
        (as_it_is.to_vec(), "abcde", ("400", "EntityTooLarge")),
        (
            changed(&form, "Content-Type", "text/html"),
            "abc",
            ("403", "AccessDenied"),
        ),
        (
            changed(&form, "Content-Type", ""),
            "abc",
            ("403", "AccessDenied"),
        ),
        (
            changed(&form, "key", "other/${filename}"),
            "abc",
            ("403", "AccessDenied"),
        ),
        (changed(&form, "key", ""), "abc", ("400", "InvalidArgument")),
        (
            changed(&form, "policy", "e30="),
            "abc",
            ("403", "SignatureDoesNotMatch"),
        ),
        (
            changed(&form, "policy", ""),
            "abc",
            ("400", "MalformedPOSTRequest"),
        ),
        (
            changed(&form, "q-signature", "00"),
            "abc",
            ("403", "SignatureDoesNotMatch"),
        ),
        (
            changed(&form, "q-signature", ""),
            "abc",
            ("403", "AccessDenied"),
        ),
        (
            changed(&form, "q-ak", "AKIDstranger"),
            "abc",
            ("403", "InvalidAccessKeyId"),
        ),
        (
            changed(&form, "q-key-time", "1;2"),
            "abc",
            ("403", "AccessDenied"),
        ),
        // What is not there is refused by name, as the header of a request is.
        (
            changed(&form, "x-cos-server-side-encryption", "cos/kms"),
            "abc",
            ("501", "NotImplemented"),
        ),
        (
            changed(&form, "x-cos-unheard-of", "1"),
            "abc",
            ("501", "NotImplemented"),
        ),
        (
            changed(&form, "success_action_status", "202"),
            "abc",
            ("400", "InvalidArgument"),
        ),
        (
            changed(&form, "success_action_redirect", "javascript:1"),
            "abc",
            ("400", "InvalidArgument"),
        ),
        (
            changed(&form, "Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            "abc",
            ("400", "BadDigest"),
        ),
        (
            changed(&form, "acl", "public-read-write"),
            "abc",
            ("400", "InvalidArgument"),
        ),
    ] {
        let answer = post(&served, &fields, "f", content).await;
        assert_eq!((status(&answer), error_code(&answer)), expected, "{answer}");
    }
    let head = client.head_object(BUCKET, "dir/f").send().await;
    assert_eq!(head.unwrap_err().status().map(|it| it.as_u16()), Some(404));
}

#[tokio::test]
async fn a_form_is_good_until_its_last_second() {
    let served = served().await;
    let client = served.fixture.client();
    let form = client.upload_form(BUCKET, "k").presign(HOUR).await.unwrap();
    served.fixture.clock.advance(3_600_000);
    let last = post(&served, form.fields(), "f", "abc").await;
    assert_eq!(status(&last), "204", "{last}");
    served.fixture.clock.advance(1000);
    let late = post(&served, form.fields(), "f", "abc").await;
    assert_eq!((status(&late), error_code(&late)), ("403", "AccessDenied"));
}

#[tokio::test]
async fn a_form_without_a_signature_is_from_nobody() {
    let served = served().await;
    let client = served.fixture.client();
    let fields = [("key".to_owned(), "k".to_owned())];
    let refused = post(&served, &fields, "f", "x").await;
    assert_eq!(
        (status(&refused), error_code(&refused)),
        ("403", "AccessDenied")
    );
    let open = "open-1250000000";
    let put = client.put_bucket(open).acl(BucketAcl::PublicReadWrite);
    put.send().await.unwrap();
    let body = multipart(&fields, "f", "x");
    let head = [
        "POST / HTTP/1.1",
        "Host: open-1250000000.cos.ap-chongqing.myqcloud.com",
        &format!("Content-Type: multipart/form-data; boundary={BOUNDARY}"),
        &format!("Content-Length: {}", body.len()),
    ];
    let taken = served.exchange(&head, &body).await;
    assert_eq!(status(&taken), "204", "{taken}");
    // A form of one bucket stores nothing in another.
    let form = client.upload_form(BUCKET, "k").presign(HOUR).await.unwrap();
    let body = multipart(form.fields(), "f", "x");
    let length = format!("Content-Length: {}", body.len());
    let head = [head[0], head[1], head[2], &length];
    let refused = served.exchange(&head, &body).await;
    assert_eq!(
        (status(&refused), error_code(&refused)),
        ("403", "AccessDenied")
    );
}

#[tokio::test]
async fn a_form_that_breaks_off_stores_nothing() {
    let served = served().await;
    let client = served.fixture.client();
    let form = client.upload_form(BUCKET, "k").presign(HOUR).await.unwrap();
    let whole = multipart(form.fields(), "f", &"x".repeat(100_000));
    let cut = &whole[..whole.len() - 10];
    let head = [
        "POST / HTTP/1.1",
        &format!("Host: {}", bucket_host()),
        &format!("Content-Type: multipart/form-data; boundary={BOUNDARY}"),
        &format!("Content-Length: {}", cut.len()),
    ];
    let answer = served.exchange(&head, cut).await;
    assert_eq!(
        (status(&answer), error_code(&answer)),
        ("400", "IncompleteBody")
    );
    assert_eq!(
        code(client.get_object(BUCKET, "k").send().await),
        "NoSuchKey"
    );
}

/// The policy, the key and the signature of the service's document, which demands encryption.
#[tokio::test]
async fn a_form_that_the_document_signs_is_understood() {
    let id = "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q";
    let key = Credentials::new(id, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz");
    let settings = Settings::default().keys([key]);
    let settings = settings.default_region("ap-beijing");
    let served = Served::new(settings.bucket("examplebucket-1250000000")).await;
    served.fixture.clock.set(1_567_150_700_000);
    let policy = r#"{
    "expiration": "2019-08-30T09:38:12.414Z",
    "conditions": [
        { "acl": "default" },
        { "bucket": "examplebucket-1250000000" },
        [ "starts-with", "$key", "folder/subfolder/" ],
        [ "starts-with", "$Content-Type", "image/" ],
        [ "starts-with", "$success_action_redirect", "https://my.website/" ],
        [ "eq", "$x-cos-server-side-encryption", "AES256" ],
        { "q-sign-algorithm": "sha1" },
        { "q-ak": "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q" },
        { "q-sign-time": "1567150692;1567157892" }
    ]
}"#;
    let fields = |redirect: &str| {
        [
            ("key", "folder/subfolder/${filename}"),
            ("Content-Type", "image/jpeg"),
            ("acl", "default"),
            ("success_action_redirect", redirect),
            ("x-cos-server-side-encryption", "AES256"),
            ("policy", &BASE64_STANDARD.encode(policy)),
            ("q-sign-algorithm", "sha1"),
            ("q-ak", id),
            ("q-key-time", "1567150692;1567157892"),
            ("q-signature", "7758dc9a832e9d301dca704cacbf9d9f8172fdef"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    for (redirect, expected) in [
        ("https://my.website/upload_success.html", ("303", "")),
        ("https://another.website/", ("403", "AccessDenied")),
    ] {
        let body = multipart(&fields(redirect), "photo.jpg", "x");
        let head = [
            "POST / HTTP/1.1",
            "Host: examplebucket-1250000000.cos.ap-beijing.myqcloud.com",
            &format!("Content-Type: multipart/form-data; boundary={BOUNDARY}"),
            &format!("Content-Length: {}", body.len()),
        ];
        let answer = served.exchange(&head, &body).await;
        assert_eq!((status(&answer), error_code(&answer)), expected, "{answer}");
        let is_encrypted = answer.contains("x-cos-server-side-encryption: AES256");
        assert_eq!(is_encrypted, expected.0 == "303", "{answer}");
    }
}

//! Rows of objects, selected by SQL. What expressions mean is tried beside the engine.

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use serde_json::json;
use tcloud_core::body::Body;
use tcloud_core::call::{Message, Statistics};
use tcloud_core::credentials::Credentials;
use tcloud_cos::operation::select_object_content::SelectObjectContent;
use tcloud_cos::types::{
    CompressionType, CsvInput, CsvOutput, ExpressionType, FileHeaderInfo, InputSerialization,
    JsonInput, JsonOutput, JsonType, ObjectAcl, OutputSerialization, RequestProgress,
};
use tcloud_cos::{Client, ErrorKind};
use tcloud_local::{Account, AuthMode, Settings, User};

use crate::fixture::{Answered, BUCKET, Fixture, NOW, bucket_host};
use crate::sockets::{Served, status};

const PEOPLE: &str = "id,name\n1,Ada\n2,Eve\n3,\"Bob, jr.\"\n";
const ALL: &str = "SELECT * FROM COSObject";

fn csv() -> InputSerialization {
    let csv = CsvInput::new().file_header_info(FileHeaderInfo::Use);
    InputSerialization::new().csv(csv)
}

/// Selects from the object `key`, as CSV of CSV.
fn select(client: &Client, key: &str, sql: &str) -> SelectObjectContent {
    let output = OutputSerialization::new().csv(CsvOutput::new());
    client.select_object_content(BUCKET, key, sql, ExpressionType::Sql, csv(), output)
}

async fn rows(call: SelectObjectContent) -> Result<String, tcloud_core::error::Error> {
    let rows = call.listen().await?.collect(1 << 20).await?;
    Ok(String::from_utf8(rows.to_vec()).unwrap())
}

/// The code and the status with which a selection ends.
async fn refused(call: SelectObjectContent) -> (String, u16) {
    let error = rows(call).await.unwrap_err();
    let status = error.status().map_or(0, |status| status.as_u16());
    (error.code().unwrap_or_default().to_owned(), status)
}

#[tokio::test]
async fn rows_and_figures_of_an_object_come_as_messages() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "dir/people.csv", PEOPLE);
    put.send().await.unwrap();
    let sql = "SELECT s.name FROM COSObject s WHERE s.id > 1";
    let call = select(&client, "dir/people.csv", sql)
        .output_serialization(OutputSerialization::new().json(JsonOutput::new()))
        .request_progress(RequestProgress::new().enabled(true));
    let mut messages = call.listen().await.unwrap();
    assert!(messages.request_id().is_some());
    let mut seen = Vec::new();
    while let Some(message) = messages.next().await {
        seen.push(message.unwrap());
    }
    let result = "{\"name\":\"Eve\"}\n{\"name\":\"Bob, jr.\"}\n";
    let mut figures = Statistics::default();
    figures.bytes_scanned = u64::try_from(PEOPLE.len()).ok();
    figures.bytes_processed = figures.bytes_scanned;
    figures.bytes_returned = u64::try_from(result.len()).ok();
    assert_eq!(
        seen,
        [
            Message::Records(result.into()),
            Message::Progress(figures),
            Message::Stats(figures),
            Message::End,
        ]
    );
}

#[tokio::test]
async fn an_object_is_found_as_when_it_is_read() {
    let (fixture, client) = Fixture::with_bucket().await;
    for (key, class) in [("people", "STANDARD"), ("cold", "ARCHIVE")] {
        let put = client.put_object(BUCKET, key, PEOPLE).storage_class(class);
        put.send().await.unwrap();
    }
    client
        .put_symlink(BUCKET, "link", "people")
        .send()
        .await
        .unwrap();
    let one = "SELECT name FROM COSObject LIMIT 1";
    assert_eq!(rows(select(&client, "link", one)).await.unwrap(), "Ada\n");
    let not = async |key| refused(select(&client, key, one)).await;
    assert_eq!(not("none").await, ("NoSuchKey".into(), 404));
    assert_eq!(not("cold").await, ("InvalidObjectState".into(), 403));
    let elsewhere = select(&client, "people", one).bucket("none-1250000000");
    assert_eq!(refused(elsewhere).await, ("NoSuchBucket".into(), 404));
    // The object is what it was.
    assert_eq!(fixture.anonymous("HEAD /people").await.status, 403);
    let read = client.get_object(BUCKET, "people").send().await.unwrap();
    assert_eq!(crate::fixture::text(read.into_body()).await, PEOPLE);
}

#[cfg(feature = "encryption")]
#[tokio::test]
async fn what_only_its_owner_can_decrypt_is_not_selected_from() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "sealed", PEOPLE);
    put.sse_customer_algorithm("AES256")
        .sse_customer_key("MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=")
        .sse_customer_key_md5("U5L61r7jcwdNvT7frmUG8g==")
        .send()
        .await
        .unwrap();
    let sealed = refused(select(&client, "sealed", ALL)).await;
    assert_eq!(sealed, ("SsecDecryptHeaderInvalid".into(), 400));
}

#[tokio::test]
async fn whoever_may_read_may_select() {
    let statement = json!({ "version": "2.0", "statement": {
        "effect": "allow",
        "action": ["cos:GetObject"],
        "resource": format!("qcs::cos:*:uid/1250000000:{BUCKET}/own/*"),
    }});
    let key = Credentials::new("AKIDreader", "reader-secret");
    let user = User::new("100000000008", "reader").key(key.clone());
    let user = user.policy(serde_json::from_value(statement).unwrap());
    let fixture = Fixture::with(Settings::default().account(Account::default().user(user))).await;
    let owner = fixture.client();
    owner.put_bucket(BUCKET).send().await.unwrap();
    for key in ["own/k", "other", "open"] {
        owner.put_object(BUCKET, key, PEOPLE).send().await.unwrap();
    }
    let acl = owner
        .put_object_acl(BUCKET, "open")
        .acl(ObjectAcl::PublicRead);
    acl.send().await.unwrap();
    let reader = fixture.client_of(key, NOW);
    let one = "SELECT name FROM COSObject LIMIT 1";
    assert_eq!(rows(select(&reader, "own/k", one)).await.unwrap(), "Ada\n");
    let denied = refused(select(&reader, "other", one)).await;
    assert_eq!(denied, ("AccessDenied".into(), 403));
    // By a list as well, even without a signature.
    let body = document("", "<CSV/>", "<CSV/>");
    assert_eq!(send(&fixture, "open", &body).await.status, 200);
    assert_eq!(send(&fixture, "other", &body).await.status, 403);
}

#[tokio::test]
async fn a_mistake_has_a_status_until_there_are_rows() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let long = format!("id\n{}x\n", "1\n".repeat(100_000));
    for (key, content) in [("people", PEOPLE), ("long", &long)] {
        let put = client.put_object(BUCKET, key, content.to_owned());
        put.send().await.unwrap();
    }
    let not = async |sql| refused(select(&client, "people", sql)).await;
    assert_eq!(not("SELECT").await, ("SQLParsingError".into(), 400));
    assert_eq!(
        not("SELECT age FROM COSObject").await,
        ("MissingHeaderName".into(), 400)
    );
    assert_eq!(
        not("SELECT * FROM COSObject WHERE name > 1").await,
        ("ComparisonFailed".into(), 400)
    );
    let packed = select(&client, "people", ALL);
    let packed = packed.input_serialization(csv().compression_type(CompressionType::Gzip));
    assert_eq!(refused(packed).await, ("GzipDecompressError".into(), 400));
    // What is behind the first rows is a message.
    let call = select(&client, "long", "SELECT CAST(id AS INT) FROM COSObject");
    let mut messages = call.listen().await.unwrap();
    assert_eq!(messages.status(), 200);
    let mut all = Vec::new();
    let error = loop {
        match messages.next().await.unwrap() {
            Ok(Message::Records(rows)) => all.extend(rows),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Service, Some("CastFailed"))
    );
    assert_eq!(String::from_utf8(all).unwrap(), "1\n".repeat(100_000));
    assert!(messages.next().await.is_none());
}

/// A request's document.
fn document(more: &str, input: &str, output: &str) -> String {
    format!(
        "<SelectRequest><Expression>{ALL}</Expression><ExpressionType>SQL</ExpressionType>{more}\
         <InputSerialization>{input}</InputSerialization>\
         <OutputSerialization>{output}</OutputSerialization></SelectRequest>"
    )
}

/// Sends a document without a signature; an answer is described by its length where it is no text.
async fn send(fixture: &Fixture, key: &str, document: &str) -> Answered {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/{key}?select&select-type=2"))
        .header("host", bucket_host())
        .header("content-length", document.len())
        .body(Body::from(document.to_owned()))
        .unwrap();
    let response = fixture.cloud.handle(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect(1 << 20).await.unwrap();
    Answered {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[tokio::test]
async fn documents_are_refused_with_the_codes_of_the_service() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    client.put_object(BUCKET, "k", "1\n").send().await.unwrap();
    let sound = document("", "<CSV/>", "<CSV/>");
    let without = |name: &str| {
        let (before, rest) = sound.split_once(&format!("<{name}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{name}>")).unwrap();
        format!("{before}{after}")
    };
    for (document, code) in [
        ("<SelectRequest>".to_owned(), "InvalidXML"),
        (String::new(), "MissingExpectedExpression"),
        (without("Expression"), "MissingExpectedExpression"),
        (without("ExpressionType"), "MissingRequiredParameter"),
        (without("InputSerialization"), "MissingInputSerialization"),
        (without("OutputSerialization"), "MissingOutputSerialization"),
        (document("", "", "<CSV/>"), "MissingInputFormat"),
        (
            document("", "<CompressionType>NONE</CompressionType>", "<CSV/>"),
            "MissingInputFormat",
        ),
        (document("", "<JSON/>", "<CSV/>"), "InvalidJsonType"),
        (
            document("", "<JSON><Type>LIST</Type></JSON>", "<CSV/>"),
            "InvalidJsonType",
        ),
        (document("", "<PARQUET/>", "<CSV/>"), "NotImplemented"),
        (
            document(
                "",
                "<CSV><AllowQuotedRecordDelimiter>maybe</AllowQuotedRecordDelimiter></CSV>",
                "<CSV/>",
            ),
            "InvalidRequestParameter",
        ),
        (
            document("", "<CSV/>", "<CSV><QuoteFields>NEVER</QuoteFields></CSV>"),
            "InvalidQuoteFields",
        ),
        (
            document("<ScanRange/>", "<CSV/>", "<CSV/>"),
            "NotImplemented",
        ),
    ] {
        let answer = send(&fixture, "k", &document).await;
        assert_eq!(answer.element("Code"), code, "{document}: {}", answer.text);
        let status = if code == "NotImplemented" { 501 } else { 400 };
        assert_eq!(answer.status, status, "{document}");
    }
    // As the document writes them: words in small letters, characters that XML carries badly.
    let form = "<CompressionType>None</CompressionType><CSV><FileHeaderInfo>Ignore</FileHeaderInfo>\
                <RecordDelimiter>\\n</RecordDelimiter><FieldDelimiter>\t</FieldDelimiter>\
                <AllowQuotedRecordDelimiter>FALSE</AllowQuotedRecordDelimiter></CSV>";
    let put = client.put_object(BUCKET, "k", "h\n1\t2\n");
    put.send().await.unwrap();
    let more = "<RequestProgress><Enabled>FALSE</Enabled></RequestProgress>";
    let answer = send(&fixture, "k", &document(more, form, "<CSV/>")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.text.contains("application/octet-stream1,2\n"),
        "{}",
        answer.text
    );
}

/// An object that is never in memory as a whole: it is as long as somebody wants to make it.
#[tokio::test]
async fn a_long_object_is_selected_from_as_it_is_read() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let line = "{\"n\":1,\"text\":\"some words that make it longer\"}\n".repeat(1_000);
    let piece = Bytes::from(line);
    let count = 400;
    let length = u64::try_from(piece.len() * count).unwrap();
    let pieces = std::iter::repeat_n(piece, count).map(std::io::Result::Ok);
    let body = Body::from_stream(stream::iter(pieces), Some(length));
    client
        .put_object(BUCKET, "long", body)
        .send()
        .await
        .unwrap();
    let lines = InputSerialization::new().json(JsonInput::new(JsonType::Lines));
    let call =
        select(&client, "long", "SELECT SUM(n) FROM COSObject").input_serialization(lines.clone());
    assert_eq!(rows(call).await.unwrap(), "400000\n");
    // Whoever leaves early is not waited for.
    let call = select(&client, "long", ALL).input_serialization(lines);
    let mut messages = call.listen().await.unwrap();
    assert!(matches!(
        messages.next().await,
        Some(Ok(Message::Records(_)))
    ));
    drop(messages);
    for _ in 0..20 {
        let call = select(&client, "long", "SELECT * FROM COSObject LIMIT 1");
        let call = call.input_serialization(
            InputSerialization::new().json(JsonInput::new(JsonType::Document)),
        );
        rows(call).await.unwrap();
    }
}

/// The message of the row `1,2`, and that of the end.
const RECORDS: &[u8] = b"\x00\x00\x00i\x00\x00\x00U\xea\x01o.\x0d:message-type\x07\x00\x05event\x0b:event-type\x07\x00\x07Records\x0d:content-type\x07\x00\x18application/octet-stream1,2\x0a\x92\xd1\xb9\xeb";
const END: &[u8] = b"\x00\x00\x008\x00\x00\x00(\xc1\xc6\x84\xd4\x0d:message-type\x07\x00\x05event\x0b:event-type\x07\x00\x03End\xcf\x97\xd3\x92";

#[tokio::test]
async fn over_a_socket_messages_are_those_that_another_program_writes() {
    let served = Served::new(Settings::default().auth(AuthMode::Off)).await;
    let host = format!("Host: {}", bucket_host());
    let put = ["PUT / HTTP/1.1", &host, "Content-Length: 0"];
    assert_eq!(status(&served.exchange(&put, "").await), "200");
    let put = ["PUT /k HTTP/1.1", &host, "Content-Length: 4"];
    assert_eq!(status(&served.exchange(&put, "1,2\n").await), "200");
    let body = document("", "<CSV/>", "<CSV/>");
    let length = format!("Content-Length: {}", body.len());
    let head = ["POST /k?select&select-type=2 HTTP/1.1", &host, &length];
    let answer = served.exchange_bytes(&head, &body).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    let holds = |bytes: &[u8]| answer.windows(bytes.len()).any(|it| it == bytes);
    // Made by Python's `struct` and `zlib`.
    assert!(holds(RECORDS));
    assert!(holds(END));
}

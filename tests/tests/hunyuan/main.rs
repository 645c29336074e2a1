//! An action that answers with a stream of events if it is asked for one, from its metadata to the
//! socket: imported, generated, compiled, called.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

#[rustfmt::skip]
#[allow(
    dead_code,
    missing_docs,
    unused_imports,
    unexpected_cfgs,
    unreachable_pub,
    reason = "a generated crate in a test"
)]
mod generated;

pub use self::generated::*;

use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_tests::socket::{Answer, Socket, chunked, whole};

use self::operation::chat_completions::ChatCompletions;

const HEAD: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\
    X-TC-RequestId: r-1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What the service streams, in its own way of writing it.
const STREAM: &str = "data: {\"Note\":\"n\",\"Choices\":[{\"FinishReason\":\"\",\"Delta\":\
    {\"Role\":\"assistant\",\"Content\":\"1+1\"}}],\"Created\":1700549760,\"Id\":\"i\"}\n\n\
    data: {\"Choices\":[{\"FinishReason\":\"\",\"Delta\":{\"Content\":\"\u{7b49}\u{4e8e}\"}}]}\n\n\
    data: {\"Choices\":[{\"FinishReason\":\"stop\",\"Delta\":{\"Content\":\"2\"}}],\
    \"Usage\":{\"TotalTokens\":9}}\n\n";

fn call(socket: &Socket) -> ChatCompletions {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .endpoint(Endpoint::parse(&socket.endpoint()).unwrap())
        .build()
        .unwrap();
    let question = Message::new("user").content("1+1");
    Client::new(&config).chat_completions("hunyuan-turbo", [question])
}

/// An answer that is a stream of `body`.
fn streamed(body: &str, size: usize) -> Answer {
    Answer::new([HEAD.as_bytes(), &chunked(body.as_bytes(), size, true)].concat())
}

fn document(body: &str) -> Answer {
    let headers = "Content-Type: application/json\r\n";
    Answer::new(whole("200 OK", headers, body.as_bytes()))
}

/// What comes of a stream: the texts of its events, and the error that ends it.
async fn heard(answer: Answer) -> (String, Option<Error>) {
    let socket = Socket::new([answer]);
    let mut events = call(&socket).listen().await.unwrap();
    let mut text = String::new();
    loop {
        match events.next().await {
            Some(Ok(event)) => {
                for choice in &event.choices {
                    text.extend(choice.delta.as_ref().and_then(|it| it.content.as_deref()));
                }
            }
            Some(Err(error)) => {
                assert!(events.next().await.is_none());
                return (text, Some(error));
            }
            None => return (text, None),
        }
    }
}

#[tokio::test]
async fn events_are_responses_wherever_their_chunks_end() {
    for size in [1, 2, 3, 7, 64, STREAM.len()] {
        for line_end in ["\n", "\r\n"] {
            let body = STREAM.replace('\n', line_end);
            let socket = Socket::new([streamed(&body, size)]);
            let events = call(&socket).listen().await.unwrap();
            assert_eq!(events.request_id(), Some("r-1"));
            let events = events.collect().await.unwrap();
            let deltas: Vec<_> = events
                .iter()
                .map(|event| event.choices[0].delta.as_ref().unwrap().content.as_deref())
                .collect();
            assert_eq!(
                deltas,
                [Some("1+1"), Some("\u{7b49}\u{4e8e}"), Some("2")],
                "{size} {line_end:?}"
            );
            assert_eq!(events[0].created, Some(1_700_549_760));
            assert_eq!(events[2].usage.as_ref().unwrap().total_tokens, Some(9));
            assert!(events.iter().all(|event| event.drift.is_empty()));
            let request = socket.request();
            assert!(request.contains(r#""Stream":true"#), "{request}");
            assert!(
                !request.to_lowercase().contains("accept-encoding"),
                "{request}"
            );
        }
    }
}

/// The second event is sent only when the first has been read.
#[tokio::test]
async fn an_event_is_read_while_the_next_is_still_to_come() {
    let (first, rest) = STREAM.split_at(STREAM.find("\n\n").unwrap() + 2);
    let first = [HEAD.as_bytes(), &chunked(first.as_bytes(), 5, false)].concat();
    let (answer, go_on) = Answer::new(first).then(chunked(rest.as_bytes(), 5, true));
    let socket = Socket::new([answer]);
    let mut events = call(&socket).listen().await.unwrap();
    let event = events.next().await.unwrap().unwrap();
    assert_eq!(event.note.as_deref(), Some("n"));
    go_on.send(()).unwrap();
    assert_eq!(events.collect().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_one_document_is_one_event_or_one_reply() {
    let body = r#"{"Response":{"RequestId":"r-2","Choices":[{"Message":{"Role":"assistant",
        "Content":"2"},"FinishReason":"stop"}]}}"#;
    let socket = Socket::new([document(body), document(body)]);
    let reply = call(&socket).send().await.unwrap();
    assert_eq!(reply.request_id(), Some("r-2"));
    assert!(!socket.request().contains("Stream"));
    let events = call(&socket).stream(false).listen().await.unwrap();
    assert!(socket.request().contains(r#""Stream":true"#));
    let events = events.collect().await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].output, *reply);
}

#[tokio::test]
async fn a_refusal_before_the_stream_is_the_error_of_the_call() {
    let body = r#"{"Response":{"RequestId":"r-3","Error":{"Code":"InvalidParameter",
        "Message":"Temperature must be 2 or less"}}}"#;
    let socket = Socket::new([document(body)]);
    let error = call(&socket).temperature(9.0).listen().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("InvalidParameter"));
    assert_eq!(error.request_id(), Some("r-3"));
    assert_eq!(error.operation(), Some("ChatCompletions"));
}

/// The row that the service has for it, and the forms that others have.
#[tokio::test]
async fn an_error_in_the_middle_ends_the_stream_and_keeps_what_came() {
    let start = STREAM.split_inclusive("\n\n").next().unwrap();
    for (event, code, message) in [
        (
            r#"{"Choices":[],"ErrorMsg":{"Msg":"timeout","Code":4001}}"#,
            "4001",
            "timeout",
        ),
        (
            r#"{"Type":"error","Error":{"Code":"InternalError","Message":"failed"}}"#,
            "InternalError",
            "failed",
        ),
        (
            r#"{"Response":{"Error":{"Code":"LimitExceeded","Message":"enough"},"RequestId":"x"}}"#,
            "LimitExceeded",
            "enough",
        ),
    ] {
        let body = format!("{start}data: {event}\n\ndata: {{}}\n\n");
        let (text, error) = heard(streamed(&body, 11)).await;
        assert_eq!(text, "1+1");
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Service, "{error}");
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.message(), message);
        assert_eq!(error.request_id(), Some("r-1"));
        assert_eq!(error.operation(), Some("ChatCompletions"));
    }
    let fine = r#"data: {"ErrorMsg":{"Msg":"","Code":0}}"#;
    let (_, error) = heard(streamed(fine, 99)).await;
    assert!(error.is_none());
}

#[tokio::test]
async fn a_stream_that_breaks_says_so() {
    let half = &STREAM.as_bytes()[..STREAM.len() - 40];
    let broken = [HEAD.as_bytes(), &chunked(half, 50, false)].concat();
    let (text, error) = heard(Answer::new(broken)).await;
    assert_eq!(text, "1+1\u{7b49}\u{4e8e}");
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(
        error.to_string().contains("stream of events broke"),
        "{error}"
    );

    let (_, error) = heard(streamed("data: {\n\n", 3)).await;
    let error = error.unwrap().to_string();
    assert!(error.contains("an event cannot be read"), "{error}");
}

#[tokio::test]
async fn a_stream_that_was_not_listened_to_is_refused_by_name() {
    let socket = Socket::new([streamed(STREAM, 9)]);
    let error = call(&socket).stream(true).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(error.to_string().contains("call `listen`"), "{error}");
}

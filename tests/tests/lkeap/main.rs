//! Two more streams of events: one that ends by a word, and one that is not asked for.
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
use tcloud_tests::socket::{Answer, Socket, chunked};

const HEAD: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\
    Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";

fn client(socket: &Socket) -> Client {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .endpoint(Endpoint::parse(&socket.endpoint()).unwrap())
        .build()
        .unwrap();
    Client::new(&config)
}

fn streamed(body: &str) -> Answer {
    Answer::new([HEAD.as_bytes(), &chunked(body.as_bytes(), 13, true)].concat())
}

/// There is no blank behind the colon, and what comes behind the end is of no interest.
#[tokio::test]
async fn a_stream_may_end_by_a_word() {
    let socket = Socket::new([streamed(
        "data:{\"Choices\":[{\"Delta\":{\"ReasoningContent\":\"\\n\\n\"},\"Index\":0}]}\n\n\
         : still there\n\n\
         data:{\"Choices\":[{\"Delta\":{\"Content\":\"a\"},\"FinishReason\":\"stop\"}]}\n\n\
         data:[DONE]\n\ndata:{no JSON\n\n",
    )]);
    let call = client(&socket).chat_completions("deepseek-r1", [Message::new()]);
    let events = call.listen().await.unwrap().collect().await.unwrap();
    let texts: Vec<_> = events
        .iter()
        .filter_map(|event| event.choices.first()?.delta.as_ref())
        .map(|delta| (delta.reasoning_content.as_deref(), delta.content.as_deref()))
        .collect();
    assert_eq!(texts, [(Some("\n\n"), None), (None, Some("a"))]);
}

#[tokio::test]
async fn a_stream_that_is_not_asked_for_is_read_with_its_names() {
    let socket = Socket::new([streamed(
        "id: 1\nevent: progress\ndata: {\"ResponseType\":\"PROGRESS\",\n\
         data: \"Progress\":\"0\"}\n\n\
         id: 2\ndata: {\"ResponseType\":\"TASK_RSP\",\"Progress\":\"100\",\"New\":1}\n\n",
    )]);
    let call = client(&socket).reconstruct_document_sse("PDF");
    let events = call.listen().await.unwrap().collect().await.unwrap();
    let seen: Vec<_> = events
        .iter()
        .map(|it| {
            (
                it.id.as_str(),
                it.name.as_str(),
                it.progress.as_deref(),
                it.drift.len(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [("1", "progress", Some("0"), 0), ("2", "", Some("100"), 1)]
    );
    assert!(!socket.request().contains("Stream\""));
}

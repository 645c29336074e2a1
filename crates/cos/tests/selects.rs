//! `SelectObjectContent`: rows of an object as messages with checksums, which another program
//! (Python's `struct` and `zlib`) has made.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use tcloud_cos::operation::select_object_content::SelectObjectContent;
use tcloud_cos::runtime::call::Message;
use tcloud_cos::runtime::transport::Memory;
use tcloud_cos::types::ExpressionType;
use tcloud_cos::{
    Client, Config, Credentials, CsvInput, CsvOutput, ErrorKind, InputSerialization,
    OutputSerialization,
};

/// Nothing to say, rows, progress, rows, figures, the end.
const SELECTED: &[u8] = include_bytes!("data/selected.bin");
/// Rows, and what went wrong with the next ones.
const FAILED: &[u8] = include_bytes!("data/selected_error.bin");
const ROWS: &str = "1,ada;2,eve;";

/// A call that this is the answer to.
fn answered(answer: &[u8]) -> SelectObjectContent {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering([(200, answer.to_vec())]))
        .build()
        .unwrap();
    Client::new(&config).select_object_content(
        "examplebucket-1250000000",
        "people.csv",
        "Select s._1, s._2 from COSObject s",
        ExpressionType::Sql,
        InputSerialization::new().csv(CsvInput::new()),
        OutputSerialization::new().csv(CsvOutput::new()),
    )
}

#[tokio::test]
async fn rows_and_figures_come_as_messages() {
    let mut messages = answered(SELECTED).listen().await.unwrap();
    assert_eq!(messages.status(), 200);
    let mut seen = Vec::new();
    while let Some(message) = messages.next().await {
        seen.push(match message.unwrap() {
            Message::Records(records) => String::from_utf8(records.to_vec()).unwrap(),
            Message::Continuation => "…".to_owned(),
            Message::Progress(so_far) => format!("{:?} so far", so_far.bytes_scanned),
            Message::Stats(all) => format!("{:?} returned", all.bytes_returned),
            Message::End => "end".to_owned(),
            other => format!("{other:?}"),
        });
    }
    assert_eq!(
        seen,
        [
            "…",
            ROWS,
            "Some(512) so far",
            ROWS,
            "Some(12) returned",
            "end"
        ]
    );
}

#[tokio::test]
async fn the_whole_result_is_bounded() {
    let whole = answered(SELECTED).listen().await.unwrap().collect(24).await;
    assert_eq!(whole.unwrap(), [ROWS, ROWS].concat());
    let longer = answered(SELECTED).listen().await.unwrap().collect(23).await;
    let error = longer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(error.to_string().contains("more than 23 bytes"), "{error}");
}

#[tokio::test]
async fn what_goes_wrong_in_between_has_its_code() {
    let mut messages = answered(FAILED).listen().await.unwrap();
    let first = messages.next().await.unwrap().unwrap();
    assert_eq!(first, Message::Records(ROWS.into()));
    let error = messages.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("CastFailed"));
    assert!(
        error.to_string().contains("a value is no number"),
        "{error}"
    );
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn an_answer_that_is_cut_or_damaged_is_no_result() {
    for end in 0..SELECTED.len() {
        let collected = answered(&SELECTED[..end]).listen().await.unwrap();
        let error = collected.collect(1000).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.to_string().contains("not complete"), "{error}");
    }
    let mut damaged = SELECTED.to_vec();
    damaged[200] ^= 1;
    let collected = answered(&damaged).listen().await.unwrap().collect(1000);
    let error = collected.await.unwrap_err().to_string();
    assert!(error.contains("checksum"), "{error}");
}

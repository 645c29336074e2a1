//! Selections, by what documents say that comes of them.

mod files;
mod functions;
mod hostile;
mod refusals;
mod statements;

use std::cell::RefCell;

use tcloud_core::call::{Message, Statistics};
use tcloud_cos::operation::select_object_content::SelectObjectContentRequest;
use tcloud_cos::types::{
    CompressionType, CsvInput, CsvOutput, ExpressionType, FileHeaderInfo, InputSerialization,
    JsonInput, JsonOutput, JsonType, OutputSerialization, RequestProgress,
};

use super::contact::Listener;
use super::engine::run;
use super::failure::Failure;
use super::request::plan;

/// 2017-10-13T16:02:11.123Z, the time of the documents' sample.
const NOW: i64 = 1_507_910_531_123;

/// What a selection has told.
#[derive(Debug, Default)]
pub(super) struct Told(RefCell<Heard>);

impl Listener for Told {
    fn hears(&self, message: Message) -> bool {
        let mut heard = self.0.borrow_mut();
        match message {
            Message::Records(rows) => {
                heard.rows.push_str(std::str::from_utf8(&rows).unwrap());
                heard.counts.0 += 1;
            }
            Message::Continuation => heard.counts.1 += 1,
            Message::Progress(progress) => heard.progress.push(progress),
            Message::Stats(stats) => heard.stats = Some(stats),
            Message::End => heard.has_ended = true,
            other => panic!("{other:?}"),
        }
        true
    }

    fn is_there(&self) -> bool {
        true
    }
}

/// What of it is looked at.
#[derive(Debug, Default)]
struct Heard {
    rows: String,
    progress: Vec<Statistics>,
    stats: Option<Statistics>,
    /// How many messages had rows, and how many nothing.
    counts: (usize, usize),
    has_ended: bool,
}

fn csv() -> InputSerialization {
    InputSerialization::new().csv(CsvInput::new())
}

fn with_header() -> InputSerialization {
    let csv = CsvInput::new().file_header_info(FileHeaderInfo::Use);
    InputSerialization::new().csv(csv)
}

fn lines() -> InputSerialization {
    InputSerialization::new().json(JsonInput::new(JsonType::Lines))
}

fn document() -> InputSerialization {
    InputSerialization::new().json(JsonInput::new(JsonType::Document))
}

fn as_csv() -> OutputSerialization {
    OutputSerialization::new().csv(CsvOutput::new())
}

fn as_json() -> OutputSerialization {
    OutputSerialization::new().json(JsonOutput::new())
}

fn request(
    sql: &str,
    input: InputSerialization,
    output: OutputSerialization,
) -> SelectObjectContentRequest {
    SelectObjectContentRequest::new("b", "k", sql, ExpressionType::Sql, input, output)
}

/// All that `request` is told of `content`, and why that is not all there is.
fn told(request: &SelectObjectContentRequest, content: &[u8]) -> (Heard, Result<(), Failure>) {
    let told = Told::default();
    let plan = match plan(request, NOW) {
        Ok(plan) => plan,
        Err(fault) => {
            let code = String::leak(fault.code);
            return (Heard::default(), Err(Failure::new(code, fault.message)));
        }
    };
    let result = run(plan, content, &told);
    let heard = told.0.into_inner();
    assert_eq!(heard.has_ended, result.is_ok());
    (heard, result)
}

/// The rows of a selection.
fn rows(
    sql: &str,
    input: InputSerialization,
    output: OutputSerialization,
    content: impl AsRef<[u8]>,
) -> Result<String, Failure> {
    let (told, result) = told(&request(sql, input, output), content.as_ref());
    result.map(|()| told.rows)
}

/// The code with which a selection ends.
fn code(sql: &str, input: InputSerialization, content: impl AsRef<[u8]>) -> &'static str {
    match rows(sql, input, as_csv(), content) {
        Ok(rows) => panic!("{sql}: {rows}"),
        Err(failure) => failure.code,
    }
}

fn statistics(scanned: usize, processed: usize, returned: usize) -> Statistics {
    let mut statistics = Statistics::default();
    let number = |it: usize| u64::try_from(it).ok();
    statistics.bytes_scanned = number(scanned);
    statistics.bytes_processed = number(processed);
    statistics.bytes_returned = number(returned);
    statistics
}

fn packed(how: CompressionType) -> InputSerialization {
    csv().compression_type(how)
}

fn with_progress(mut request: SelectObjectContentRequest) -> SelectObjectContentRequest {
    request.request_progress = Some(RequestProgress::new().enabled(true));
    request
}

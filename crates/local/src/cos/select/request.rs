//! What a request asks for, checked as the service checks it, with its codes and sentences.

use http::StatusCode;
use tcloud_core::node::Word;
use tcloud_core::server::Fault;
use tcloud_cos::operation::select_object_content::SelectObjectContentRequest;
use tcloud_cos::types::{CsvInput, CsvOutput, InputSerialization, OutputSerialization};

use super::failure::Failure;
use super::source::Packing;
use super::sql::{Columns, Query, Scope, query};
use super::value::timestamp::Timestamp;
use crate::cos::fault::not_implemented;

/// Most bytes of an expression.
const LONGEST_EXPRESSION: usize = 256 * 1024;

/// What the first line of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// A row.
    None,
    Ignore,
    Use,
}

/// How an object of CSV is written.
#[derive(Debug)]
pub(super) struct CsvForm {
    pub(super) header: Header,
    pub(super) record_delimiter: Vec<u8>,
    pub(super) field_delimiter: u8,
    pub(super) quote: u8,
    pub(super) escape: u8,
    pub(super) comment: Option<u8>,
    /// Whether what ends a row may stand between quotes.
    pub(super) quoted_delimiters: bool,
}

#[derive(Debug)]
pub(super) enum Input {
    Csv(CsvForm),
    Json { has_lines: bool },
}

/// How the result is to be written.
#[derive(Debug)]
pub(super) enum Output {
    Csv {
        always_quotes: bool,
        record_delimiter: Vec<u8>,
        field_delimiter: u8,
        quote: u8,
        escape: u8,
    },
    Json {
        record_delimiter: Vec<u8>,
    },
}

/// A request that can be answered.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) query: Query,
    pub(super) packing: Packing,
    pub(super) input: Input,
    pub(super) output: Output,
    pub(super) shows_progress: bool,
}

/// Codes and sentences of the service for nodes that are wrong, or are not there.
const REFUSALS: [(&str, &str, &str); 8] = [
    (
        ".Expression",
        "MissingExpectedExpression",
        "The SQL expression is missing",
    ),
    (
        ".InputSerialization",
        "MissingInputSerialization",
        "The input serialization is missing",
    ),
    (
        ".OutputSerialization",
        "MissingOutputSerialization",
        "The output serialization is missing.",
    ),
    (
        ".CompressionType",
        "InvalidCompressionFormat",
        "The file is not in a supported compression format. Only GZIP and BZIP2 are supported",
    ),
    (
        ".FileHeaderInfo",
        "InvalidFileHeaderInfo",
        "The input FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported",
    ),
    (
        ".AllowQuotedRecordDelimiter",
        "InvalidRequestParameter",
        "The input AllowQuoteRecordDelimiter of CSV is invalid. Only TRUE and FALSE are supported",
    ),
    (
        ".JSON.Type",
        "InvalidJsonType",
        "The JsonType is invalid. Only DOCUMENT and LINES are supported",
    ),
    (
        ".QuoteFields",
        "InvalidQuoteFields",
        "The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported",
    ),
];

fn refused(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}

/// The refusal of a node by the end of its path, if the service has one of its own.
fn documented(node: &str) -> Option<Fault> {
    let mut refusals = REFUSALS.iter();
    refusals
        .find(|(end, ..)| node.ends_with(end))
        .map(|(_, code, message)| refused(code, *message))
}

/// The refusal of a node that [`REFUSALS`] has.
fn wrong(node: &str) -> Fault {
    documented(node).unwrap_or_else(|| refused("InvalidArgument", format!("{node} is wrong")))
}

/// The refusal of the service for what the table refuses: see
/// [`Handlers::on_refusing`](tcloud_core::server::Handlers::on_refusing).
pub(in crate::cos) fn refusal(fault: Fault) -> Fault {
    match (fault.code.as_str(), &fault.node) {
        ("MalformedXML", _) => refused(
            "InvalidXML",
            format!("The XML is invalid: {}", fault.message),
        ),
        ("InvalidArgument", Some(node)) if node.ends_with(".ExpressionType") => {
            let message = format!(
                "The SelectRequest entity is missing a required parameter: {}",
                fault.message
            );
            refused("MissingRequiredParameter", message)
        }
        ("InvalidArgument", Some(node)) => documented(node).unwrap_or(fault),
        // What the table does not know is refused as everywhere.
        _ => fault,
    }
}

/// What `request` asks for at the time `now`, in milliseconds.
///
/// # Errors
///
/// It asks for nothing, for what there is not, or in a way that there is not.
pub(super) fn plan(request: &SelectObjectContentRequest, now: i64) -> Result<Plan, Fault> {
    let expression = request.expression.as_deref().unwrap_or_default();
    if expression.trim().is_empty() {
        return Err(wrong(".Expression"));
    }
    if expression.len() > LONGEST_EXPRESSION {
        let message = format!(
            "The SQL expression is longer than {} KB",
            LONGEST_EXPRESSION / 1024
        );
        return Err(Failure::sql(message).into());
    }
    let kind = request.expression_type.as_ref().map(Word::as_str);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("SQL")) {
        let message = "The ExpressionType is invalid. Only SQL is supported";
        return Err(refused("InvalidRequestParameter", message));
    }
    let (packing, input) = match &request.input_serialization {
        Some(input) => (packing(input)?, form(input)?),
        None => {
            return Err(wrong(".InputSerialization"));
        }
    };
    let output = match &request.output_serialization {
        Some(output) => result(output)?,
        None => {
            return Err(wrong(".OutputSerialization"));
        }
    };
    let columns = match &input {
        Input::Csv(CsvForm {
            header: Header::Use,
            ..
        }) => Columns::Named,
        Input::Csv(_) => Columns::Numbered,
        Input::Json { .. } => Columns::Document,
    };
    let scope = Scope::new(columns, Timestamp::of_millis(now));
    let progress = request.request_progress.as_ref();
    Ok(Plan {
        query: query(expression, scope)?,
        packing,
        input,
        output,
        shows_progress: progress.and_then(|it| it.enabled).unwrap_or(false),
    })
}

/// A word in capitals, as the documents' samples do not always have it.
fn word(given: Option<&impl Word>) -> Option<String> {
    let word = given.map(|word| word.as_str().to_ascii_uppercase());
    word.filter(|word| !word.is_empty())
}

fn packing(input: &InputSerialization) -> Result<Packing, Fault> {
    match word(input.compression_type.as_ref()).as_deref() {
        None | Some("NONE") => Ok(Packing::None),
        Some("GZIP") => Ok(Packing::Gzip),
        Some("BZIP2") => Ok(Packing::Bzip2),
        Some(_) => Err(wrong(".CompressionType")),
    }
}

fn form(input: &InputSerialization) -> Result<Input, Fault> {
    match (&input.csv, &input.json, &input.parquet) {
        (Some(csv), None, None) => csv_form(csv).map(Input::Csv),
        (None, Some(json), None) => match word(json.type_.as_ref()).as_deref() {
            Some("DOCUMENT") => Ok(Input::Json { has_lines: false }),
            Some("LINES") => Ok(Input::Json { has_lines: true }),
            _ => Err(wrong(".JSON.Type")),
        },
        (None, None, Some(_)) => Err(not_implemented("Selecting from objects of Parquet")),
        (None, None, None) => Err(refused("MissingInputFormat", "The input format is missing")),
        _ => {
            let message = "The input has more than one format: give one of CSV, JSON and PARQUET";
            Err(refused("InvalidRequestParameter", message))
        }
    }
}

fn csv_form(csv: &CsvInput) -> Result<CsvForm, Fault> {
    let header = match word(csv.file_header_info.as_ref()).as_deref() {
        None | Some("NONE") => Header::None,
        Some("IGNORE") => Header::Ignore,
        Some("USE") => Header::Use,
        Some(_) => return Err(wrong(".FileHeaderInfo")),
    };
    let form = CsvForm {
        header,
        record_delimiter: marks(
            "input RecordDelimiter of CSV",
            csv.record_delimiter.as_ref(),
            b"\n",
            2,
        )?,
        field_delimiter: mark(
            "input FieldDelimiter of CSV",
            csv.field_delimiter.as_ref(),
            b',',
        )?,
        quote: mark(
            "input QuoteCharacter of CSV",
            csv.quote_character.as_ref(),
            b'"',
        )?,
        escape: mark(
            "input QuoteEscapeCharacter of CSV",
            csv.quote_escape_character.as_ref(),
            b'"',
        )?,
        comment: Some(mark("input Comment of CSV", csv.comments.as_ref(), b'#')?),
        quoted_delimiters: csv.allow_quoted_record_delimiter.unwrap_or(false),
    };
    let begins_record = form.record_delimiter.first().copied();
    let is_twice = form.field_delimiter == form.quote
        || [form.field_delimiter, form.quote]
            .map(Some)
            .contains(&begins_record);
    if is_twice {
        let message =
            "The input RecordDelimiter, FieldDelimiter and QuoteCharacter of CSV have to differ";
        return Err(refused("InvalidRequestParameter", message));
    }
    Ok(form)
}

fn result(output: &OutputSerialization) -> Result<Output, Fault> {
    match (&output.csv, &output.json) {
        (Some(csv), None) => csv_result(csv),
        (None, Some(json)) => {
            let given = json.record_delimiter.as_ref();
            let record_delimiter = marks("output RecordDelimiter of JSON", given, b"\n", 2)?;
            Ok(Output::Json { record_delimiter })
        }
        (None, None) => Err(refused(
            "MissingOutputFormat",
            "The output format is missing",
        )),
        _ => {
            let message = "The output has more than one format: give one of CSV and JSON";
            Err(refused("InvalidRequestParameter", message))
        }
    }
}

fn csv_result(csv: &CsvOutput) -> Result<Output, Fault> {
    let always_quotes = match word(csv.quote_fields.as_ref()).as_deref() {
        None | Some("ASNEEDED") => false,
        Some("ALWAYS") => true,
        Some(_) => return Err(wrong(".QuoteFields")),
    };
    Ok(Output::Csv {
        always_quotes,
        record_delimiter: marks(
            "output RecordDelimiter of CSV",
            csv.record_delimiter.as_ref(),
            b"\n",
            2,
        )?,
        field_delimiter: mark(
            "output FieldDelimiter of CSV",
            csv.field_delimiter.as_ref(),
            b',',
        )?,
        quote: mark(
            "output QuoteCharacter of CSV",
            csv.quote_character.as_ref(),
            b'"',
        )?,
        escape: mark(
            "output QuoteEscapeCharacter of CSV",
            csv.quote_escape_character.as_ref(),
            b'"',
        )?,
    })
}

/// One byte.
fn mark(what: &str, given: Option<&String>, usual: u8) -> Result<u8, Fault> {
    let marks = marks(what, given, &[usual], 1)?;
    Ok(marks.first().copied().unwrap_or(usual))
}

/// Up to `most` bytes; the usual ones if none are given.
fn marks(what: &str, given: Option<&String>, usual: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let given = given.map(String::as_str).unwrap_or_default();
    if given.is_empty() {
        return Ok(usual.to_vec());
    }
    match unescaped(given) {
        Some(marks) if marks.len() <= most => Ok(marks),
        _ => Err(refused(
            "InvalidRequestParameter",
            format!("The {what} is invalid"),
        )),
    }
}

/// The bytes that a text stands for: the documents write `\n` and octal numbers for characters that XML
/// carries badly.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    if text == "\\" {
        return Some(b"\\".to_vec());
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\\' => b'\\',
            first @ b'0'..=b'7' => {
                let mut number = u32::from(first.wrapping_sub(b'0'));
                for _ in 0..2 {
                    let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else {
                        break;
                    };
                    number = number * 8 + u32::from(digit.wrapping_sub(b'0'));
                }
                u8::try_from(number).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn characters_may_be_written_as_the_documents_do() {
        for (text, bytes) in [
            ("\n", b"\n".as_slice()),
            ("\\n", b"\n"),
            ("\\r\\n", b"\r\n"),
            ("\\t", b"\t"),
            ("\\001", b"\x01"),
            ("\\54", b","),
            ("\\", b"\\"),
            ("\\\\", b"\\"),
            (";", b";"),
            ("é", "é".as_bytes()),
        ] {
            assert_eq!(unescaped(text).unwrap(), bytes, "{text}");
        }
        for text in ["\\x", "a\\", "\\777", "\\é"] {
            assert!(unescaped(text).is_none(), "{text}");
        }
    }
}

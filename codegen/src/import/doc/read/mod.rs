//! From the bytes of a document to its parts, whatever its form.

mod build;
mod html;
mod lines;
mod markdown;
mod mend;
mod plain;

use super::model::Document;
use super::refusal::Refusal;

/// Bytes of the largest document that is read.
const LARGEST: usize = 8 << 20;

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text as it is copied from a page.
    Plain,
    /// Markdown, with or without HTML in it.
    Markdown,
    /// A page.
    Html,
}

/// Reads a document; `name` is shown in errors.
///
/// # Errors
///
/// What is no text, or more of it than a document has.
pub fn read(name: &str, bytes: &[u8]) -> Result<Document, Refusal> {
    let text = checked(name, bytes)?;
    Ok(match form(&text) {
        Form::Plain => plain::read(&text),
        Form::Markdown => markdown::read(&text),
        Form::Html => html::read(&text),
    })
}

/// Reads a document as plain text, whatever marks it has; `None` if that is how [`read`] reads it.
pub(super) fn read_plain(name: &str, bytes: &[u8]) -> Option<Document> {
    let text = checked(name, bytes).ok()?;
    (form(&text) != Form::Plain).then(|| plain::read(&text))
}

/// The text of a document, its lines ended by line feeds.
fn checked(name: &str, bytes: &[u8]) -> Result<String, Refusal> {
    if bytes.len() > LARGEST {
        return Err(Refusal::new(
            name,
            format!(
                "the file has more than {} MB, which no document has: pass the page of one API",
                LARGEST >> 20
            ),
        ));
    }
    let text = text(bytes).ok_or_else(|| {
        Refusal::new(
            name,
            "this is no text in UTF-8 or UTF-16: pass a document as plain text, Markdown or HTML",
        )
    })?;
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The text of a file; `None` for what is no text.
fn text(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .filter_map(|pair| Some(unit(pair.try_into().ok()?)))
            .collect();
        String::from_utf16(&units).ok()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }?;
    (!text.contains('\0')).then_some(text)
}

/// The form of a text, by what is in it.
pub fn form(text: &str) -> Form {
    let start = text.trim_start();
    let head: String = start.chars().take(200).collect();
    let head = head.to_ascii_lowercase();
    if head.starts_with("<!doctype html") || head.starts_with("<html") || head.contains("<head") {
        return Form::Html;
    }
    let lower = |line: &str| line.trim_start().to_ascii_lowercase();
    let marks = text.lines().any(|line| {
        let rest = line.trim_start_matches('#');
        let depth = line.len() - rest.len();
        let fence = line.trim_start().starts_with("```") || line.starts_with("~~~");
        let bars = mend::is_delimiter(line) && line.trim_start().starts_with('|');
        ((2..=6).contains(&depth) && !rest.trim().is_empty()) || fence || bars
    });
    if marks {
        return Form::Markdown;
    }
    // `<body>` and the like stand for something in plain texts; a table or a heading does not.
    let tags = [
        "<table", "<tr", "<td", "<h1", "<h2", "<h3", "<h4", "<p>", "<pre", "<div", "<ul", "<li",
    ];
    let tagged = text
        .lines()
        .filter(|line| tags.iter().any(|tag| lower(line).starts_with(tag)));
    if tagged.take(3).count() == 3 {
        return Form::Html;
    }
    Form::Plain
}

//! HTML, read tag by tag.
//!
//! The tokenizer is that of browsers; a tree is not made, since some texts make the rules of the
//! tree quadratic, and tables need no more than which tags are open.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{HtmlString, Token, Tokenizer};

use super::build::Builder;
use super::lines::Lines;
use crate::import::doc::model::Document;

/// Reads a page.
pub(super) fn read(text: &str) -> Document {
    let mut builder = Builder::default();
    let mut lines = Lines::new(text);
    tokens(text, 0, &mut lines, &mut builder);
    builder.finish()
}

/// Passes to `builder` what is in `text`, which begins at the byte `start` of the document.
pub(super) fn tokens(text: &str, start: usize, lines: &mut Lines<'_>, builder: &mut Builder) {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let line = lines.at(start + tag.span.start);
                let name = string(&tag.name);
                let attribute = |name: &str| {
                    let found = tag.attributes.get(name.as_bytes());
                    found.map(|value| string(&value.value))
                };
                let span = |name| {
                    let text = attribute(name);
                    text.and_then(|text| text.trim().parse().ok()).unwrap_or(1)
                };
                address(&name, &attribute, builder);
                builder.open(&name, line, [span("colspan"), span("rowspan")]);
                if tag.self_closing && matches!(name.as_str(), "td" | "th" | "tr" | "code") {
                    builder.close(&name, line);
                }
            }
            Token::EndTag(tag) => {
                let line = lines.at(start + tag.span.start);
                builder.close(&string(&tag.name), line);
            }
            Token::String(text) => {
                let line = lines.at(start + text.span.start);
                let text = string(&text.value);
                if builder.in_code() {
                    builder.push(&text, line);
                } else {
                    let blank = text.len() - text.trim_start().len();
                    let before = text.get(..blank).unwrap_or_default();
                    let line = line + before.matches('\n').count();
                    builder.push(&text.replace(['\n', '\r'], " "), line);
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
}

/// Where the page says that it is published.
fn address(name: &str, attribute: &dyn Fn(&str) -> Option<String>, builder: &mut Builder) {
    let is = |key: &str, value: &str| attribute(key).is_some_and(|own| own == value);
    if name == "a"
        && let Some(target) = attribute("href")
    {
        builder.link(&target);
        return;
    }
    let found = match name {
        "link" if is("rel", "canonical") => attribute("href"),
        "meta" if is("property", "og:url") => attribute("content"),
        _ => None,
    };
    if let Some(found) = found.filter(|it| it.starts_with("http")) {
        builder.address(&found);
    }
}

fn string(bytes: &HtmlString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

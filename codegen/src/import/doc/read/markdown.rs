//! Markdown as the public repositories of documents have it, with HTML in it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::build::{Builder, is_element};
use super::html;
use super::lines::Lines;
use super::mend::Mended;
use crate::import::doc::model::Document;

/// Reads a Markdown document.
pub(super) fn read(text: &str) -> Document {
    let mended = Mended::of(text);
    let mut reader = Reader {
        text: &mended.text,
        lines: Lines::of(&mended.text, &mended.lines),
        html: Lines::of(&mended.text, &mended.lines),
        broken: &mended.broken,
        builder: Builder::default(),
        block: None,
        code: None,
        head: false,
    };
    let parser = Parser::new_ext(&mended.text, Options::ENABLE_TABLES);
    for (event, range) in parser.into_offset_iter() {
        reader.event(event, range.start, range.end);
    }
    reader.builder.finish()
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines<'t>,
    html: Lines<'t>,
    broken: &'t [usize],
    builder: Builder,
    /// Where the block of HTML begins and ends that is open.
    block: Option<(usize, usize)>,
    /// Code that is open: its first line and its text.
    code: Option<(usize, String)>,
    head: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) {
        let line = self.lines.at(start);
        match event {
            Event::Start(tag) => self.start(&tag, line, start),
            Event::End(tag) => self.end(tag, line),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.builder.push(&text, line),
            },
            Event::Code(text) => {
                self.builder.push("`", line);
                self.builder.push(&text, line);
                self.builder.push("`", line);
            }
            Event::Html(_) => {
                if let Some((_, until)) = &mut self.block {
                    *until = end;
                }
            }
            Event::InlineHtml(text) => self.inline(&text, start, line),
            Event::SoftBreak | Event::HardBreak => self.builder.push("\n", line),
            Event::Rule => self.builder.between(line),
            Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, line: usize, at: usize) {
        match tag {
            Tag::Heading { .. } => self.builder.open("h1", line, [1, 1]),
            Tag::CodeBlock(kind) => {
                // The fence is a line of its own.
                let fence = usize::from(matches!(kind, CodeBlockKind::Fenced(_)));
                self.code = Some((line + fence, String::new()));
            }
            Tag::HtmlBlock => self.block = Some((at, at)),
            Tag::Table(_) => self.builder.open("table", line, [1, 1]),
            Tag::TableHead => {
                self.head = true;
                self.builder.open("tr", line, [1, 1]);
            }
            Tag::TableRow => {
                self.builder.open("tr", line, [1, 1]);
                if self.broken.binary_search(&line).is_ok() {
                    self.builder.broken();
                }
            }
            Tag::TableCell => {
                let cell = if self.head { "th" } else { "td" };
                self.builder.open(cell, line, [1, 1]);
            }
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::List(_) | Tag::Item => {
                self.builder.between(line);
            }
            Tag::Link { dest_url, .. } => self.builder.link(dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, line: usize) {
        match tag {
            TagEnd::Heading(_) => self.builder.close("h1", line),
            TagEnd::CodeBlock => {
                if let Some((line, code)) = self.code.take() {
                    self.builder.code(&code, line);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some((from, to)) = self.block.take() {
                    let text = self.text.get(from..to).unwrap_or_default();
                    html::tokens(text, from, &mut self.html, &mut self.builder);
                }
            }
            TagEnd::Table => self.builder.close("table", line),
            TagEnd::TableHead => {
                self.head = false;
                self.builder.close("tr", line);
            }
            TagEnd::TableRow => self.builder.close("tr", line),
            TagEnd::TableCell => self.builder.close("td", line),
            TagEnd::Paragraph | TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => {
                self.builder.between(line);
            }
            _ => {}
        }
    }

    /// A tag in a text. What is no element of HTML stands for something: `<Region>`.
    fn inline(&mut self, text: &str, start: usize, line: usize) {
        let name = text.trim_start_matches(['<', '/']);
        let end = name
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
        if text.starts_with("<!--") || is_element(&name) {
            html::tokens(text, start, &mut self.html, &mut self.builder);
        } else {
            self.builder.push(text, line);
        }
    }
}

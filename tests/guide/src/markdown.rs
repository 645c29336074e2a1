//! What tests read of a page: blocks of code, headings, links.

use std::collections::HashMap;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A fenced block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of its first fence, from 1.
    pub line: usize,
    /// What stands behind the fence: `rust`, `console,fails`.
    pub info: String,
    /// What is between the fences.
    pub text: String,
}

impl Block {
    /// The language: what of [`info`](Self::info) stands before the first comma.
    pub fn language(&self) -> &str {
        self.info.split(',').next().unwrap_or_default()
    }

    /// Whether [`info`](Self::info) holds `word` behind the language.
    pub fn is(&self, word: &str) -> bool {
        self.info.split(',').skip(1).any(|it| it == word)
    }
}

/// What a page holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its blocks of code, in order.
    pub blocks: Vec<Block>,
    /// Its headings with their levels, in order, as text.
    pub headings: Vec<(u8, String)>,
    /// The anchors of its headings, in order.
    pub anchors: Vec<String>,
    /// The targets of its links, with their lines.
    pub links: Vec<(usize, String)>,
}

/// Reads a page.
pub fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut seen = HashMap::new();
    let mut block: Option<Block> = None;
    let mut heading: Option<String> = None;
    let line = |offset: usize| {
        text.get(..offset)
            .map_or(1, |before| before.matches('\n').count() + 1)
    };
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    for (event, range) in events {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                block = Some(Block {
                    line: line(range.start),
                    info: info.to_string(),
                    text: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => {
                let title = heading.take().unwrap_or_default();
                page.anchors.push(anchor(&title, &mut seen));
                page.headings.push((level as u8, title));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push((line(range.start), dest_url.to_string()));
            }
            Event::Text(part) | Event::Code(part) => {
                let place = block.as_mut().map(|it| &mut it.text).or(heading.as_mut());
                if let Some(place) = place {
                    place.push_str(&part);
                }
            }
            _ => {}
        }
    }
    page
}

/// The anchor of a heading, as mdBook and GitHub make it: of those that are alike, the second ends
/// with `-1`.
fn anchor(title: &str, seen: &mut HashMap<String, usize>) -> String {
    let plain: String = title
        .trim()
        .chars()
        .filter_map(|each| match each {
            '-' | '_' => Some(each),
            _ if each.is_alphanumeric() => Some(each.to_ascii_lowercase()),
            _ if each.is_whitespace() => Some('-'),
            _ => None,
        })
        .collect();
    let number = seen.entry(plain.clone()).or_insert(0);
    let anchor = match *number {
        0 => plain,
        number => format!("{plain}-{number}"),
    };
    *number += 1;
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read() {
        let page = read(
            "# A `b`: c & d\n\n[x](y.md#z)\n\n```console,fails\n$ a\nb\n```\n\n## Same\n\n## Same\n",
        );
        assert_eq!(page.anchors, ["a-b-c--d", "same", "same-1"]);
        assert_eq!(page.headings[0], (1, "A b: c & d".to_owned()));
        assert_eq!(page.links, [(3, "y.md#z".to_owned())]);
        let block = &page.blocks[0];
        assert_eq!((block.line, block.text.as_str()), (5, "$ a\nb\n"));
        assert_eq!(block.language(), "console");
        assert!(block.is("fails") && !block.is("console"));
    }
}

//! SVG: XML text up to the end of its root element.

use memchr::{memchr, memmem};

use super::structure::Picture;
use crate::report::PictureType;
use crate::work::Work;

/// How far into the text the root element has to begin.
const PROLOG: usize = 4096;

pub(super) fn parse(bytes: &[u8], work: &Work<'_>) -> Option<Picture> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    work.spend(first)?;
    let opening = text.get(first..)?;
    let known = [&b"<?xml"[..], b"<svg", b"<!DOCTYPE svg", b"<!--"];
    if !known.iter().any(|start| opening.starts_with(start)) {
        return None;
    }
    memmem::find(bytes.get(..bytes.len().min(PROLOG))?, b"<svg")?;
    let end = match root_end(bytes, work) {
        Walk::Other => return None,
        Walk::Open => None,
        Walk::End(end) => Some(end),
    };
    let mut picture = Picture::new(PictureType::Svg);
    picture.complete = end.is_some();
    // Scripts are legal here, and yet nothing a picture store wants: text is searched.
    picture
        .layout
        .metadata(0..end.unwrap_or(bytes.len()), "markup");
    Some(picture)
}

/// The outcome of a walk through the elements.
enum Walk {
    /// The root element is not `svg`.
    Other,
    /// The root element does not end.
    Open,
    /// The root element ends before this position.
    End(usize),
}

fn root_end(bytes: &[u8], work: &Work<'_>) -> Walk {
    let (mut at, mut depth) = (0, 0usize);
    while let Some((start, end)) = next_tag(bytes, at, work) {
        let tag = bytes.get(start..end).unwrap_or_default();
        at = end;
        if tag.starts_with(b"</") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && !tag.starts_with(b"<svg") {
            return Walk::Other;
        } else if !tag.ends_with(b"/>") {
            depth += 1;
        }
        if depth == 0 {
            return Walk::End(at);
        }
    }
    Walk::Open
}

/// The range of the next element tag. Comments and declarations are passed over.
fn next_tag(bytes: &[u8], mut at: usize, work: &Work<'_>) -> Option<(usize, usize)> {
    const SKIPPED: [(&[u8], &[u8]); 3] =
        [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    loop {
        at += work.find_byte(bytes.get(at..)?, b'<')?;
        let rest = bytes.get(at..)?;
        let skipped = SKIPPED.iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skipped {
            at += open.len() + work.find(rest.get(open.len()..)?, close)? + close.len();
            continue;
        }
        let length = tag_length(rest, work)?;
        if !rest.starts_with(b"<!") {
            return Some((at, at + length));
        }
        // A document type may hold declarations of its own between brackets.
        let bracketed = memchr(b'[', rest.get(..length)?).is_some();
        at += if bracketed {
            work.find(rest, b"]>")? + 2
        } else {
            length
        };
    }
}

/// The length of the tag `text` begins with; a `>` inside quotes does not end it.
fn tag_length(text: &[u8], work: &Work<'_>) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        work.spend(1)?;
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), close) if open == *close => quote = None,
            _ => {}
        }
    }
    None
}

//! Payloads that are text: markup, scripts, playlists.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::found::{Finds, Found};
use crate::picture;
use crate::report::{Confidence, PayloadType};
use crate::work::Work;

/// Openings, in lower case, and whether they are looked for in metadata too.
const OPENINGS: &[(&[u8], PayloadType, bool)] = &[
    (b"<?php", PayloadType::Script, true),
    (b"<script", PayloadType::Script, true),
    (b"<!doctype html", PayloadType::Html, false),
    (b"<html", PayloadType::Html, false),
    (b"<iframe", PayloadType::Html, false),
];
/// The least number of text bytes that are more than a chance match.
const LEAST: usize = 12;

/// Finds text payloads in `range`; with `full` also those that metadata may hold legitimately.
pub(super) fn find(bytes: &[u8], range: Range<usize>, full: bool, work: &Work<'_>) -> Vec<Found> {
    let Some(content) = bytes.get(..range.end) else {
        return Vec::new();
    };
    let mut texts = Texts {
        content,
        work,
        known: range.start..range.start,
        found: Finds::new(work, range.end),
    };
    // `None` where the work is used up.
    let _ = texts.find(range.start, full);
    texts.found.list
}

/// Payloads that are only recognised where a gap begins.
fn at_start(text: &[u8]) -> Option<PayloadType> {
    if text.starts_with(b"#EXTM3U") {
        Some(PayloadType::Hls)
    } else if text.starts_with(b"#!/") {
        Some(PayloadType::Script)
    } else {
        None
    }
}

fn opening(text: &[u8], full: bool) -> Option<PayloadType> {
    let is = |name: &[u8]| {
        let matches = text
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name));
        // The name has to end where the opening does.
        matches && !text.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
    };
    OPENINGS
        .iter()
        .find(|(name, _, always)| (full || *always) && is(name))
        .map(|found| found.1)
}

/// The search for texts.
struct Texts<'w> {
    content: &'w [u8],
    work: &'w Work<'w>,
    /// A run of text as far as it was followed, so that no byte is read for every opening in it.
    known: Range<usize>,
    found: Finds<'w>,
}

impl Texts<'_> {
    fn find(&mut self, start: usize, full: bool) -> Option<()> {
        let mut at = start;
        if let Some(payload) = at_start(self.rest(at)).filter(|_| full) {
            at = self.take(at, payload)?;
        }
        while let Some(skip) = memchr(b'<', self.rest(at)) {
            self.work.pass(skip + 1)?;
            at += skip;
            at = match opening(self.rest(at), full) {
                Some(payload) => self.take(at, payload)?,
                None => at + 1,
            };
        }
        self.work.pass(self.rest(at).len())
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.content.get(at..).unwrap_or_default()
    }

    /// Takes the text at `at` as a payload. Returns the position behind it, or the next one if it
    /// is too short.
    fn take(&mut self, at: usize, payload: PayloadType) -> Option<usize> {
        let end = self.end(at);
        if end - at < LEAST {
            return Some(at + 1);
        }
        self.found.push(Found {
            range: at..end,
            payload,
            confidence: Confidence::Medium,
        })?;
        Some(end)
    }

    /// The end of the text at `start`: the first byte that is no text, or where a picture begins
    /// whose signature reads like text.
    fn end(&mut self, start: usize) -> usize {
        if !self.known.contains(&start) {
            let length = text_length(self.rest(start));
            self.work.pass(length + 1);
            self.known = start..start + length;
        }
        let text = self.content.get(start..self.known.end).unwrap_or_default();
        let is_picture = |at: &usize| {
            self.work.pass(*at);
            picture::parse(self.rest(start + at), self.work).is_some_and(|p| p.complete)
        };
        // A few attempts are enough: a text does not mention the signature often.
        let mut signatures = memmem::find_iter(text, b"GIF8").take(4);
        let picture = signatures.find(is_picture);
        if picture.is_none() {
            self.work.pass(text.len());
        }
        start + picture.unwrap_or(text.len())
    }
}

/// The length of the text `bytes` begin with.
fn text_length(bytes: &[u8]) -> usize {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=31 | 127);
    let run = bytes.iter().position(is_control).unwrap_or(bytes.len());
    let run = bytes.get(..run).unwrap_or_default();
    match std::str::from_utf8(run) {
        Ok(text) => text.len(),
        Err(error) => error.valid_up_to(),
    }
}

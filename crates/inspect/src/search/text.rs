//! Payloads that are text: markup, scripts, playlists.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::Found;
use crate::picture;
use crate::report::{Confidence, PayloadType};

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
pub(super) fn find(bytes: &[u8], range: Range<usize>, full: bool) -> Vec<Found> {
    let Some(content) = bytes.get(..range.end) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut at = range.start;
    if let Some(payload) = at_start(content.get(at..).unwrap_or_default()).filter(|_| full) {
        take(content, &mut at, payload, &mut found);
    }
    while let Some(skip) = content.get(at..).and_then(|rest| memchr(b'<', rest)) {
        let start = at + skip;
        at = start;
        match opening(content.get(start..).unwrap_or_default(), full) {
            Some(payload) => take(content, &mut at, payload, &mut found),
            None => at += 1,
        }
    }
    found
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

/// Takes the text at `at` as a payload and moves `at` behind it, or by one if it is too short.
fn take(bytes: &[u8], at: &mut usize, payload: PayloadType, found: &mut Vec<Found>) {
    let text = bytes.get(*at..).unwrap_or_default();
    let length = text_length(text);
    if length < LEAST {
        *at += 1;
        return;
    }
    let range = *at..*at + length;
    *at = range.end;
    found.push(Found {
        range,
        payload,
        confidence: Confidence::Medium,
    });
}

/// The length of the text `bytes` begin with. It ends at the first byte that is no text or where
/// a picture begins whose signature reads like text.
fn text_length(bytes: &[u8]) -> usize {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=31 | 127);
    let run = bytes.iter().position(is_control).unwrap_or(bytes.len());
    let run = bytes.get(..run).unwrap_or_default();
    let text = match std::str::from_utf8(run) {
        Ok(text) => text.len(),
        Err(error) => error.valid_up_to(),
    };
    let is_picture = |at: &usize| {
        bytes
            .get(*at..)
            .and_then(picture::parse)
            .is_some_and(|p| p.complete)
    };
    // A few attempts are enough: a text does not mention the signature often.
    let signatures = memmem::find_iter(bytes.get(..text).unwrap_or_default(), b"GIF8").take(4);
    signatures.into_iter().find(is_picture).unwrap_or(text)
}

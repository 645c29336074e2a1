//! Hostile documents: whatever arrives, the decoders end without a panic, and what they accept
//! survives being encoded and decoded again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use tcloud_core::codec::{CodecError, xml};
use tcloud_core::operation::BodyFormat;
use tcloud_tests::samples::{Message, of_seeds, of_specs};

/// Cases of each test if `TCLOUD_FUZZ_CASES` names no other number.
const CASES: u64 = 20_000;

/// Pieces that readers of XML and JSON stumble over.
const PIECES: [&str; 46] = [
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "&",
    "&a;",
    "&#0;",
    "&#13;",
    "&#x10FFFF;",
    "&lt;",
    " a=\"1\"",
    " a=\"&#10;\"",
    " xmlns=\"u\"",
    "<a:b c:d='e'/>",
    "<x><x><x><x><x><x><x><x><x><x>",
    "</x></x></x></x></x></x></x></x>",
    "{",
    "}",
    "[",
    "]",
    "[[[[[[[[",
    ":",
    ",",
    "\"",
    "\"\":",
    "\"x\":null,",
    "null",
    "true",
    "\"true\"",
    "-0",
    "1e400",
    "18446744073709551615",
    "9223372036854775808",
    "0.1",
    "\\u0000",
    "\\ud800",
    "\u{0}",
    "\u{feff}",
    "\r\n",
    "\u{1F600}\u{202E}",
];

/// A small generator of the xorshift family, so that a case number names a case for ever.
struct Random(u64);

impl Random {
    fn of_case(case: u64) -> Self {
        Self((case + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }

    fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    /// A part of `length`, not longer than `most`.
    fn part(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..(start + self.below(most)).min(length)
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        match self.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 => bytes.truncate(at),
            2 => {
                let part = self.part(bytes.len(), 40);
                bytes.drain(part);
            }
            3 => {
                let part = self.part(bytes.len(), 200);
                let again = bytes[part].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let part = self.part(other.len(), 200);
                bytes.splice(at..at, other[part].iter().copied());
            }
            5 => self.swap_tokens(bytes),
            _ => {
                let piece = self.of(&PIECES).as_bytes();
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }

    /// Puts one token into the place of another.
    fn swap_tokens(&mut self, bytes: &mut Vec<u8>) {
        let tokens = tokens(bytes);
        if tokens.is_empty() {
            return;
        }
        let (from, to) = (self.of(&tokens).clone(), self.of(&tokens).clone());
        let token = bytes[from].to_vec();
        bytes.splice(to, token);
    }
}

/// Where names, words and numbers stand.
fn tokens(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().chain(&[0]).enumerate() {
        match (byte.is_ascii_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Decodes `text`, and if that goes well, encodes and decodes it again. Tells whether it went well.
fn round_trip(message: &Message, text: &str) -> bool {
    if matches!(message.format(), BodyFormat::Xml(_)) {
        let _ = xml::decode_any(text);
    }
    let Ok((document, _)) = message.decode(text) else {
        return false;
    };
    let again = match message.encode(&document) {
        Ok(again) => again,
        Err(error) => {
            assert_unprintable(message, &error);
            return true;
        }
    };
    let (same, _) = message
        .decode(&again)
        .unwrap_or_else(|error| panic!("what was encoded is refused: {error}\n{again}"));
    assert!(
        same == document,
        "lost on the way\n{text}\n{document:#?}\n{again}\n{same:#?}"
    );
    true
}

/// XML cannot carry all that its readers let through; nothing else may be refused.
fn assert_unprintable(message: &Message, error: &CodecError) {
    let xml = matches!(message.format(), BodyFormat::Xml(_));
    let known = ["XML cannot carry", "cannot be the name"];
    assert!(
        xml && known.iter().any(|known| error.reason().contains(known)),
        "what was decoded is not encoded: {error}"
    );
}

fn mutate_all(wanted: impl Fn(BodyFormat) -> bool) {
    let messages: Vec<Message> = [of_specs().unwrap(), of_seeds().unwrap()]
        .into_iter()
        .flatten()
        .flat_map(|sample| sample.messages)
        .filter(|message| wanted(message.format()))
        .collect();
    assert!(messages.len() > 3, "there are samples to start from");
    let cases = std::env::var("TCLOUD_FUZZ_CASES").ok();
    let cases = cases.map_or(CASES, |text| {
        text.parse().expect("TCLOUD_FUZZ_CASES is a number")
    });
    let mut accepted = 0;
    for case in 0..cases {
        let mut random = Random::of_case(case);
        let seed = random.of(&messages);
        let other = random.of(&messages);
        let mut bytes = seed.text.clone().into_bytes();
        for _ in 0..random.below(6) {
            random.mutate(&mut bytes, other.text.as_bytes());
        }
        let text = String::from_utf8_lossy(&bytes);
        // Now and then by a table that was never meant for it.
        let reader = if random.below(8) == 0 { other } else { seed };
        let outcome = catch_unwind(AssertUnwindSafe(|| round_trip(reader, &text)));
        let Ok(decoded) = outcome else {
            let name = reader.operation.name;
            panic!("case {case}: {:?} of {name} failed on\n{text}", reader.side);
        };
        accepted += u64::from(decoded);
    }
    assert!(
        (cases / 10..cases).contains(&accepted),
        "{accepted} of {cases} were accepted: hostile, but not hopeless, is what is asked for"
    );
}

#[test]
fn mutated_xml_never_panics_and_loses_nothing() {
    mutate_all(|format| matches!(format, BodyFormat::Xml(_)));
}

#[test]
fn mutated_json_never_panics_and_loses_nothing() {
    mutate_all(|format| format == BodyFormat::Json);
}

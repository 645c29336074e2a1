use proptest::prelude::*;

use super::{LIMIT, Message, Parser, checksum_of, encode};
use crate::codec::CodecError;

/// A message of two headers and no payload, whose checksums another program (Python's `zlib`) has
/// computed.
const CONT: &[u8] = b"\x00\x00\x00\x39\x00\x00\x00\x29\x8b\xa1\x9d\xf2\
    \x0d:message-type\x07\x00\x05event\x0b:event-type\x07\x00\x04Cont\x9c\x86\x4a\x0d";

/// The messages of a stream that comes in chunks of `size`, and whether all of it was read.
fn messages(bytes: &[u8], size: usize) -> Result<(Vec<Message>, bool), CodecError> {
    let mut parser = Parser::default();
    let mut all = Vec::new();
    for chunk in bytes.chunks(size) {
        parser.feed(chunk);
        while let Some(message) = parser.next()? {
            all.push(message);
        }
    }
    Ok((all, parser.is_empty()))
}

/// A message with these headers, as they are, and checksums that are right.
fn message(length: usize, headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for length in [length, headers.len()] {
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    }
    bytes.extend(checksum_of(&bytes).to_be_bytes());
    bytes.extend(headers);
    bytes.extend(payload);
    bytes.extend(checksum_of(&bytes).to_be_bytes());
    bytes
}

fn whole(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    message(headers.len() + payload.len() + 16, headers, payload)
}

#[test]
fn a_message_is_read_wherever_its_chunks_end() {
    let two = [
        CONT,
        &whole(
            b"\x01a\x07\x00\x02bc\x01t\x00\x01n\x04\x00\x00\x00\x01",
            b"x",
        ),
    ];
    for size in 1..=CONT.len() {
        let (read, is_whole) = messages(&two.concat(), size).unwrap();
        let [cont, other] = read.try_into().unwrap();
        assert!(is_whole);
        assert_eq!(cont.header(":message-type"), "event");
        assert_eq!(cont.header(":event-type"), "Cont");
        assert!(cont.payload.is_empty());
        // What is no text is passed over.
        assert_eq!((other.header("a"), other.header("t")), ("bc", ""));
        assert_eq!(other.payload, "x");
    }
    let (read, is_whole) = messages(&CONT[..CONT.len() - 1], 7).unwrap();
    assert!(read.is_empty() && !is_whole);
}

#[test]
fn a_message_is_written_as_another_program_writes_it() {
    let headers = [(":message-type", "event"), (":event-type", "Cont")];
    assert_eq!(encode(&headers, b""), CONT);
    // What is too long for its length is cut, and the message still is one.
    let (name, text) = ("é".repeat(200), "é".repeat(40_000));
    let (read, is_whole) = messages(&encode(&[(&name, &text)], b"x"), 1000).unwrap();
    assert!(is_whole);
    assert_eq!(read[0].header(&"é".repeat(127)), "é".repeat(32_767));
    assert_eq!(read[0].payload, "x");
}

#[test]
fn every_damaged_bit_is_found() {
    for place in 0..CONT.len() {
        for bit in 0..8 {
            let mut damaged = CONT.to_vec();
            damaged[place] ^= 1 << bit;
            let read = messages(&damaged, 1000);
            assert!(read.is_err(), "{place}, {bit}");
        }
    }
}

#[test]
fn what_is_no_message_says_why() {
    for (bytes, why) in [
        (message(15, b"", b""), "shorter than its headers"),
        (message(17, b"ab", b""), "shorter than its headers"),
        (message(LIMIT + 1, b"", b""), "more than 16777216 bytes"),
        (whole(b"\x05a", b""), "end within one"),
        (whole(b"\x01a", b""), "end within one"),
        (whole(b"\x01a\x07\x00", b""), "end within one"),
        (whole(b"\x01a\x07\x00\x02b", b""), "end within one"),
        (whole(b"\x01a\x0a", b""), "unknown type 10"),
    ] {
        let error = messages(&bytes, 1000).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..50) {
        let _ = messages(&bytes, size);
        // With checksums that are right, more of them is read.
        let _ = messages(&whole(&bytes, b""), size);
        let _ = messages(&[CONT, &bytes].concat(), size);
    }
}

use proptest::prelude::*;

use super::*;

/// The events of a stream that comes in `chunks`.
fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut parser = Parser::new(1_000);
    let mut all = Vec::new();
    for chunk in chunks {
        parser.feed(chunk).unwrap();
        all.extend(std::iter::from_fn(|| parser.next()));
    }
    parser.finish();
    all.extend(std::iter::from_fn(|| parser.next()));
    all
}

fn event(name: &str, id: &str, data: &str) -> Event {
    Event {
        name: name.to_owned(),
        id: id.to_owned(),
        data: data.to_owned(),
    }
}

/// The examples of the HTML standard, section "Server-sent events".
#[test]
fn the_examples_of_the_standard_are_read() {
    let read = |text: &'static str| events([text.as_bytes()]);
    assert_eq!(
        read("data: YHOO\ndata: +2\ndata: 10\n\n"),
        [event("", "", "YHOO\n+2\n10")]
    );
    assert_eq!(
        read(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
        ),
        [
            event("", "1", "first event"),
            event("", "", "second event"),
            event("", "", " third event"),
        ]
    );
    assert_eq!(
        read("data: test\n\ndata:test\n\n"),
        read("data:test\n\ndata: test\n\n")
    );
    assert_eq!(
        read("data\n\ndata\ndata\n\n"),
        [event("", "", ""), event("", "", "\n")]
    );
    assert_eq!(
        read("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: x\n\n"),
        [
            event("add", "", "73857293"),
            event("remove", "", "2153"),
            event("", "", "x"),
        ]
    );
}

#[test]
fn lines_end_in_three_ways_and_the_last_event_may_lack_its_empty_line() {
    let expected = [event("", "7", "a\nb"), event("", "7", "c")];
    for text in [
        "id: 7\ndata: a\ndata: b\n\ndata: c\n\n",
        "id: 7\r\ndata: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n",
        "id: 7\rdata: a\rdata: b\r\rdata: c\r\r",
        "\u{feff}id: 7\ndata: a\ndata: b\n\r\ndata: c\n",
        "id: 7\ndata: a\ndata: b\n\n\n\nretry: 10\nother: x\ndata: c",
    ] {
        assert_eq!(events([text.as_bytes()]), expected, "{text:?}");
        let apart = text.as_bytes().chunks(1).flat_map(|byte| [byte, &[]]);
        assert_eq!(events(apart), expected, "{text:?}");
    }
}

#[test]
fn an_id_with_a_zero_is_ignored_and_an_event_without_data_is_none() {
    let text = "id: 1\n\nid: 2\0\ndata: a\n\nevent: lost\n\ndata: b\n\n";
    assert_eq!(
        events([text.as_bytes()]),
        [event("", "1", "a"), event("", "1", "b")]
    );
}

#[test]
fn an_event_has_an_end() {
    let mut parser = Parser::new(20);
    assert!(parser.feed(b"data: 0123456789\n").is_ok());
    assert!(parser.feed(b"data: 0123456789").is_err());
    let mut parser = Parser::new(20);
    for _ in 0..1_000 {
        parser.feed(b"data: 0123456789\n\n").unwrap();
        assert_eq!(parser.next(), Some(event("", "", "0123456789")));
    }
}

/// Pieces that make every line and line end.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("data"),
        Just(":"),
        Just(": "),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("id"),
        Just("event"),
        Just("图"),
        Just("{}"),
        Just("\u{feff}"),
        Just(" "),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Where chunks end says nothing.
    #[test]
    fn chunks_do_not_matter(text in text(), size in 1..7usize) {
        let whole = events([text.as_bytes()]);
        prop_assert_eq!(&events(text.as_bytes().chunks(size)), &whole);
        prop_assert_eq!(&events(text.as_bytes().chunks(1)), &whole);
    }

    /// What is written as the standard says comes back.
    #[test]
    fn what_is_written_is_read(
        all in proptest::collection::vec(("[a-z]{0,4}", "[^\r\n\0]{0,9}(\n[^\r\n\0]{0,9}){0,3}"), 0..5),
        end in prop_oneof![Just("\n"), Just("\r"), Just("\r\n")],
        size in 1..9usize,
    ) {
        let mut text = String::new();
        for (name, data) in &all {
            text += &["event: ", name, end].concat();
            for line in data.split('\n') {
                text += &["data: ", line, end].concat();
            }
            text.push_str(end);
        }
        let expected: Vec<_> = all.iter().map(|(name, data)| event(name, "", data)).collect();
        prop_assert_eq!(events(text.as_bytes().chunks(size)), expected);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        events([bytes.as_slice()]);
    }
}

//! Expressions and objects by which a program would come to harm.

use std::cell::Cell;
use std::io::{self, Read};

use proptest::prelude::*;
use tcloud_core::call::Message;
use tcloud_cos::types::{CompressionType, CsvInput, FileHeaderInfo, InputSerialization};

use super::{NOW, as_csv, as_json, csv, document, lines, packed, request, rows, told, with_header};
use crate::cos::select::contact::Listener;
use crate::cos::select::engine::run;
use crate::cos::select::request::plan;

/// What a stack of a thread can hold is not asked for by any expression that may be sent.
#[test]
fn long_and_deep_expressions_do_not_overflow_a_stack() {
    let select = |what: &str| {
        rows(
            &format!("SELECT {what} FROM COSObject"),
            csv(),
            as_csv(),
            "1\n",
        )
    };
    let long = "1+".repeat(130_000) + "1";
    assert_eq!(select(&long).unwrap(), "130001\n");
    let long = "_1=2 OR ".repeat(30_000) + "true";
    assert_eq!(select(&long).unwrap(), "true\n");
    let long = format!("CASE {} ELSE 2 END", "WHEN _1=3 THEN 1 ".repeat(10_000));
    assert_eq!(select(&long).unwrap(), "2\n");
    // One that cannot be read to its end is dropped as well.
    assert!(select(&("1+".repeat(100_000) + "(")).is_err());
    let (open, close) = ("(".repeat(90), ")".repeat(90));
    assert_eq!(select(&format!("{open}1{close}")).unwrap(), "1\n");
    for deep in [
        "(".repeat(100_000) + "1" + &")".repeat(100_000),
        "[".repeat(100_000) + "1" + &"]".repeat(100_000),
        "- ".repeat(100_000) + "1",
        "NOT ".repeat(60_000) + "true",
        "LOWER(".repeat(30_000) + "1" + &")".repeat(30_000),
        "COUNT(".repeat(30_000) + "1" + &")".repeat(30_000),
        "CASE ".repeat(40_000),
        "1=".repeat(100_000) + "1",
    ] {
        let failure = select(&deep).unwrap_err();
        assert_eq!(failure.code, "SQLParsingError");
    }
    let deep = "[".repeat(1_000_000);
    let failure = rows("SELECT * FROM COSObject", document(), as_csv(), &deep).unwrap_err();
    assert_eq!(failure.code, "JSONParsingError");
    let failure = rows("SELECT * FROM COSObject[*].a", document(), as_csv(), &deep).unwrap_err();
    assert_eq!(failure.code, "JSONParsingError");
}

/// What is asked for many times is not made before it is seen to be too much.
#[test]
fn what_is_far_too_much_is_not_made() {
    let cell = "x".repeat(1_000_000) + "\n";
    let list = format!("{{\"a\":[{}1]}}", "0,".repeat(400_000));
    let many = |name: &str| format!("{name},").repeat(20_000) + name;
    for (sql, input, content) in [
        (
            format!("SELECT {} FROM COSObject", many("_1")),
            csv(),
            &cell,
        ),
        (
            format!("SELECT [{}] FROM COSObject", many("_1")),
            csv(),
            &cell,
        ),
        (
            format!("SELECT 1 FROM COSObject WHERE 'a' IN ({})", many("_1")),
            csv(),
            &cell,
        ),
        (
            format!("SELECT {} FROM COSObject s", many("s.a")),
            lines(),
            &list,
        ),
        (
            format!("SELECT [{}] FROM COSObject s", many("s.a")),
            lines(),
            &list,
        ),
    ] {
        let failure = rows(&sql, input, as_json(), content).unwrap_err();
        assert_eq!(failure.code, "OverMaxRecordSize");
    }
    // What a document has is only looked at.
    let sql = format!(
        "SELECT 1 AS n FROM COSObject s WHERE 2 IN ({})",
        many("s.a")
    );
    assert_eq!(rows(&sql, lines(), as_json(), &list).unwrap(), "");
}

/// A listener who leaves after having been asked so many times.
struct Leaving(Cell<u32>);

impl Listener for Leaving {
    fn hears(&self, _: Message) -> bool {
        self.is_there()
    }

    fn is_there(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// Objects without a row and steps without an end do not go on for nobody.
#[test]
fn a_selection_without_a_listener_ends() {
    let long = "_1=2 OR ".repeat(30_000) + "true";
    let names = "a,".repeat(20_000) + "a";
    let columns: Vec<_> = (0..100_000).map(|it| format!("c{it},")).collect();
    let columns = columns.concat() + "a\n";
    let pattern = format!("{},%{}b\n", "a".repeat(400_000), "a".repeat(200_000));
    for (sql, input, content) in [
        ("SELECT 1 FROM COSObject".to_owned(), csv(), Endless(b"\n")),
        (
            "SELECT 1 FROM COSObject".to_owned(),
            document(),
            Endless(b" "),
        ),
    ] {
        let plan = plan(&request(&sql, input, as_csv()), NOW).unwrap();
        let _ = run(plan, content, &Leaving(Cell::new(3))).unwrap_err();
    }
    for (sql, input, content) in [
        (
            format!("SELECT 1 FROM COSObject WHERE {long}"),
            csv(),
            "1\n".repeat(3),
        ),
        (
            format!("SELECT {names} FROM COSObject"),
            with_header(),
            columns,
        ),
        (
            "SELECT 1 FROM COSObject WHERE _1 LIKE _2".to_owned(),
            csv(),
            pattern,
        ),
    ] {
        let plan = plan(&request(&sql, input, as_csv()), NOW).unwrap();
        // That the object was read is asked for a few times itself.
        let listener = Leaving(Cell::new(20));
        let failure = run(plan, content.as_bytes(), &listener).unwrap_err();
        assert_eq!((failure.code, listener.0.get()), ("InternalError", 0));
    }
}

/// Bytes that come again and again.
struct Endless(&'static [u8]);

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        into.fill(self.0[0]);
        Ok(into.len())
    }
}

/// Pieces that expressions are made of, rightly and wrongly.
const PIECES: &[&str] = &[
    "SELECT",
    "FROM",
    "COSObject",
    "S3Object[*]",
    "[*]",
    ".",
    "WHERE",
    "LIMIT",
    "s",
    "s.",
    "_1",
    "_2",
    "_0",
    "a",
    "\"a\"",
    "\"",
    "'",
    "'x'",
    "`2010T`",
    "`",
    "1",
    "0",
    "9223372036854775807",
    "1.5",
    "1e308",
    "-",
    "+",
    "*",
    "/",
    "%",
    "=",
    "<>",
    "<",
    ">=",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "BETWEEN",
    "ESCAPE",
    "IS",
    "NULL",
    "MISSING",
    "TRUE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "INT",
    "TIMESTAMP",
    "COUNT(",
    "SUM(",
    "SUBSTRING(",
    "TRIM(",
    "EXTRACT(",
    "DATE_ADD(",
    "DATE_DIFF(",
    "year",
    "TO_STRING(",
    "COALESCE(",
    "NULLIF(",
    "é",
];

/// A statement of pieces, most of them between the right words.
fn statement() -> impl Strategy<Value = String> {
    let pieces = || {
        let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..14);
        pieces.prop_map(|pieces| pieces.join(" "))
    };
    (pieces(), pieces(), any::<bool>()).prop_map(|(items, rest, is_framed)| {
        if is_framed {
            format!("SELECT {items} FROM COSObject s WHERE {rest}")
        } else {
            items + &rest
        }
    })
}

fn input() -> impl Strategy<Value = InputSerialization> {
    let quoted = CsvInput::new()
        .file_header_info(FileHeaderInfo::Ignore)
        .allow_quoted_record_delimiter(true)
        .quote_escape_character("\\\\")
        .record_delimiter("ab");
    prop::sample::select(vec![
        csv(),
        with_header(),
        InputSerialization::new().csv(quoted),
        lines(),
        document(),
        packed(CompressionType::Gzip),
        packed(CompressionType::Bzip2),
    ])
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        "[a-c,\"\\\\#\n\r]{0,60}".prop_map(String::into_bytes),
        r#"[\[\]{}:,"\\utrefalsn0-9.eE\-+ \n]{0,60}"#.prop_map(String::into_bytes),
        r#"(\{"a":("[a-z]{0,3}"|-?[0-9]{1,20}(\.[0-9]{1,20})?|null|\[1,\{"b":2\}\])\}\n){0,4}"#
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_panics(sql in statement(), input in input(), content in content(), json in any::<bool>()) {
        let output = if json { as_json() } else { as_csv() };
        let _ = told(&request(&sql, input, output), &content);
    }

    #[test]
    fn no_object_panics(input in input(), content in content()) {
        for sql in ["SELECT * FROM COSObject", "SELECT COUNT(*) FROM COSObject WHERE _1 = 1"] {
            let _ = told(&request(sql, input.clone(), as_json()), &content);
        }
    }

    /// What is written as CSV is read again as it was.
    #[test]
    fn csv_comes_back(columns in prop::collection::vec("[a\",\n\\\\é]{0,6}", 1..4)) {
        let document = serde_json::to_string(&columns).unwrap();
        let fields = (0..columns.len()).map(|place| format!("_1[{place}]")).collect::<Vec<_>>();
        let sql = format!("SELECT {} FROM COSObject[*]", fields.join(", "));
        let written = rows(&sql, lines(), as_csv(), document).unwrap();
        let form = CsvInput::new().allow_quoted_record_delimiter(true).comments("|");
        let read = rows("SELECT * FROM COSObject", InputSerialization::new().csv(form), as_json(), &written).unwrap();
        if columns.iter().map(String::as_str).eq([""]) {
            prop_assert_eq!(read, "");
        } else {
            let read: serde_json::Value = serde_json::from_str(&read).unwrap();
            for (place, column) in columns.iter().enumerate() {
                prop_assert_eq!(&read[format!("_{}", place + 1)], column);
            }
        }
    }
}

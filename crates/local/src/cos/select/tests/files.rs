//! Ways in which objects and results are written.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tcloud_cos::types::{
    CompressionType, CsvInput, CsvOutput, FileHeaderInfo, InputSerialization, JsonOutput,
    OutputSerialization, QuoteFields,
};

use super::{
    as_csv, as_json, code, csv, document, lines, packed, request, rows, statistics, told,
    with_header, with_progress,
};

const ALL: &str = "SELECT * FROM COSObject";

/// The columns of all rows of a file of CSV, as JSON.
fn read(form: CsvInput, content: &str) -> String {
    let input = InputSerialization::new().csv(form);
    rows(ALL, input, as_json(), content).unwrap()
}

#[test]
fn csv_has_quotes_comments_and_delimiters() {
    let new = CsvInput::new;
    // The samples of the document.
    assert_eq!(read(new(), "\"a, b\"\n"), "{\"_1\":\"a, b\"}\n");
    assert_eq!(
        read(new(), "\"\"\" a , b \"\"\"\n"),
        "{\"_1\":\"\\\" a , b \\\"\"}\n"
    );
    assert_eq!(
        read(new(), "a,\n,b"),
        "{\"_1\":\"a\",\"_2\":\"\"}\n{\"_1\":\"\",\"_2\":\"b\"}\n"
    );
    assert_eq!(read(new(), "#a\n\nb\n# c"), "{\"_1\":\"b\"}\n");
    assert_eq!(read(new().comments(";"), "#a\n;b\n"), "{\"_1\":\"#a\"}\n");
    assert_eq!(
        read(new().field_delimiter("\\t"), "a\tb\n"),
        "{\"_1\":\"a\",\"_2\":\"b\"}\n"
    );
    assert_eq!(
        read(new().record_delimiter(";"), "a\nb;c"),
        "{\"_1\":\"a\\nb\"}\n{\"_1\":\"c\"}\n"
    );
    assert_eq!(
        read(new().record_delimiter("\r\n"), "a\rb\r\nc\nd"),
        "{\"_1\":\"a\\rb\"}\n{\"_1\":\"c\\nd\"}\n"
    );
    assert_eq!(
        read(
            new().quote_character("'").quote_escape_character("'"),
            "'a,''b',\"\n"
        ),
        "{\"_1\":\"a,'b\",\"_2\":\"\\\"\"}\n"
    );
    assert_eq!(
        read(
            new().quote_escape_character("\\"),
            "\"a\\\"b\\\\\\c\",\"\"\n"
        ),
        "{\"_1\":\"a\\\"b\\\\\\\\c\",\"_2\":\"\"}\n"
    );
    let quoted = "\"a\nb\",c\n";
    assert_eq!(
        read(new().allow_quoted_record_delimiter(true), quoted),
        "{\"_1\":\"a\\nb\",\"_2\":\"c\"}\n"
    );
    assert_eq!(code(ALL, csv(), quoted), "CSVParsingError");
    assert_eq!(code(ALL, csv(), "a\n\"b"), "LastRecordParseFail");
    assert_eq!(code(ALL, csv(), b"a\n\xff\n"), "InvalidTextEncoding");
}

#[test]
fn files_of_other_systems_are_read() {
    let content = "\u{feff}id,name\r\n1,\"Ada\"\r\n\r\n2,a\rb\r\n";
    let named = rows(
        "SELECT id, name FROM COSObject",
        with_header(),
        as_json(),
        content,
    );
    assert_eq!(
        named.unwrap(),
        "{\"id\":\"1\",\"name\":\"Ada\"}\n{\"id\":\"2\",\"name\":\"a\\rb\"}\n"
    );
    for input in [lines(), document()] {
        let content = "\u{feff}{\"a\":1}\r\n";
        assert_eq!(rows(ALL, input, as_json(), content).unwrap(), "{\"a\":1}\n");
    }
}

#[test]
fn the_first_line_is_a_row_or_is_not() {
    let content = "a,b\n1,2,3\n";
    let of = |header| read(CsvInput::new().file_header_info(header), content);
    assert_eq!(
        of(FileHeaderInfo::None),
        "{\"_1\":\"a\",\"_2\":\"b\"}\n{\"_1\":\"1\",\"_2\":\"2\",\"_3\":\"3\"}\n"
    );
    assert_eq!(
        of(FileHeaderInfo::Ignore),
        "{\"_1\":\"1\",\"_2\":\"2\",\"_3\":\"3\"}\n"
    );
    assert_eq!(
        of(FileHeaderInfo::Use),
        "{\"a\":\"1\",\"b\":\"2\",\"_3\":\"3\"}\n"
    );
    // The document's samples have it in small letters.
    assert_eq!(
        of(FileHeaderInfo::Unknown("Use".into())),
        "{\"a\":\"1\",\"b\":\"2\",\"_3\":\"3\"}\n"
    );
    assert_eq!(rows(ALL, with_header(), as_csv(), "").unwrap(), "");
    assert_eq!(
        rows("SELECT a FROM COSObject", with_header(), as_csv(), "").unwrap(),
        ""
    );
}

#[test]
fn results_of_csv_have_quotes() {
    let write = |form: CsvOutput, content: &str| {
        let output = OutputSerialization::new().csv(form);
        rows(ALL, lines(), output, content).unwrap()
    };
    let new = CsvOutput::new;
    let row = r#"{"a":"x, y","b":"\"","c":"é","d":[1,{"e":"f"}],"g":null,"h":true,"i":1.50}"#;
    // The samples of the document, among others.
    assert_eq!(
        write(new(), row),
        "\"x, y\",\"\"\"\",é,\"[1,{\"\"e\"\":\"\"f\"\"}]\",,true,1.50\n"
    );
    assert_eq!(
        write(
            new()
                .quote_fields(QuoteFields::Always)
                .field_delimiter(";")
                .record_delimiter("\\r\\n"),
            "{\"a\":\"b\",\"c\":null}"
        ),
        "\"b\";\"\"\r\n"
    );
    assert_eq!(
        write(new().quote_escape_character("\\\\"), r#"{"a":"\"\\,"}"#),
        "\"\\\"\\\\,\"\n"
    );
    assert_eq!(
        write(new().record_delimiter("|"), "{\"a\":\"1|2\"}"),
        "\"1|2\"|"
    );
    let output = OutputSerialization::new().json(JsonOutput::new().record_delimiter(","));
    assert_eq!(
        rows(ALL, csv(), output, "a\"\n\u{1}\n").unwrap(),
        "{\"_1\":\"a\\\"\"},{\"_1\":\"\\u0001\"},"
    );
}

#[test]
fn json_is_read_as_it_is_defined() {
    for (content, result) in [
        (" {\"a\" : [ ] , \"b\":{ }}\n", "{\"a\":[],\"b\":{}}\n"),
        ("{}{}\n[1]true", "{}\n{}\n{\"_1\":[1]}\n{\"_1\":true}\n"),
        (
            "{\"a\":\"\\u00e9\\ud83d\\ude00\\/\\b\\f\"}",
            "{\"a\":\"é😀/\\b\\f\"}\n",
        ),
        (
            "{\"a\":-0.10,\"b\":1e3,\"c\":123456789012345678901234567890}",
            "{\"a\":-0.10,\"b\":1000,\"c\":123456789012345678901234567890}\n",
        ),
        (
            "{\"a\":1e300,\"b\":2.5e-40}",
            "{\"a\":1e300,\"b\":2.5e-40}\n",
        ),
        ("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}\n"),
    ] {
        assert_eq!(
            rows(ALL, document(), as_json(), content).unwrap(),
            result,
            "{content}"
        );
    }
    for content in [
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "tru",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "NaN",
        "{\"a\":\"\n\"}",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\u12g4\"",
        "}",
        "1e999",
    ] {
        assert_eq!(
            code(ALL, document(), content),
            "JSONParsingError",
            "{content}"
        );
    }
    for content in ["{", "[1", "\"a", "{\"a\":", "[[]"] {
        assert_eq!(
            code(ALL, document(), content),
            "LastRecordParseFail",
            "{content}"
        );
    }
    assert_eq!(
        code(ALL, document(), b"\"\xc3\x28\""),
        "InvalidTextEncoding"
    );
    // What is passed on the way is read all the same.
    assert_eq!(
        code("SELECT * FROM COSObject[*].a", document(), "{\"b\":[tru]}"),
        "JSONParsingError"
    );
    assert_eq!(
        rows(ALL, lines(), as_json(), "{\"a\":1}\n\n{\"a\":2}\r\n").unwrap(),
        "{\"a\":1}\n{\"a\":2}\n"
    );
    assert_eq!(
        code(ALL, lines(), "{\"a\":1} {\"a\":2}"),
        "JSONParsingError"
    );
    assert_eq!(code(ALL, lines(), "{\"a\":\n1}"), "JSONParsingError");
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// `1,2` and the end of a line, as Python's `bz2` packs it.
const BZIPPED: &[u8] = b"BZh91AY&SYtSpI\x00\x00\x01\x58\x00\x00\x10\x00\x04\x30\x00\x20\x00\x21\
    \x9a\x68\x33\x4d\x17\x3c\x5d\xc9\x14\xe1\x42\x41\xd1\x4d\xc1\x24";

#[test]
fn what_is_packed_is_unpacked() {
    let content = "1,2\n".repeat(10_000);
    let packed_content = gzipped(content.as_bytes());
    let sql = "SELECT COUNT(*) FROM COSObject";
    let asked = request(sql, packed(CompressionType::Gzip), as_csv());
    let (told_all, result) = told(&asked, &packed_content);
    assert_eq!((told_all.rows.as_str(), result), ("10000\n", Ok(())));
    assert_eq!(
        told_all.stats,
        Some(statistics(packed_content.len(), content.len(), 6))
    );
    // Several members are one file, as programs append them.
    let twice = [packed_content.clone(), packed_content.clone()].concat();
    assert_eq!(
        rows(sql, packed(CompressionType::Gzip), as_csv(), twice).unwrap(),
        "20000\n"
    );
    let mut damaged = packed_content.clone();
    damaged.truncate(packed_content.len() - 4);
    for (how, content, code, why) in [
        (
            CompressionType::Gzip,
            content.as_bytes(),
            "GzipDecompressError",
            "GZIP is not applicable",
        ),
        (
            CompressionType::Gzip,
            damaged.as_slice(),
            "GzipDecompressError",
            "Encountered an error decompressing the gzip file",
        ),
        (
            CompressionType::Bzip2,
            content.as_bytes(),
            "Bzip2DecompressError",
            "BZIP2 is not applicable",
        ),
        (
            CompressionType::Bzip2,
            &BZIPPED[..20],
            "Bzip2DecompressError",
            "BZIP2 is not applicable",
        ),
    ] {
        let failure = rows(sql, packed(how), as_csv(), content).unwrap_err();
        assert_eq!(failure.code, code);
        assert!(failure.message.starts_with(why), "{failure:?}");
    }
    assert_eq!(
        rows(
            "SELECT _2 FROM COSObject",
            packed(CompressionType::Bzip2),
            as_csv(),
            BZIPPED
        )
        .unwrap(),
        "2\n"
    );
    let packed_content = bzipped(content.as_bytes());
    let asked = request(sql, packed(CompressionType::Bzip2), as_csv());
    let (told_all, result) = told(&asked, &packed_content);
    assert_eq!((told_all.rows.as_str(), result), ("10000\n", Ok(())));
    assert_eq!(
        told_all.stats,
        Some(statistics(packed_content.len(), content.len(), 6))
    );
}

fn bzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn figures_are_those_of_the_object_and_the_result() {
    let content = "a,1\nb,2\n";
    let (all, result) = told(
        &request("SELECT _1 FROM COSObject", csv(), as_csv()),
        content.as_bytes(),
    );
    assert_eq!(result, Ok(()));
    assert_eq!(all.stats, Some(statistics(8, 8, 4)));
    assert!(all.progress.is_empty());
    let (all, _) = told(
        &with_progress(request(ALL, csv(), as_csv())),
        content.as_bytes(),
    );
    assert_eq!(all.progress, [statistics(8, 8, 8)]);
    // It grows, and does not end before the end.
    let long = "0123456789abcde\n".repeat(300_000);
    let (all, _) = told(
        &with_progress(request("SELECT COUNT(*) FROM COSObject", csv(), as_csv())),
        long.as_bytes(),
    );
    assert!(all.progress.len() > 4, "{:?}", all.progress);
    assert!(all.progress.is_sorted_by_key(|it| it.bytes_processed));
    assert_eq!(all.progress.last(), all.stats.as_ref());
    assert_eq!(all.stats, Some(statistics(long.len(), long.len(), 7)));
    // Without it a client hears that the selection is at work.
    let long = long.repeat(2);
    let (all, _) = told(
        &request("SELECT COUNT(*) FROM COSObject", csv(), as_csv()),
        long.as_bytes(),
    );
    assert_eq!((all.progress.len(), all.counts), (0, (1, 2)));
}

#[test]
fn no_more_is_read_than_is_asked_for() {
    let long = "0123456789abcde\n".repeat(300_000);
    let (all, result) = told(
        &request("SELECT * FROM COSObject LIMIT 2", csv(), as_csv()),
        long.as_bytes(),
    );
    assert_eq!(
        (all.rows.as_str(), result),
        ("0123456789abcde\n0123456789abcde\n", Ok(()))
    );
    assert!(all.stats.unwrap().bytes_processed.unwrap() < 100_000);
    assert_eq!(
        rows("SELECT * FROM COSObject LIMIT 0", csv(), as_csv(), "a\n").unwrap(),
        ""
    );
}

#[test]
fn rows_come_in_messages_that_are_no_longer_than_they_need() {
    let long = "0123456789abcde\n".repeat(100_000);
    let (all, result) = told(&request(ALL, csv(), as_csv()), long.as_bytes());
    assert_eq!(result, Ok(()));
    assert_eq!(all.rows, long);
    assert_eq!(all.counts.0, long.len().div_ceil(128 * 1024));
}

#[test]
fn a_record_has_at_most_one_mib() {
    let longest = |length: usize| format!("{}\n", "a".repeat(length - 1));
    assert!(rows(ALL, csv(), as_csv(), longest(1 << 20)).is_ok());
    assert_eq!(
        code(ALL, csv(), longest((1 << 20) + 1)),
        "OverMaxRecordSize"
    );
    // In the result as well.
    let half = longest(1 << 19);
    assert!(rows("SELECT _1 FROM COSObject", csv(), as_csv(), &half).is_ok());
    assert_eq!(
        code("SELECT _1, _1, _1 FROM COSObject", csv(), &half),
        "OverMaxRecordSize"
    );
    let text = format!("\"{}\"", "a".repeat((1 << 20) + 1));
    assert_eq!(code(ALL, document(), &text), "OverMaxRecordSize");
    assert_eq!(
        code(
            "SELECT * FROM COSObject[*].b",
            document(),
            format!("{{{text}:1}}a")
        ),
        "OverMaxRecordSize"
    );
    // What is no record may be longer: a comment, a value on the way, a list of many.
    let comment = format!("#{}a\n", longest(3 << 20));
    assert_eq!(rows(ALL, csv(), as_csv(), comment).unwrap(), "a\n");
    let list = format!("{{\"a\":{text},\"b\":[{}3]}}", "{\"c\":1},".repeat(200_000));
    assert_eq!(
        rows(
            "SELECT COUNT(*) FROM COSObject[*].b[*]",
            document(),
            as_csv(),
            list
        )
        .unwrap(),
        "200001\n"
    );
}

#[test]
fn nothing_of_a_row_that_is_too_long_is_sent() {
    let content = format!("short\n{}\n", "a".repeat(600_000));
    let sql = "SELECT _1 AS a, _1 AS b FROM COSObject";
    for (output, wanted) in [
        (as_csv(), "short,short\n"),
        (as_json(), "{\"a\":\"short\",\"b\":\"short\"}\n"),
    ] {
        let (heard, result) = told(&request(sql, csv(), output), content.as_bytes());
        assert_eq!(result.unwrap_err().code, "OverMaxRecordSize");
        assert_eq!(heard.rows, wanted);
    }
}

#[test]
fn rows_before_a_mistake_are_part_of_the_answer() {
    let (all, result) = told(
        &request("SELECT CAST(_1 AS INT) FROM COSObject", csv(), as_csv()),
        b"1\n2\nx\n",
    );
    assert_eq!(all.rows, "1\n2\n");
    assert_eq!(result.unwrap_err().code, "CastFailed");
    assert!(all.stats.is_none());
}

//! Rules of picture processing: in addresses, in headers and on their own.

use tcloud_ci::picture::{PicOperations, Pipeline};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "grammar",
    entry: grammar,
    seeds: || {
        let lines = include_str!("../../data/ci/pictures.txt").lines();
        let rules = lines.filter(|line| !line.starts_with('#'));
        let rules = rules.filter_map(|line| line.split('\t').next());
        Ok(rules.map(|rule| rule.as_bytes().to_vec()).collect())
    },
    pieces: &[
        b"/",
        b"|",
        b"||",
        b"!",
        b"x",
        b"p",
        b"@",
        b"<",
        b">",
        b"%",
        b"%2F",
        b"%7C",
        b"%zz",
        b"&",
        b"=",
        b"?",
        b"+",
        b" ",
        b"0",
        b"-1",
        b"99999999999999999999",
        b"1.5",
        b"/thumbnail/",
        b"/format/",
        b"imageMogr2",
        b"imageView2/1",
        b"watermark/1/image/",
        b"watermark/3/type/2/text/",
        b"style/",
        b"IzNEM0QzRA==",
        b"77-9Pz4",
        b"{\"is_pic_info\":1,\"rules\":[]}",
        b"{\"fileid\":\"a\",\"rule\":\"imageMogr2/rotate/90\"}",
        b"\"",
        b"\\u0000",
        b"\0",
        "é中\u{1F600}".as_bytes(),
    ],
    addressed: false,
    accepted: 10..=99,
};

/// Reads a rule, and the same text as a query and as a header. What is read is written to the
/// letter, but for white space around operations.
pub fn grammar(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    if let Ok(Some(found)) = Pipeline::from_query(&text) {
        let _ = found.rule();
    }
    if let Ok(operations) = PicOperations::from_header(&text) {
        let _ = operations.to_header();
    }
    match text.parse::<Pipeline>() {
        Ok(read) => {
            let steps: Vec<_> = text.split('|').map(str::trim).collect();
            let text = steps.join("|");
            assert_eq!(read.to_string(), text, "not written as it was read");
            if let Ok(rule) = read.rule() {
                assert_eq!(rule, text, "not written as it was read");
            }
            true
        }
        Err(error) => {
            let offset = error.offset();
            assert!(
                offset.is_none_or(|at| at <= text.len()),
                "{offset:?} lies behind the end"
            );
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

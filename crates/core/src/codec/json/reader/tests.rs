//! The reader beside `serde_json`: whatever one of them takes for JSON, the other does, and reads
//! the same in it.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::super::context::Stop;
use super::{Reader, Token};

/// Texts that are JSON, or nearly.
fn documents() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"a\"",
        "\"\\n\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"\t\"",
        "\"\u{7f}\u{e9}\u{1F600}\"",
        "\"eight by\"",
        "\"eight by\\te\"",
        "\"sixteen letters.\"",
        "0",
        "-0",
        "1",
        "-1",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "0.1",
        "-2.5e3",
        "1E+2",
        "1e400",
        "1e-400",
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "123456789.123456789",
        "null",
        "true",
        "false",
        "nul",
        "truer",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{a0}",
        "\0",
    ]);
    let assembled = vec(pieces.clone(), 0..12).prop_map(|pieces| pieces.concat());
    let edited = (
        values(),
        any::<bool>(),
        vec((any::<prop::sample::Index>(), pieces), 0..3),
    )
        .prop_map(|(value, pretty, edits)| {
            let mut text = if pretty {
                format!("{value:#}")
            } else {
                value.to_string()
            };
            for (place, piece) in edits {
                let mut at = place.index(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                text.insert_str(at, piece);
            }
            text
        });
    prop_oneof![assembled, edited]
}

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z \"\\\\]{0,40}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}

fn document(text: &str) -> Result<Value, Stop> {
    let mut reader = Reader::new(text);
    let value = value(&mut reader)?;
    reader.end()?;
    Ok(value)
}

fn value(reader: &mut Reader<'_>) -> Result<Value, Stop> {
    match reader.token()? {
        Token::Null => Ok(Value::Null),
        Token::Scalar(scalar) => Ok(scalar.into_value()),
        Token::List => {
            let mut items = Vec::new();
            while reader.more(b']', items.is_empty())? {
                items.push(value(reader)?);
            }
            Ok(Value::Array(items))
        }
        Token::Object => {
            let mut members = Map::new();
            let mut first = true;
            while reader.more(b'}', first)? {
                first = false;
                let name = if reader.expect_name("a") {
                    "a".to_owned()
                } else {
                    reader.name()?.into_owned()
                };
                reader.colon()?;
                members.insert(name, value(reader)?);
            }
            Ok(Value::Object(members))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_serde_json_reads_is_read_alike(text in documents()) {
        let expected: Option<Value> = serde_json::from_str(&text).ok();
        prop_assert_eq!(document(&text).ok(), expected);
    }

    /// By the standard library, to the last bit.
    #[test]
    fn numbers_of_many_digits_are_exact(text in r"-?[1-9][0-9]{0,40}\.[0-9]{1,20}(e-?[0-9]{1,2})?") {
        let expected = text.parse::<f64>().ok();
        prop_assert_eq!(document(&text).ok().and_then(|it| it.as_f64()), expected);
    }
}

//! What cameras and programs note in pictures.

use std::io::Cursor;

use exif::{In, Reader};
use serde_json::{Map, json};

/// The longest value that is shown: longer ones are data of a maker's own, no text.
const LONGEST: usize = 4096;

/// The Exif data of the picture `bytes` as JSON: a member for each tag, with its value as a text.
pub(crate) fn exif(bytes: &[u8]) -> String {
    let nothing = || json!({ "error": "no exif data" }).to_string();
    let Ok(data) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else {
        return nothing();
    };
    let mut shown = Map::new();
    for field in data.fields().filter(|field| field.ifd_num == In::PRIMARY) {
        // A tag without a description has no name either.
        if field.tag.description().is_none() {
            continue;
        }
        let value = field.display_value().with_unit(&data).to_string();
        if value.len() <= LONGEST {
            let value = value.trim_matches('"');
            shown.insert(field.tag.to_string(), json!({ "val": value }));
        }
    }
    if shown.is_empty() {
        return nothing();
    }
    serde_json::Value::Object(shown).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTHING: &str = r#"{"error":"no exif data"}"#;

    /// The segment of a JPEG file that says: made by Acme, turned by 6.
    fn jpeg() -> Vec<u8> {
        let tiff = [
            &b"II*\0\x08\0\0\0\x02\0"[..],
            // Make, 5 bytes of text at 38; orientation, one short number.
            &[0x0f, 0x01, 2, 0, 5, 0, 0, 0, 38, 0, 0, 0],
            &[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0],
            &[0, 0, 0, 0],
            b"Acme\0",
        ]
        .concat();
        let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
        [
            &[0xff, 0xd8, 0xff, 0xe1][..],
            &length,
            b"Exif\0\0",
            &tiff,
            &[0xff, 0xd9],
        ]
        .concat()
    }

    #[test]
    fn tags_are_named_and_shown() {
        let shown: serde_json::Value = serde_json::from_str(&exif(&jpeg())).unwrap();
        assert_eq!(shown["Make"]["val"], "Acme");
        let turned = shown["Orientation"]["val"].as_str().unwrap();
        assert!(!turned.is_empty(), "{shown}");
    }

    #[test]
    fn a_picture_without_any_says_so() {
        for bytes in [&b""[..], b"no picture", b"\xff\xd8\xff\xd9"] {
            assert_eq!(exif(bytes), NOTHING);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(place in 0..57_usize, byte: u8, cut in 0..57_usize) {
            let mut bytes = jpeg();
            if let Some(found) = bytes.get_mut(place) {
                *found = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            let shown: serde_json::Value = serde_json::from_str(&exif(&bytes)).unwrap();
            prop_assert!(shown.is_object());
        }
    }
}

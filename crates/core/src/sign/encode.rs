//! Percent-encoding as signatures need it, and its inverse for what arrives on the wire.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Encodes every byte but `A-Z a-z 0-9 - _ . ~`, with upper-case hexadecimal digits.
pub fn component(bytes: impl AsRef<[u8]>) -> String {
    percent_encode(bytes.as_ref(), RESERVED).to_string()
}

/// Appends the encoding of `bytes` to `text`.
pub(super) fn push(text: &mut String, bytes: &[u8]) {
    text.extend(percent_encode(bytes, RESERVED));
}

/// Encodes a name in lower case, as signatures sort and list it. Most names need no change.
pub(super) fn lower_name(name: &str) -> Cow<'_, str> {
    let stays = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
    };
    if name.bytes().all(stays) {
        return Cow::Borrowed(name);
    }
    let mut lower = component(name);
    lower.make_ascii_lowercase();
    Cow::Owned(lower)
}

/// Encodes a decoded path for the wire, keeping its slashes.
///
/// The slash after a dot is encoded too: URL libraries would otherwise fold the segments `.` and
/// `..`, which are ordinary parts of an object's key, and the service would see another key.
pub fn path(decoded: &str) -> String {
    let encoded = percent_encode(decoded.as_bytes(), RESERVED_IN_PATH).to_string();
    if encoded.contains("./") {
        return encoded.replace("./", ".%2F");
    }
    encoded
}

/// Joins decoded pairs to a query string. A pair without a value is written `key=`.
pub fn query<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        push(&mut text, key.as_ref().as_bytes());
        text.push('=');
        push(&mut text, value.as_ref().as_bytes());
    }
    text
}

/// Decodes a path as it came on the wire; `None` if the result is not UTF-8.
///
/// Nothing else is changed: dots and repeated slashes are part of the path.
pub fn decode_path(wire: &str) -> Option<String> {
    percent_decode_str(wire)
        .decode_utf8()
        .ok()
        .map(Cow::into_owned)
}

/// Splits a query string as it came on the wire into decoded pairs, in order.
///
/// `key` without `=` has an empty value and `+` is a space, as in a form. `None` if a key or a
/// value is not UTF-8.
pub fn decode_query(wire: &str) -> Option<Vec<(String, String)>> {
    wire.split('&')
        .filter(|item| !item.is_empty())
        .map(|item| {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            Some((decode_form(key)?, decode_form(value)?))
        })
        .collect()
}

fn decode_form(text: &str) -> Option<String> {
    decode_path(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_unreserved_characters_stay() {
        assert_eq!(component("aZ9-_.~"), "aZ9-_.~");
        assert_eq!(component("/ !'()*+中"), "%2F%20%21%27%28%29%2A%2B%E4%B8%AD");
        assert_eq!(component([0xff, b'a']), "%FFa");
    }

    #[test]
    fn dot_segments_survive_url_libraries() {
        assert_eq!(path("/dir ./a/../b//c"), "/dir%20.%2Fa/..%2Fb//c");
        assert_eq!(path("/100%2F"), "/100%252F");
    }

    #[test]
    fn queries_as_they_come() {
        let pairs = decode_query("cancel&a=b+c%2B&&x==&中=%E4%B8%AD").unwrap();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [("cancel", ""), ("a", "b c+"), ("x", "="), ("中", "中")]
        );
        assert_eq!(decode_query("").unwrap(), []);
        assert_eq!(decode_query("a=%FF"), None);
        assert_eq!(decode_path("/%C3%28"), None);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in ".*", pairs in prop::collection::vec((".+", ".*"), 0..5)) {
            prop_assert_eq!(decode_path(&component(&text)), Some(text.clone()));
            prop_assert_eq!(decode_path(&path(&text)), Some(text));
            let wire = query(pairs.iter().map(|(k, v)| (k, v)));
            prop_assert_eq!(decode_query(&wire), Some(pairs));
        }
    }
}

//! Addresses of objects at the service's own hosts.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What of a key is written as it is in an address.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The address of an object.
pub(super) fn object_url(bucket: &str, region: &str, key: &str) -> String {
    format!("https://{}", location(bucket, region, key))
}

/// The address of an object without its scheme.
pub(super) fn location(bucket: &str, region: &str, key: &str) -> String {
    let key = utf8_percent_encode(key, KEY);
    format!("{bucket}.cos.{region}.myqcloud.com/{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_escaped_in_an_address_but_for_its_slashes() {
        assert_eq!(
            object_url("b-1", "ap-chongqing", "album 1/猫?.png"),
            "https://b-1.cos.ap-chongqing.myqcloud.com/album%201/%E7%8C%AB%3F.png"
        );
    }
}

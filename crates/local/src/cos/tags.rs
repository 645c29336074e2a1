//! Tags of buckets and objects.

use std::collections::BTreeMap;

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_core::sign::encode;
use tcloud_cos::types::{Tag, TagSet};

use super::bucket::setting::rules::each_once;

/// How many tags an object has at most.
const OF_OBJECT: usize = 10;
/// The longest key, in characters.
const KEY: usize = 127;
/// The longest value, in characters.
const VALUE: usize = 255;
/// What else than letters, digits and spaces a key and a value may have.
const SIGNS: &str = "+-=._:/@";

/// The tags of a header, which are written like a query string.
pub(super) fn read(header: &str) -> Result<TagSet, Fault> {
    let pairs = encode::decode_query(header)
        .ok_or_else(|| refused("x-cos-tagging is not UTF-8; encode it as a query string"))?;
    let tags = pairs.into_iter().map(|(key, value)| Tag::new(key, value));
    Ok(TagSet::new(tags))
}

/// The tags that an object is stored with, which the header gives.
pub(super) fn of_object_header(header: Option<&str>) -> Result<BTreeMap<String, String>, Fault> {
    match header {
        None | Some("") => Ok(BTreeMap::new()),
        Some(header) => of_object(read(header)?),
    }
}

/// The tags of an object as they are kept.
pub(super) fn of_object(tags: TagSet) -> Result<BTreeMap<String, String>, Fault> {
    check(&tags, OF_OBJECT)?;
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    Ok(tags.tags.into_iter().map(pair).collect())
}

/// Refuses more than `most` tags, a key that comes twice, and what is too long or has other signs
/// than tags may have.
pub(super) fn check(tags: &TagSet, most: usize) -> Result<(), Fault> {
    let count = tags.tags.len();
    if count > most {
        return Err(refused(&format!(
            "there are {count} tags, at most {most} are allowed; leave some out"
        )));
    }
    let keys = tags.tags.iter().filter_map(|tag| tag.key.as_deref());
    each_once(keys, "Key").map_err(|fault| refused(&fault.message))?;
    for tag in &tags.tags {
        let key = tag.key.as_deref().unwrap_or_default();
        if key.is_empty() {
            return Err(refused("the Key of a tag is empty"));
        }
        check_text(key, KEY, "Key")?;
        check_text(tag.value.as_deref().unwrap_or_default(), VALUE, "Value")?;
    }
    Ok(())
}

fn check_text(text: &str, most: usize, what: &str) -> Result<(), Fault> {
    if text.chars().count() > most {
        return Err(refused(&format!(
            "the {what} of a tag has at most {most} characters"
        )));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || c == ' ' || SIGNS.contains(c);
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(other) => Err(refused(&format!(
            "the {what} of a tag has {other:?}; letters, digits, spaces and {SIGNS} are allowed"
        ))),
        None => Ok(()),
    }
}

fn refused(message: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidTag", message)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{Tag, TagSet};

    use super::{check, of_object_header, read};

    #[test]
    fn a_header_is_like_a_query() {
        let tags = read("team=blue%20sea&year=2024").unwrap();
        assert_eq!(tags.tags[0].value.as_deref(), Some("blue sea"));
        assert!(read("%ff=1").is_err());
    }

    #[test]
    fn an_object_has_ten_tags_at_most() {
        let header = |count: u32| {
            let tags: Vec<_> = (0..count).map(|it| format!("k{it}=v")).collect();
            tags.join("&")
        };
        assert_eq!(of_object_header(Some(&header(10))).unwrap().len(), 10);
        let fault = of_object_header(Some(&header(11))).unwrap_err();
        assert_eq!(fault.code, "InvalidTag");
        for none in [None, Some("")] {
            assert!(of_object_header(none).unwrap().is_empty());
        }
    }

    #[test]
    fn tags_have_bounds() {
        let set = |tags: &[(&str, &str)]| {
            TagSet::new(tags.iter().map(|(key, value)| Tag::new(*key, *value)))
        };
        let (long, longest) = ("k".repeat(128), "\u{e9}".repeat(127));
        assert!(check(&set(&[("a b", ""), (&longest, "+-=._:/@")]), 2).is_ok());
        for bad in [
            set(&[("a", "1"), ("b", "2"), ("c", "3")]),
            set(&[("a", "1"), ("a", "2")]),
            set(&[("", "1")]),
            set(&[(&long, "1")]),
            set(&[("a", &long.repeat(2))]),
            set(&[("a<", "1")]),
            set(&[("a", "1&2")]),
        ] {
            assert_eq!(check(&bad, 2).unwrap_err().code, "InvalidTag");
        }
    }
}

//! What the rules of several settings have in common.

use std::collections::BTreeSet;

use tcloud_core::server::Fault;

use crate::cos::fault::invalid;
use crate::store::new_id;

/// Refuses more than `most` of what is called `what`.
pub(super) fn at_most(count: usize, most: usize, what: &str) -> Result<(), Fault> {
    if count <= most {
        return Ok(());
    }
    Err(invalid(format!(
        "there are {count} {what}, at most {most} are allowed; leave some out"
    )))
}

/// Refuses a name that comes twice.
pub(in crate::cos) fn each_once<'a>(
    names: impl IntoIterator<Item = &'a str>,
    what: &str,
) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(invalid(format!(
            "the {what} `{twice}` comes twice; each may come once"
        ))),
        None => Ok(()),
    }
}

/// Gives a rule without a name one, as the service does.
pub(super) fn name(id: &mut Option<String>) {
    if id.as_deref().unwrap_or_default().is_empty() {
        *id = Some(new_id(""));
    }
}

/// Refuses a document that has both or neither of two nodes.
pub(super) fn one_of(
    (first, has_first): (&str, bool),
    (second, has_second): (&str, bool),
) -> Result<(), Fault> {
    match (has_first, has_second) {
        (true, true) => Err(invalid(format!(
            "{first} and {second} exclude one another; leave one out"
        ))),
        (false, false) => Err(invalid(format!("either {first} or {second} is needed"))),
        _ => Ok(()),
    }
}

/// Refuses a document that has both of two nodes.
pub(super) fn not_both(first: (&str, bool), second: (&str, bool)) -> Result<(), Fault> {
    match (first.1, second.1) {
        (false, false) => Ok(()),
        _ => one_of(first, second),
    }
}

/// The bucket and the region that `qcs::cos:<region>:<anything>:<bucket>` names.
pub(in crate::cos) fn bucket_of(name: &str) -> Result<(&str, &str), Fault> {
    let parts: Vec<_> = name.splitn(6, ':').collect();
    match parts.as_slice() {
        ["qcs", "", "cos", region, _, bucket] if !region.is_empty() && !bucket.is_empty() => {
            Ok((bucket, region))
        }
        _ => Err(invalid(format!(
            "`{name}` names no bucket; write it as in qcs::cos:ap-guangzhou::examplebucket-1250000000"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{at_most, bucket_of, each_once, name, not_both, one_of};

    #[test]
    fn what_comes_twice_or_too_often_is_refused() {
        assert!(at_most(100, 100, "rules").is_ok());
        assert!(at_most(101, 100, "rules").is_err());
        assert!(each_once(["a", "b"], "rule").is_ok());
        let twice = each_once(["a", "b", "a"], "rule").unwrap_err();
        assert!(twice.message.contains("`a`"), "{twice}");
    }

    #[test]
    fn nodes_exclude_one_another() {
        assert!(one_of(("A", true), ("B", false)).is_ok());
        assert!(one_of(("A", true), ("B", true)).is_err());
        assert!(one_of(("A", false), ("B", false)).is_err());
        assert!(not_both(("A", false), ("B", false)).is_ok());
        assert!(not_both(("A", true), ("B", true)).is_err());
    }

    #[test]
    fn a_rule_without_a_name_gets_one() {
        let mut names = [None, Some(String::new()), Some("own".to_owned())];
        for id in &mut names {
            name(id);
        }
        assert!(names.iter().flatten().all(|name| !name.is_empty()));
        assert_eq!(names[2].as_deref(), Some("own"));
    }

    #[test]
    fn buckets_are_named_with_their_region() {
        let good = "qcs::cos:ap-guangzhou::b-1250000000";
        assert_eq!(bucket_of(good).unwrap(), ("b-1250000000", "ap-guangzhou"));
        let owned = "qcs::cos:ap-guangzhou:uid/1250000000:b-1250000000";
        assert_eq!(bucket_of(owned).unwrap().0, "b-1250000000");
        for bad in [
            "b-1250000000",
            "qcs::cos:::b",
            "qcs::cvm:r::b",
            "qcs::cos:r::",
        ] {
            assert!(bucket_of(bad).is_err(), "{bad}");
        }
    }
}

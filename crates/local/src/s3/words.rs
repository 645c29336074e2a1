//! Words that S3 and Object Storage have for the same by different names.

use tcloud_core::server::Fault;

use super::operation::not_implemented;

/// Groups of grantees: S3's address, and that of Object Storage.
const GROUPS: [(&str, &str); 2] = [
    (
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://cam.qcloud.com/groups/global/AllUsers",
    ),
    (
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
        "http://cam.qcloud.com/groups/global/AuthenticatedUsers",
    ),
];
/// The id that Object Storage has for everyone, where a header names grantees.
pub(super) const ANYONE: &str = "qcs::cam::anyone:anyone";
/// Storage classes of S3 that Object Storage has not.
const CLASSES: [&str; 8] = [
    "EXPRESS_ONEZONE",
    "FSX_ONTAP",
    "FSX_OPENZFS",
    "GLACIER_IR",
    "ONEZONE_IA",
    "OUTPOSTS",
    "REDUCED_REDUNDANCY",
    "SNOW",
];

/// The storage class of Object Storage that S3 calls `class`. A name of Object Storage's own stays.
pub(super) fn class_asked(class: &str) -> Result<&str, Fault> {
    match class {
        "GLACIER" => Ok("ARCHIVE"),
        _ if CLASSES.contains(&class) => Err(not_implemented(format!(
            "the storage class {class} is not implemented here"
        ))),
        _ => Ok(class),
    }
}

/// What S3 calls a storage class.
pub(super) fn class_answered(class: &str) -> &str {
    match class {
        "ARCHIVE" => "GLACIER",
        class => class,
    }
}

/// The group that S3 calls `address`. Whatever it does not have is for Object Storage to refuse.
pub(super) fn group_asked(address: &str) -> &str {
    let group = GROUPS.iter().find(|(own, _)| *own == address);
    group.map_or(address, |(_, group)| group)
}

/// What S3 calls a group.
pub(super) fn group_answered(address: &str) -> &str {
    let group = GROUPS.iter().find(|(_, group)| *group == address);
    group.map_or(address, |(own, _)| own)
}

/// Grantees as a header of Object Storage names them: `id="…"` with commas between several.
pub(super) fn grantees(header: &str, value: &str) -> Result<String, Fault> {
    let named = value
        .split(',')
        .filter(|grantee| !grantee.trim().is_empty());
    let named = named.map(|grantee| {
        let (kind, name) = grantee.trim().split_once('=').unwrap_or((grantee, ""));
        let everyone = GROUPS.first().map_or("", |(own, _)| *own);
        match (kind.trim().to_ascii_lowercase().as_str(), name.trim().trim_matches('"')) {
            ("uri", name) if name == everyone => Ok(format!("id=\"{ANYONE}\"")),
            ("id", id) => Ok(format!("id=\"{id}\"")),
            (kind, name) => Err(not_implemented(format!(
                "{header}: {}=\"{}\" is not implemented here; name accounts by their id, or everyone \
                 by uri=\"{everyone}\"",
                kind.escape_debug(),
                name.escape_debug()
            ))),
        }
    });
    Ok(named.collect::<Result<Vec<_>, _>>()?.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{class_answered, class_asked, grantees, group_answered, group_asked};

    #[test]
    fn words_go_there_and_back() {
        for class in ["STANDARD", "GLACIER", "DEEP_ARCHIVE", "MAZ_STANDARD"] {
            assert_eq!(class_answered(class_asked(class).unwrap()), class);
        }
        assert_eq!(class_asked("ARCHIVE").unwrap(), "ARCHIVE");
        assert_eq!(
            class_asked("GLACIER_IR").unwrap_err().code,
            "NotImplemented"
        );
        for group in ["AllUsers", "AuthenticatedUsers"] {
            let address = format!("http://acs.amazonaws.com/groups/global/{group}");
            let asked = group_asked(&address);
            assert!(asked.starts_with("http://cam.qcloud.com/"), "{asked}");
            assert_eq!(group_answered(asked), address);
        }
        assert_eq!(group_asked("http://other"), "http://other");
    }

    #[test]
    fn grantees_of_headers() {
        let read = |value| grantees("x-amz-grant-read", value).map_err(|fault| fault.code);
        assert_eq!(
            read("id=\"100\", uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""),
            Ok("id=\"100\", id=\"qcs::cam::anyone:anyone\"".into())
        );
        assert_eq!(read("emailAddress=\"a@b\""), Err("NotImplemented".into()));
        assert_eq!(read("somebody"), Err("NotImplemented".into()));
    }
}

//! The path of a file in an archive, which must not lead out of the place it is unpacked to.

use super::ArchiveError;

/// How many folders a file may be in.
const MAX_DEPTH: usize = 64;

/// The path that `raw` means, without `.` in it. `None` if it names nothing but the root folder.
///
/// # Errors
///
/// [`ArchiveError::Invalid`] for a path that is absolute, has `..` or an empty part, is no UTF-8,
/// or could be mistaken for another one.
pub(super) fn checked(raw: &[u8]) -> Result<Option<String>, ArchiveError> {
    let refuse = |why: &str| {
        let shown = raw.get(..raw.len().min(200)).unwrap_or(raw).escape_ascii();
        let message =
            format!("the archive has the path `{shown}`, which {why}; nothing is unpacked");
        Err(ArchiveError::Invalid(message))
    };
    let Ok(text) = std::str::from_utf8(raw) else {
        return refuse("is not UTF-8; pack it again with names in UTF-8");
    };
    if text.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return refuse("has a control character");
    }
    if text.contains('\\') {
        return refuse("has a backslash, which some programs take for a separator of folders");
    }
    let is_drive =
        text.get(1..2) == Some(":") && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.starts_with('/') || is_drive {
        return refuse("is absolute");
    }
    let mut parts = Vec::new();
    for part in text.strip_suffix('/').unwrap_or(text).split('/') {
        match part {
            "." => {}
            ".." => return refuse("leads out of the folder with `..`"),
            "" => return refuse("has an empty part"),
            part => parts.push(part),
        }
    }
    if parts.len() > MAX_DEPTH {
        return refuse("is in too many folders");
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_kept_and_a_dot_dropped() {
        for (raw, path) in [
            ("a.txt", "a.txt"),
            ("a/b/c.txt", "a/b/c.txt"),
            ("./a/./b", "a/b"),
            ("a/b/", "a/b"),
            ("猫/…", "猫/…"),
            ("..a/b..", "..a/b.."),
            ("::", "::"),
        ] {
            assert_eq!(checked(raw.as_bytes()).unwrap().as_deref(), Some(path));
        }
        assert_eq!(checked(b"./").unwrap(), None);
    }

    #[test]
    fn a_path_that_could_lead_elsewhere_is_refused() {
        let deep = "a/".repeat(65);
        for (raw, why) in [
            ("/etc/passwd", "absolute"),
            ("C:/x", "absolute"),
            ("../x", ".."),
            ("a/../../x", ".."),
            ("a/..", ".."),
            ("..\\x", "backslash"),
            ("a//b", "empty"),
            ("", "empty"),
            ("a\0b", "control"),
            ("a\nb", "control"),
            (deep.as_str(), "too many"),
        ] {
            let error = checked(raw.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{raw:?}: {error}");
        }
        let error = checked(b"\xc4\xe3.txt").unwrap_err().to_string();
        assert!(error.contains("not UTF-8"), "{error}");
    }
}

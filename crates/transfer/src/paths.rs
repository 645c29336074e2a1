//! Keys as paths of files, and back.
//!
//! A key is any text, and whoever may write into a bucket chooses it. So a key becomes a path only
//! if each of its parts is a plain name, and no part of the folder it leads to is a link that leads
//! out of the target folder.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// Names that Windows takes for devices, whatever follows behind a dot.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
/// What no part of a path of Windows may hold.
const FORBIDDEN: &str = "<>:\"|?*";

/// The rules of file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    Unix,
    Windows,
}

const HERE: Rules = if cfg!(windows) {
    Rules::Windows
} else {
    Rules::Unix
};

/// The path of the file that `key` stands for within a folder.
///
/// ```
/// use tcloud_transfer::relative_path;
///
/// assert_eq!(relative_path("2024/sea.jpg")?.to_str(), Some("2024/sea.jpg"));
/// for key in ["../etc/passwd", "/etc/passwd", "a/../../b", "C:\\Windows", "a\0b", "a//b"] {
///     assert!(relative_path(key).is_err());
/// }
/// # Ok::<(), tcloud_transfer::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Unsafe`]: the key has a part that is empty, `.`, `..` or no file name, begins with a
/// `/` or a drive, or holds a control character.
pub fn relative_path(key: &str) -> Result<PathBuf, Error> {
    match why_not(key, HERE) {
        None => Ok(key.split('/').collect()),
        Some(why) => Err(Error::new(
            ErrorKind::Unsafe,
            format!("the key {key:?} {why}, so it is no path within a folder"),
        )
        .advise("download the object by itself, to a name of your choice")),
    }
}

/// Why `key` cannot be a path, if so.
fn why_not(key: &str, rules: Rules) -> Option<String> {
    if key.is_empty() {
        return Some("is empty".to_owned());
    }
    if key.starts_with(['/', '\\']) {
        return Some("is an absolute path".to_owned());
    }
    let mut start = key.chars();
    if start
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && start.next() == Some(':')
    {
        return Some("begins with a drive".to_owned());
    }
    if key.chars().any(char::is_control) {
        return Some("holds a control character".to_owned());
    }
    // What one system takes for a separator is none for another; both are looked at.
    if key.split(['/', '\\']).any(|part| part == "..") {
        return Some("has a part `..`".to_owned());
    }
    key.split('/').find_map(|part| match part {
        "" => Some("has an empty part".to_owned()),
        "." => Some("has a part `.`".to_owned()),
        _ if rules == Rules::Windows => not_on_windows(part),
        _ => None,
    })
}

fn not_on_windows(part: &str) -> Option<String> {
    if part.contains('\\') || part.contains(|sign| FORBIDDEN.contains(sign)) {
        return Some(format!(
            "has a part {part:?} with a sign that Windows forbids"
        ));
    }
    if part.ends_with(['.', ' ']) {
        return Some(format!("has a part {part:?} whose end Windows cuts off"));
    }
    let name = part
        .split('.')
        .next()
        .unwrap_or(part)
        .trim_end()
        .to_ascii_uppercase();
    let is_port = ["COM", "LPT"].iter().any(|kind| {
        let number = name.strip_prefix(kind);
        number.is_some_and(|number| number.chars().count() == 1 && !number.starts_with('0'))
    });
    (DEVICES.contains(&name.as_str()) || is_port)
        .then(|| format!("has a part {part:?} that Windows takes for a device"))
}

/// The key of the file at `path`, which is relative to its folder.
///
/// # Errors
/// [`ErrorKind::Refused`]: a name is not UTF-8.
pub(crate) fn key_of(path: &Path) -> Result<String, Error> {
    let mut key = String::new();
    for component in path.components() {
        let Component::Normal(name) = component else {
            continue;
        };
        let name = name.to_str().ok_or_else(|| {
            Error::new(
                ErrorKind::Refused,
                format!("the name {} is not UTF-8, as keys are", path.display()),
            )
            .advise("rename the file")
        })?;
        if !key.is_empty() {
            key.push('/');
        }
        key.push_str(name);
    }
    Ok(key)
}

/// Makes the folder of the file at `relative` within `root`, unless that leads out of `root` by a
/// link. The root itself may be one: it is the caller's choice.
///
/// # Errors
/// A part of it is a file, or a link that leads elsewhere, or cannot be made.
pub(crate) fn make_parents(root: &Path, relative: &Path) -> Result<(), Error> {
    let made = |path: &Path, error| Error::file("make the folder", path, error);
    std::fs::create_dir_all(root).map_err(|error| made(root, error))?;
    let home = root.canonicalize().map_err(|error| made(root, error))?;
    let mut folder = root.to_owned();
    for part in relative.parent().unwrap_or(Path::new("")).components() {
        folder.push(part);
        match std::fs::create_dir(&folder) {
            Ok(()) => continue,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(made(&folder, error)),
        }
        let real = folder
            .canonicalize()
            .map_err(|error| made(&folder, error))?;
        if !real.starts_with(&home) {
            return Err(Error::new(
                ErrorKind::Unsafe,
                format!(
                    "{} is a link to {}, outside of the target folder {}",
                    folder.display(),
                    real.display(),
                    root.display()
                ),
            )
            .advise("remove the link, or download to where it leads"));
        }
        if !real.is_dir() {
            return Err(made(
                &folder,
                io::Error::new(io::ErrorKind::NotADirectory, "a file has this name"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::{Rules, key_of, make_parents, relative_path, why_not};

    #[test]
    fn what_leads_out_of_the_folder_is_refused() {
        for (key, why) in [
            ("", "is empty"),
            ("/", "absolute"),
            ("/etc/passwd", "absolute"),
            ("\\\\host\\share", "absolute"),
            ("..", "`..`"),
            ("../a", "`..`"),
            ("a/..", "`..`"),
            ("a/../b", "`..`"),
            ("a\\..\\..\\b", "`..`"),
            ("..\\a", "`..`"),
            ("C:", "drive"),
            ("c:/a", "drive"),
            ("c:\\a", "drive"),
            ("a\nb", "control"),
            ("a\0", "control"),
            ("a\u{85}b", "control"),
            ("a//b", "empty part"),
            ("a/", "empty part"),
            ("./a", "`.`"),
            ("a/./b", "`.`"),
        ] {
            let error = relative_path(key).unwrap_err().to_string();
            assert!(error.contains(why), "{key:?}: {error}");
        }
        for key in ["a", "a/b", "...", "a..b/..c", ".hidden", "ä/日本", "a b"] {
            assert!(relative_path(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn names_that_windows_forbids_are_refused_there() {
        for key in [
            "x/a:b", "a/CON", "nul.txt", "a/com1.x", "lpt9", "a.", "a/b ", "a?b", "a\\b",
        ] {
            assert!(why_not(key, Rules::Windows).is_some(), "{key}");
            assert!(why_not(key, Rules::Unix).is_none(), "{key}");
        }
        for key in ["console", "com10", "com0", "a.con", "nulls/x"] {
            assert_eq!(why_not(key, Rules::Windows), None, "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_key_never_leaves_the_folder(key in "([a.:\\\\/ \0C]|\\.\\.){0,12}") {
            if let Ok(path) = relative_path(&key) {
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(key_of(&path).unwrap(), key);
            }
        }

        #[test]
        fn any_text_is_a_path_and_back_or_refused(key in any::<String>()) {
            if let Ok(path) = relative_path(&key) {
                prop_assert_eq!(key_of(&path).unwrap(), key);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("in")).unwrap();
        std::fs::write(root.join("file"), "").unwrap();

        let error = make_parents(root, Path::new("out/a"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("outside of the target folder"), "{error}");
        let error = make_parents(root, Path::new("out/b/a"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("outside of the target folder"), "{error}");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        let error = make_parents(root, Path::new("file/a"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("a file has this name"), "{error}");
        make_parents(root, Path::new("in/deep/a")).unwrap();
        assert!(root.join("real/deep").is_dir());
        // The root itself is the caller's choice.
        make_parents(&root.join("out"), Path::new("c/a")).unwrap();
        assert!(outside.path().join("c").is_dir());
    }
}

//! The access keys of the local cloud: from the command line, from files, or from a variable.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use tcloud_core::credentials::Credentials;

use crate::console;
use crate::error::Error;

/// The variable that holds keys where the command line names none.
pub(super) const VARIABLE: &str = "TCLOUD_LOCAL_KEYS";

/// One key, `ID:SECRET`.
pub(super) fn parse(text: &str) -> Result<Credentials, String> {
    match text.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
            Ok(Credentials::new(id, secret))
        }
        // The text may be a secret: it is not shown.
        _ => Err("write it as ID:SECRET".to_owned()),
    }
}

/// The keys `given` on the command line and those in `files`; if there are neither, those of the
/// variable.
pub(super) fn all(given: &[Credentials], files: &[PathBuf]) -> Result<Vec<Credentials>, Error> {
    let mut keys = given.to_vec();
    for path in files {
        keys.extend(of_file(path)?);
    }
    if given.is_empty()
        && files.is_empty()
        && let Some(text) = std::env::var_os(VARIABLE)
    {
        let text = text.into_string().map_err(|_| {
            Error::Usage(format!("{VARIABLE} is not text; write ID:SECRET into it"))
        })?;
        keys = of_lines(text.split([',', '\n']), |n| format!("{VARIABLE}, key {n}"))?;
    }
    let mut ids = HashSet::new();
    match keys.iter().find(|key| !ids.insert(key.secret_id())) {
        Some(twice) => Err(Error::Usage(format!(
            "the access key {} is given twice; leave one of them out",
            twice.secret_id()
        ))),
        None => Ok(keys),
    }
}

fn of_file(path: &Path) -> Result<Vec<Credentials>, Error> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Error::Usage(format!("the keys file {name} cannot be read: {error}")))?;
    warn_of_others(path);
    let keys = of_lines(text.lines(), |n| format!("{name}, line {n}"))?;
    if keys.is_empty() {
        let message = format!("the keys file {name} holds no key; write a line ID:SECRET into it");
        return Err(Error::Usage(message));
    }
    Ok(keys)
}

/// The keys of `lines`. Empty ones and those that begin with `#` say nothing; `place` names one
/// that cannot be read.
fn of_lines<'a>(
    lines: impl Iterator<Item = &'a str>,
    place: impl Fn(usize) -> String,
) -> Result<Vec<Credentials>, Error> {
    let lines = lines.map(str::trim).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, n)| parse(line).map_err(|why| Error::Usage(format!("{}: {why}", place(n)))))
        .collect()
}

/// Warns if others may read the keys in the file `path`.
pub(super) fn warn_of_others(path: &Path) {
    if is_readable_by_others(path) {
        let name = path.display();
        console::note(&format!(
            "warning: other users of this machine may read the keys in {name}; run `chmod 600` on \
             it"
        ));
    }
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // What is no file, such as a pipe of the shell, has no lasting content.
    fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::{of_lines, parse};

    #[test]
    fn a_key_has_two_parts_and_a_bad_one_is_not_repeated() {
        assert!(parse("AKID:secret:with:colons").is_ok());
        for text in ["", ":", "AKID:", ":secret", "secretonly"] {
            assert_eq!(parse(text).unwrap_err(), "write it as ID:SECRET");
        }
    }

    #[test]
    fn lines_hold_keys_and_remarks() {
        let text = "# of the team\r\n\nAKIDone:first \n  AKIDtwo:second\n";
        let keys = of_lines(text.lines(), |n| n.to_string()).unwrap();
        let keys: Vec<_> = keys
            .iter()
            .map(|key| (key.secret_id(), key.secret_key()))
            .collect();
        assert_eq!(keys, [("AKIDone", "first"), ("AKIDtwo", "second")]);
    }

    #[test]
    fn a_bad_line_is_named_by_its_place_alone() {
        let text = "AKIDone:first\n\ns3cretonly\n";
        let error = of_lines(text.lines(), |n| format!("keys, line {n}")).unwrap_err();
        assert_eq!(error.to_string(), "keys, line 3: write it as ID:SECRET");
    }
}

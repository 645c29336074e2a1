//! The address of the repository, which only the workspace's Cargo.toml has.

use std::error::Error;
use std::fs;
use std::io::{self, IsTerminal, Write};

use super::outcome::{Checked, Outcome};
use super::subject::Release;
use super::workspace::Workspace;
use crate::files;

/// What says in Cargo.toml that the address is none yet.
const MARK: &str = "\n[workspace.metadata.release]\n\
    # The address above does not exist yet.\n\
    repository-is-placeholder = true\n";

/// The address, unless there is none yet.
pub(crate) fn address() -> Option<&'static str> {
    let is_placeholder = include_str!("../../../Cargo.toml").contains(MARK);
    (!is_placeholder).then_some(env!("CARGO_PKG_REPOSITORY"))
}

/// An address that was typed in.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/').trim_end_matches(".git");
    let is_word = |word: &str| {
        let allowed = |each: char| each.is_ascii_alphanumeric() || "-_.~:".contains(each);
        !word.is_empty() && word.chars().all(allowed)
    };
    let parts: Vec<&str> = text
        .strip_prefix("https://")
        .unwrap_or("")
        .split('/')
        .collect();
    if parts.len() >= 2 && parts.iter().all(|part| is_word(part)) {
        Ok(text.to_owned())
    } else {
        Err("an address such as https://host/owner/name is needed".to_owned())
    }
}

/// The address to write: the one of the command line; as long as there is none, what is typed in on
/// a terminal, if anything is.
pub(super) fn given(argument: Option<String>) -> Result<Option<String>, Box<dyn Error>> {
    let asks = argument.is_none() && io::stdin().is_terminal() && io::stderr().is_terminal();
    if !asks || !Workspace::read()?.placeholder {
        return Ok(argument);
    }
    eprint!("The address of the repository (https://host/owner/name; empty to go on without): ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    if line.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(parse(&line)?))
}

/// Writes the address to Cargo.toml.
pub(super) fn write(address: &str) -> Result<(), Box<dyn Error>> {
    let path = files::workspace().join("Cargo.toml");
    let text = with_address(&fs::read_to_string(&path)?, address)?;
    fs::write(&path, text)?;
    Ok(())
}

fn with_address(manifest: &str, address: &str) -> Result<String, String> {
    let line = manifest
        .lines()
        .find(|line| line.starts_with("repository = "))
        .ok_or("Cargo.toml: no line with the repository")?;
    let text = manifest.replacen(line, &format!("repository = \"{address}\""), 1);
    Ok(text.replacen(MARK, "", 1))
}

/// All crates take the address from the workspace, and it is a real one.
pub(super) fn check(release: &Release) -> Checked {
    let workspace = &release.workspace;
    let mut addresses: Vec<_> = workspace.packages.iter().map(|it| &it.repository).collect();
    addresses.dedup();
    let [Some(address)] = addresses.as_slice() else {
        return Err("not every crate has `repository.workspace = true`".into());
    };
    if workspace.placeholder {
        let told = format!(
            "{address} is a placeholder: `cargo xtask release --repository https://host/owner/name`"
        );
        return Err(told.into());
    }
    parse(address)?;
    Ok(Outcome::Passed(address.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../../../Cargo.toml");

    #[test]
    fn an_address_has_a_host_and_a_path() {
        let address = "https://git.example.com/team/tcloud".to_owned();
        for end in ["", "/", ".git", ".git/"] {
            assert_eq!(
                parse(&format!(" {address}{end}\n")),
                Ok(address.clone()),
                "{end}"
            );
        }
        for text in [
            "",
            "tcloud",
            "http://a/b",
            "https://a",
            "https://a/b c",
            "https://a//b",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_address_is_written_and_is_no_placeholder_then() {
        let written = with_address(MANIFEST, "https://example.com/a/b").unwrap();
        assert!(written.contains("\nrepository = \"https://example.com/a/b\"\n"));
        assert!(!written.contains("repository-is-placeholder"));
        let changed = MANIFEST.lines().count() - written.lines().count();
        assert!(changed == 0 || changed == MARK.lines().count(), "{changed}");
        assert!(with_address("[workspace]\n", "https://example.com/a/b").is_err());
    }
}

//! The command as people download it.

use std::error::Error;
use std::fs;
use std::path::Path;

use super::limits::megabytes;
use super::outcome::{Checked, Outcome, none_of};
use super::subject::Release;
use crate::dist;

/// Of the program that is given, or of two that are built: with the default features, and with all.
pub(super) fn check(release: &Release) -> Checked {
    let limits = &release.limits.binary;
    let built: Vec<(&str, u64, u64)> = if let Some(path) = &release.binary {
        vec![("default features", size(path)?, limits.default)]
    } else if release.builds {
        vec![
            (
                "default features",
                size(&dist::build(None, &[])?)?,
                limits.default,
            ),
            (
                "all features",
                size(&dist::build(None, &["--all-features"])?)?,
                limits.everything,
            ),
        ]
    } else {
        return Ok(Outcome::Skipped("--no-builds, and no --binary".to_owned()));
    };
    let sizes = built
        .iter()
        .map(|(what, size, _)| format!("{what}: {}", megabytes(*size)));
    let too_large = built.iter().filter(|(_, size, limit)| size > limit);
    let found: Vec<_> = too_large
        .map(|(what, size, limit)| {
            format!(
                "tcloud, {what}: {} of at most {}",
                megabytes(*size),
                megabytes(*limit)
            )
        })
        .collect();
    none_of(&found, || sizes.collect::<Vec<_>>().join(", "))
}

fn size(path: &Path) -> Result<u64, Box<dyn Error>> {
    let file = fs::metadata(path);
    let file = file.map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    Ok(file.len())
}

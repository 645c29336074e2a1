//! The crates as they are uploaded.

use std::fs;

use super::limits::{Limits, megabytes};
use super::outcome::{Checked, Outcome, none_of};
use super::subject::Release;
use crate::command::{cargo, succeed};
use crate::files;

/// Packs all crates; each is then built from its package, by those beside it, unless nothing is to
/// be built.
pub(super) fn check(release: &Release) -> Checked {
    let target = files::target().join("release-check");
    let mut command = cargo();
    command
        .args(["package", "--locked", "--target-dir"])
        .arg(&target);
    command.args(release.workspace.published());
    if !release.builds {
        command.arg("--no-verify");
    }
    if release.allow_dirty {
        command.arg("--allow-dirty");
    }
    succeed(command.current_dir(&release.workspace.root))?;

    let mut sizes = Vec::new();
    for package in &release.workspace.packages {
        let file = format!("{}-{}.crate", package.name, package.version);
        let size = fs::metadata(target.join("package").join(file))?.len();
        sizes.push((package.name.as_str(), size));
    }
    let found = too_large(&release.limits, &sizes);
    none_of(&found, String::new)?;
    let total = sizes.iter().map(|(_, size)| size).sum();
    let told = format!("{} crates, {}", sizes.len(), megabytes(total));
    Ok(if release.builds {
        Outcome::Passed(told)
    } else {
        Outcome::Skipped(format!(
            "packed, but not built from their packages: --no-builds; {told}"
        ))
    })
}

fn too_large(limits: &Limits, sizes: &[(&str, u64)]) -> Vec<String> {
    let found = sizes.iter().filter_map(|(name, size)| {
        let limit = limits.of(name);
        (*size > limit).then(|| {
            format!(
                "{name}: {} of at most {}",
                megabytes(*size),
                megabytes(limit)
            )
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_have_limits() {
        let limits = Limits::read().unwrap();
        let sizes = [("tcloud-core", 300_000), ("tcloud-networks", 1_200_000)];
        assert!(too_large(&limits, &sizes).is_empty());
        let found = too_large(&limits, &[("tcloud-core", 1_230_000)]);
        assert_eq!(found, ["tcloud-core: 1.23 MB of at most 1.00 MB"]);
    }
}

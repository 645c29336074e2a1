//! The package with the metadata, unpacked: one folder per service, and in it one per version.
//!
//! The one place of this library that reads a disk: whoever wants the metadata of a service names the
//! package, and has no list of its files.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use crate::load::nearest;

/// The Python package that carries the metadata.
pub const PACKAGE: &str = "tccli";

/// What went wrong, in words.
type Problem = Box<dyn Error>;

/// A version of a service in the package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Name of the service's folder.
    pub service: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// The folder with `api.json`.
    pub folder: PathBuf,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.service, self.date)
    }
}

impl Version {
    /// The text of a file in its folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, file: &str) -> Result<String, Problem> {
        let path = self.folder.join(file);
        fs::read_to_string(&path)
            .map_err(|cause| format!("cannot read {}: {cause}", path.display()).into())
    }
}

/// All versions below `from`, which is the package, its folder `services` or a folder above.
///
/// # Errors
/// The folder cannot be read, or has no metadata.
pub fn versions(from: &Path) -> Result<Vec<Version>, Problem> {
    let services = [PACKAGE, ""]
        .map(|package| from.join(package).join("services"))
        .into_iter()
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| from.to_owned());
    let mut found = Vec::new();
    for service in folders(&services)? {
        for folder in folders(&service)? {
            let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into());
            if let (Some(service), Some::<String>(date)) = (name(&service), name(&folder))
                && let Some(date) = dashed(&date)
                && folder.join("api.json").is_file()
            {
                found.push(Version {
                    service,
                    date,
                    folder,
                });
            }
        }
    }
    if found.is_empty() {
        return Err(format!(
            "there is no metadata in {}: `--from` takes the unpacked PyPI package `{PACKAGE}`",
            from.display()
        )
        .into());
    }
    found.sort();
    Ok(found)
}

/// The version that `wanted` names: `NAME`, which is its newest, or `NAME@VERSION`.
///
/// # Errors
/// There is none; the error names the nearest.
pub fn find(from: &Path, wanted: &str) -> Result<Version, Problem> {
    let (name, version) = match wanted.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (wanted, None),
    };
    let all = versions(from)?;
    let of_name = || all.iter().filter(|it| it.service == name);
    if let Some(found) = of_name().rfind(|it| version.is_none_or(|version| it.date == version)) {
        return Ok(found.clone());
    }
    let known: Vec<_> = of_name().map(ToString::to_string).collect();
    let help = if !known.is_empty() {
        format!("there are: {}", known.join(" "))
    } else if let Some(near) = nearest(name, all.iter().map(|it| it.service.as_str())) {
        format!("did you mean `{near}`?")
    } else {
        let services: BTreeSet<_> = all.iter().map(|it| &it.service).collect();
        format!(
            "its {} services are the folders of `{PACKAGE}/services`",
            services.len()
        )
    };
    Err(format!("there is no service `{wanted}` in the package; {help}").into())
}

/// `v20190612` as `2019-06-12`.
fn dashed(folder: &str) -> Option<String> {
    let digits = folder.strip_prefix('v')?;
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(format!("{year}-{month}-{day}"))
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = fs::read_dir(folder)
        .map_err(|cause| format!("cannot list {}: {cause}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_is_not_there_is_answered_with_the_nearest() {
        let package = tempfile::tempdir().unwrap();
        for version in ["cvm/v20170312", "cvm/v20180101", "mps/v20190612"] {
            let folder = package.path().join("services").join(version);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("api.json"), "{}").unwrap();
        }
        let found = |wanted: &str| {
            find(package.path(), wanted).map_or_else(|error| error.to_string(), |it| it.to_string())
        };
        assert_eq!(found("cvm"), "cvm@2018-01-01");
        assert_eq!(found("cvm@2017-03-12"), "cvm@2017-03-12");
        assert_eq!(
            found("cvn"),
            "there is no service `cvn` in the package; did you mean `cvm`?"
        );
        assert_eq!(
            found("mps@2020-01-01"),
            "there is no service `mps@2020-01-01` in the package; there are: mps@2019-06-12"
        );
        assert_eq!(
            found("something"),
            "there is no service `something` in the package; its 2 services are the folders of \
             `tccli/services`"
        );
    }
}

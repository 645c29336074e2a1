//! Programs besides Rust's own that a test needs.
//!
//! A test cannot report that it was skipped. Without its program it says so on its output and
//! passes, so that a plain `cargo test` works on any machine; where `CI` is `true` it fails, so that
//! nothing is skipped there unseen.

use std::env;
use std::ffi::OsStr;
use std::thread;

/// The package of Debian that a program comes with, where its name is another one.
const PACKAGES: [(&str, &str); 6] = [
    ("avifdec", "libavif-bin"),
    ("heif-convert", "libheif-examples"),
    ("heif-enc", "libheif-examples"),
    ("node", "nodejs"),
    ("postgres", "postgresql"),
    ("soffice", "libreoffice"),
];

/// Whether `program` is on the path. A test that needs one returns at once if it is not:
///
/// ```no_run
/// use tcloud_tests::programs::needs;
///
/// fn node_starts() {
///     if !needs("node") {
///         return;
///     }
///     // …
/// }
/// ```
///
/// # Panics
///
/// It is not there, and `CI` is `true`.
pub fn needs(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    if is_on(&path, program) {
        return true;
    }
    let thread = thread::current();
    let skipped = skipped(thread.name().unwrap_or("a test"), program);
    let in_ci = env::var_os("CI").is_some_and(|value| value == "true");
    assert!(!in_ci, "{skipped}; with CI=true nothing may be skipped");
    println!("{skipped}");
    false
}

fn skipped(test: &str, program: &str) -> String {
    let package = PACKAGES.iter().find(|(name, _)| *name == program);
    let package = package.map_or(program, |(_, package)| package);
    format!("skipped: {test} needs {program} (package {package})")
}

fn is_on(path: &OsStr, program: &str) -> bool {
    env::split_paths(path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::{is_on, needs, skipped};

    #[test]
    fn a_skipped_test_is_named_with_what_it_needs() {
        let told = skipped("store::postgres::claims", "postgres");
        let expected = "skipped: store::postgres::claims needs postgres (package postgresql)";
        assert_eq!(told, expected);
        assert_eq!(
            skipped("a", "chromium"),
            "skipped: a needs chromium (package chromium)"
        );
    }

    #[test]
    fn programs_are_found_on_the_path_alone() {
        let [empty, full] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        std::fs::write(full.path().join("there"), "").unwrap();
        std::fs::create_dir(full.path().join("folder")).unwrap();
        let path = std::env::join_paths([empty.path(), full.path()]).unwrap();
        assert!(is_on(&path, "there"));
        assert!(!is_on(&path, "folder"));
        assert!(!is_on(&path, "elsewhere"));
        assert!(!is_on("".as_ref(), "there"));
    }

    #[test]
    fn what_runs_this_test_is_there() {
        assert!(needs("cargo"));
    }
}

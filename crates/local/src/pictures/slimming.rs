//! Which pictures of a bucket become slim when they are read.

use serde::{Deserialize, Serialize};

/// The endings of files that can become slim.
const SUFFIXES: [&str; 2] = ["jpg", "png"];
const ON_REQUEST: &str = "API";
const ALWAYS: &str = "Auto";

/// Which pictures of a bucket become slim when they are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slimming {
    /// `API`, `Auto`, or both with a comma between them.
    pub(crate) modes: String,
    /// The endings of the files that `Auto` is about.
    pub(crate) suffixes: Vec<String>,
}

impl Default for Slimming {
    fn default() -> Self {
        Self {
            modes: ON_REQUEST.to_owned(),
            suffixes: SUFFIXES.map(str::to_owned).to_vec(),
        }
    }
}

impl Slimming {
    /// Those that are asked for: without words, those of [`Slimming::default`].
    ///
    /// # Errors
    ///
    /// A word is not known.
    pub(crate) fn new(modes: Option<String>, suffixes: Vec<String>) -> Result<Self, String> {
        let mut slimming = Self::default();
        if let Some(modes) = modes {
            slimming.modes = modes;
        }
        if !suffixes.is_empty() {
            slimming.suffixes = suffixes;
        }
        if let Some(other) = slimming
            .modes()
            .find(|it| ![ON_REQUEST, ALWAYS].contains(it))
        {
            return Err(format!(
                "ImageSlim.SlimMode is `{other}`; it must be {ON_REQUEST}, {ALWAYS}, or both with a \
                 comma between them"
            ));
        }
        let known = |suffix: &&String| !SUFFIXES.contains(&suffix.as_str());
        if let Some(other) = slimming.suffixes.iter().find(known) {
            return Err(format!(
                "ImageSlim.Suffixs.Suffix is `{other}`; it must be jpg or png"
            ));
        }
        Ok(slimming)
    }

    fn modes(&self) -> impl Iterator<Item = &str> {
        self.modes.split(',').map(str::trim)
    }

    /// Whether the picture `key` becomes slim without being asked to.
    pub(crate) fn covers(&self, key: &str) -> bool {
        let suffix = suffix(key).to_ascii_lowercase();
        self.modes().any(|mode| mode == ALWAYS) && self.suffixes.contains(&suffix)
    }
}

/// Whether `key` is that of a file which some bucket may make slim.
pub(crate) fn may_cover(key: &str) -> bool {
    let suffix = suffix(key);
    SUFFIXES.iter().any(|it| it.eq_ignore_ascii_case(suffix))
}

fn suffix(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(_, suffix)| suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slimming(modes: &str, suffixes: &[&str]) -> Result<Slimming, String> {
        let suffixes = suffixes.iter().map(|it| (*it).to_owned()).collect();
        Slimming::new(Some(modes.to_owned()), suffixes)
    }

    #[test]
    fn only_files_of_the_endings_become_slim_by_themselves() {
        let pngs = slimming("Auto", &["png"]).unwrap();
        assert!(pngs.covers("a/b.PNG") && !pngs.covers("a/b.jpg") && !pngs.covers("png"));
        assert!(slimming("API, Auto", &[]).unwrap().covers("b.jpg"));
        assert!(!slimming("API", &[]).unwrap().covers("b.jpg"));
        assert!(may_cover("a.Jpg") && !may_cover("a.webp"));
    }

    #[test]
    fn unknown_words_are_named() {
        assert!(slimming("Always", &[]).unwrap_err().contains("`Always`"));
        assert!(slimming("Auto", &["webp"]).unwrap_err().contains("`webp`"));
    }
}

//! How the checks of a release end.

use std::error::Error;

/// How a check ended that did not fail.
pub(super) enum Outcome {
    /// What was seen.
    Passed(String),
    /// Why there is nothing to check yet.
    Nothing(String),
    /// Why it could not be made, and what would change that.
    Skipped(String),
}

/// How a check ended; an error has all that was found.
pub(super) type Checked = Result<Outcome, Box<dyn Error>>;

/// All findings as one error, or what was seen.
pub(super) fn none_of(findings: &[String], seen: impl FnOnce() -> String) -> Checked {
    if findings.is_empty() {
        Ok(Outcome::Passed(seen()))
    } else {
        Err(findings.join("\n").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_told() {
        let found = ["a".to_owned(), "b".to_owned()];
        let error = none_of(&found, String::new).err().unwrap();
        assert_eq!(error.to_string(), "a\nb");
        assert!(
            matches!(none_of(&[], || "c".to_owned()), Ok(Outcome::Passed(seen)) if seen == "c")
        );
    }
}

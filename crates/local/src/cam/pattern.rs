//! Texts with wildcards.

/// A text in which `*` stands for any characters, none and slashes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<String>);

impl Pattern {
    /// The pattern that is written as `text`.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether all of `text` fits. It takes time in proportion to both lengths, however many
    /// wildcards there are: what stands between two of them is taken where it is found first,
    /// which leaves the most for the rest, so nothing is ever tried twice.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matches_passing(text, &mut 0)
    }

    /// [`Pattern::matches`], which adds to `passed` how many bytes of `text` it has passed.
    fn matches_passing(&self, text: &str, passed: &mut usize) -> bool {
        let Some((first, rest)) = self.0.split_first() else {
            return text.is_empty();
        };
        *passed += first.len().min(text.len());
        let Some(mut text) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some((last, between)) = rest.split_last() else {
            return text.is_empty();
        };
        for part in between {
            let after = text.split_once(part.as_str()).map(|(_, after)| after);
            *passed += text.len() - after.map_or(0, str::len);
            match after {
                Some(after) => text = after,
                None => return false,
            }
        }
        *passed += last.len().min(text.len());
        text.ends_with(last.as_str())
    }

    /// Whether it is empty, and so names nothing.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.0.as_slice(), [only] if only.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;

    /// The definition, in exponential time.
    fn by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], text) => (0..=text.len()).any(|at| {
                let (_, after) = text.split_at(at);
                by_definition(rest, after)
            }),
            ([a, pattern @ ..], [b, text @ ..]) => a == b && by_definition(pattern, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_means_what_it_says(pattern in "[ab*]{0,7}", text in "[ab]{0,8}") {
            prop_assert_eq!(
                Pattern::new(&pattern).matches(&text),
                by_definition(pattern.as_bytes(), text.as_bytes())
            );
        }
    }

    #[test]
    fn wildcards_cross_slashes_and_may_stand_for_nothing() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern).matches(text);
        assert!(fits("album/*", "album/"));
        assert!(fits("album/*.png", "album/a/b.png"));
        assert!(fits("*", ""));
        assert!(fits("猫*", "猫.png"));
        assert!(!fits("album/*", "album"));
        assert!(!fits("a*a", "a"));
        assert!(!fits("", "a"));
    }

    /// A matcher that tries again passes bytes more than once: here for hours.
    #[test]
    fn a_galore_of_wildcards_passes_no_byte_twice() {
        let text = "a".repeat(99_999);
        let galore = "a*".repeat(50_000);
        for (pattern, fits) in [
            (galore.clone(), true),
            (format!("*{galore}"), true),
            (format!("{}b", "*a".repeat(50_000)), false),
            (format!("{galore}b*a"), false),
            (format!("{galore}{galore}"), false),
        ] {
            let mut passed = 0;
            let matches = Pattern::new(&pattern).matches_passing(&text, &mut passed);
            assert_eq!(matches, fits);
            assert!(passed <= text.len(), "{passed} bytes");
        }
    }
}

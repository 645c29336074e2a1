//! `LIKE`: `_` is any character, `%` any sequence of them.

use super::contact::Contact;
use super::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    This(char),
    Any,
    Many,
}

/// What texts are compared with.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern, in which `escape` takes the meaning of what follows.
    ///
    /// # Errors
    ///
    /// Nothing follows it that has one.
    pub(super) fn read(text: &str, escape: Option<char>) -> Result<Self, Failure> {
        let mut pieces = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            pieces.push(match letter {
                _ if Some(letter) == escape => match letters.next() {
                    Some(next) if matches!(next, '%' | '_') || Some(next) == escape => Piece::This(next),
                    _ => {
                        let message = "in a pattern of LIKE the character of ESCAPE has to stand before %, _ or itself";
                        let code = "EvaluatorLikePatternInvalidEscapeSequence";
                        return Err(Failure::new(code, message));
                    }
                },
                '_' => Piece::Any,
                // Several are one.
                '%' if pieces.last() == Some(&Piece::Many) => continue,
                '%' => Piece::Many,
                _ => Piece::This(letter),
            });
        }
        Ok(Self(pieces))
    }

    /// Whether all of `text` fits. What a `%` has taken is given back to the last one only, so that the
    /// time is bounded by the product of the lengths.
    ///
    /// # Errors
    ///
    /// Nobody waits for that any more.
    pub(super) fn fits(&self, text: &str, contact: &Contact<'_>) -> Result<bool, Failure> {
        let mut rest = text.chars();
        let mut place = 0_usize;
        // Where to go on when something does not fit: behind the last `%`, one character later.
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            contact.count(1)?;
            let mut ahead = rest.clone();
            let (piece, letter) = (self.0.get(place), ahead.next());
            match (piece, letter) {
                (Some(Piece::Many), _) => {
                    place = place.saturating_add(1);
                    again = Some((place, rest.clone()));
                    continue;
                }
                (None, None) => return Ok(true),
                (Some(Piece::Any), Some(_)) => {
                    place = place.saturating_add(1);
                    rest = ahead;
                    continue;
                }
                (Some(Piece::This(own)), Some(letter)) if *own == letter => {
                    place = place.saturating_add(1);
                    rest = ahead;
                    continue;
                }
                _ => {}
            }
            match &mut again {
                Some((behind, from)) => {
                    if from.next().is_none() {
                        return Ok(false);
                    }
                    place = *behind;
                    rest = from.clone();
                }
                None => return Ok(false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;
    use crate::cos::select::contact::Contact;
    use crate::cos::select::tests::Told;

    fn fits(text: &str, pattern: &str) -> bool {
        let pattern = Pattern::read(pattern, Some('\\')).unwrap();
        let told = Told::default();
        pattern.fits(text, &Contact::new(&told, false)).unwrap()
    }

    #[test]
    fn patterns_fit_whole_texts() {
        for (text, pattern, does) in [
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("abc", "abc", true),
            ("abc", "ABC", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "a_c", true),
            ("abc", "a_", false),
            ("aab", "%ab", true),
            ("日本語", "日_語", true),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("a\\b", "a\\\\b", true),
        ] {
            assert_eq!(fits(text, pattern), does, "{text} {pattern}");
        }
        assert!(Pattern::read("a\\b", Some('\\')).is_err());
        assert!(Pattern::read("a\\", Some('\\')).is_err());
        assert!(Pattern::read("a\\", None).is_ok());
    }

    /// As it is defined, in exponential time.
    fn defined(text: &[char], pattern: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, letter) => letter.is_none(),
            (Some('%'), letter) => {
                defined(text, &pattern[1..]) || letter.is_some() && defined(&text[1..], pattern)
            }
            (Some('_'), Some(_)) => defined(&text[1..], &pattern[1..]),
            (Some(own), Some(letter)) => own == letter && defined(&text[1..], &pattern[1..]),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn patterns_fit_as_defined(text in "[ab]{0,10}", pattern in "[ab_%]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&text, &pattern), defined(&letters(&text), &letters(&pattern)));
        }
    }
}

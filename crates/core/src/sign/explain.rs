//! Why two signatures differ: the first line in which the canonical texts differ, named.

use std::borrow::Cow;
use std::fmt;

use super::qsign::token::TokenName;

/// What a line of a canonical text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The name of the signature's method.
    Algorithm,
    /// The time or the validity of the signature.
    Time,
    /// Date and service of a TC3 signature.
    Scope,
    /// The HTTP method.
    Method,
    /// The path.
    Path,
    /// The query parameters.
    Params,
    /// The headers with their values.
    Headers,
    /// The names of the signed headers.
    HeaderNames,
    /// The hash of the payload or, in the text to sign, of the canonical request.
    Hash,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Algorithm => "algorithm",
            Self::Time => "time",
            Self::Scope => "scope",
            Self::Method => "method",
            Self::Path => "path",
            Self::Params => "query parameters",
            Self::Headers => "headers",
            Self::HeaderNames => "names of the signed headers",
            Self::Hash => "hash",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The first difference of two canonical texts. Values that are secret are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Number of the line, from 1.
    pub line: usize,
    /// What the line holds.
    pub part: Part,
    /// What the client signed: the line or, of a line of several items, the first other item.
    /// Empty if there is none.
    pub ours: String,
    /// What the service computed, likewise.
    pub theirs: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            part,
            ours,
            theirs,
        } = self;
        write!(
            f,
            "line {line} ({part}) differs: signed `{ours}`, the service computed `{theirs}`"
        )
    }
}

/// Compares the canonical text we signed with the one the service reports.
///
/// Takes all four texts: `HttpString` and canonical request, and either method's text to sign.
/// `None` if they are equal but for newlines at the end, which XML loses; the secret key is then
/// the likely cause of a refusal.
pub fn first_difference(ours: &str, theirs: &str) -> Option<Difference> {
    let (ours, theirs) = (redacted(ours), redacted(theirs));
    let mut our_lines = lines(&ours);
    let mut their_lines = lines(&theirs);
    let mut parts = Parts::of(&ours);
    let mut line = 0;
    loop {
        line += 1;
        let (our_line, their_line) = match (our_lines.next(), their_lines.next()) {
            (None, None) => return None,
            (ours, theirs) => (ours.unwrap_or_default(), theirs.unwrap_or_default()),
        };
        let part = parts.next(our_line);
        if our_line == their_line {
            continue;
        }
        let (ours, theirs) = match part {
            Part::Params | Part::Headers => first_item(our_line, their_line),
            _ => (our_line, their_line),
        };
        return Some(Difference {
            line,
            part,
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
        });
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end_matches('\n')
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
}

/// The first pair in which two lines `a=1&b=2` differ.
fn first_item<'a>(ours: &'a str, theirs: &'a str) -> (&'a str, &'a str) {
    let mut our_items = ours.split('&');
    let mut their_items = theirs.split('&');
    loop {
        let pair = (our_items.next(), their_items.next());
        if pair.0 != pair.1 || pair.0.is_none() {
            return (pair.0.unwrap_or_default(), pair.1.unwrap_or_default());
        }
    }
}

/// Names the lines of a canonical text, one after the other.
struct Parts {
    coming: &'static [Part],
}

impl Parts {
    const Q_TEXT_TO_SIGN: &'static [Part] = &[Part::Algorithm, Part::Time, Part::Hash];
    const TC3_TEXT_TO_SIGN: &'static [Part] =
        &[Part::Algorithm, Part::Time, Part::Scope, Part::Hash];
    const HTTP_STRING: &'static [Part] = &[Part::Method, Part::Path, Part::Params, Part::Headers];
    const CANONICAL_REQUEST: &'static [Part] = &[
        Part::Method,
        Part::Path,
        Part::Params,
        Part::Headers,
        Part::HeaderNames,
        Part::Hash,
    ];

    fn of(text: &str) -> Self {
        let first = text.split('\n').next().unwrap_or_default();
        let coming = match first {
            "sha1" => Self::Q_TEXT_TO_SIGN,
            "TC3-HMAC-SHA256" => Self::TC3_TEXT_TO_SIGN,
            method if method.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Self::CANONICAL_REQUEST
            }
            _ => Self::HTTP_STRING,
        };
        Self { coming }
    }

    /// What `line` is; the headers of a canonical request end at an empty line, and the last part
    /// is the rest.
    fn next(&mut self, line: &str) -> Part {
        let (part, rest) = match self.coming {
            [part, rest @ ..] => (*part, rest),
            [] => (Part::Headers, self.coming),
        };
        let goes_on =
            part == Part::Headers && rest.first() == Some(&Part::HeaderNames) && !line.is_empty();
        if !goes_on && !rest.is_empty() {
            self.coming = rest;
        }
        part
    }
}

/// The canonical text with the values that are secret struck out, for logs and messages: session
/// tokens and keys of the client's own encryption. Takes `name=value` items of q-sign and
/// `name:value` lines of TC3.
///
/// ```
/// use tcloud_core::sign::explain::redacted;
///
/// let text = "get\n/k\n\nhost=h&x-cos-security-token=abc\n";
/// assert_eq!(redacted(text), "get\n/k\n\nhost=h&x-cos-security-token=***\n");
/// ```
pub fn redacted(text: &str) -> String {
    text.split_inclusive(['&', '\n'])
        .map(|item| {
            let value = item
                .find(['=', ':'])
                .and_then(|at| item.split_at_checked(at))
                .filter(|(name, _)| SECRET.contains(name));
            value.map_or(Cow::Borrowed(item), |(name, value)| {
                let separator = value.get(..1).unwrap_or_default();
                let end = value.rfind(['&', '\n']).and_then(|at| value.get(at..));
                Cow::Owned(format!("{name}{separator}***{}", end.unwrap_or_default()))
            })
        })
        .collect()
}

/// Headers and parameters whose values are secret, as canonical texts name them.
const SECRET: [&str; 8] = [
    TokenName::Cos.as_str(),
    TokenName::Ci.as_str(),
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-cos-copy-source-server-side-encryption-customer-key",
    "x-cos-server-side-encryption-customer-key",
    "x-tc-token",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(ours: &str, theirs: &str) -> (usize, Part, String, String) {
        let Difference {
            line,
            part,
            ours,
            theirs,
        } = first_difference(ours, theirs).unwrap();
        (line, part, ours, theirs)
    }

    #[test]
    fn the_first_differing_item_is_named() {
        let ours = "get\n/a\nb=1&c=2\nhost=h%3A80&range=r\n";
        assert_eq!(
            difference(ours, "get\n/a\nb=1&c=2\nhost=h&range=r\n"),
            (4, Part::Headers, "host=h%3A80".into(), "host=h".into())
        );
        assert_eq!(
            difference(ours, "get\n/a\nb=1\nhost=h\n"),
            (3, Part::Params, "c=2".into(), String::new())
        );
        assert_eq!(
            difference(ours, "put\n/b\n\n\n"),
            (1, Part::Method, "get".into(), "put".into())
        );
        assert_eq!(
            difference("get\n/a%20b\n\n\n", "get\n/a b\n\n\n").1,
            Part::Path
        );
        assert_eq!(
            first_difference(ours, "get\n/b\n\n\n").unwrap().to_string(),
            "line 2 (path) differs: signed `/a`, the service computed `/b`"
        );
    }

    #[test]
    fn equal_texts_have_none() {
        for text in ["get\n/\n\nhost=h\n", "sha1\n1;2\nabc\n", "", "\n\n"] {
            assert_eq!(first_difference(text, text), None);
            assert_eq!(first_difference(text, text.trim_end()), None);
        }
        assert_eq!(first_difference("get\n/\n", "get\r\n/\r\n"), None);
    }

    #[test]
    fn lines_of_the_other_texts_are_named() {
        let ours = "POST\n/\n\ncontent-type:a\nhost:h\n\ncontent-type;host\n00";
        for (theirs, line, part) in [
            (
                "POST\n/\n\ncontent-type:a\nhost:i\n\ncontent-type;host\n00",
                5,
                Part::Headers,
            ),
            (
                "POST\n/\n\ncontent-type:a\nhost:h\n\nhost\n00",
                7,
                Part::HeaderNames,
            ),
            (
                "POST\n/\n\ncontent-type:a\nhost:h\n\ncontent-type;host\n01",
                8,
                Part::Hash,
            ),
        ] {
            let found = difference(ours, theirs);
            assert_eq!((found.0, found.1), (line, part));
        }
        assert_eq!(
            difference("sha1\n1;2\nab\n", "sha1\n1;3\nab\n").1,
            Part::Time
        );
        let (ours, theirs) = (
            "TC3-HMAC-SHA256\n1\nd/a/x\nab",
            "TC3-HMAC-SHA256\n1\nd/b/x\nab",
        );
        assert_eq!(difference(ours, theirs).1, Part::Scope);
    }

    #[test]
    fn secrets_are_not_shown() {
        let ours = "get\n/\n\nhost=a&x-ci-security-token=SECRET%3D&x-cos-a=1\n";
        let theirs = "get\n/\n\nhost=a&x-cos-security-token=SECRET\n";
        let shown = first_difference(ours, theirs).unwrap();
        assert_eq!(shown.ours, "x-ci-security-token=***");
        assert_eq!(shown.theirs, "x-cos-security-token=***");
        let both = "x-cos-security-token=A&x-ci-security-token=B\nx-cos-security-token=C\n";
        assert_eq!(
            redacted(both),
            "x-cos-security-token=***&x-ci-security-token=***\nx-cos-security-token=***\n"
        );
        assert_eq!(
            redacted("host:a:9\nx-tc-token:SECRET=:\n"),
            "host:a:9\nx-tc-token:***\n"
        );
        for name in [
            "x-cos-server-side-encryption-customer-key",
            "x-cos-copy-source-server-side-encryption-customer-key",
        ] {
            let text = format!("put\n/k\n\nhost=h&{name}=MDEy&{name}-md5=bWQ1\n");
            let shown = format!("put\n/k\n\nhost=h&{name}=***&{name}-md5=bWQ1\n");
            assert_eq!(redacted(&text), shown);
        }
    }
}

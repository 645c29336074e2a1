//! Conditional requests.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_core::time::parse_http_date;

/// The conditions of a request, as its headers say them. A date that cannot be read is no
/// condition.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the names of the headers")]
pub(in crate::cos) struct Conditions {
    pub(in crate::cos) if_match: Option<String>,
    pub(in crate::cos) if_none_match: Option<String>,
    pub(in crate::cos) if_modified_since: Option<String>,
    pub(in crate::cos) if_unmodified_since: Option<String>,
}

/// What the conditions say of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos) enum Held {
    /// The object is to be answered.
    Yes,
    /// The client has it already.
    NotModified,
}

impl Conditions {
    /// Compares with the object's `etag` (without quotes) and its time in Unix seconds. A condition
    /// on the tag makes the one on the time in the same direction void.
    ///
    /// # Errors
    ///
    /// The object is not the one the client wants to have.
    pub(in crate::cos) fn check(&self, etag: &str, modified: i64) -> Result<Held, Fault> {
        let date = |text: &Option<String>| text.as_deref().and_then(parse_http_date);
        let wanted = match &self.if_match {
            Some(tags) => lists(tags, etag),
            None => date(&self.if_unmodified_since).is_none_or(|limit| modified <= limit),
        };
        if !wanted {
            let message = "the object is not the one that If-Match or If-Unmodified-Since asks for";
            return Err(Fault::new(
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                message,
            ));
        }
        let known = match &self.if_none_match {
            Some(tags) => lists(tags, etag),
            None => date(&self.if_modified_since).is_some_and(|limit| modified <= limit),
        };
        Ok(if known { Held::NotModified } else { Held::Yes })
    }
}

/// Whether `tags`, a list of tags or `*`, has `etag`. Quotes and the mark of a weak tag may be
/// missing or there.
fn lists(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        tag == "*" || tag == etag
    })
}

#[cfg(test)]
mod tests {
    use super::{Conditions, Held};

    /// The time of the object: 2023-11-14T22:13:20Z.
    const MODIFIED: i64 = 1_700_000_000;
    const BEFORE: &str = "Tue, 14 Nov 2023 22:13:19 GMT";
    const EXACT: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

    /// `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`; empty for none.
    fn check(headers: [&str; 4]) -> Result<Held, u16> {
        let [
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
        ] = headers.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let conditions = Conditions {
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
        };
        let held = conditions.check("abc", MODIFIED);
        held.map_err(|fault| fault.status.as_u16())
    }

    #[test]
    fn each_alone() {
        assert_eq!(check([""; 4]), Ok(Held::Yes));
        assert_eq!(check(["\"abc\"", "", "", ""]), Ok(Held::Yes));
        assert_eq!(check(["\"x\", abc", "", "", ""]), Ok(Held::Yes));
        assert_eq!(check(["*", "", "", ""]), Ok(Held::Yes));
        assert_eq!(check(["\"x\"", "", "", ""]), Err(412));
        assert_eq!(check(["", "W/\"abc\"", "", ""]), Ok(Held::NotModified));
        assert_eq!(check(["", "\"x\"", "", ""]), Ok(Held::Yes));
        assert_eq!(check(["", "", EXACT, ""]), Ok(Held::NotModified));
        assert_eq!(check(["", "", BEFORE, ""]), Ok(Held::Yes));
        assert_eq!(check(["", "", "", EXACT]), Ok(Held::Yes));
        assert_eq!(check(["", "", "", BEFORE]), Err(412));
        assert_eq!(check(["", "", "yesterday", "yesterday"]), Ok(Held::Yes));
    }

    #[test]
    fn tags_go_before_times() {
        assert_eq!(check(["abc", "", "", BEFORE]), Ok(Held::Yes));
        assert_eq!(check(["", "x", EXACT, ""]), Ok(Held::Yes));
        assert_eq!(check(["x", "abc", "", ""]), Err(412));
    }
}

//! Tags of XML as documents print them.

/// A tag of an XML text.
pub(super) enum Tag<'t> {
    Open {
        name: &'t str,
        rest: &'t str,
        empty: bool,
    },
    Close(&'t str),
    Other,
}

/// The tag that a text begins with, and its length.
pub(super) fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    if let Some(rest) = text.strip_prefix("<!--") {
        return rest.find("-->").map(|end| (Tag::Other, end + 7));
    }
    if text.starts_with("<?") || text.starts_with("<!") {
        return text.find('>').map(|end| (Tag::Other, end + 1));
    }
    // Names are short: a bracket without an end is a bracket.
    let end = text.bytes().take(2000).position(|byte| byte == b'>')?;
    let inner = text.get(1..end)?;
    let (close, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let (empty, inner) = match inner.strip_suffix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let inner = inner.trim();
    let name_end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')))
        .unwrap_or(inner.len());
    let name = inner.get(..name_end).filter(|name| !name.is_empty())?;
    let rest = inner.get(name_end..)?;
    if !(rest.is_empty() || rest.starts_with(char::is_whitespace)) || rest.contains('<') {
        return None;
    }
    // `<Bucket Name>` stands for something: attributes have values.
    if !rest.trim().is_empty() && !rest.contains('=') {
        return None;
    }
    let tag = if close {
        Tag::Close(name)
    } else {
        Tag::Open { name, rest, empty }
    };
    Some((tag, end + 1))
}

//! Sentences and Markdown of descriptions.

/// Plain text with whatever Markdown would misread escaped. Code spans and links stay.
pub(crate) fn markdown(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            result.push('`');
        }
        if index % 2 == 1 {
            result.push_str(part);
            continue;
        }
        for word in part.split_inclusive(char::is_whitespace) {
            let text = word.trim_end();
            escape(&mut result, text);
            result.push_str(word.strip_prefix(text).unwrap_or_default());
        }
    }
    result
}

fn escape(result: &mut String, word: &str) {
    if word.contains("](") || word.starts_with("<http") {
        result.push_str(word);
    } else if word.starts_with("http://") || word.starts_with("https://") {
        let address = word.trim_end_matches(['.', ',', ';', ')']);
        let rest = word.strip_prefix(address).unwrap_or_default();
        result.push('<');
        result.push_str(address);
        result.push('>');
        result.push_str(rest);
    } else {
        for c in word.chars() {
            if matches!(c, '[' | ']' | '<' | '>' | '*') {
                result.push('\\');
            }
            result.push(c);
        }
    }
}

/// Trimmed and with a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', '。']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_the_text_as_it_was_written() {
        assert_eq!(
            markdown("a <b> [c] `<d>` https://example.com/e.\n\n*f*"),
            "a \\<b\\> \\[c\\] `<d>` <https://example.com/e>.\n\n\\*f\\*"
        );
        assert_eq!(
            markdown("[x](https://example.com/)"),
            "[x](https://example.com/)"
        );
    }
}

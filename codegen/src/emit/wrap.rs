//! Text in lines.

/// Columns of a line.
pub(super) const WIDTH: usize = 100;

/// Markdown in lines that leave `indent` columns free.
pub(super) fn wrap(text: &str, indent: usize) -> Vec<String> {
    let width = WIDTH.saturating_sub(indent);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text
        .split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        for block in blocks(paragraph) {
            let hanging = if block.starts_with("- ") { "  " } else { "" };
            let wrapped = textwrap::wrap(&block, options(width).subsequent_indent(hanging));
            lines.extend(wrapped.iter().enumerate().map(|(index, line)| {
                if index > 0 && is_markup(line) {
                    format!("\\{line}")
                } else {
                    line.to_string()
                }
            }));
        }
    }
    lines
}

/// Lines break at spaces only: a name or an address stays whole.
pub(super) fn options<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// The lines of a paragraph, joined but for the items of a list.
fn blocks(paragraph: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for line in paragraph.lines().map(str::trim) {
        match blocks.last_mut() {
            Some(block) if !line.starts_with("- ") => {
                block.push(' ');
                block.push_str(line);
            }
            _ => blocks.push(line.to_owned()),
        }
    }
    blocks
}

/// Whether a line that wrapping made would start a list or a heading.
fn is_markup(line: &str) -> bool {
    ["- ", "+ ", "# ", "> ", "| "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_lists_and_makes_none() {
        assert_eq!(
            wrap("a\nb\n- c\n- d\n\ne", 0),
            ["a b", "- c", "- d", "", "e"]
        );
        assert_eq!(wrap("from 0 - 2", 93), ["from 0", "\\- 2"]);
    }
}

//! Words of names: parted, capital, one or many.

/// Words that the names of paths are made of.
const WORDS: [&str; 58] = [
    "workflow",
    "execution",
    "inventory",
    "trigger",
    "auditing",
    "template",
    "snapshot",
    "document",
    "production",
    "poster",
    "dataset",
    "binding",
    "compare",
    "webpage",
    "bucket",
    "search",
    "detect",
    "export",
    "simple",
    "hybrid",
    "virus",
    "queue",
    "media",
    "image",
    "video",
    "audio",
    "token",
    "style",
    "group",
    "table",
    "vocab",
    "modify",
    "person",
    "object",
    "files",
    "clip",
    "face",
    "file",
    "meta",
    "info",
    "list",
    "live",
    "text",
    "task",
    "jobs",
    "job",
    "play",
    "key",
    "pic",
    "doc",
    "asr",
    "dna",
    "hot",
    "db",
    "ai",
    "ci",
    "av",
    "tpl",
];

/// The word with its first letter a capital.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Upper camel case, with the words of one word in small letters parted: `picbucket` is `PicBucket`.
pub(in crate::import::doc) fn camel(text: &str) -> String {
    text.split(['_', '-'])
        .map(|part| {
            if part.chars().any(|c| c.is_ascii_uppercase()) {
                capital(part)
            } else {
                parted(part)
            }
        })
        .collect()
}

fn parted(word: &str) -> String {
    let mut result = String::new();
    let mut rest = word;
    while !rest.is_empty() {
        let known = WORDS
            .iter()
            .find(|known| rest.starts_with(**known))
            .copied();
        let Some(known) = known else {
            // Something else: the word stays whole, but for known words at its end.
            if rest.len() <= 2 {
                return result + rest;
            }
            let end = WORDS
                .iter()
                .find(|end| end.len() > 3 && rest.len() > end.len() && rest.ends_with(**end));
            let Some(start) = end.and_then(|end| rest.strip_suffix(*end)) else {
                return capital(word);
            };
            result.push_str(&capital(start));
            rest = rest.get(start.len()..).unwrap_or_default();
            continue;
        };
        result.push_str(&capital(known));
        rest = rest.get(known.len()..).unwrap_or_default();
    }
    result
}

/// The name of one of several.
pub(super) fn singular(name: &str) -> String {
    let plural = name.ends_with('s') && !["ss", "us", "is"].iter().any(|end| name.ends_with(end));
    name.get(..name.len() - usize::from(plural))
        .unwrap_or(name)
        .to_owned()
}

/// The name of several.
pub(super) fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with('s') => name.to_owned(),
        _ => format!("{name}s"),
    }
}

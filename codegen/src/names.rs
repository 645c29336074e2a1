//! Rust names from the names of documents.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Words whose capitals do not show where they begin and end.
const WORDS: [(&str, &str); 6] = [
    ("CallBack", "Callback"),
    ("callBack", "callback"),
    ("ETag", "Etag"),
    ("IPv", "Ipv"),
    ("QRcode", "QrCode"),
    ("WebP", "Webp"),
];

/// Small words between two acronyms: `SDRtoHDR`.
const CONNECTORS: [&str; 6] = ["and", "by", "for", "in", "of", "to"];

/// Prefixes that every header of a family has and no reader needs.
const HEADER_PREFIXES: [&str; 2] = ["x-cos-", "x-ci-"];

/// Names of the prelude and of the language that a type of ours must not hide.
const PRELUDE: [&str; 22] = [
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Some",
    "String",
    "ToString",
    "Vec",
];

/// A name of a field, method or module.
pub(crate) fn snake(name: &str) -> String {
    match separated(name).to_snake_case().as_str() {
        "" => "unnamed".to_owned(),
        snake => identifier(snake.to_owned()),
    }
}

/// A name of a type or variant.
pub(crate) fn camel(name: &str) -> String {
    match separated(name).to_upper_camel_case().as_str() {
        "" if name.is_empty() => "Empty".to_owned(),
        "" => "Symbol".to_owned(),
        camel => identifier(camel.to_owned()),
    }
}

/// A name of a static.
pub(crate) fn shouty(name: &str) -> String {
    identifier(separated(name).to_shouty_snake_case())
}

/// The part of a header's name that distinguishes headers.
pub(crate) fn header(name: &str) -> &str {
    HEADER_PREFIXES
        .iter()
        .find_map(|prefix| {
            let head = name.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix)
                .then(|| name.get(prefix.len()..))
                .flatten()
        })
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
}

/// Whether a type called `name` would hide one that generated code relies on.
pub(crate) fn is_prelude(name: &str) -> bool {
    PRELUDE.contains(&name)
}

/// The first of `candidates` that is not taken; the last one counted up if all are.
pub(crate) fn unique(candidates: &[String], taken: impl Fn(&str) -> bool) -> String {
    if let Some(free) = candidates.iter().find(|name| !taken(name)) {
        return free.clone();
    }
    let base = candidates.last().map_or("", String::as_str);
    (2..=u32::MAX)
        .map(|count| format!("{base}{count}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// `text` as it is, if Rust accepts it as a name, or with an underscore where Rust needs one.
fn identifier(text: String) -> String {
    let parses = |text: &str| syn::parse_str::<syn::Ident>(text).is_ok();
    if parses(&text) {
        return text;
    }
    let after = format!("{text}_");
    if parses(&after) {
        return after;
    }
    format!("_{text}")
}

/// `name` with an underscore wherever `heck` could not see that a word ends.
fn separated(name: &str) -> String {
    let mut text: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    for (word, plain) in WORDS {
        text = text.replace(word, plain);
    }

    let chars: Vec<char> = text.chars().collect();
    let mut result = String::with_capacity(text.len() + 4);
    let mut rest = chars.as_slice();
    while !rest.is_empty() {
        let (capitals, after) = rest.split_at(run(rest, char::is_uppercase));
        let (small, after) = after.split_at(run(after, char::is_lowercase));
        let word: String = small.iter().collect();
        let before_capital = after
            .first()
            .is_none_or(|c| !c.is_alphanumeric() || c.is_uppercase());
        if capitals.len() > 1 && word == "s" && before_capital {
            // A plural: `URLs` is one word.
            result.extend(capitals.iter().take(1));
            result.extend(capitals.iter().skip(1).flat_map(|c| c.to_lowercase()));
            result.push('s');
        } else if capitals.len() > 1 && CONNECTORS.contains(&word.as_str()) && !after.is_empty() {
            result.extend(capitals);
            result.push('_');
            result.push_str(&word);
            result.push('_');
        } else {
            result.extend(capitals);
            result.extend(small);
        }
        let others = run(after, |c| !c.is_uppercase() && !c.is_lowercase());
        let (others, after) = after.split_at(others);
        result.extend(others);
        rest = after;
    }
    result
}

/// How many characters at the start of `text` are of a kind.
fn run(text: &[char], kind: impl Fn(char) -> bool) -> usize {
    text.iter().take_while(|&&c| kind(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_documents_become_names_of_rust() {
        for (name, expected) in [
            ("MqName", "mq_name"),
            ("SDRtoHDR", "sdr_to_hdr"),
            ("CallBackMqConfig", "callback_mq_config"),
            ("callBackUrl", "callback_url"),
            ("JobsDetail", "jobs_detail"),
            ("Type", "type_"),
            ("self", "self_"),
            ("ETag", "etag"),
            ("QRcode", "qr_code"),
            ("TaskIDs", "task_ids"),
            ("ImageURLs", "image_urls"),
            ("AIGameRec", "ai_game_rec"),
            ("x-cos-acl", "x_cos_acl"),
            ("3DModel", "_3d_model"),
            ("Größe", "größe"),
            ("名称", "名称"),
            ("", "unnamed"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn types_are_camel_case() {
        for (name, expected) in [
            ("SDRtoHDR", "SdrToHdr"),
            ("URL", "Url"),
            ("XML", "Xml"),
            ("image/jpeg", "ImageJpeg"),
            ("Self", "Self_"),
            ("", "Empty"),
            ("*", "Symbol"),
            ("1080p", "_1080p"),
        ] {
            assert_eq!(camel(name), expected, "{name}");
        }
    }

    #[test]
    fn headers_lose_the_prefix_of_their_family() {
        assert_eq!(header("x-cos-acl"), "acl");
        assert_eq!(header("X-Ci-Process"), "Process");
        assert_eq!(header("Content-MD5"), "Content-MD5");
        assert_eq!(header("x-cos-"), "x-cos-");
    }

    #[test]
    fn a_taken_name_gives_way_to_the_next() {
        let candidates = ["Input".to_owned(), "JobsDetailInput".to_owned()];
        assert_eq!(
            unique(&candidates, |name| name == "Input"),
            "JobsDetailInput"
        );
        assert_eq!(
            unique(&candidates, |name| !name.ends_with('3')),
            "JobsDetailInput3"
        );
    }
}

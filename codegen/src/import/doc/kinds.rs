//! The words of columns of types.

use super::vocabulary::plain;

/// What a type column says, in the words of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// `String`, `Int`, `Container`, the name of a structure; empty for a list of anything.
    pub(super) word: String,
    pub(super) list: bool,
    /// What a text really is.
    pub(super) really: Option<&'static str>,
}

impl Kind {
    pub(super) fn is_container(&self) -> bool {
        self.word == "Container"
    }

    pub(super) fn text(&self) -> String {
        let word = if self.word.is_empty() {
            "String"
        } else {
            &self.word
        };
        if self.list {
            format!("{word} array")
        } else {
            word.to_owned()
        }
    }

    fn new(word: &str) -> Self {
        Self {
            word: word.to_owned(),
            list: false,
            really: None,
        }
    }
}

/// Reads a cell of the column of types; `None` for what is none.
pub(super) fn kind(cell: &str) -> Option<Kind> {
    let text = plain(cell);
    if let Some(word) = scalar(&text) {
        return Some(word);
    }
    // The plural is how some documents write a list.
    if let Some(item) = text.strip_suffix('s').filter(|_| text != "booleans")
        && let Some(kind) = scalar(item).filter(|kind| !kind.is_container())
    {
        return Some(Kind { list: true, ..kind });
    }
    let text = text.replace(" ,", ",");
    let marks = ["array of ", "list of ", "arrays of "];
    for mark in marks {
        if let Some(item) = text.strip_prefix(mark) {
            return list_of(item, cell);
        }
    }
    for (open, close) in [
        ("array<", ">"),
        ("list<", ">"),
        ("array (", ")"),
        ("list (", ")"),
        ("array[", "]"),
    ] {
        let inner = text
            .strip_prefix(open)
            .and_then(|it| it.strip_suffix(close));
        if let Some(item) = inner {
            return list_of(item, cell);
        }
    }
    for end in [
        "[]", "array", "arrays", "list", "数组", "列表", "(array)", "(list)", "(数组)", "集合",
        "(s)", "/array",
    ] {
        if let Some(item) = text.strip_suffix(end) {
            let item = item.trim_end_matches([' ', '-', '类', '型', ';', ',', '；']);
            if item.is_empty() {
                return Some(Kind {
                    list: true,
                    ..Kind::new("")
                });
            }
            if let Some(found) = list_of(item, cell) {
                return Some(found);
            }
        }
    }
    // `String (URL)`, `String，…`.
    let end = text.find(['(', ',', ';'])?;
    let (first, rest) = text.split_at_checked(end)?;
    scalar(first.trim()).filter(|_| !rest.contains('/') && !rest.contains(" or "))
}

fn list_of(item: &str, cell: &str) -> Option<Kind> {
    let item = item.trim();
    if let Some(kind) = scalar(item) {
        return Some(Kind { list: true, ..kind });
    }
    named(item, cell).map(|kind| Kind { list: true, ..kind })
}

/// The name of a structure, as the cell writes it.
fn named(lower: &str, cell: &str) -> Option<Kind> {
    let word = cell
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|word| word.eq_ignore_ascii_case(lower))?;
    word.starts_with(|c: char| c.is_ascii_uppercase())
        .then(|| Kind::new(word))
}

/// The name of a structure in a column of types of API 3.0.
pub(super) fn structure(cell: &str) -> Option<Kind> {
    let text = plain(cell);
    kind(cell).or_else(|| named(&text, cell))
}

fn scalar(text: &str) -> Option<Kind> {
    let word = match text {
        "string" | "str" | "text" | "字符串" | "字符" | "enum" | "enumeration" | "url" | "uri"
        | "varchar" | "char" | "枚举" | "string (enum)" | "enum string" | "sting" | "stirng"
        | "enumerated" | "uuid" | "base64" | "枚举值" | "stringnode" | "strng" => "String",
        "int" | "integer" | "整数" | "整型" | "number" | "num" | "long" | "int32" | "short"
        | "uint32" | "数字" | "long integer" | "bigint" | "interger" | "uint" | "integer node"
        | "int (32)" | "数值" | "非负整数" | "正整数" | "int64" | "uint64" => "Int",
        "float" | "double" | "decimal" | "浮点数" | "浮点" | "浮点型" | "float32" | "float64" => {
            "Float"
        }
        "bool" | "boolean" | "布尔" | "布尔值" | "布尔型" | "booleans" => "Boolean",
        "container" | "object" | "struct" | "structure" | "容器" | "对象" | "node" | "dict"
        | "json object" | "contanier" | "containter" | "container node" | "conatiner"
        | "container 节点" | "container 类型" | "json" | "map object" | "containers"
        | "contaner" | "cotainer" => "Container",
        "date" | "datetime" | "time" | "timestamp" | "日期" | "时间" | "时间戳"
        | "string (date)" => {
            return Some(Kind {
                really: Some("Timestamp"),
                ..Kind::new("String")
            });
        }
        "map" => "Map",
        _ => return None,
    };
    Some(Kind::new(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_in_many_words() {
        let told = |cell: &str| kind(cell).map(|kind| kind.text());
        for (cell, text) in [
            ("Container 数组", "Container array"),
            ("Container Array", "Container array"),
            ("string", "String"),
            ("Integer", "Int"),
            ("Array of String", "String array"),
            ("String[]", "String array"),
            ("容器", "Container"),
            ("List<Int>", "Int array"),
            ("strings", "String array"),
        ] {
            assert_eq!(told(cell).as_deref(), Some(text), "{cell}");
        }
        assert_eq!(told("Container/String"), None);
        assert_eq!(told("see below"), None);
        assert_eq!(
            structure("Array of ImageTask")
                .map(|kind| kind.text())
                .as_deref(),
            Some("ImageTask array")
        );
    }
}

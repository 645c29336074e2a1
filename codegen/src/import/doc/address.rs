//! Requests of API 3.0 that documents print as addresses: `https://lamp.tencentcloudapi.com/?Action=…`,
//! a parameter in each line. They say what a body of JSON would say.

use std::collections::BTreeMap;

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Number, Value};

use super::facts::Row;
use super::http::Printed;

/// Parameters of every action, which the runtime sends.
pub(super) const COMMON: [&str; 12] = [
    "Action",
    "Version",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "Language",
    "X-TC-Action",
    "X-TC-Version",
];

/// Names within names of one parameter: `Filters.0.Values.0`.
const DEEP: usize = 12;

/// Whether a line begins an address of an action.
pub(super) fn is_first_line(line: &str) -> bool {
    let line = without_method(line);
    let address = line.starts_with("https://") || line.starts_with("http://");
    let query = line.split_once('?').map_or("", |(_, query)| query);
    address && parameters(query).any(|(name, _)| name == "Action")
}

fn without_method(line: &str) -> &str {
    line.strip_prefix("GET ").map_or(line, str::trim_start)
}

/// Reads an address; `None` for any other text.
pub(super) fn read(text: &str, line: usize) -> Option<Printed> {
    let mut lines = text.lines().map(str::trim);
    let first = lines.next().filter(|line| is_first_line(line))?;
    let (_, rest) = without_method(first).split_once("://")?;
    let (host, _) = rest.split_once(['/', '?'])?;
    let (_, query) = rest.split_once('?')?;
    let more = lines.take_while(|line| line.starts_with('&'));
    let query: String = std::iter::once(query).chain(more).collect();
    let named = |name: &str| {
        let mut all = parameters(&query);
        all.find(|(own, _)| *own == name).map(|(_, value)| value)
    };
    let mut headers = vec![("Host".to_owned(), host.to_owned())];
    for name in ["Action", "Version"] {
        if let Some(value) = named(name) {
            headers.push((format!("X-TC-{name}"), value.to_owned()));
        }
    }
    let own: Vec<String> = parameters(&query)
        .filter(|(name, _)| !COMMON.contains(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Some(Printed {
        line,
        method: "GET".to_owned(),
        target: format!("/?{}", own.join("&")),
        headers,
        body_line: line,
        ..Printed::default()
    })
}

/// The parameters of a query string, without words that stand for more: `<Common request parameters>`.
fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_end_matches(" HTTP/1.1")))
        .filter(|(name, _)| !name.is_empty() && !name.starts_with('<'))
}

/// What the parameters of an address would be in a body, by the types of the rows.
///
/// # Errors
///
/// Why it cannot be said.
pub(super) fn body(target: &str, rows: &[Row]) -> Result<String, String> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut whole = Parts::default();
    for (name, value) in parameters(query) {
        let path: Vec<&str> = name.split('.').collect();
        if path.len() > DEEP {
            return Err(format!("`{name}` is too deep"));
        }
        whole.put(&path, value);
    }
    let mut fields = Map::new();
    for (key, part) in whole.0 {
        let row = rows.iter().find(|row| row.name == key.name);
        let word = row.map_or("", |row| row.kind.word.as_str());
        let value = part.json(word).ok_or_else(|| {
            format!(
                "this page does not say the types of what is in `{}`",
                key.name
            )
        })?;
        fields.insert(key.name, value);
    }
    let mut text = Vec::new();
    let form = PrettyFormatter::with_indent(b"    ");
    let written = Value::Object(fields).serialize(&mut Serializer::with_formatter(&mut text, form));
    written.map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|error| error.to_string())
}

/// A name, or the number of an item: these in the order of numbers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    number: Option<usize>,
    name: String,
}

/// What is within a parameter.
#[derive(Debug, Default)]
struct Parts(BTreeMap<Key, Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Parts(Parts),
}

impl Parts {
    fn put(&mut self, path: &[&str], value: &str) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let key = Key {
            number: first.parse().ok(),
            name: (*first).to_owned(),
        };
        if rest.is_empty() {
            self.0.insert(key, Part::Text(value.to_owned()));
            return;
        }
        let part = self
            .0
            .entry(key)
            .or_insert_with(|| Part::Parts(Self::default()));
        if let Part::Parts(parts) = part {
            parts.put(rest, value);
        }
    }
}

impl Part {
    /// The JSON of it, if `word` is its type; `None` if it depends on types that are not known.
    fn json(self, word: &str) -> Option<Value> {
        let parts = match self {
            Self::Text(text) => return scalar(text, word),
            Self::Parts(parts) => parts,
        };
        if parts.0.keys().all(|key| key.number.is_some()) {
            let items = parts.0.into_values().map(|part| part.json(word));
            return items.collect::<Option<Vec<Value>>>().map(Value::Array);
        }
        let fields = parts.0.into_iter();
        let fields = fields.map(|(key, part)| Some((key.name, part.json("")?)));
        fields
            .collect::<Option<Map<String, Value>>>()
            .map(Value::Object)
    }
}

/// A text as JSON of a type. Without one, a text that could be a number or a truth value is not known.
fn scalar(text: String, word: &str) -> Option<Value> {
    let number = text.parse::<i64>().ok().map(Number::from);
    let truth = text.to_ascii_lowercase().parse::<bool>().ok();
    let decimal = || text.parse::<f64>().ok().and_then(Number::from_f64);
    match word {
        "Int" => number.map(Value::Number),
        "Float" => number.or_else(decimal).map(Value::Number),
        "Boolean" => truth.map(Value::Bool),
        "String" => Some(Value::String(text)),
        _ if number.is_some() || truth.is_some() || decimal().is_some() => None,
        _ => Some(Value::String(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::*;

    fn row(name: &str, kind: &str) -> Row {
        Row::new(1, "", name, kinds::structure(kind).unwrap())
    }

    fn told(text: &str) -> Result<String, String> {
        let rows = [
            row("Limit", "Integer"),
            row("Power", "Float"),
            row("Lit", "Boolean"),
            row("Ids", "Array of String"),
            row("Filters", "Array of Filter"),
            row("Since", "String"),
        ];
        let printed = read(text, 1).unwrap();
        let body = body(&printed.target, &rows)?;
        Ok(body.split_whitespace().collect())
    }

    #[test]
    fn an_address_says_what_a_body_would() {
        let head = "https://lamp.tencentcloudapi.com/?Action=DescribeLamps\n";
        for (lines, json) in [
            (
                "&Limit=2\n&Power=1.5\n&Lit=true\n&<Common request parameters>",
                r#"{"Limit":2,"Lit":true,"Power":1.5}"#,
            ),
            (
                "&Ids.0=1\n&Ids.1=b\n&Ids.10=d\n&Ids.2=c",
                r#"{"Ids":["1","b","c","d"]}"#,
            ),
            (
                "&Filters.0.Name=shade\n&Filters.0.Values.0=round\n&Region=ap-beijing",
                r#"{"Filters":[{"Name":"shade","Values":["round"]}]}"#,
            ),
            (
                "&Since=2024-05-06&Other=text",
                r#"{"Other":"text","Since":"2024-05-06"}"#,
            ),
        ] {
            assert_eq!(told(&format!("{head}{lines}")).as_deref(), Ok(json));
        }
    }

    #[test]
    fn types_of_other_pages_are_not_guessed() {
        for line in ["&Filters.0.Name=7", "&Other=1", "&Limit=many"] {
            let text = format!("https://lamp.tencentcloudapi.com/?Action=DescribeLamps\n{line}");
            assert!(told(&text).unwrap_err().contains("does not say"), "{line}");
        }
    }

    #[test]
    fn what_names_the_action_is_in_the_headers() {
        let text = "GET https://lamp.tencentcloudapi.com/?Action=DescribeLamps&Version=2024-05-06&Limit=2 HTTP/1.1";
        let printed = read(text, 7).unwrap();
        assert_eq!(printed.header("X-TC-Action"), Some("DescribeLamps"));
        assert_eq!(printed.header("X-TC-Version"), Some("2024-05-06"));
        assert_eq!(printed.header("Host"), Some("lamp.tencentcloudapi.com"));
        assert_eq!(printed.target, "/?Limit=2");
        assert!(read("https://example.com/?Lamp=1", 1).is_none());
    }
}

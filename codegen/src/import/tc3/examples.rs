//! The examples as the documents print them, and the messages in them.
//!
//! A request is an address whose query string names every scalar by its path (`A.0.B=value`), or a
//! raw HTTP request with a JSON body. A response is the JSON body. Many examples are neither, by a
//! slip of who wrote them; those have a [`Fault`] instead of a message.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::json::Json;

/// `examples.json`.
#[derive(Deserialize)]
struct File {
    actions: BTreeMap<String, Vec<Example>>,
}

/// A request and its response, as text.
#[derive(Debug, Clone, Deserialize)]
pub struct Example {
    input: String,
    output: String,
}

/// A message of an example.
#[derive(Debug, PartialEq)]
pub struct Message {
    /// The object with its members.
    pub body: Json,
    /// Whether its form has only texts, so that numbers come as texts too.
    pub only_texts: bool,
    /// Where the message departs from the form of its kind.
    pub faults: Vec<Fault>,
}

/// How an example departs from the form of its kind.
#[derive(Debug, PartialEq)]
pub struct Fault {
    /// What is wrong, the same words for all faults of a kind.
    pub kind: &'static str,
    /// What is there.
    pub found: String,
}

impl Fault {
    fn new(kind: &'static str, found: impl Into<String>) -> Self {
        Self {
            kind,
            found: found.into(),
        }
    }
}

/// The examples of `examples.json`, by the name of the action.
///
/// # Errors
/// Text that is not such a file.
pub fn read(text: &str) -> Result<BTreeMap<String, Vec<Example>>, serde_json::Error> {
    serde_json::from_str(text).map(|file: File| file.actions)
}

impl Example {
    /// The request, which should be one of `action`.
    ///
    /// # Errors
    /// It is none.
    pub fn request(&self, action: &str) -> Result<Message, Fault> {
        let text = self.input.replace('\r', "");
        let text = text.trim_start();
        if text.starts_with("https://") {
            from_query(text, action)
        } else if text.starts_with("POST ") {
            from_http(text, action)
        } else {
            let kind = "a request that is neither an address nor HTTP";
            Err(Fault::new(kind, beginning(text)))
        }
    }

    /// The response, without the envelope that all responses share.
    ///
    /// # Errors
    /// It is none.
    pub fn response(&self) -> Result<Message, Fault> {
        let document = object(&self.output, "a response that is no JSON")?;
        let Json::Object(members) = document else {
            return Err(Fault::new(
                "a response that is not an object",
                document.to_string(),
            ));
        };
        let mut faults = Vec::new();
        let mut body = None;
        let mut beside = Vec::new();
        for (name, value) in members {
            if name == "Response" && body.is_none() && matches!(value, Json::Object(_)) {
                body = Some(value);
            } else {
                beside.push((name, value));
            }
        }
        let body = if let Some(body) = body {
            let kind = "a member beside `Response`";
            faults.extend(beside.into_iter().map(|(name, _)| Fault::new(kind, name)));
            body
        } else {
            let kind = "a response without `Response`";
            let names: Vec<&str> = beside.iter().map(|(name, _)| name.as_str()).collect();
            faults.push(Fault::new(kind, names.join(", ")));
            Json::Object(beside)
        };
        Ok(Message {
            body,
            only_texts: false,
            faults,
        })
    }
}

/// A JSON text.
fn object(text: &str, fault: &'static str) -> Result<Json, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::new(fault, error.to_string()))
}

/// The beginning of a text, in one line.
fn beginning(text: &str) -> String {
    let mut line: String = text.chars().take(60).collect();
    line = line.replace('\n', " ");
    line
}

const OTHER_ACTION: &str = "a request of another action";

fn from_http(text: &str, action: &str) -> Result<Message, Fault> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let named = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("X-TC-Action")
            .then(|| value.trim())
    });
    let mut faults = Vec::new();
    match named {
        Some(named) if named == action => {}
        Some(named) => faults.push(Fault::new(OTHER_ACTION, named)),
        None => faults.push(Fault::new(
            "a request that names no action",
            beginning(head),
        )),
    }
    let document = object(body, "a request whose body is no JSON")?;
    if !matches!(document, Json::Object(_)) {
        return Err(Fault::new(
            "a request whose body is not an object",
            document.to_string(),
        ));
    }
    Ok(Message {
        body: document,
        only_texts: false,
        faults,
    })
}

fn from_query(text: &str, action: &str) -> Result<Message, Fault> {
    let fault = |found: &str| Fault::new("a query string that is none", beginning(found));
    let (_, query) = text.split_once('?').ok_or_else(|| fault(text))?;
    let mut faults = Vec::new();
    let mut root = Branch::default();
    for part in query.split('&') {
        let part = part.trim();
        // Stands for the parameters that all requests share.
        if part.is_empty() || (part.starts_with('<') && part.ends_with('>')) {
            continue;
        }
        let (path, value) = part.split_once('=').ok_or_else(|| fault(part))?;
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        if path == "Action" {
            if value != action {
                faults.push(Fault::new(OTHER_ACTION, value));
            }
        } else {
            root.add(path, &value).ok_or_else(|| fault(part))?;
        }
    }
    Ok(Message {
        body: Json::Object(root.members()),
        only_texts: true,
        faults,
    })
}

/// What dotted paths name: a container, while it is put together.
#[derive(Default)]
struct Branch(Vec<(String, Twig)>);

enum Twig {
    Text(String),
    Branch(Branch),
}

impl Branch {
    /// Adds the text at `path`; `None` if the path is none.
    fn add(&mut self, path: &str, text: &str) -> Option<()> {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        if name.is_empty() {
            return None;
        }
        let Some(rest) = rest else {
            // A second one of a name is kept beside the first, as in any object.
            self.0.push((name.to_owned(), Twig::Text(text.to_owned())));
            return Some(());
        };
        let known = self.0.iter_mut().find_map(|(own, twig)| match twig {
            Twig::Branch(branch) if own == name => Some(branch),
            _ => None,
        });
        if let Some(branch) = known {
            return branch.add(rest, text);
        }
        let mut branch = Self::default();
        branch.add(rest, text)?;
        self.0.push((name.to_owned(), Twig::Branch(branch)));
        Some(())
    }

    fn members(self) -> Vec<(String, Json)> {
        let members = self.0.into_iter();
        members.map(|(name, twig)| (name, twig.json())).collect()
    }
}

impl Twig {
    /// A container whose names are all numbers is a list; it may begin with any and leave some out.
    fn json(self) -> Json {
        let branch = match self {
            Twig::Text(text) => return Json::Text(text),
            Twig::Branch(branch) => branch,
        };
        let numbers: Option<Vec<u64>> =
            branch.0.iter().map(|(name, _)| name.parse().ok()).collect();
        let Some(numbers) = numbers else {
            return Json::Object(branch.members());
        };
        let mut items: Vec<(u64, Twig)> = numbers
            .into_iter()
            .zip(branch.0.into_iter().map(|(_, twig)| twig))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        Json::List(items.into_iter().map(|(_, twig)| twig.json()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Message, Fault> {
        let example = Example {
            input: text.to_owned(),
            output: String::new(),
        };
        example.request("Sow")
    }

    #[test]
    fn a_query_string_names_paths() {
        let text = "https://garden.tencentcloudapi.com/?Action=Sow\r\n&B.1.X=2&B.0.X=a%20b+c\r\n\
                    &A.Sub=\r\n&<common>\r\n";
        let message = request(text).unwrap();
        assert!(message.only_texts && message.faults.is_empty());
        assert_eq!(
            message.body.to_string(),
            r#"{"B":[{"X":"a b+c"},{"X":"2"}],"A":{"Sub":""}}"#
        );
    }

    #[test]
    fn raw_http_has_a_json_body() {
        let message = request("POST / HTTP/1.1\nX-TC-Action: Reap\n<common>\n\n{\"A\":1}").unwrap();
        assert!(!message.only_texts);
        assert_eq!(message.faults, [Fault::new(OTHER_ACTION, "Reap")]);
        assert_eq!(message.body.to_string(), r#"{"A":1}"#);
    }

    #[test]
    fn broken_examples_are_told_by_kind() {
        for (text, kind) in [
            ("{\"A\":1}", "a request that is neither an address nor HTTP"),
            ("https://host/?Action=Sow&A", "a query string that is none"),
            (
                "https://host/?Action=Sow&A..B=1",
                "a query string that is none",
            ),
            (
                "POST / HTTP/1.1\n\n{\"A\":1,}",
                "a request whose body is no JSON",
            ),
            (
                "POST / HTTP/1.1\n\n[]",
                "a request whose body is not an object",
            ),
        ] {
            assert_eq!(request(text).unwrap_err().kind, kind, "{text}");
        }
    }

    #[test]
    fn a_response_is_told_from_what_is_around_it() {
        let response = |text: &str| {
            let example = Example {
                input: String::new(),
                output: text.to_owned(),
            };
            let message = example.response().unwrap();
            let kinds: Vec<_> = message.faults.iter().map(|it| it.kind).collect();
            (message.body.to_string(), kinds)
        };
        let body = "{\"A\":1}".to_owned();
        assert_eq!(response(r#"{"Response":{"A":1}}"#), (body.clone(), vec![]));
        assert_eq!(
            response(r#"{"Response":{"A":1},"B":2}"#),
            (body.clone(), vec!["a member beside `Response`"])
        );
        assert_eq!(
            response(r#"{"A":1}"#),
            (body, vec!["a response without `Response`"])
        );
    }
}

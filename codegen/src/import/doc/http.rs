//! Requests and responses as documents print them.

/// A request or a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// Line of the document.
    pub(super) line: usize,
    /// Method of a request; empty for a response, and for a body alone.
    pub(super) method: String,
    /// Path and query of a request.
    pub(super) target: String,
    pub(super) is_response: bool,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// Line of the body.
    pub(super) body_line: usize,
}

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"];

impl Printed {
    /// Reads a block of code; `None` for what is neither a message nor a body.
    pub(super) fn read(text: &str, line: usize) -> Option<Self> {
        let mut text = text;
        let mut line = line;
        loop {
            let skipped = text.len() - text.trim_start().len();
            line += text.get(..skipped)?.matches('\n').count();
            text = text.trim_start();
            // What is written about the message stands above it.
            if !(text.starts_with('#') || text.starts_with("//")) {
                break;
            }
            text = text.get(text.find('\n')?..)?;
        }
        let first = text.lines().next().unwrap_or_default().trim();
        let mut words = first.split_whitespace();
        let word = words.next().unwrap_or_default();
        let mut printed = Self {
            line,
            body_line: line,
            ..Self::default()
        };
        if METHODS.contains(&word) {
            let target = words.next().unwrap_or_default();
            // `GET <ObjectName>?acl HTTP/1.1` forgets the slash.
            let starts =
                target.starts_with('/') || target.starts_with("http") || target.starts_with('<');
            if !starts && !first.contains("HTTP/") {
                return None;
            }
            word.clone_into(&mut printed.method);
            // A target may hold spaces: `/<ObjectKey>?partNumber=Part Number HTTP/1.1`.
            let rest = first.get(word.len()..).unwrap_or_default();
            // `HTTP 1.1` has lost its slash.
            let rest = [" HTTP/", " HTTP 1", " HTTP1"]
                .iter()
                .find_map(|version| rest.rsplit_once(version))
                .map_or(rest, |(target, _)| target);
            printed.target = path_of(rest.trim());
        } else if word.starts_with("HTTP/") {
            printed.is_response = true;
        } else if is_place(first) {
            return None;
        } else if word.starts_with('<') || word.starts_with('{') || word == "[" {
            text.trim_end().clone_into(&mut printed.body);
            return Some(printed);
        } else {
            return None;
        }
        printed.head(text);
        Some(printed)
    }

    /// Reads the headers, and what follows them.
    fn head(&mut self, text: &str) {
        let mut at = 0;
        let mut passed = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            if index == 0 || start < passed {
                continue;
            }
            let trimmed = line.trim();
            let starts_body = trimmed.starts_with('<') && !trimmed.contains(": ")
                || trimmed.starts_with(['{', '[']);
            let header = trimmed
                .split_once([':', '：'])
                .filter(|(name, _)| !starts_body && is_header(name.trim()));
            let rest = text.get(start..).unwrap_or_default();
            match header {
                Some((name, value)) => {
                    self.headers
                        .push((name.trim().to_owned(), value.trim().to_owned()));
                }
                None if trimmed.is_empty() => {}
                // Words that stand for more headers: `<Common request parameters>`.
                None if trimmed.starts_with('<')
                    && trimmed.ends_with('>')
                    && trimmed.contains(|c: char| c == ' ' || !c.is_ascii())
                    && !trimmed.contains(['=', '/', '?']) => {}
                // A JSON text in a header goes on in the next lines.
                None if starts_body && self.open_header() => {
                    passed = start + json_end(rest);
                    if let Some((_, value)) = self.headers.last_mut() {
                        text.get(start..passed)
                            .unwrap_or_default()
                            .clone_into(value);
                    }
                }
                None => {
                    rest.trim_end().clone_into(&mut self.body);
                    self.body_line = self.line + index;
                    return;
                }
            }
        }
    }

    /// Whether the last header is one whose value is in the next lines.
    fn open_header(&self) -> bool {
        self.headers
            .last()
            .is_some_and(|(_, value)| value.is_empty())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it stands for requests, with names where they have values.
    pub(super) fn is_pattern(&self) -> bool {
        let host = self.header("Host").unwrap_or_default();
        let auth = self.header("Authorization").unwrap_or_default();
        self.target.contains('<')
            || host.contains('<')
            || host.to_ascii_lowercase().contains("bucketname-appid")
            || auth.to_ascii_lowercase().contains("auth string")
            || auth.to_ascii_lowercase().contains("signature>")
    }
}

/// Whether a line is a host, which begins with what differs: `<BucketName-APPID>.ci.<Region>.…`.
fn is_place(line: &str) -> bool {
    line.starts_with('<')
        && line
            .split_once('>')
            .is_some_and(|(name, rest)| !name.contains(' ') && rest.starts_with('.'))
}

fn is_header(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 80
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '[' | ']'))
}

/// The path of a target that may be a whole address.
fn path_of(target: &str) -> String {
    let target = match target.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .map_or("/", |at| rest.get(at..).unwrap_or("/")),
        None => target,
    };
    if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    }
}

/// Bytes of the JSON that a text begins with.
fn json_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// A parameter of a query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `None` for a name alone; empty where the document leaves the value out or names it.
    pub(super) value: Option<String>,
}

/// The path of a target, and its parameters.
pub(super) fn split(target: &str) -> (String, Vec<Parameter>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters = query
        .split('&')
        .filter(|part| !part.trim().is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => Parameter {
                name: bare(name),
                value: Some(if is_placeholder(value) {
                    String::new()
                } else {
                    value.trim().to_owned()
                }),
            },
            None => Parameter {
                name: bare(part),
                value: None,
            },
        })
        .collect();
    (path.trim().to_owned(), parameters)
}

fn bare(text: &str) -> String {
    text.trim()
        .trim_matches(['[', ']', '<', '>', '{', '}'])
        .to_owned()
}

fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || value.starts_with(['<', '{', '[', '$', '%']) || value.contains(' ')
}

/// The segments of a path with names in place of what differs: `/queue/<QueueId>` becomes
/// `/queue/{queueId}` and the name. `real` is a path with values, if there is one.
pub(super) fn template(path: &str) -> (String, Vec<String>) {
    let mut names = Vec::new();
    let mut segments = Vec::new();
    for segment in path.split('/').skip(1) {
        let inner = ['<', '{', '[']
            .iter()
            .find_map(|open| segment.strip_prefix(*open));
        let inner = inner.map(|rest| rest.trim_end_matches(['>', '}', ']', '\\']));
        // A name between marks, or a name that stands for a value.
        let parameter = inner.or_else(|| {
            matches!(
                segment,
                "ObjectKey" | "ObjectName" | "objectkey" | "object" | "ObjectKey>"
            )
            .then_some(segment)
        });
        let Some(name) = parameter.filter(|name| !name.is_empty()) else {
            segments.push(segment.to_owned());
            continue;
        };
        let (name, mark) = parameter_name(name);
        segments.push(format!("{{{name}{mark}}}"));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (format!("/{}", segments.join("/")), names)
}

/// The name of a segment of a path; the key of an object may hold slashes.
fn parameter_name(name: &str) -> (String, &'static str) {
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let lower = name.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "objectkey"
            | "objectname"
            | "object"
            | "key"
            | "filename"
            | "file"
            | "name"
            | "imagekey"
            | "picturename"
            | "videoname"
            | "objectkeyname"
            | "filekey"
    ) {
        return ("key".to_owned(), "+");
    }
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    (first.into_iter().chain(chars).collect(), "")
}

/// The host with the labels of the spec in place of what differs.
pub(super) fn host(printed: &str) -> String {
    let host = printed.trim().trim_end_matches(['.', '/', ';']);
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host: String = host.split_whitespace().collect();
    let labels = split_labels(&host);
    let service = labels.iter().position(|label| {
        matches!(
            label.as_str(),
            "ci" | "cos" | "pic" | "cos-internal" | "cos-control" | "cos-website" | "service"
        )
    });
    let mut result: Vec<String> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let lower = label.to_ascii_lowercase();
        let before = service.is_some_and(|service| index < service);
        let after = service.is_some_and(|service| index == service + 1);
        let differs = label.contains('<') || label.contains('{') || label.contains('$');
        if before && index == 0 {
            let account = matches!(
                lower.trim_matches(|c: char| !c.is_ascii_alphanumeric()),
                "appid" | "uin" | "accountid" | "ownerappid"
            ) || !lower.is_empty() && lower.chars().all(|c| c.is_ascii_digit());
            result.push(if account { "{appid}" } else { "{bucket}" }.to_owned());
        } else if after && (differs || is_region(&lower) || lower == "region")
            || differs && lower.contains("region")
        {
            result.push("{region}".to_owned());
        } else {
            result.push(label.clone());
        }
    }
    result.join(".")
}

/// The labels of a host; dots between angle brackets part none.
fn split_labels(host: &str) -> Vec<String> {
    let mut labels = vec![String::new()];
    let mut inside = false;
    for c in host.chars() {
        match c {
            '<' | '{' => inside = true,
            '>' | '}' => inside = false,
            _ => {}
        }
        if c == '.' && !inside {
            labels.push(String::new());
        } else if let Some(label) = labels.last_mut() {
            label.push(c);
        }
    }
    labels
}

fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    parts.len() >= 2
        && matches!(
            parts.first(),
            Some(&("ap" | "na" | "eu" | "sa" | "me" | "af" | "cn"))
        )
        && parts
            .iter()
            .all(|part| part.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_body() {
        let text = "\nPUT /things/<ThingId>?lock HTTP/1.1\nHost: <BucketName-APPID>.ci.<Region>.myqcloud.com\n\n<Thing>\n</Thing>\n";
        let printed = Printed::read(text, 10).unwrap();
        assert_eq!((printed.method.as_str(), printed.line), ("PUT", 11));
        assert_eq!(printed.body, "<Thing>\n</Thing>");
        assert_eq!(printed.body_line, 14);
        assert!(printed.is_pattern());
        let (path, query) = split(&printed.target);
        assert_eq!(
            template(&path),
            ("/things/{thingId}".to_owned(), vec!["thingId".to_owned()])
        );
        assert_eq!(
            query,
            [Parameter {
                name: "lock".to_owned(),
                value: None
            }]
        );
    }

    #[test]
    fn the_version_is_no_part_of_the_target() {
        for version in ["HTTP/1.1", "HTTP 1.1", "HTTP1.1", "HTTP/2"] {
            let text = format!("PUT /?logging {version}\nHost: h");
            assert_eq!(Printed::read(&text, 1).unwrap().target, "/?logging");
        }
    }

    #[test]
    fn a_header_may_hold_json_of_several_lines() {
        let text = "POST /a?b HTTP/1.1\nHost: h\n\nPic-Operations:\n{\n \"a\": [1]\n}\nContent-Length: 64\n";
        let printed = Printed::read(text, 1).unwrap();
        assert_eq!(printed.header("content-length"), Some("64"));
        assert_eq!(printed.body, "");
    }

    #[test]
    fn hosts_have_the_labels_of_the_spec() {
        for (printed, own) in [
            (
                "<BucketName-APPID>.ci.<Region>.myqcloud.com",
                "{bucket}.ci.{region}.myqcloud.com",
            ),
            (
                "examplebucket-1250000000.cos.ap-beijing.myqcloud.com",
                "{bucket}.cos.{region}.myqcloud.com",
            ),
            ("ci.<Region>.myqcloud.com", "ci.{region}.myqcloud.com"),
            (
                "<APPID>.ci.<Region>.myqcloud.com",
                "{appid}.ci.{region}.myqcloud.com",
            ),
            ("service.cos.myqcloud.com", "service.cos.myqcloud.com"),
        ] {
            assert_eq!(host(printed), own);
        }
    }
}

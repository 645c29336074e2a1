//! What an operation is called: the rule of ARCHITECTURE.md, "Names of operations".

use super::vocabulary;

/// What the name of an operation is made of.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Route<'a> {
    pub(super) method: &'a str,
    /// The path, with names in braces.
    pub(super) path: &'a str,
    /// The parameters that select the operation.
    pub(super) query: &'a [(String, Option<String>)],
    pub(super) tag: Option<&'a str>,
    /// Its list is paged by a token.
    pub(super) by_token: bool,
    /// Its list is paged by numbers.
    pub(super) by_number: bool,
    /// The response has an id of what was made.
    pub(super) makes: bool,
    pub(super) title: &'a str,
    /// `/jobs` serves the same tag.
    pub(super) elsewhere: bool,
}

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

/// Acts that a parameter or a path names, in the infinitive.
const ACTS: [(&str, &str); 12] = [
    ("cancel", "Cancel"),
    ("unbind", "Unbind"),
    ("bind", "Bind"),
    ("active", "Activate"),
    ("paused", "Pause"),
    ("pause", "Pause"),
    ("resume", "Resume"),
    ("restore", "Restore"),
    ("trigger", "Trigger"),
    ("modify", "Modify"),
    ("refresh", "Refresh"),
    ("report", "Report"),
];

/// Verbs that titles begin with, in both languages.
const TITLES: [(&str, &str); 16] = [
    ("unbind", "Unbind"),
    ("解绑", "Unbind"),
    ("bind", "Bind"),
    ("绑定", "Bind"),
    ("enabl", "Enable"),
    ("activat", "Activate"),
    ("开通", "Activate"),
    ("disabl", "Disable"),
    ("关闭", "Disable"),
    ("creat", "Create"),
    ("创建", "Create"),
    ("updat", "Update"),
    ("modif", "Update"),
    ("更新", "Update"),
    ("set", "Update"),
    ("设置", "Update"),
];

/// The name of an operation of Cloud Infinite; `false` if nothing but a guess led to its verb.
pub(super) fn infinite(route: &Route<'_>) -> (String, bool) {
    let segments: Vec<&str> = route
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let names: Vec<&str> = segments
        .iter()
        .copied()
        .filter(|part| !part.starts_with('{'))
        .collect();
    let by_id = segments
        .iter()
        .any(|part| part.starts_with('{') && !part.ends_with("+}"));
    let process = route.query.iter().find(|(name, _)| name == "ci-process");
    if let Some((_, Some(word))) = process {
        let verb = match route.method {
            "GET" => "Get",
            "PUT" => "Put",
            _ => "Create",
        };
        let word = camel(word);
        let word = word
            .strip_prefix(verb)
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            .unwrap_or(&word);
        return (format!("{verb}{word}"), true);
    }
    let act = route
        .query
        .iter()
        .filter(|(_, value)| value.is_none())
        .find_map(|(name, _)| ACTS.iter().find(|(act, _)| act == name))
        .map(|(_, verb)| *verb);
    let sub = route
        .query
        .iter()
        .find(|(name, value)| value.is_none() && !ACTS.iter().any(|(act, _)| act == name))
        .map(|(name, _)| camel(name));
    let (act, names) = match (act, names.split_last()) {
        (None, Some((last, before))) => match last.split_once('_') {
            Some((first, rest)) if ACTS.iter().any(|(act, _)| *act == first) => {
                let verb = ACTS
                    .iter()
                    .find(|(act, _)| *act == first)
                    .map(|(_, verb)| *verb);
                (verb, [before, &[rest]].concat())
            }
            _ => (None, names),
        },
        _ => (act, names),
    };
    let list = route.method == "GET" && !by_id && (route.by_token || route.by_number);
    let (verb, sure) = match (act, route.method) {
        (Some(verb), _) => (verb, true),
        (None, "GET") if list && route.by_token => ("List", true),
        (None, "GET" | "HEAD") => ("Describe", true),
        (None, "DELETE") => ("Delete", true),
        (None, "PUT") if names.is_empty() && sub.is_none() => match title(route.title) {
            Some(verb) => (verb, true),
            None => ("Update", false),
        },
        (None, "PUT") => ("Update", true),
        (None, "POST") if route.makes || route.tag.is_some() => ("Create", true),
        (None, "POST") => ("Generate", false),
        _ => ("Process", false),
    };
    let object = object(&names, route);
    let object = if list { plural(&object) } else { object };
    // `/triggerworkflow` names its act in the same word.
    let object = object
        .strip_prefix(verb)
        .map_or(object.clone(), str::to_owned);
    (format!("{verb}{object}{}", sub.unwrap_or_default()), sure)
}

/// What an operation is about.
fn object(names: &[&str], route: &Route<'_>) -> String {
    let Some(first) = names.first() else {
        let key = route.path.contains("+}");
        return if key { "Object" } else { "Bucket" }.to_owned();
    };
    let mut object = if let [kind, "auditing"] = names {
        format!("{}AuditingJob", camel(kind))
    } else if names.len() == 2 && names.get(1) == Some(&"detect") {
        format!("{}DetectJob", camel(first))
    } else {
        let words: Vec<String> = names.iter().map(|name| camel(name)).collect();
        singular(&words.concat())
    };
    if let Some(tag) = route
        .tag
        .filter(|_| route.method == "POST" || object == "Template")
    {
        let tag = capital(tag);
        object = match object.strip_suffix("Job") {
            Some(prefix) => {
                let prefix = if route.elsewhere { prefix } else { "" };
                format!("{tag}{prefix}Job")
            }
            None => format!("{tag}{object}"),
        };
    }
    object
}

/// The verb of a title.
fn title(title: &str) -> Option<&'static str> {
    let title = vocabulary::plain(title);
    let found = TITLES
        .iter()
        .filter_map(|(word, verb)| Some((title.find(word)?, *verb)));
    found.min_by_key(|(at, _)| *at).map(|(_, verb)| verb)
}

/// The name that the documents of Object Storage print, or the one that the request says.
pub(super) fn storage(
    method: &str,
    path: &str,
    query: &[(String, Option<String>)],
    printed: Option<&str>,
) -> String {
    if let Some(name) = printed {
        return name.to_owned();
    }
    let about = if path.contains("+}") {
        "Object"
    } else {
        "Bucket"
    };
    let sub = query
        .first()
        .map(|(name, _)| camel(name))
        .unwrap_or_default();
    format!("{}{about}{sub}", capital(&method.to_ascii_lowercase()))
}

/// `PUT Object acl` as a name; `None` for what is no such name.
pub(super) fn printed(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['`', '*', '.', '"']);
    let words: Vec<&str> = text
        .split([' ', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let letters = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric());
    if words.is_empty() || words.len() > 7 || !words.iter().all(letters) {
        return None;
    }
    let first = *words.first()?;
    let method = matches!(
        first,
        "GET" | "PUT" | "POST" | "DELETE" | "HEAD" | "OPTIONS" | "APPEND" | "LIST" | "SELECT"
    );
    let verb = matches!(
        first,
        "Get"
            | "Put"
            | "Post"
            | "Delete"
            | "Head"
            | "List"
            | "Upload"
            | "Complete"
            | "Initiate"
            | "Abort"
            | "Append"
            | "Copy"
            | "Restore"
            | "Options"
            | "Select"
            | "Create"
            | "Describe"
            | "Update"
            | "Rename"
    );
    let about = [
        "Bucket",
        "Object",
        "Service",
        "Part",
        "Parts",
        "Upload",
        "Uploads",
        "Multipart",
        "Objects",
        "Job",
        "Jobs",
        "Versions",
        "Content",
    ];
    let one = words.len() == 1 && verb_and_noun(first);
    if !(one
        || words.len() > 1 && (method || verb) && words.iter().any(|word| about.contains(word)))
    {
        return None;
    }
    Some(
        words
            .iter()
            .map(|word| {
                let upper = word.chars().all(|c| c.is_ascii_uppercase());
                if upper && method && word == &first {
                    capital(&word.to_ascii_lowercase())
                } else {
                    capital(word)
                }
            })
            .collect(),
    )
}

/// As [`printed`], if the name fits the method of the request.
pub(super) fn printed_with(method: &str) -> impl Fn(&str) -> Option<String> + '_ {
    move |text| {
        let first = text.trim().split([' ', '-']).next().unwrap_or_default();
        let methods = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"];
        let other =
            methods.contains(&first) && first != method && !(first == "DELETE" && method == "POST");
        let name = printed(text).filter(|_| !other)?;
        let verb = methods.iter().find(|verb| {
            let verb = capital(&verb.to_ascii_lowercase());
            name.strip_prefix(&verb)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        // What deletes several things at once is a POST.
        let several = method == "POST" && name.starts_with("Delete");
        verb.is_none_or(|verb| *verb == method || several)
            .then_some(name)
    }
}

/// Whether a word is a name in camel case: `PutBucketAcl`.
fn verb_and_noun(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .skip(1)
            .filter(char::is_ascii_uppercase)
            .count()
            >= 1
        && word.chars().skip(1).any(|c| c.is_ascii_lowercase())
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Upper camel case, with the words of one word in small letters parted: `picbucket` is `PicBucket`.
pub(super) fn camel(text: &str) -> String {
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

fn singular(name: &str) -> String {
    let plural = name.ends_with('s') && !["ss", "us", "is"].iter().any(|end| name.ends_with(end));
    name.get(..name.len() - usize::from(plural))
        .unwrap_or(name)
        .to_owned()
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with('s') => name.to_owned(),
        _ => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(
        method: &str,
        path: &str,
        query: &[(&str, Option<&str>)],
        change: impl FnOnce(&mut Route<'_>),
    ) -> String {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect();
        let mut route = Route {
            method,
            path,
            query: &query,
            ..Route::default()
        };
        change(&mut route);
        infinite(&route).0
    }

    #[test]
    fn names_of_architecture() {
        assert_eq!(
            named("PUT", "/", &[], |it| it.title = "Bucket Binding to it"),
            "BindBucket"
        );
        assert_eq!(
            named("POST", "/picbucket", &[], |it| it.makes = true),
            "CreatePicBucket"
        );
        assert_eq!(
            named("GET", "/picbucket", &[], |it| it.by_number = true),
            "DescribePicBuckets"
        );
        assert_eq!(
            named("POST", "/jobs", &[], |it| it.tag = Some("ImageInspect")),
            "CreateImageInspectJob"
        );
        assert_eq!(named("GET", "/jobs/{jobId}", &[], |_| ()), "DescribeJob");
        assert_eq!(
            named("GET", "/jobs", &[], |it| it.by_token = true),
            "ListJobs"
        );
        assert_eq!(
            named("PUT", "/jobs/{jobId}", &[("cancel", None)], |_| ()),
            "CancelJob"
        );
        assert_eq!(
            named("PUT", "/", &[("unbind", None)], |_| ()),
            "UnbindBucket"
        );
        assert_eq!(
            named("DELETE", "/picbucket", &[], |_| ()),
            "DeletePicBucket"
        );
        assert_eq!(
            named("POST", "/doc_jobs", &[], |it| it.tag = Some("DocProcess")),
            "CreateDocProcessJob"
        );
        assert_eq!(
            named("GET", "/doc_jobs/{jobId}", &[], |_| ()),
            "DescribeDocJob"
        );
        assert_eq!(named("PUT", "/queue/{queueId}", &[], |_| ()), "UpdateQueue");
        assert_eq!(
            named("POST", "/template", &[], |it| it.tag = Some("Watermark")),
            "CreateWatermarkTemplate"
        );
        assert_eq!(
            named("GET", "/workflowexecution", &[], |it| it.by_token = true),
            "ListWorkflowExecutions"
        );
        assert_eq!(
            named("POST", "/image/auditing", &[], |it| it.makes = true),
            "CreateImageAuditingJob"
        );
        assert_eq!(
            named("GET", "/image/auditing/{jobId}", &[], |_| ()),
            "DescribeImageAuditingJob"
        );
        assert_eq!(
            named("POST", "/video/cancel_auditing/{jobId}", &[], |_| ()),
            "CancelVideoAuditingJob"
        );
        assert_eq!(
            named("POST", "/mediainfo", &[], |_| ()),
            "GenerateMediaInfo"
        );
        assert_eq!(
            named("GET", "/{key+}", &[("ci-process", Some("pm3u8"))], |_| ()),
            "GetPm3u8"
        );
    }

    #[test]
    fn names_that_documents_print() {
        assert_eq!(printed("PUT Object acl").as_deref(), Some("PutObjectAcl"));
        assert_eq!(
            printed("GET Bucket website").as_deref(),
            Some("GetBucketWebsite")
        );
        assert_eq!(
            printed("Complete Multipart Upload").as_deref(),
            Some("CompleteMultipartUpload")
        );
        assert_eq!(
            printed("PutBucketLifecycle").as_deref(),
            Some("PutBucketLifecycle")
        );
        assert_eq!(printed("Request Signature"), None);
        assert_eq!(printed("Transition"), None);
    }
}

//! What an operation is called: the rule of ARCHITECTURE.md, "Names of operations".

mod casing;
mod printed;

pub(super) use self::casing::camel;
use self::casing::{capital, plural, singular};
pub(super) use self::printed::{printed, printed_with, titled};
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
}

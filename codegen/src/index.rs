//! What a service's documents and official SDKs know, against what the tables have.

use std::collections::BTreeSet;

use crate::load::ServiceSpec;
use crate::spec::{IndexEntry, OperationFile};

/// What became of the entries of a service's index.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many entries an operation or a structure answers.
    pub present: usize,
    /// How many have a reason not to be there.
    pub explained: usize,
    /// The entries that nothing answers, and those whose reason or answer is not so.
    pub missing: Vec<String>,
}

/// Looks up every entry of the index; `None` for a service without one.
pub fn compare(service: &ServiceSpec) -> Option<Found> {
    let (_, index) = service.index.as_ref()?;
    let known = Known::of(service);
    let mut found = Found::default();
    for entry in index.documents.iter().chain(&index.functions) {
        let answered = match &entry.by {
            Some(name) => known.names.contains(name),
            None => known.answers(entry),
        };
        match (answered, &entry.reason) {
            (true, None) => found.present += 1,
            (false, Some(_)) => found.explained += 1,
            (true, Some(_)) => found
                .missing
                .push(format!("{}: has a reason, though it is there", entry.name)),
            (false, None) => found.missing.push(describe(entry)),
        }
    }
    Some(found)
}

fn describe(entry: &IndexEntry) -> String {
    let mut text = entry.name.clone();
    let parts = [&entry.http, &entry.tag, &entry.by];
    for part in parts.into_iter().flatten() {
        text.push_str(" | ");
        text.push_str(part);
    }
    text
}

struct Known<'a> {
    routes: Vec<Route<'a>>,
    /// Operations and structures; operations of the picture grammar, and their parameters as
    /// `Operation.parameter`.
    names: BTreeSet<String>,
}

/// Where an operation is found.
struct Route<'a> {
    address: Address<'a>,
    /// The kind of work that its body always names.
    tag: Option<&'a str>,
}

/// Method, segments and query of a request, labels without their names.
struct Address<'a> {
    method: &'a str,
    segments: Vec<&'a str>,
    query: Vec<(&'a str, &'a str)>,
}

impl<'a> Address<'a> {
    fn of(http: &'a str) -> Self {
        let (method, target) = http.split_once(' ').unwrap_or((http, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segment = |text: &'a str| match (text.starts_with('{'), text.ends_with("+}")) {
            (true, true) => "{+}",
            (true, false) => "{}",
            _ => text,
        };
        Self {
            method,
            segments: path.split('/').map(segment).collect(),
            query: query
                .split('&')
                .filter(|part| !part.is_empty())
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .collect(),
        }
    }

    /// Whether a request to `asked` comes here: all that selects this one is asked for, and what
    /// the service's own word for synchronous work names is the same.
    fn takes(&self, asked: &Self) -> bool {
        let selected = self.query.iter().all(|(name, value)| {
            asked
                .query
                .iter()
                .any(|(found, text)| found == name && (value.is_empty() || text == value))
        });
        let process = |address: &Self| address.query.iter().any(|(name, _)| *name == "ci-process");
        self.method == asked.method
            && self.segments == asked.segments
            && selected
            && process(self) == process(asked)
    }
}

impl<'a> Known<'a> {
    fn of(service: &'a ServiceSpec) -> Self {
        let operations = service.operations.iter().map(|(_, file)| file);
        let mut names: BTreeSet<String> = operations
            .clone()
            .map(|file| file.operation.value.clone())
            .collect();
        names.extend(service.structures().map(|(_, it)| it.value.name.clone()));
        for (_, picture) in &service.pictures {
            let operation = &picture.operation.value;
            names.insert(operation.clone());
            names.extend(
                picture
                    .parameters
                    .iter()
                    .map(|it| format!("{operation}.{}", it.value.name)),
            );
        }
        Self {
            routes: operations
                .map(|file| Route {
                    address: Address::of(&file.http.value),
                    tag: tag(file),
                })
                .collect(),
            names,
        }
    }

    /// Whether an operation has the entry's route, and its tag if operations there have tags.
    fn answers(&self, entry: &IndexEntry) -> bool {
        let Some(http) = &entry.http else {
            return false;
        };
        let asked = Address::of(http);
        let routes: Vec<&Route<'_>> = self
            .routes
            .iter()
            .filter(|route| route.address.takes(&asked))
            .collect();
        let most = routes.iter().map(|route| route.address.query.len()).max();
        let mut best = routes
            .into_iter()
            .filter(|route| Some(route.address.query.len()) == most)
            .peekable();
        match entry.tag.as_deref() {
            Some(tag) if asked.method != "GET" => {
                best.any(|route| route.tag.is_none_or(|own| own == tag))
            }
            _ => best.peek().is_some(),
        }
    }
}

fn tag(file: &OperationFile) -> Option<&str> {
    let rows = file.request.rows.iter().map(|row| &row.value);
    rows.filter(|row| row.name == "Tag")
        .find_map(|row| row.fixed.as_deref())
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn takes(own: &str, asked: &str) -> bool {
        Address::of(own).takes(&Address::of(asked))
    }

    #[test]
    fn a_request_comes_to_the_route_it_selects() {
        assert!(takes("GET /jobs/{jobId}", "GET /jobs/{id}"));
        assert!(!takes("GET /jobs/{jobId}", "GET /jobs"));
        assert!(!takes("PUT /jobs/{jobId}?cancel", "PUT /jobs/{jobId}"));
        assert!(takes("GET /jobs", "GET /jobs?size=&states="));
        assert!(takes(
            "GET /{key+}?ci-process=snapshot",
            "GET /{key+}?ci-process=snapshot&time=1"
        ));
        assert!(!takes("GET /{key+}", "GET /{key+}?ci-process=snapshot"));
        assert!(!takes(
            "GET /{key+}?ci-process=videoinfo",
            "GET /{key+}?ci-process=snapshot"
        ));
    }
}

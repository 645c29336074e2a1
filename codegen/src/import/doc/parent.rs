//! Which container a row is in. Documents write whole paths, the last name alone, paths without
//! their root, several of them at once, and slips of all of these.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::shape::{Shape, join, split};
use super::vocabulary::{half, is_none};

/// How a container was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// As the document writes it.
    Written,
    /// From less than the whole path, in the one way there is.
    Completed,
    /// Out of several, the nearest.
    Nearest,
    /// The document writes it with a slip.
    Mended,
}

/// Containers that are known.
pub(super) struct Containers {
    root: String,
    paths: BTreeSet<String>,
    /// Paths by their last name, in the order in which they came.
    named: BTreeMap<String, Vec<String>>,
    /// The one that the last row which is a container has.
    last: Option<String>,
    /// Slips that may still be looked for, so that no text is slow.
    slips: Cell<usize>,
}

/// Slips that are looked for in one message.
const SLIPS: usize = 200;

/// Names that differ by no more than this are slips of one another.
const SLIP: usize = 2;

impl Containers {
    pub(super) fn new(root: &str) -> Self {
        let mut containers = Self {
            root: root.to_owned(),
            paths: BTreeSet::new(),
            named: BTreeMap::new(),
            last: None,
            slips: Cell::new(SLIPS),
        };
        containers.add(root);
        containers.last = None;
        containers
    }

    pub(super) fn add(&mut self, path: &str) {
        if self.paths.insert(path.to_owned()) {
            let (_, name) = split(path);
            self.named
                .entry(name.to_owned())
                .or_default()
                .push(path.to_owned());
        }
        self.last = Some(path.to_owned());
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// The container that a document calls `text`, as written.
    pub(super) fn exact(&self, text: &str) -> Option<String> {
        if text.is_empty() {
            return Some(self.root.clone());
        }
        if self.has(text) {
            return Some(text.to_owned());
        }
        None
    }

    /// The container that a document calls `text`, by its end.
    pub(super) fn by_end(&self, text: &str, intro: &[String]) -> Option<(String, How)> {
        let whole = join(&self.root, text);
        if self.has(&whole) {
            return Some((whole, How::Completed));
        }
        let (_, name) = split(text);
        let ends = |path: &&String| {
            path.strip_suffix(text)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let found: Vec<&String> = self
            .named
            .get(name)?
            .iter()
            .take(256)
            .filter(ends)
            .collect();
        match found.as_slice() {
            [] => None,
            [one] => Some(((*one).clone(), How::Completed)),
            several => {
                let meant = several.iter().find(|path| intro.contains(**path));
                let nearest = meant.or_else(|| {
                    let last = self.last.as_deref().unwrap_or_default();
                    several.iter().rev().max_by_key(|path| common(path, last))
                })?;
                Some(((*nearest).clone(), How::Nearest))
            }
        }
    }

    /// The container that a document calls `text` with a slip: names left out, another case, letters
    /// exchanged.
    pub(super) fn with_slip(&self, text: &str, intro: &[String]) -> Option<String> {
        self.slips.set(self.slips.get().checked_sub(1)?);
        let parts: Vec<&str> = text.split('.').collect();
        let (_, name) = split(text);
        let lower = text.to_ascii_lowercase();
        let candidates = || self.paths.iter().take(4000);
        let one = |found: Vec<&String>| -> Option<String> {
            match found.as_slice() {
                [one] => Some((*one).clone()),
                [] => None,
                several => several
                    .iter()
                    .find(|path| intro.contains(**path))
                    .map(|path| (*path).clone()),
            }
        };
        let same_case = candidates()
            .filter(|path| path.eq_ignore_ascii_case(text))
            .collect();
        let left_out = || {
            candidates()
                .filter(|path| split(path).1 == name && is_part_of(&parts, path))
                .collect()
        };
        let named = || {
            self.named
                .get(name)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        };
        let slips = || {
            if text.len() > 200 {
                return Vec::new();
            }
            candidates()
                .filter(|path| path.len().abs_diff(text.len()) <= SLIP)
                .filter(|path| {
                    strsim::damerau_levenshtein(&path.to_ascii_lowercase(), &lower) <= SLIP
                })
                .collect()
        };
        one(same_case)
            .or_else(|| one(left_out()))
            .or_else(|| one(slips()))
            .or_else(|| one(named()))
    }

    /// The containers that a text names, whole or by their end.
    pub(super) fn named_in(&self, text: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let mut first = true;
        for name in text.split(|c| !word(c)) {
            let name = name.trim_matches('.');
            if name.is_empty() {
                continue;
            }
            // `Container node Input` is about a node of the type Container.
            if std::mem::take(&mut first) && name == "Container" {
                continue;
            }
            let path = self
                .exact(name)
                .or_else(|| self.by_end(name, &[]).map(|(path, _)| path));
            if let Some(path) = path
                && !found.contains(&path)
            {
                found.push(path);
            }
        }
        found
    }

    /// Containers that a pattern means: `Response.JobsDetail.*Info`.
    pub(super) fn matching(&self, pattern: &str) -> Vec<String> {
        let (around, name) = split(pattern);
        let Some((start, end)) = name.split_once('*') else {
            return Vec::new();
        };
        let around = match self.exact(around) {
            Some(path) => path,
            None => match self.by_end(around, &[]) {
                Some((path, _)) => path,
                None => return Vec::new(),
            },
        };
        self.paths
            .iter()
            .filter(|path| {
                let (own, name) = split(path);
                own == around
                    && name.starts_with(start)
                    && name.ends_with(end)
                    && name.len() >= start.len() + end.len()
            })
            .cloned()
            .collect()
    }
}

/// Bytes that two paths have in common from their beginning.
fn common(one: &str, other: &str) -> usize {
    one.bytes()
        .zip(other.bytes())
        .take_while(|(one, other)| one == other)
        .count()
}

/// Whether the names of `parts` come in `path` in their order.
fn is_part_of(parts: &[&str], path: &str) -> bool {
    let mut names = path.split('.');
    parts.iter().all(|part| names.any(|name| name == *part))
}

/// The containers that a cell names, cleaned of what is around the path; empty for the root.
pub(super) fn written(cell: &str) -> Vec<String> {
    let text: String = cell.chars().map(half).collect();
    let text = text.replace(['`', '\\', '\n', '"'], " ").replace("**", " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_none(&text) {
        return vec![String::new()];
    }
    let mut alternatives = vec![text.as_str()];
    for mark in [
        " or ", " and ", "或者", "或", "、", ", ", ",", "；", ";", " / ", "和",
    ] {
        alternatives = alternatives
            .iter()
            .flat_map(|text| text.split(mark))
            .collect();
    }
    let mut paths: Vec<String> = Vec::new();
    for text in alternatives.into_iter().take(16) {
        let path = path(text);
        if path.is_empty() {
            continue;
        }
        // `Rule.Transition or Expiration` names neighbours.
        let path = match paths.first().map(|first| split(first).0) {
            Some(around) if !around.is_empty() && !path.contains('.') => join(around, &path),
            _ => path,
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        paths.push(String::new());
    }
    paths
}

/// A path without marks and white space.
fn path(text: &str) -> String {
    let text = text.split(" (").next().unwrap_or_default();
    let text = ["Container ", "container ", "node ", "the ", "节点"]
        .iter()
        .fold(text.trim(), |text, word| {
            text.strip_prefix(word).unwrap_or(text)
        });
    let mut path = String::new();
    for c in text.chars() {
        match c {
            '.' | '/' | '>' | '。' | '·' | '→' if !path.is_empty() && !path.ends_with('.') => {
                path.push('.');
            }
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '*') => path.push(c),
            _ => {}
        }
    }
    path.trim_matches('.').to_owned()
}

/// The root of a message: what the bodies show, else what rows without a parent say, else what the
/// parents begin with.
pub(super) fn root(shape: &Shape, tops: &[&str], parents: &[String]) -> Option<String> {
    if let Some(root) = &shape.root {
        return Some(root.clone());
    }
    if let Some(first) = tops.first() {
        return Some((*first).to_owned());
    }
    let first = parents.iter().find(|parent| !parent.is_empty())?;
    first.split('.').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cleaned() {
        assert_eq!(written("None."), [""]);
        assert_eq!(
            written("Request.Operation.Speech\nRecognition"),
            ["Request.Operation.SpeechRecognition"]
        );
        assert_eq!(written("A.B\n.C or \nD"), ["A.B.C", "A.B.D"]);
        assert_eq!(written("Response.Jobs.\\*Info"), ["Response.Jobs.*Info"]);
        assert_eq!(written("`Request`"), ["Request"]);
    }

    #[test]
    fn containers_by_less_than_their_path() {
        let mut known = Containers::new("Response");
        for path in [
            "Response.Jobs",
            "Response.Jobs.Input",
            "Response.Jobs.AInfo",
            "Response.Jobs.BInfo",
        ] {
            known.add(path);
        }
        let by_end = |text| known.by_end(text, &[]);
        assert_eq!(
            by_end("Input"),
            Some(("Response.Jobs.Input".to_owned(), How::Completed))
        );
        assert_eq!(
            by_end("Jobs.Input"),
            Some(("Response.Jobs.Input".to_owned(), How::Completed))
        );
        assert_eq!(by_end("Output"), None);
        assert_eq!(
            known.with_slip("Response.Input", &[]).as_deref(),
            Some("Response.Jobs.Input")
        );
        assert_eq!(
            known.with_slip("Response.Job.Input", &[]).as_deref(),
            Some("Response.Jobs.Input")
        );
        assert_eq!(
            known.matching("Response.Jobs.*Info"),
            ["Response.Jobs.AInfo", "Response.Jobs.BInfo"]
        );
        assert_eq!(
            known.named_in("Container node Input content:"),
            ["Response.Jobs.Input"]
        );
    }
}

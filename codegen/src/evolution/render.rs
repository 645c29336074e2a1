//! Changes as text: for a terminal, and for the changelog.

use std::collections::BTreeSet;
use std::fmt;

use textwrap::{Options, WordSplitter};

use super::change::{Change, Evolution, Level, What};

/// Columns of the text.
const WIDTH: usize = 100;

/// Every service with its changes, the gravest first, and how many there are of each level.
impl fmt::Display for Evolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for service in self.services() {
            let levels = Level::ALL.map(|level| (self.of(service, level).count(), level.word()));
            let documentation = self.documentation.get(service).copied().unwrap_or_default();
            let counts: Vec<_> = levels
                .into_iter()
                .chain([(documentation, "of documentation only")])
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            writeln!(f, "tcloud-{service}: {}", counts.join(", "))?;
            for change in Level::ALL.into_iter().flat_map(|it| self.of(service, it)) {
                let mark = format!("  {:<10}  ", change.level().word());
                writeln!(f, "{}", wrapped(&mark, &change.sentence()))?;
            }
        }
        Ok(())
    }
}

impl Evolution {
    /// The section of the changelog, in the form of [Keep a Changelog](https://keepachangelog.com).
    pub fn changelog(&self) -> String {
        let sections = ["Added", "Changed", "Deprecated", "Removed"].map(|heading| {
            let entries: String = self
                .services()
                .into_iter()
                .flat_map(|service| self.entries(service, heading))
                .map(|entry| wrapped("- ", &entry) + "\n")
                .collect();
            match entries.as_str() {
                "" => entries,
                _ => format!("\n### {heading}\n\n{entries}"),
            }
        });
        format!("## Unreleased\n{}", sections.concat())
    }

    /// What the changelog says of a service under a heading: a sentence for each change that needs
    /// one, else all items in one.
    fn entries(&self, service: &str, heading: &str) -> Vec<String> {
        let changes: Vec<_> = self
            .changes
            .iter()
            .filter(|it| it.service == service && it.heading() == heading)
            .collect();
        let titles: Vec<_> = changes.iter().map(|it| it.title()).collect();
        match heading {
            _ if changes.is_empty() => Vec::new(),
            "Changed" => changes
                .iter()
                .map(|it| {
                    let mark = if it.level() == Level::Breaking {
                        "**Breaking:** "
                    } else {
                        ""
                    };
                    format!("{mark}`tcloud-{service}`: {}.", it.sentence())
                })
                .collect(),
            "Removed" => vec![format!(
                "**Breaking:** `tcloud-{service}`: {}.",
                titles.join(", ")
            )],
            _ => vec![format!("`tcloud-{service}`: {}.", titles.join(", "))],
        }
    }

    /// The changes of a service that are of this level.
    fn of(&self, service: &str, level: Level) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |it| it.service == service && it.level() == level)
    }

    /// The services that differ in any way.
    fn services(&self) -> BTreeSet<&str> {
        let changed = self.changes.iter().map(|it| &it.service);
        changed
            .chain(self.documentation.keys())
            .map(String::as_str)
            .collect()
    }
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Behaviour => "behaviour",
            Self::Deprecated => "deprecated",
            Self::Added => "added",
        }
    }
}

impl Change {
    /// The item, as Markdown.
    fn title(&self) -> String {
        match self.item.as_str() {
            "" => "the crate".to_owned(),
            item => format!("`{item}`"),
        }
    }

    /// The item, what happened to it and why that matters.
    fn sentence(&self) -> String {
        let (title, why) = (self.title(), &self.why);
        match &self.what {
            What::Removed => format!("{title} is gone: {why}"),
            What::Reshaped(what) | What::Behaves(what) => format!("{title} {what}: {why}"),
            What::Deprecated | What::Added => format!("{title}: {why}"),
        }
    }

    /// Where the changelog mentions it.
    const fn heading(&self) -> &'static str {
        match self.what {
            What::Added => "Added",
            What::Reshaped(_) | What::Behaves(_) => "Changed",
            What::Deprecated => "Deprecated",
            What::Removed => "Removed",
        }
    }
}

/// `text` in lines, the first one after `mark` and the others as far to the right.
fn wrapped(mark: &str, text: &str) -> String {
    let indent = " ".repeat(mark.len());
    // A name such as `tcloud-ci` stays in one piece.
    let options = Options::new(WIDTH)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
        .initial_indent(mark)
        .subsequent_indent(&indent);
    textwrap::fill(text, options)
}

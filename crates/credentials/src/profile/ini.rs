//! Files of `key = value` lines in `[sections]`, which are edited without touching their other
//! lines.

/// Why a file cannot be read: the number of a line, from 1, and what is wrong with it. Never the
/// line itself, which may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IniError {
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

/// A file, line by line.
#[derive(Debug, Clone, Default)]
pub(super) struct Ini {
    /// With their line breaks, as they are in the file.
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    text: String,
    meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    /// Nothing: a remark or an empty line.
    Nothing,
    Section(String),
    /// A key, in lower case, and its value.
    Entry(String, String),
}

impl Ini {
    /// Reads a file. Keys are the same in either case; space around keys and values is dropped; a
    /// line that begins with `#` or `;` is a remark.
    pub(super) fn parse(text: &str) -> Result<Self, IniError> {
        let mut lines = Vec::new();
        for (text, line) in text.split_inclusive('\n').zip(1..) {
            let meaning = meaning(text).map_err(|reason| IniError { line, reason })?;
            lines.push(Line {
                text: text.to_owned(),
                meaning,
            });
        }
        Ok(Self { lines })
    }

    /// The file's text.
    pub(super) fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The names of the sections, in the file's order, each once.
    pub(super) fn sections(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for line in &self.lines {
            if let Meaning::Section(name) = &line.meaning
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        }
        names
    }

    /// The value of `key` in `section`: the last one, if there are several. An empty value counts
    /// as none.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.entries(section)
            .filter_map(|(_, name, value)| (name == key).then_some(value))
            .last()
            .filter(|value| !value.is_empty())
    }

    /// Sets `key` in `section` to `value`: in its line, behind the section's last entry, or in a
    /// new section at the end.
    pub(super) fn set(&mut self, section: &str, key: &str, value: &str) {
        let found = self
            .entries(section)
            .filter_map(|(at, name, _)| (name == key).then_some(at))
            .last();
        let line_break = self.line_break();
        let entry = Line {
            text: format!("{key} = {value}{line_break}"),
            meaning: Meaning::Entry(key.to_owned(), value.to_owned()),
        };
        if let Some(line) = found.and_then(|at| self.lines.get_mut(at)) {
            *line = entry;
            return;
        }
        self.end_last_line(line_break);
        let at = self
            .end_of(section)
            .unwrap_or_else(|| self.begin(section, line_break));
        self.lines.insert(at.min(self.lines.len()), entry);
    }

    /// Begins a section at the end, and returns the place behind its head.
    fn begin(&mut self, section: &str, line_break: &str) -> usize {
        let last = self.lines.last();
        if last.is_some_and(|line| !line.text.trim().is_empty()) {
            self.lines.push(Line {
                text: line_break.to_owned(),
                meaning: Meaning::Nothing,
            });
        }
        self.lines.push(Line {
            text: format!("[{section}]{line_break}"),
            meaning: Meaning::Section(section.to_owned()),
        });
        self.lines.len()
    }

    /// Takes `key` out of `section`.
    pub(super) fn remove(&mut self, section: &str, key: &str) {
        let found: Vec<_> = self
            .entries(section)
            .filter_map(|(at, name, _)| (name == key).then_some(at))
            .collect();
        let mut at = 0;
        self.lines.retain(|_| {
            let keep = !found.contains(&at);
            at += 1;
            keep
        });
    }

    /// Line, key and value of each entry of `section`, which may be in several places.
    fn entries(&self, section: &str) -> impl Iterator<Item = (usize, &str, &str)> {
        let mut inside = false;
        self.lines.iter().enumerate().filter_map(move |(at, line)| {
            match &line.meaning {
                Meaning::Section(name) => inside = name == section,
                Meaning::Entry(key, value) if inside => {
                    return Some((at, key.as_str(), value.as_str()));
                }
                _ => {}
            }
            None
        })
    }

    /// The place behind the last entry of `section`, or behind its head.
    fn end_of(&self, section: &str) -> Option<usize> {
        let is_head =
            |line: &Line| matches!(&line.meaning, Meaning::Section(name) if name == section);
        let head = self.lines.iter().rposition(is_head)?;
        let last = self.entries(section).map(|(at, ..)| at).last();
        Some(last.unwrap_or(head).max(head) + 1)
    }

    fn line_break(&self) -> &'static str {
        let first = self.lines.first();
        if first.is_some_and(|line| line.text.ends_with("\r\n")) {
            "\r\n"
        } else {
            "\n"
        }
    }

    fn end_last_line(&mut self, line_break: &str) {
        if let Some(last) = self.lines.last_mut()
            && !last.text.ends_with('\n')
        {
            last.text.push_str(line_break);
        }
    }
}

fn meaning(line: &str) -> Result<Meaning, &'static str> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return Ok(Meaning::Nothing);
    }
    if let Some(rest) = line.strip_prefix('[') {
        let name = rest.strip_suffix(']').map(str::trim);
        return match name {
            Some(name) if !name.is_empty() => Ok(Meaning::Section(name.to_owned())),
            _ => Err("a section is written as [name]"),
        };
    }
    match line.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Meaning::Entry(
            key.trim().to_ascii_lowercase(),
            value.trim().to_owned(),
        )),
        _ => Err("an entry is written as key = value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_entries_are_read_in_all_ways_of_writing() {
        let text = "\u{feff}# ours\r\n[ default ]\r\nSecret_Id=AKID=1\r\n  secret_key =  k;#y  \r\n\
                    ; end\r\n\r\n[other]\nregion=\nregion = ap-x\n[default]\ntoken = t";
        let ini = Ini::parse(text).unwrap();
        assert_eq!(ini.sections(), ["default", "other"]);
        assert_eq!(ini.get("default", "secret_id"), Some("AKID=1"));
        assert_eq!(ini.get("default", "secret_key"), Some("k;#y"));
        assert_eq!(ini.get("default", "token"), Some("t"), "a section goes on");
        assert_eq!(ini.get("other", "region"), Some("ap-x"));
        assert_eq!(ini.get("other", "secret_id"), None);
        assert_eq!(ini.text(), text);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line_alone() {
        for (text, line) in [
            ("[default]\nsecret_key s3cret\n", 2),
            ("\n\n= s3cret", 3),
            ("[s3cret\n", 1),
            ("[]\n", 1),
            ("s3cret", 1),
        ] {
            let error = Ini::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text:?}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn an_edit_leaves_all_other_lines_as_they_are() {
        let text =
            "# ours\n[default]\nsecret_id = old\n# kept\nsecret_key=k\n\n[other]\nsecret_id = o";
        let mut ini = Ini::parse(text).unwrap();
        ini.set("default", "secret_id", "new");
        ini.set("default", "region", "ap-x");
        ini.set("other", "region", "ap-y");
        ini.set("third", "secret_id", "t");
        ini.remove("default", "secret_key");
        ini.remove("other", "token");
        assert_eq!(
            ini.text(),
            "# ours\n[default]\nsecret_id = new\n# kept\nregion = ap-x\n\n[other]\nsecret_id = o\n\
             region = ap-y\n\n[third]\nsecret_id = t\n"
        );
    }

    #[test]
    fn line_breaks_stay_those_of_the_file() {
        let mut ini = Ini::parse("[a]\r\nx = 1\r\n").unwrap();
        ini.set("a", "y", "2");
        ini.set("b", "z", "3");
        assert_eq!(ini.text(), "[a]\r\nx = 1\r\ny = 2\r\n\r\n[b]\r\nz = 3\r\n");
        let mut empty = Ini::parse("").unwrap();
        empty.set("default", "secret_id", "i");
        empty.set("default", "secret_key", "k");
        assert_eq!(empty.text(), "[default]\nsecret_id = i\nsecret_key = k\n");
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts_and_is_changed() {
        let mut ini = Ini::parse("[a]\nx = 1\nx = 2\n").unwrap();
        assert_eq!(ini.get("a", "x"), Some("2"));
        ini.set("a", "x", "3");
        assert_eq!(ini.get("a", "x"), Some("3"));
        ini.remove("a", "x");
        assert_eq!(ini.get("a", "x"), None);
        assert_eq!(ini.text(), "[a]\n");
    }
}

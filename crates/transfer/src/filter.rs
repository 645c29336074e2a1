//! Which files and objects of a folder are meant.

use globset::{GlobBuilder, GlobMatcher};

use crate::error::{Error, ErrorKind};

/// Which files and objects of a folder are meant, by globs.
///
/// Patterns are looked at in their order, and the last that fits decides. What none fits is meant,
/// unless the first pattern includes: then only what is included is. So the habits of several
/// commands work: `--exclude '*' --include '*.jpg'` of `aws s3`, `--include '*.jpg'` of rclone, and
/// `--exclude '*.tmp'` of all.
///
/// Paths are relative to the folder, with `/` between their parts. `*` stands for any text, `/`
/// included; `?` for one character; `[a-z]` for one of them; `{a,b}` for one of both. A pattern fits
/// a whole path, or, if it has no `/`, the last part of one. With `/` at its start it fits a whole
/// path only.
///
/// ```
/// use tcloud_transfer::Filter;
///
/// let filter = Filter::new().exclude("*.tmp")?.exclude("build/*")?.include("build/keep/*")?;
/// assert!(filter.takes("src/main.rs"));
/// assert!(!filter.takes("src/main.tmp"));
/// assert!(!filter.takes("build/debug/main"));
/// assert!(filter.takes("build/keep/main"));
///
/// let pictures = Filter::new().include("*.{jpg,png}")?;
/// assert!(pictures.takes("2024/sea.jpg") && !pictures.takes("2024/notes.txt"));
/// # Ok::<(), tcloud_transfer::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    rules: Vec<Rule>,
    only: Option<GlobMatcher>,
}

#[derive(Debug, Clone)]
struct Rule {
    includes: bool,
    /// Whether the last part of a path is enough.
    is_name: bool,
    glob: GlobMatcher,
}

impl Filter {
    /// Everything is meant.
    pub fn new() -> Self {
        Self::default()
    }

    /// What fits `pattern` is meant.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: it is no pattern.
    pub fn include(self, pattern: &str) -> Result<Self, Error> {
        self.rule(pattern, true)
    }

    /// What fits `pattern` is not meant.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: it is no pattern.
    pub fn exclude(self, pattern: &str) -> Result<Self, Error> {
        self.rule(pattern, false)
    }

    fn rule(mut self, pattern: &str, includes: bool) -> Result<Self, Error> {
        let anchored = pattern.strip_prefix('/');
        let glob = glob(anchored.unwrap_or(pattern), false)?;
        self.rules.push(Rule {
            includes,
            is_name: anchored.is_none() && !pattern.contains('/'),
            glob,
        });
        Ok(self)
    }

    /// Whatever other patterns say, nothing but paths that fit `pattern` as a whole are meant, as a
    /// shell understands it: `*` and `?` stop at `/`, and `**` is any number of parts. Every other
    /// character means itself, and so do these behind a backslash.
    ///
    /// ```
    /// use tcloud_transfer::Filter;
    ///
    /// let filter = Filter::new().exclude("*.tmp")?.only("2024/*/sea [?].*")?;
    /// assert!(filter.takes("2024/08/sea [1].jpg"));
    /// assert!(!filter.takes("2024/08/b/sea [1].jpg") && !filter.takes("2024/08/sea [1].tmp"));
    /// # Ok::<(), tcloud_transfer::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: it is no pattern.
    pub fn only(mut self, pattern: &str) -> Result<Self, Error> {
        let mut plain = String::with_capacity(pattern.len());
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            let next = letters.next_if(|next| letter == '\\' && matches!(next, '*' | '?'));
            match next {
                Some(meant) => plain.extend(['\\', meant]),
                None if matches!(letter, '[' | ']' | '{' | '}' | '\\') => {
                    plain.extend(['\\', letter]);
                }
                None => plain.push(letter),
            }
        }
        self.only = Some(glob(&plain, true)?);
        Ok(self)
    }

    /// Whether the path, relative to the folder, is meant.
    pub fn takes(&self, path: &str) -> bool {
        if self.only.as_ref().is_some_and(|only| !only.is_match(path)) {
            return false;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let fits =
            |rule: &&Rule| rule.glob.is_match(path) || rule.is_name && rule.glob.is_match(name);
        let last = self.rules.iter().rev().find(fits);
        let usual = || !self.rules.first().is_some_and(|rule| rule.includes);
        last.map_or_else(usual, |rule| rule.includes)
    }
}

fn glob(pattern: &str, stops_at_slashes: bool) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(stops_at_slashes)
        .backslash_escape(true)
        .build();
    let glob = glob.map_err(|error| {
        let message = format!("{pattern:?} is no pattern: {error}");
        Error::new(ErrorKind::Refused, message)
            .advise("put a backslash before characters that mean themselves")
    })?;
    Ok(glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn the_habits_of_several_commands_work() {
        let aws = Filter::new()
            .exclude("*")
            .unwrap()
            .include("*.jpg")
            .unwrap();
        let rclone = Filter::new().include("*.jpg").unwrap();
        for filter in [aws, rclone] {
            assert!(filter.takes("a.jpg") && filter.takes("a/b.jpg"));
            assert!(!filter.takes("a.png"));
        }
        let tmp = Filter::new().exclude("tmp/*").unwrap();
        assert!(!tmp.takes("tmp/a/b") && tmp.takes("a/tmp/b") && tmp.takes("tmp"));
        let both = Filter::new().exclude("tmp/**").unwrap();
        assert!(!both.takes("tmp/a/b"));
        let anchored = Filter::new()
            .exclude("/*.jpg")
            .unwrap()
            .include("a/*")
            .unwrap();
        assert!(!anchored.takes("a.jpg") && anchored.takes("a/b.jpg"));
        let exact = Filter::new().exclude("/a.jpg").unwrap();
        assert!(!exact.takes("a.jpg") && exact.takes("b/a.jpg"));
        assert!(Filter::new().takes("anything"));
    }

    #[test]
    fn a_pattern_as_of_a_shell_bounds_all_others() {
        let only = |pattern: &str| Filter::new().only(pattern).unwrap();
        let name = only("*.jpg");
        assert!(name.takes("a.jpg") && !name.takes("a/b.jpg") && !name.takes("a.png"));
        let deep = only("**/*.jpg");
        assert!(deep.takes("a.jpg") && deep.takes("a/b/c.jpg") && !deep.takes("a/b.png"));
        let exact = only("a [1] {2} \\*\\?\\x?");
        assert!(exact.takes("a [1] {2} *?\\x!"));
        assert!(!exact.takes("a 1 2 *?\\x!") && !exact.takes("a [1] {2} b?\\x!"));
        let both = only("*.jpg").exclude("b*").unwrap();
        assert!(both.takes("a.jpg") && !both.takes("b.jpg"));
        let order = Filter::new().include("*").unwrap().only("*.jpg").unwrap();
        assert!(order.takes("a.jpg") && !order.takes("a.png"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let error = Filter::new().include("[a").unwrap_err().to_string();
        assert!(error.contains("\"[a\" is no pattern"), "{error}");
    }
}

//! `--include` and `--exclude`: the order between them counts.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use tcloud_transfer::Filter;

use crate::error::Error;

const HEADING: &str = "Filters";

/// Which files and objects of a folder are meant.
#[derive(Debug, Clone, Default)]
pub(super) struct FilterArgs {
    /// The patterns in the order of the command line, and whether each includes.
    rules: Vec<(bool, String)>,
}

impl FilterArgs {
    /// The filter, and of it only what fits the wildcards of a key.
    pub(super) fn filter(&self, only: Option<&str>) -> Result<Filter, Error> {
        let mut filter = Filter::new();
        for (includes, pattern) in &self.rules {
            filter = if *includes {
                filter.include(pattern)?
            } else {
                filter.exclude(pattern)?
            };
        }
        Ok(match only {
            Some(pattern) => filter.only(pattern)?,
            None => filter,
        })
    }
}

impl Args for FilterArgs {
    fn augment_args(command: Command) -> Command {
        let pattern = |name: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name("PATTERN")
                .action(ArgAction::Append)
                .help_heading(HEADING)
        };
        command
            .arg(pattern("include").help(
                "Take what fits; of --include and --exclude the last that fits decides, and what \
                 none fits is taken unless the first is an --include",
            ))
            .arg(pattern("exclude").help(
                "Leave out what fits: `*` is any text, `/` included, `?` a character, [a-z] one of \
                 them, {a,b} one of both; a pattern without `/` fits the last part of a path",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FilterArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut rules: Vec<(usize, bool, String)> = Vec::new();
        for (name, includes) in [("include", true), ("exclude", false)] {
            let at = matches.indices_of(name).into_iter().flatten();
            let patterns = matches.get_many::<String>(name).into_iter().flatten();
            rules.extend(
                at.zip(patterns)
                    .map(|(at, pattern)| (at, includes, pattern.clone())),
            );
        }
        rules.sort_by_key(|(at, ..)| *at);
        Ok(Self {
            rules: rules
                .into_iter()
                .map(|(_, includes, pattern)| (includes, pattern))
                .collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::FilterArgs;

    fn parsed(arguments: &[&str]) -> FilterArgs {
        let command = FilterArgs::augment_args(Command::new("x").no_binary_name(true));
        FilterArgs::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
    }

    #[test]
    fn the_order_of_patterns_counts() {
        let aws = parsed(&["--exclude", "*", "--include", "*.jpg", "--exclude=b*"]);
        let filter = aws.filter(None).unwrap();
        assert!(filter.takes("a.jpg") && !filter.takes("b.jpg") && !filter.takes("a.png"));
        let nothing = parsed(&["--include", "*.jpg", "--exclude", "*"]);
        assert!(!nothing.filter(None).unwrap().takes("a.jpg"));
        let only = parsed(&["--exclude", "b*"]).filter(Some("*.jpg")).unwrap();
        assert!(only.takes("a.jpg") && !only.takes("b.jpg") && !only.takes("c/a.jpg"));
        assert!(parsed(&["--include", "[a"]).filter(None).is_err());
    }
}

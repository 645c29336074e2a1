//! The full counts of what CI samples, a section each.
//!
//! A section that has passed is remembered for the files as they are, so that a run that was
//! interrupted continues where it was. The table at the end has all figures.

mod remembered;
mod section;

use std::error::Error;
use std::time::Instant;

use comfy_table::{ContentArrangement, Table, presets};

use self::remembered::{Passed, Remembered};
use self::section::{SECTIONS, Section};

use crate::print::say;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these sections.
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = section::named)]
    only: Vec<&'static Section>,
    /// Runs what has passed already once more.
    #[arg(long)]
    again: bool,
    /// Lists the sections and what is remembered of them, and runs none.
    #[arg(long)]
    list: bool,
}

/// Runs the sections that have not passed yet.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let remembered = Remembered::of_the_files_as_they_are()?;
    let chosen: Vec<&Section> = if arguments.only.is_empty() {
        SECTIONS.iter().collect()
    } else {
        arguments.only.clone()
    };
    let mut failed = Vec::new();
    if !arguments.list {
        for section in &chosen {
            if !arguments.again && remembered.read(section.name).is_some() {
                continue;
            }
            say!("\n=== {}: {}", section.name, section.about);
            match measure(section) {
                Ok(passed) => remembered.write(section.name, &passed)?,
                Err(error) => {
                    say!("{}: {error}", section.name);
                    remembered.forget(section.name)?;
                    failed.push(section.name);
                }
            }
        }
        say!();
    }
    say!("{}", table(&chosen, &remembered, &failed));
    say!("{remembered}");
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")).into())
    }
}

fn measure(section: &Section) -> Result<Passed, Box<dyn Error>> {
    let started = Instant::now();
    let figure = section.run()?;
    Ok(Passed {
        figure,
        seconds: started.elapsed().as_secs(),
    })
}

fn table(chosen: &[&Section], remembered: &Remembered, failed: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["section", "figure", "seconds"]);
    for section in chosen {
        let (figure, seconds) = match remembered.read(section.name) {
            Some(passed) => (passed.figure, passed.seconds.to_string()),
            None if failed.contains(&section.name) => ("FAILED".to_owned(), String::new()),
            None => (format!("not run yet: {}", section.about), String::new()),
        };
        table.add_row([section.name, &figure, &seconds]);
    }
    table
}

//! `tcloud manual`: manual pages, made of the command line itself.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::catalogs::CATALOGS;
use crate::console;
use crate::error::{Error, Outcome};

/// Write manual pages to a folder, for `man -l` or a folder of $MANPATH
///
/// There is a page for each command, and one for each service that lists its operations. An operation
/// is explained by its own --help.
#[derive(Debug, Args)]
pub(crate) struct ManualArgs {
    /// Folder to write to, made if needed, such as ~/.local/share/man/man1
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

/// The command line, of which that is whole what the arguments name.
pub(crate) type Whole = fn(&[OsString]) -> Command;

/// Writes the pages of the command line that `command` makes, whole where its arguments name it.
pub(crate) fn run(args: &ManualArgs, command: Whole) -> Result<Outcome, Error> {
    let folder = &args.folder;
    let count = write(folder, command).map_err(|error| {
        let folder = folder.display();
        Error::Failed(format!(
            "manual: the pages cannot be written to {folder}: {error}"
        ))
    })?;
    console::print(&format!("{count} pages in {}", folder.display()))?;
    Ok(Outcome::Done)
}

fn write(folder: &Path, command: Whole) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let pages = pages(command)?;
    for page in &pages {
        fs::write(folder.join(&page.file), &page.text)?;
    }
    Ok(pages.len())
}

/// A page, and the name of its file.
struct Page {
    file: String,
    text: Vec<u8>,
}

/// All pages: the command, its subcommands and theirs.
fn pages(command: Whole) -> io::Result<Vec<Page>> {
    let root = whole(command, &[]);
    let mut pages = vec![of_command(&root)?];
    for brief in shown(&root) {
        // Only what is named is made with all its flags.
        let name = brief.get_name();
        let root = whole(command, &[name.into()]);
        let command = root.find_subcommand(name).unwrap_or(brief);
        if CATALOGS
            .iter()
            .any(|(catalog, _)| catalog.service.name == name)
        {
            pages.push(of_service(command)?);
        } else {
            pages.push(of_command(command)?);
            for each in shown(command) {
                pages.push(of_command(each)?);
            }
        }
    }
    Ok(pages)
}

/// The command line of which that is whole what `arguments` name.
fn whole(command: Whole, arguments: &[OsString]) -> Command {
    let mut command = command(arguments).disable_help_subcommand(true);
    command.build();
    command
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|it| !it.is_hide_set())
}

fn man(command: &Command) -> Man {
    Man::new(command.clone())
        .source(concat!("tcloud ", env!("CARGO_PKG_VERSION")))
        .manual("tcloud")
}

fn of_command(command: &Command) -> io::Result<Page> {
    let man = man(command);
    let mut text = Vec::new();
    man.render(&mut text)?;
    // What stands below the options of --help is in columns: it is shown as it is.
    let text = String::from_utf8_lossy(&text).replacen(".SH EXTRA\n", ".SH NOTES\n.nf\n", 1);
    Ok(Page {
        file: man.get_filename(),
        text: text.into_bytes(),
    })
}

/// The page of a service. Its operations have no pages of their own: they are hundreds.
fn of_service(command: &Command) -> io::Result<Page> {
    let man = man(command);
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    let mut operations = Roff::new();
    let name = command.get_name();
    operations.control("SH", ["OPERATIONS"]);
    let hint = format!("What an operation takes is shown by tcloud {name} OPERATION --help.");
    operations.text([roman(hint)]);
    for operation in shown(command) {
        let about = operation.get_about().map(ToString::to_string);
        operations.control("TP", []);
        operations.text([bold(operation.get_name())]);
        operations.text([roman(about.unwrap_or_default())]);
    }
    operations.to_writer(&mut text)?;
    Ok(Page {
        file: man.get_filename(),
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(pages: &[Page], file: &str) -> String {
        let page = pages.iter().find(|page| page.file == file);
        String::from_utf8(page.unwrap().text.clone()).unwrap()
    }

    #[test]
    fn every_command_has_a_page_and_every_operation_is_on_one() {
        let pages = pages(crate::command).unwrap();
        let root = whole(crate::command, &[]);
        for command in shown(&root) {
            let page = page(&pages, &format!("tcloud-{}.1", command.get_name()));
            assert!(
                page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"),
                "{page}"
            );
        }
        for (catalog, _) in &CATALOGS {
            let text = page(&pages, &format!("tcloud-{}.1", catalog.service.name));
            assert_eq!(text.matches("\n.TP\n").count(), catalog.operations.len());
        }
        assert!(page(&pages, "tcloud.1").contains(".SH SUBCOMMANDS"));
        assert!(page(&pages, "tcloud-local-backup.1").contains(".SH OPTIONS"));
        // A command that is not built whole has no flags.
        #[cfg(feature = "storage")]
        assert!(page(&pages, "tcloud-sync.1").contains("\\-\\-delete"));
    }
}

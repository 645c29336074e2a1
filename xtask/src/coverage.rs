//! How much the tables hold of each service, as text.

use std::error::Error;

use comfy_table::{CellAlignment, Table, presets};
use tcloud_codegen::coverage::{Coverage, coverage};
use tcloud_codegen::index;
use tcloud_codegen::load::Spec;
use tcloud_codegen::lower::{Merged, Nearly, merges};

use crate::print::say;
use crate::{arguments, lint};

/// Prints how much of each service exists.
pub(crate) fn run(arguments: &arguments::Coverage) -> Result<(), Box<dyn Error>> {
    let spec = lint::spec()?;
    let mut services = coverage(&spec)?;
    if let Some(name) = &arguments.service {
        services.retain(|it| it.service == *name);
        if services.is_empty() {
            return Err(format!("there is no service `{name}` in the tables").into());
        }
    }
    if arguments.paging {
        say!("{}", paging(&services));
        return Ok(());
    }
    if arguments.containers {
        return containers(&spec, arguments.service.as_deref());
    }
    say!("{}", totals(&services));
    let missing = known(&spec, arguments.service.as_deref());
    if arguments.service.is_some() {
        services.iter().for_each(show_undocumented);
    }
    if missing > 0 {
        return Err(format!("{missing} entries of an index are not in the tables").into());
    }
    Ok(())
}

/// Prints what the generator made one of, and what it did not for a few rows.
fn containers(spec: &Spec, only: Option<&str>) -> Result<(), Box<dyn Error>> {
    for service in &spec.services {
        let name = &service.service.service;
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let (merged, nearly) = merges(&spec.sources, service)?;
        for Merged { name, places } in merged {
            say!(
                "{name}: one type for {}\n  {}",
                places.len(),
                places.join("\n  ")
            );
        }
        for Nearly { name, places, rows } in nearly {
            say!("{name}: nearly one type: {}", places.join(", "));
            for row in rows {
                say!("  {row}");
            }
        }
    }
    Ok(())
}

/// Prints how much of the services' indexes exists, and names what is missing; returns how much is.
fn known(spec: &Spec, only: Option<&str>) -> usize {
    let mut missing = 0;
    for service in &spec.services {
        let name = &service.service.service;
        if only.is_some_and(|only| only != name) {
            continue;
        }
        if let Some(found) = index::compare(service) {
            say!(
                "\n{name}: of the documents and functions in its index {} are there, {} have a \
                 reason not to be, {} are missing",
                found.present,
                found.explained,
                found.missing.len()
            );
            for entry in &found.missing {
                say!("  {entry}");
            }
            missing += found.missing.len();
        }
    }
    missing
}

/// Prints the rows without a description, table by table.
fn show_undocumented(service: &Coverage) {
    for table in &service.tables {
        let [rows, all] = [table.undocumented.len(), table.rows];
        if rows > 0 {
            let names = table.undocumented.join("\n  ");
            say!(
                "\n{}: {rows} of {all} rows without a description",
                table.owner
            );
            say!("  {names}");
        }
    }
}

/// A row a service, and the sum of all.
fn totals(services: &[Coverage]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "service",
        "operations",
        "paged",
        "waiters",
        "structures",
        "enumerations",
        "words",
        "rows",
        "documented",
        "%",
    ]);
    let mut sums = [0; 8];
    for service in services {
        let counts = counts(service);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        table.add_row(line(&service.service, counts));
    }
    if services.len() > 1 {
        table.add_row(line("all", sums));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn counts(service: &Coverage) -> [usize; 8] {
    [
        service.operations,
        service.paged.len(),
        service.waiters,
        service.structures,
        service.enumerations,
        service.words,
        service.rows(),
        service.documented(),
    ]
}

fn line(name: &str, counts: [usize; 8]) -> Vec<String> {
    let [.., rows, documented] = counts;
    // Rounded down: only what is complete shows as such.
    let percent = documented.saturating_mul(100).checked_div(rows);
    let mut line = vec![name.to_owned()];
    line.extend(counts.map(|count| count.to_string()));
    line.push(percent.map_or_else(|| "–".to_owned(), |percent| percent.to_string()));
    line
}

/// A row for each operation whose list is paged: nodes, and the fields that lead to the items.
fn paging(services: &[Coverage]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "service",
        "operation",
        "request",
        "counts",
        "next",
        "more",
        "total",
        "items",
    ]);
    for service in services {
        for (operation, paging) in &service.paged {
            let counts = match (&paging.output, paging.by_items) {
                (Some(_), _) => "",
                (None, true) => "items",
                (None, false) => "pages",
            };
            let mut items = paging.containers.clone();
            items.push(paging.items.name.clone());
            let node = |node: &Option<String>| node.clone().unwrap_or_default();
            table.add_row([
                service.service.clone(),
                operation.clone(),
                paging.input.clone(),
                counts.to_owned(),
                node(&paging.output),
                node(&paging.more),
                node(&paging.total),
                items.join("."),
            ]);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcloud_codegen::coverage::Table as Rows;

    fn service(name: &str, operations: usize, undocumented: usize) -> Coverage {
        let rows = Rows {
            owner: "Job".to_owned(),
            rows: 3,
            undocumented: vec!["Id".to_owned(); undocumented],
        };
        Coverage {
            service: name.to_owned(),
            operations,
            structures: 1,
            tables: vec![rows],
            enumerations: 0,
            words: 0,
            paged: Vec::new(),
            waiters: 0,
        }
    }

    #[test]
    fn counts_stand_below_each_other() {
        let table = totals(&[service("a", 2, 1), service("long", 110, 0)]);
        let lines: Vec<_> = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .collect();
        assert_eq!(
            lines.get(1).map(|it| it.join(" ")).as_deref(),
            Some("a 2 0 0 1 0 0 3 2 66")
        );
        assert_eq!(
            lines.last().map(|it| it.join(" ")).as_deref(),
            Some("all 112 0 0 2 0 0 6 5 83")
        );
        let ends: Vec<_> = table
            .lines()
            .map(|line| line.trim_end().chars().count())
            .collect();
        assert_eq!(ends, [ends.first().copied().unwrap_or_default(); 4]);
    }
}

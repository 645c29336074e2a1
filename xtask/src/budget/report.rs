//! The figures beside their limits.

use std::collections::BTreeMap;
use std::iter;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::figure::{Figure, Subject};
use super::limits::Limits;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: BTreeMap<Figure, BTreeMap<Subject, f64>>,
}

/// A comparison of a figure with a limit.
struct Row {
    figure: String,
    measured: String,
    limit: Option<String>,
    peer: Option<String>,
    ratio: Option<f64>,
    over: bool,
}

impl Report {
    /// Writes a figure down, in its unit, and shows it at once: a run takes its time.
    pub(crate) fn set(&mut self, figure: Figure, subject: Subject, value: f64) {
        let (subject_title, value_shown) = (subject.title(), figure.unit().show(value));
        eprintln!("{subject_title}: {}: {value_shown}", figure.title());
        self.figures
            .entry(figure)
            .or_default()
            .insert(subject, value);
    }

    /// The table, and how many limits were passed.
    pub(crate) fn table(&self, limits: &Limits, markdown: bool) -> (String, usize) {
        let rows: Vec<Row> = self
            .figures
            .iter()
            .flat_map(|(figure, values)| rows(*figure, values, limits))
            .collect();
        let over = rows.iter().filter(|row| row.over).count();

        let mut table = Table::new();
        table.load_style(if markdown {
            presets::ASCII_MARKDOWN
        } else {
            presets::NOTHING
        });
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["figure", "measured", "limit", "peer", "ratio", ""]);
        for row in rows {
            table.add_row(row.cells());
        }
        (table.trim_fmt(), over)
    }
}

fn rows(figure: Figure, values: &BTreeMap<Subject, f64>, limits: &Limits) -> Vec<Row> {
    let Some(own) = values.get(&Subject::Tcloud).copied() else {
        return Vec::new();
    };
    let unit = figure.unit();
    let absolute = |figure_title: String, subject: Subject, value: f64| {
        let most = limits.most(figure, subject);
        Row {
            figure: figure_title,
            measured: unit.show(value),
            limit: most.map(|most| unit.show(most)),
            peer: None,
            ratio: None,
            over: most.is_some_and(|most| value > most),
        }
    };
    let first = absolute(figure.title().to_owned(), Subject::Tcloud, own);
    let further = values
        .iter()
        .filter(|(subject, _)| matches!(subject, Subject::Ci | Subject::Cos))
        .map(|(subject, value)| {
            let figure_title = format!("{}, {}", figure.title(), subject.title());
            absolute(figure_title, *subject, *value)
        });
    let peers = values
        .iter()
        .filter(|(peer, _)| matches!(peer, Subject::Serde | Subject::Aws));
    let relative = peers.map(|(peer, value)| {
        let share = limits.share(figure, *peer);
        let ratio = own / value;
        Row {
            figure: figure.title().to_owned(),
            measured: unit.show(own),
            limit: share.map(|share| share.text.clone()),
            peer: Some(format!("{}: {}", peer.title(), unit.show(*value))),
            ratio: Some(ratio),
            over: share.is_some_and(|share| ratio > share.value),
        }
    });
    iter::once(first).chain(relative).chain(further).collect()
}

impl Row {
    fn cells(self) -> Vec<Cell> {
        let state = match (&self.limit, self.over) {
            (_, true) => "OVER",
            (Some(_), false) => "ok",
            (None, false) => "",
        };
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        vec![
            Cell::new(self.figure),
            right(self.measured),
            right(self.limit.unwrap_or_default()),
            Cell::new(self.peer.unwrap_or_default()),
            right(self.ratio.map(|it| format!("{it:.3}")).unwrap_or_default()),
            Cell::new(state),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = r#"
        [aws]
        package = "some-sdk"
        version = "1.0.0"

        [limits]
        dev-build = { most = 10, ci = 12, of-serde = "1/6", of-aws = "1/3" }
        lean-program = { most = 1_000 }
        unused-operations = { most = 0 }
    "#;

    fn report() -> Report {
        let mut report = Report::default();
        report.set(Figure::UnusedOperations, Subject::Tcloud, 1.0);
        report.set(Figure::DevBuild, Subject::Tcloud, 8.0);
        report.set(Figure::DevBuild, Subject::Ci, 13.0);
        report.set(Figure::DevBuild, Subject::Serde, 47.0);
        report.set(Figure::DevBuild, Subject::Aws, 24.0);
        report.set(Figure::LeanProgram, Subject::Tcloud, 1_000.0);
        report.set(Figure::FullCrates, Subject::Tcloud, 120.0);
        // Nothing of ours to compare with.
        report.set(Figure::ReleaseBuild, Subject::Serde, 230.0);
        report
    }

    #[test]
    fn every_comparison_has_a_row() {
        let limits = toml::from_str(LIMITS).unwrap();
        let (text, over) = report().table(&limits, false);
        assert_eq!(over, 3);
        insta::assert_snapshot!(text, @r"
        figure                                 measured  limit    peer                  ratio
        dev build                                 8.0 s   10.0 s                               ok
        dev build                                 8.0 s      1/6  serde derive: 47.0 s  0.170  OVER
        dev build                                 8.0 s      1/3  AWS: 24.0 s           0.333  ok
        dev build, tcloud-ci                     13.0 s   12.0 s                               OVER
        crates of a client with transport           120
        program of one call without transport   1000 kB  1000 kB                               ok
        operations it does not call add             1 B      0 B                               OVER
        ");
    }

    #[test]
    fn the_table_of_a_document_is_markdown() {
        let limits = toml::from_str(LIMITS).unwrap();
        let (text, _) = report().table(&limits, true);
        insta::assert_snapshot!(text, @r"
        | figure                                | measured | limit   | peer                 | ratio |      |
        |---------------------------------------|----------|---------|----------------------|-------|------|
        | dev build                             |    8.0 s |  10.0 s |                      |       | ok   |
        | dev build                             |    8.0 s |     1/6 | serde derive: 47.0 s | 0.170 | OVER |
        | dev build                             |    8.0 s |     1/3 | AWS: 24.0 s          | 0.333 | ok   |
        | dev build, tcloud-ci                  |   13.0 s |  12.0 s |                      |       | OVER |
        | crates of a client with transport     |      120 |         |                      |       |      |
        | program of one call without transport |  1000 kB | 1000 kB |                      |       | ok   |
        | operations it does not call add       |      1 B |     0 B |                      |       | OVER |
        ");
    }
}

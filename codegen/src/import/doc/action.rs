//! Pages of API 3.0: an action with its parameters, its answer and its samples in JSON.

use super::address;
use super::body::Body;
use super::cells::{self, finish};
use super::evidence;
use super::facts::Given;
use super::facts::{OPEN, Operation, Row, Sample};
use super::http::Printed;
use super::kinds;
use super::model::{Content, Document};
use super::page::Page;
use super::remark::{RemarkKind, Remarks};
use super::rows::names;
use super::shape::Shape;
use super::table::{self, RawRow};

/// Where the services of API 3.0 are.
const HOST: &str = "tencentcloudapi.com";

/// Reads a page of API 3.0; `None` for any other.
///
/// # Errors
///
/// A page that has requests of an action, and no table that can be read.
pub(super) fn read(
    document: &Document,
    page: &Page<'_>,
    given: &Given<'_>,
    remarks: &mut Remarks,
) -> Option<Result<Operation, String>> {
    let mut tables = Vec::new();
    for own in &page.operations {
        for found in &own.tables {
            tables.push((found, table::rows(found.table, remarks)));
        }
    }
    let value = |name: &str| {
        let row = tables
            .iter()
            .flat_map(|(_, rows)| rows)
            .find(|row| bare(&row.name) == name)?;
        last_word(&row.description)
    };
    let printed = || {
        let patterns = page
            .operations
            .iter()
            .filter_map(|own| own.pattern.as_ref());
        let cases = page.operations.iter().flat_map(|own| &own.cases);
        patterns.chain(cases.filter_map(|case| case.first()?.as_ref()))
    };
    let header = |name: &str| printed().find_map(|it| it.header(name)).map(str::to_owned);
    let host = host(document).or_else(|| header("Host").filter(|host| host.ends_with(HOST)));
    let action = value("Action").or_else(|| header("X-TC-Action"));
    let (Some(name), true) = (action, value("Version").is_some() || host.is_some()) else {
        return None;
    };
    if tables.is_empty() {
        return Some(Err(format!(
            "it shows requests of `{name}`, and no table of parameters whose head is in English or \
             Chinese: pass the page of the action in one of these languages"
        )));
    }
    let line = page.operations.first().map_or(1, |own| {
        own.tables.first().map_or(own.line, |found| found.line)
    });
    let own = host
        .as_deref()
        .and_then(|host| host.split('.').next())
        .unwrap_or_default();
    let mut operation = Operation {
        line,
        tc3: true,
        service: given.service.map_or_else(|| own.to_owned(), str::to_owned),
        version: value("Version").or_else(|| header("X-TC-Version")),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        host: host.clone().unwrap_or_default(),
        address: page.address.clone(),
        updated: page.updated.clone(),
        name: given.name.map_or(name, str::to_owned),
        ..Operation::default()
    };
    if let Some(service) = given
        .service
        .filter(|service| !own.is_empty() && *service != own)
    {
        remarks.add(
            line,
            RemarkKind::Contradicted,
            "service",
            format!("the page is one of `{own}`, and `{service}` was asked for"),
        );
    }
    for own in &page.operations {
        operation.errors.extend(own.errors.iter().cloned());
    }
    operation.idempotent = looks(&operation.name);
    for (found, raw) in &tables {
        let requires = raw.iter().any(|row| row.required.is_some());
        let answer = found.answer || !requires;
        let (side, message) = if answer {
            ("response", &mut operation.response)
        } else {
            ("request", &mut operation.request)
        };
        for row in raw {
            let name = bare(&row.name);
            if address::COMMON.contains(&name.as_str()) && !answer {
                continue;
            }
            push(&mut message.rows, side, answer, row, remarks);
        }
    }
    samples(page, &mut operation, remarks);
    shown(&mut operation, remarks);
    Some(Ok(operation))
}

/// Whether an action changes nothing, by the verb of its name.
fn looks(name: &str) -> bool {
    [
        "Check", "Count", "Describe", "Download", "Get", "Inquiry", "List", "Query", "Search",
    ]
    .iter()
    .any(|verb| {
        name.strip_prefix(verb)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// Adds the row of a parameter; one of an answer may be `null` where the page says so.
pub(super) fn push(
    rows: &mut Vec<Row>,
    side: &str,
    answer: bool,
    raw: &RawRow,
    remarks: &mut Remarks,
) {
    for name in names(raw, side, remarks) {
        // `Ids.N` is how the items of a list are numbered in a query string.
        let name = name.strip_suffix(".N").map_or(name.clone(), str::to_owned);
        let item = format!("{side} {name}");
        let cell = raw.kind.clone().unwrap_or_default();
        let kind = kinds::structure(&cell);
        let mut row = Row::new(
            raw.line,
            "",
            &name,
            kind.clone().unwrap_or_else(cells::text_kind),
        );
        if kind.is_none() {
            row.explain(&format!("{OPEN}: the document says {}.", cell.trim()));
            remarks.add(
                raw.line,
                RemarkKind::Refused,
                &item,
                format!("the type `{}` is not known: write what it is", cell.trim()),
            );
        }
        finish(&mut row, raw, &item, remarks);
        let lower = raw.description.to_lowercase();
        row.nullable = answer
            && ["may return null", "可能返回 null", "may be null"]
                .iter()
                .any(|it| lower.contains(it));
        if rows.iter().any(|known| known.name == row.name) {
            remarks.add(
                raw.line,
                RemarkKind::Contradicted,
                &item,
                "an earlier line describes it, too; that one counts",
            );
            continue;
        }
        rows.push(row);
    }
}

fn samples(page: &Page<'_>, operation: &mut Operation, remarks: &mut Remarks) {
    let rows = &operation.request.rows;
    let mut samples = Vec::new();
    for own in &page.operations {
        let cases = own
            .cases
            .iter()
            .map(|[request, response]| [request.as_ref(), response.as_ref()]);
        let mut pairs: Vec<[Option<&Printed>; 2]> = cases.collect();
        let [requests, responses] = &own.examples;
        for printed in requests {
            if pairs
                .iter()
                .all(|pair| pair.first() != Some(&Some(printed)))
            {
                pairs.push([Some(printed), None]);
            }
        }
        for printed in responses {
            match pairs.iter_mut().find(|[_, response]| response.is_none()) {
                Some([_, response]) => *response = Some(printed),
                None => pairs.push([None, Some(printed)]),
            }
        }
        for [request, response] in pairs {
            let made = Sample {
                line: request.or(response).map_or(0, |printed| printed.line),
                request: request.and_then(|it| sample("request", it, rows, remarks)),
                response: response
                    .and_then(|it| sample("response", it, rows, remarks))
                    .filter(|text| text.contains("\"Response\"")),
                ..Sample::default()
            };
            if made.request.is_some() || made.response.is_some() {
                samples.push(made);
            }
        }
    }
    operation.samples = samples;
}

/// The body of a sample's message, as JSON.
fn sample(side: &str, printed: &Printed, rows: &[Row], remarks: &mut Remarks) -> Option<String> {
    let line = printed.body_line;
    if printed.method == "GET" && printed.body.trim().is_empty() {
        return match address::body(&printed.target, rows) {
            Ok(text) => {
                let told = "the request is an address; its parameters were read as a body of JSON";
                remarks.add(line, RemarkKind::Inferred, format!("{side} sample"), told);
                Some(text)
            }
            Err(why) => {
                let told =
                    format!("a request that is an address was left out of the samples: {why}");
                remarks.add(line, RemarkKind::Note, side, told);
                None
            }
        };
    }
    if printed.body.trim().is_empty() {
        return None;
    }
    let body = Body::read(&printed.body, line).filter(|body| body.json);
    let Some(body) = body else {
        let told = "a body that is no JSON was left out of the samples";
        remarks.add(line, RemarkKind::Note, side, told);
        return None;
    };
    body.tell(side, remarks);
    Some(body.text)
}

/// Compares words and ranges with what the samples show.
fn shown(operation: &mut Operation, remarks: &mut Remarks) {
    for (side, message, around) in [
        ("request", &mut operation.request, ""),
        ("response", &mut operation.response, "Response"),
    ] {
        let mut shape = Shape::default();
        for sample in &operation.samples {
            let text = match side {
                "request" => &sample.request,
                _ => &sample.response,
            };
            let body = text.as_ref().and_then(|text| Body::read(text, sample.line));
            if let Some(body) = body {
                shape.add(&body, true);
            }
        }
        evidence::values(side, around, &mut message.rows, &shape, remarks);
    }
}

/// The host that the page names.
fn host(document: &Document) -> Option<String> {
    document.blocks.iter().find_map(|block| {
        let Content::Paragraph(text) = &block.content else {
            return None;
        };
        let at = text.find(HOST)?;
        let start = text
            .get(..at)?
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
        let start = start.map_or(0, |at| {
            at + text
                .get(at..)
                .and_then(|it| it.chars().next())
                .map_or(1, char::len_utf8)
        });
        text.get(start..at + HOST.len()).map(str::to_owned)
    })
}

/// The value that a text ends with: `The value used for this API: ProcessImage.`
fn last_word(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', '。', '`', ' ']);
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .map_or(0, |at| {
            at + text
                .get(at..)
                .and_then(|it| it.chars().next())
                .map_or(1, char::len_utf8)
        });
    let word = text.get(start..)?;
    (!word.is_empty()).then(|| word.to_owned())
}

fn bare(name: &str) -> String {
    name.replace(['`', '*'], "").trim().to_owned()
}

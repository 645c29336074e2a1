//! From a document to the facts of its operations. Nothing here knows which form the document had.

use std::collections::BTreeSet;

use super::action;
use super::body::Body;
use super::copies::{copies, empty_containers};
use super::evidence;
use super::facts::{Given, OPEN, Operation, Row};
use super::headless::headed;
use super::http::{self, Printed};
use super::listed;
use super::message::message;
use super::model::{Content, Document};
use super::naming::naming;
use super::page::{self, Page};
use super::parameters;
use super::refusal::Refusal;
use super::remark::{RemarkKind, Remarks};
use super::required::required;
use super::route::{host, path_row, path_with, route, service_of};
use super::samples::samples;
use super::shape::Shape;
use super::strays;

/// A document's operations.
///
/// # Errors
///
/// A document that describes no operation.
pub fn operations(
    name: &str,
    document: &Document,
    given: &Given<'_>,
) -> Result<Vec<Operation>, Refusal> {
    let mut remarks = Remarks::default();
    let document = headed(document, &mut remarks);
    let document = document.as_ref();
    let page = page::read(document, &mut remarks);
    if let Some(operation) = action::read(document, &page, given, &mut remarks) {
        let operation = operation.map_err(|problem| Refusal::new(name, problem))?;
        return Ok(vec![with_remarks(operation, remarks)]);
    }
    let found: Vec<&page::Operation<'_>> = page
        .operations
        .iter()
        .filter(|operation| operation.pattern.is_some())
        .collect();
    if found.is_empty() {
        return Err(no_operation(name, &page));
    }
    let (pictures, found): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|it| it.pattern.as_ref().is_some_and(is_picture));
    for picture in pictures.iter().filter_map(|it| it.pattern.as_ref()) {
        let text = format!(
            "`{} {}` processes a picture by a grammar in its query string: that is written in \
             `pictures/*.yaml`, not as an operation",
            picture.method, picture.target
        );
        if found.is_empty() {
            return Err(Refusal::new(name, format!("line {}: {text}", picture.line)));
        }
        remarks.add(picture.line, RemarkKind::Note, "", text);
    }
    if given.name.is_some() && found.len() > 1 {
        return Err(Refusal::new(
            name,
            format!(
                "the document has {} operations: `--name` is for documents of one",
                found.len()
            ),
        ));
    }
    let several = found.len();
    let mut operations = Vec::new();
    for (index, own) in found.into_iter().enumerate() {
        let mut told = Remarks::default();
        if index == 0 {
            told.0.append(&mut remarks.0);
        }
        if several > 1 {
            told.add(
                own.line,
                RemarkKind::Note,
                "",
                format!(
                    "the document has {several} operations; this is number {}",
                    index + 1
                ),
            );
        }
        let operation = one(document, &page, own, given, &mut told);
        operations.push(with_remarks(operation, told));
    }
    Ok(operations)
}

fn with_remarks(mut operation: Operation, remarks: Remarks) -> Operation {
    operation.remarks.extend(remarks.0);
    operation.remarks.sort_by_key(|one| (one.line, one.kind));
    operation
}

fn no_operation(name: &str, page: &Page<'_>) -> Refusal {
    let tables: usize = page.operations.iter().map(|it| it.tables.len()).sum();
    let problem = if tables == 0 {
        "this describes no API: there is neither a request such as `GET /jobs HTTP/1.1` nor a table of \
         parameters; pass the page of one operation"
            .to_owned()
    } else {
        format!(
            "there {} but no request such as `GET /jobs HTTP/1.1`: pass the whole page, or write its \
             request line above the tables",
            if tables == 1 {
                "is a table of parameters".to_owned()
            } else {
                format!("are {tables} tables of parameters")
            }
        )
    };
    Refusal::new(name, problem)
}

/// Whether a request is one of picture processing, whose query string is a grammar.
fn is_picture(printed: &Printed) -> bool {
    let (_, query) = http::split(&printed.target);
    query.iter().any(|part| {
        part.value.is_none()
            && (part.name.contains('/')
                && ["imagemogr2", "imageview2", "watermark", "imagemogr"]
                    .iter()
                    .any(|it| part.name.to_ascii_lowercase().starts_with(it)))
    })
}

fn one(
    document: &Document,
    page: &Page<'_>,
    own: &page::Operation<'_>,
    given: &Given<'_>,
    remarks: &mut Remarks,
) -> Operation {
    let empty = Printed::default();
    let pattern = own.pattern.as_ref().unwrap_or(&empty);
    let (path, query) = http::split(&pattern.target);
    let (path, names) = http::template(&path);
    let mut operation = Operation {
        line: pattern.line,
        service: given
            .service
            .map_or_else(|| service_of(pattern), str::to_owned),
        method: pattern.method.clone(),
        address: page.address.clone(),
        updated: page.updated.clone(),
        errors: own.errors.clone(),
        ..Operation::default()
    };
    operation.errors.dedup();
    host(&mut operation, pattern, given.service.is_some(), remarks);
    let shapes = shapes(own, remarks);
    let [request_shape, response_shape] = &shapes;
    operation.request = message("request", own, false, request_shape, pattern, remarks);
    operation.response = message("response", own, true, response_shape, pattern, remarks);
    operation.request.path = names
        .iter()
        .map(|name| path_row(pattern.line, name))
        .collect();
    let selectors = route(&mut operation, &query, pattern, remarks);
    copies(own, &mut operation, remarks);
    let both = [&operation.request, &operation.response];
    let containers: BTreeSet<String> = both
        .into_iter()
        .flat_map(|message| &message.rows)
        .filter(|row| row.kind.is_container())
        .map(|row| row.name.clone())
        .collect();
    for (side, shape) in ["request", "response"].into_iter().zip(&shapes) {
        let message = if side == "request" {
            &mut operation.request
        } else {
            &mut operation.response
        };
        let root = message.root.clone();
        strays::gather(side, &mut message.rows, shape, remarks);
        evidence::compare(side, &root, &mut message.rows, shape, &containers, remarks);
        listed::read(side, &mut message.rows, remarks);
    }
    // Bodies may have shown a container that the text describes.
    copies(own, &mut operation, remarks);
    required(own, &mut operation.request, remarks);
    parameters::compare(own, &mut operation, remarks);
    empty_containers(&mut operation, &shapes, remarks);
    tag(&mut operation, &shapes[0], remarks);
    raw_bodies(&mut operation, own);
    permission(document, &mut operation);
    contradictions(own, remarks);
    idempotent(&mut operation);
    quiet(&mut operation, remarks);
    naming(
        page,
        own,
        &mut operation,
        &path,
        &selectors,
        document,
        given,
        remarks,
    );
    operation.path = path_with(&path, &selectors);
    samples(own, &mut operation, remarks);
    operation
}

/// What the bodies of both sides show.
fn shapes(own: &page::Operation<'_>, remarks: &mut Remarks) -> [Shape; 2] {
    let mut shapes = [Shape::default(), Shape::default()];
    for (side, shape) in shapes.iter_mut().enumerate() {
        let examples = own.examples.get(side).into_iter().flatten();
        let cases = own.cases.iter().filter_map(|case| case.get(side)?.as_ref());
        let printed: Vec<(&Printed, bool)> = examples
            .map(|it| (it, true))
            .chain(cases.map(|it| (it, true)))
            .collect();
        for (printed, real) in printed {
            if let Some(body) = Body::read(&printed.body, printed.body_line) {
                let other = shape
                    .root
                    .as_ref()
                    .is_some_and(|root| !body.json && *root != body.root.name);
                if other && body.root.name != "Error" {
                    remarks.add(
                        printed.body_line,
                        RemarkKind::Contradicted,
                        "",
                        format!(
                            "the body's root is `{}`, that of others `{}`; it was not looked at",
                            body.root.name,
                            shape.root.clone().unwrap_or_default()
                        ),
                    );
                }
                shape.add(&body, real);
            }
        }
    }
    shapes
}

/// The tag that selects a kind of job is always the same text.
fn tag(operation: &mut Operation, shape: &Shape, remarks: &mut Remarks) {
    let root = operation.request.root.clone();
    let Some(row) = operation
        .request
        .rows
        .iter_mut()
        .find(|row| row.name == "Tag" && row.parent == root)
    else {
        return;
    };
    let kinds = kinds(row, shape);
    if kinds.len() > 1 {
        let kinds = kinds.join("`, `");
        row.explain(&format!(
            "{OPEN}: the document has the kinds `{kinds}`, and each is an operation: write one for each, \
             with this row `fixed`."
        ));
        let told = format!(
            "the document has several kinds of jobs, `{kinds}`: write an operation for each, with `fixed`"
        );
        remarks.add(row.line, RemarkKind::Refused, "request Tag", told);
        return;
    }
    let mut shown = row.description.clone();
    shown.retain(|c| c != '`');
    let word = |c: char| c.is_ascii_alphanumeric();
    let last = shown
        .split(|c| !word(c))
        .rfind(|it| it.starts_with(|c: char| c.is_ascii_uppercase()) && it.len() > 2);
    let Some(tag) = last.map(str::to_owned) else {
        return;
    };
    row.fixed = Some(tag.clone());
    row.values.clear();
    row.default = None;
    remarks.add(
        row.line,
        RemarkKind::Read,
        "request Tag",
        format!("it is always `{tag}`"),
    );
}

/// The kinds of jobs that the row of the tag lists, or that bodies show.
fn kinds(row: &Row, shape: &Shape) -> Vec<String> {
    if row.values.len() > 1 {
        return row.values.clone();
    }
    let mut kinds: Vec<String> = Vec::new();
    let texts = shape.get(&row.path()).map_or(&[][..], |seen| &seen.texts);
    for (_, text, _) in texts.iter().filter(|(_, text, _)| evidence::is_value(text)) {
        if !kinds.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            kinds.push(text.clone());
        }
    }
    kinds
}

/// Bodies that are bytes: those of objects.
fn raw_bodies(operation: &mut Operation, own: &page::Operation<'_>) {
    let bytes = |printed: &Printed| {
        let body = printed.body.to_ascii_lowercase();
        [
            "[object content]",
            "[object]",
            "<object content>",
            "[file content]",
            "[object body]",
            "[body]",
            "[request body]",
            "[object data]",
            "[object part]",
            "[part content]",
            "[image content]",
        ]
        .iter()
        .any(|it| body.contains(it))
    };
    let sides = own
        .pattern
        .iter()
        .chain(own.cases.iter().filter_map(|case| case.first()?.as_ref()));
    operation.request.raw = operation.request.rows.is_empty() && sides.into_iter().any(bytes);
    let answers = own
        .examples
        .get(1)
        .into_iter()
        .flatten()
        .chain(own.cases.iter().filter_map(|case| case.get(1)?.as_ref()));
    operation.response.raw = operation.response.rows.is_empty() && answers.into_iter().any(bytes);
}

/// The permission that a sub-account needs, if the text names one.
fn permission(document: &Document, operation: &mut Operation) {
    let prefix = format!("{}:", operation.service);
    for block in &document.blocks {
        let Content::Paragraph(text) = &block.content else {
            continue;
        };
        for (at, _) in text.match_indices(&prefix) {
            let name: String = text
                .get(at + prefix.len()..)
                .unwrap_or_default()
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                operation.permission = Some(format!("{prefix}{name}"));
                return;
            }
        }
    }
}

/// Requests of the cases that are not what the request says.
fn contradictions(own: &page::Operation<'_>, remarks: &mut Remarks) {
    let Some(pattern) = &own.pattern else { return };
    let (path, _) = http::split(&pattern.target);
    let (path, _) = http::template(&path);
    for case in own.cases.iter().filter_map(|case| case.first()?.as_ref()) {
        let method =
            (case.method != pattern.method && !case.method.is_empty()).then_some(&case.method);
        if let Some(method) = method {
            remarks.add(
                case.line,
                RemarkKind::Contradicted,
                "",
                format!(
                    "a sample says `{method}`, the request `{}`: the request is followed",
                    pattern.method
                ),
            );
        }
        if case.method.is_empty() || path.contains('{') {
            continue;
        }
        let (own_path, _) = http::split(&case.target);
        if own_path.trim_end_matches('/') != path.trim_end_matches('/') {
            remarks.add(case.line, RemarkKind::Contradicted, "", format!("a sample asks for `{own_path}`, the request for `{path}`: the request is followed"));
        }
    }
}

/// What is copied or put together is so before it is answered: no clock of an attempt may end that.
fn quiet(operation: &mut Operation, remarks: &mut Remarks) {
    let request = &operation.request;
    let copies = request
        .headers
        .iter()
        .any(|row| row.name == "x-cos-copy-source");
    operation.quiet = copies || request.root == "CompleteMultipartUpload";
    if operation.quiet {
        let told = "the service copies or joins before it answers; it is `quiet`";
        remarks.add(operation.line, RemarkKind::Inferred, "", told);
    }
}

fn idempotent(operation: &mut Operation) {
    operation.idempotent = matches!(
        operation.method.as_str(),
        "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS"
    );
    let unless = "x-cos-forbid-overwrite";
    if operation.idempotent
        && operation
            .request
            .headers
            .iter()
            .any(|row| row.name == unless)
    {
        operation.idempotent_unless = Some(unless.to_owned());
    }
}

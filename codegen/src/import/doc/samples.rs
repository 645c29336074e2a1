//! Samples: what the document prints of whole messages.

use super::body::{self, Body};
use super::drift;
use super::evidence;
use super::facts::{Message, Operation, Sample};
use super::http::Printed;
use super::page;
use super::remark::{RemarkKind, Remarks};

/// Samples: the messages of the cases, or the bodies of the sections if there are no cases.
pub(super) fn samples(own: &page::Operation<'_>, operation: &mut Operation, remarks: &mut Remarks) {
    let mut pairs: Vec<[Option<&Printed>; 2]> = own
        .cases
        .iter()
        .map(|case| {
            let [request, response] = case;
            [request.as_ref(), response.as_ref()]
        })
        .collect();
    if pairs
        .iter()
        .flatten()
        .flatten()
        .all(|printed| printed.body.trim().is_empty())
    {
        // Bodies with names where values would be show nothing.
        let real = |printed: &&Printed| {
            Body::read(&printed.body, printed.body_line)
                .is_some_and(|body| evidence::has_values(&body.root))
        };
        let [requests, responses] = &own.examples;
        pairs = vec![[requests.iter().find(real), responses.iter().find(real)]];
    }
    for [request, response] in pairs.into_iter().take(20) {
        let mut sample = Sample {
            line: request.or(response).map_or(0, |printed| printed.line),
            ..Sample::default()
        };
        for (side, printed) in [("request", request), ("response", response)] {
            let Some(printed) = printed.filter(|printed| !printed.body.trim().is_empty()) else {
                continue;
            };
            let message = if side == "request" {
                &operation.request
            } else {
                &operation.response
            };
            let Some(text) = sample_text(side, printed, message, &mut sample, remarks) else {
                continue;
            };
            if side == "request" {
                sample.request = Some(text);
            } else {
                sample.response = Some(text);
            }
        }
        if sample.request.is_some() || sample.response.is_some() {
            operation.samples.push(sample);
        }
    }
}

fn sample_text(
    side: &str,
    printed: &Printed,
    message: &Message,
    sample: &mut Sample,
    remarks: &mut Remarks,
) -> Option<String> {
    let line = printed.body_line;
    if message.raw || message.rows.is_empty() {
        return None;
    }
    let Some(body) = Body::read(&printed.body, line) else {
        remarks.add(
            line,
            RemarkKind::Note,
            side,
            "a body that is neither XML nor JSON was left out of the samples",
        );
        return None;
    };
    let shows_nothing = body.root.children.is_empty()
        && body.root.text.is_empty()
        && body.root.attributes.is_empty();
    let elided = body.root.text.contains("...") || body.text.contains("<...>");
    if (!body.json && body.root.name != message.root) || elided || (shows_nothing && body.json) {
        remarks.add(
            line,
            RemarkKind::Note,
            side,
            "a body that is not the whole of the message was left out of the samples",
        );
        return None;
    }
    if !body.json && !body::well_formed(&body.text) {
        remarks.add(
            line,
            RemarkKind::Refused,
            side,
            "a body cannot be mended into XML; it was left out of the samples",
        );
        return None;
    }
    if side == "request"
        && let Some([container, row]) = drift::abridged(&message.rows, &message.root, &body.root)
    {
        let told = format!(
            "a body that shows `{container}` empty, which requires `{row}`, was left out of the samples"
        );
        remarks.add(line, RemarkKind::Note, side, told);
        return None;
    }
    body.tell(side, remarks);
    sample.mended |= !body.mended.is_empty();
    sample
        .drift
        .extend(drift::drift(&message.rows, &message.root, &body.root));
    Some(body.text)
}

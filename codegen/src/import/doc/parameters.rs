//! Parameters and headers against the requests and responses of the samples.

use std::collections::BTreeMap;

use super::body::Scalar;
use super::evidence::is_value;
use super::facts::{Operation, Row};
use super::figures::{Shown, numbers, refuted};
use super::http::{self, Printed};
use super::page;
use super::remark::Remarks;

/// Values of one parameter that are looked at.
const VALUES: usize = 8;

/// Compares the types of parameters and headers with the values that samples show.
pub(super) fn compare(own: &page::Operation<'_>, operation: &mut Operation, remarks: &mut Remarks) {
    let cases = |side: usize| {
        let cases = own
            .cases
            .iter()
            .filter_map(move |case| case.get(side)?.as_ref());
        cases.collect::<Vec<&Printed>>()
    };
    let (requests, responses) = (cases(0), cases(1));
    let mut queries = Values::default();
    for printed in own.pattern.iter().chain(requests.iter().copied()) {
        for part in http::split(&printed.target).1 {
            let value = part.value.unwrap_or_default();
            // A pattern has names where samples have values.
            if !printed.is_pattern() || value.bytes().all(|byte| byte.is_ascii_digit()) {
                queries.add(&part.name, value, printed.line);
            }
        }
    }
    queries.compare("request", &mut operation.request.query, remarks);
    for (side, printed, message) in [
        ("request", &requests, &mut operation.request),
        ("response", &responses, &mut operation.response),
    ] {
        let mut headers = Values::default();
        for printed in printed.iter().filter(|it| !it.is_pattern()) {
            for (name, value) in &printed.headers {
                headers.add(name, value.clone(), printed.line);
            }
        }
        headers.compare(side, &mut message.headers, remarks);
    }
}

/// What samples show, by names in lower case.
#[derive(Default)]
struct Values(BTreeMap<String, Vec<Shown>>);

impl Values {
    fn add(&mut self, name: &str, value: String, line: usize) {
        let values = self.0.entry(name.to_ascii_lowercase()).or_default();
        if values.len() < VALUES && !value.trim().is_empty() && is_value(&value) {
            values.push((line, value, Scalar::Text));
        }
    }

    fn compare(&self, side: &str, rows: &mut [Row], remarks: &mut Remarks) {
        for row in rows {
            let Some(values) = self.0.get(&row.name.to_ascii_lowercase()) else {
                continue;
            };
            let texts: Vec<&Shown> = values.iter().collect();
            let item = format!("{side} {}", row.name);
            refuted(row, &texts, &item, remarks);
            numbers(row, &texts, &item, remarks);
        }
    }
}

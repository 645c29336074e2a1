//! What is counted while the local cloud runs, and how Prometheus reads it: its text format, 0.0.4.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of durations, in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Upper bounds of how many transactions share a commit.
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How often values lay between bounds.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    bounds: &'static [f64],
    /// Of each bound, those above the one before it.
    counts: Vec<u64>,
    count: u64,
    sum: f64,
}

impl Histogram {
    /// For durations in seconds.
    pub(crate) fn of_seconds() -> Self {
        Self::new(SECONDS)
    }

    /// For how many transactions share a commit.
    pub(crate) fn of_batches() -> Self {
        Self::new(BATCHES)
    }

    fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: vec![0; bounds.len()],
            count: 0,
            sum: 0.0,
        }
    }

    /// How many values were counted.
    #[cfg(test)]
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Counts `value`.
    pub(crate) fn observe(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        let mut bounds = self.bounds.iter().zip(&mut self.counts);
        if let Some((_, count)) = bounds.find(|(bound, _)| value <= **bound) {
            *count += 1;
        }
    }
}

/// The requests that were answered, by operation.
#[derive(Debug, Default)]
pub(crate) struct RequestMetrics(Mutex<HashMap<String, Answered>>);

#[derive(Debug)]
struct Answered {
    by_status: BTreeMap<u16, u64>,
    durations: Histogram,
}

impl RequestMetrics {
    /// Counts a request for `operation`, such as `cos.PutObject`, or for none, which was answered
    /// with `status` after `took`. There are no more operations than the tables have.
    pub(crate) fn count(&self, operation: Option<&str>, status: u16, took: Duration) {
        let operation = operation.unwrap_or_default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(operation) {
            let answered = Answered {
                by_status: BTreeMap::new(),
                durations: Histogram::of_seconds(),
            };
            all.insert(operation.to_owned(), answered);
        }
        if let Some(answered) = all.get_mut(operation) {
            *answered.by_status.entry(status).or_default() += 1;
            answered.durations.observe(took.as_secs_f64());
        }
    }

    /// Writes what was counted.
    pub(crate) fn write(&self, text: &mut Exposition) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = all.iter().collect();
        all.sort_by_key(|(operation, _)| *operation);
        let name = "tcloud_requests_total";
        text.family(name, "counter", "Requests that were answered.");
        for (operation, answered) in &all {
            let (service, operation) = operation.split_once('.').unwrap_or_default();
            for (status, count) in &answered.by_status {
                let status = status.to_string();
                let labels = [
                    ("service", service),
                    ("operation", operation),
                    ("status", &status),
                ];
                text.sample(name, &labels, count);
            }
        }
        let name = "tcloud_request_duration_seconds";
        text.family(name, "histogram", "Time until the answer began.");
        for (operation, answered) in &all {
            let (service, operation) = operation.split_once('.').unwrap_or_default();
            let labels = [("service", service), ("operation", operation)];
            text.histogram(name, &labels, &answered.durations);
        }
    }
}

/// A text that is written metric by metric.
#[derive(Debug, Default)]
pub(crate) struct Exposition(String);

impl Exposition {
    /// Begins the metric `name`. Its samples follow.
    pub(crate) fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a `String` cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Writes a value of the metric.
    pub(crate) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        if !labels.is_empty() {
            self.0.push('{');
            for (number, (label, text)) in labels.iter().enumerate() {
                let comma = if number == 0 { "" } else { "," };
                let _ = write!(self.0, "{comma}{label}=\"{}\"", escaped(text));
            }
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A metric of one value.
    pub(crate) fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// Writes the values of a histogram.
    pub(crate) fn histogram(&mut self, name: &str, labels: &[(&str, &str)], of: &Histogram) {
        let bucket = format!("{name}_bucket");
        let mut below = 0;
        for (bound, count) in of.bounds.iter().zip(&of.counts) {
            below += count;
            let bound = bound.to_string();
            self.sample(&bucket, &[labels, &[("le", &bound)]].concat(), below);
        }
        self.sample(&bucket, &[labels, &[("le", "+Inf")]].concat(), of.count);
        self.sample(&format!("{name}_sum"), labels, of.sum);
        self.sample(&format!("{name}_count"), labels, of.count);
    }

    /// The whole text.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prometheus_parse::{Scrape, Value};

    use super::{Exposition, Histogram, RequestMetrics};

    /// As a reader of others understands it.
    fn read(text: Exposition) -> Scrape {
        let lines = text.finish();
        Scrape::parse(lines.lines().map(|line| Ok(line.to_owned()))).unwrap()
    }

    #[test]
    fn requests_are_counted_by_operation_and_status() {
        let metrics = RequestMetrics::default();
        let took = Duration::from_millis(20);
        metrics.count(Some("cos.PutObject"), 200, took);
        metrics.count(Some("cos.PutObject"), 200, took);
        metrics.count(Some("cos.PutObject"), 404, Duration::from_mins(1));
        metrics.count(None, 403, took);
        let mut text = Exposition::default();
        metrics.write(&mut text);
        let read = read(text);
        let of = |operation: &str, status: &str| {
            let found = read.samples.iter().find(|it| {
                it.metric == "tcloud_requests_total"
                    && it.labels.get("operation") == Some(operation)
                    && it.labels.get("status") == Some(status)
            });
            found.map(|it| it.value.clone())
        };
        assert_eq!(of("PutObject", "200"), Some(Value::Counter(2.0)));
        assert_eq!(of("PutObject", "404"), Some(Value::Counter(1.0)));
        assert_eq!(of("", "403"), Some(Value::Counter(1.0)));
        let put = read.samples.iter().find(|it| {
            it.metric == "tcloud_request_duration_seconds"
                && it.labels.get("operation") == Some("PutObject")
        });
        let Value::Histogram(buckets) = &put.unwrap().value else {
            panic!("{put:?}");
        };
        let below = |bound: f64| {
            let found = buckets
                .iter()
                .find(|it| (it.less_than - bound).abs() < 1e-9);
            found.unwrap().count
        };
        let counts = [below(0.01), below(0.025), below(10.0)];
        assert_eq!(format!("{counts:?}"), "[0.0, 2.0, 2.0]");
        let all = buckets.last().unwrap().count;
        assert_eq!(format!("{all:?}"), "3.0");
    }

    #[test]
    fn labels_and_bounds_are_what_they_were() {
        let mut batches = Histogram::of_batches();
        for size in [1.0, 2.0, 3.0, 1000.0] {
            batches.observe(size);
        }
        let mut text = Exposition::default();
        text.family("batches", "histogram", "Sizes.");
        text.histogram("batches", &[], &batches);
        text.single("other", "gauge", "Another.", 7);
        text.family("odd", "gauge", "Odd labels.");
        text.sample("odd", &[("a", "q\"b\\c\nd"), ("e", "ü")], 1);
        let text = text.finish();
        assert!(text.contains("batches_bucket{le=\"4\"} 3\n"), "{text}");
        assert!(text.contains("batches_bucket{le=\"+Inf\"} 4\n"), "{text}");
        assert!(
            text.contains("batches_sum 1006\nbatches_count 4\n"),
            "{text}"
        );
        assert!(
            text.contains("odd{a=\"q\\\"b\\\\c\\nd\",e=\"ü\"} 1\n"),
            "{text}"
        );
    }
}

//! The documents that are measured, made of small ones in `tests/data/benches`.

use serde_json::Value;

/// Bytes that the large document has at least.
const LARGE: usize = 1_000_000;

/// A request, in the shape that a client sends.
pub(crate) fn process_image() -> String {
    compact(include_str!("../../data/benches/ProcessImage.request.json")).to_string()
}

/// The response that the document of DescribeTaskDetail prints, its results repeated.
pub(crate) fn task_detail() -> String {
    let mut response = compact(include_str!(
        "../../data/benches/DescribeTaskDetail.response.json"
    ));
    let results = response
        .pointer_mut("/WorkflowTask/MediaProcessResultSet")
        .and_then(Value::as_array_mut)
        .unwrap();
    let result = results.pop().unwrap();
    let times = LARGE.div_ceil(result.to_string().len());
    results.resize(times, result);
    response.to_string()
}

/// A page of 100 jobs, laid out as documents print it.
pub(crate) fn jobs() -> String {
    let page = include_str!("../../data/benches/ListJobs.response.xml");
    let start = page.find("  <JobsDetail>").unwrap();
    let end = page.find("  <NextToken/>").unwrap();
    let (head, rest) = page.split_at(start);
    let (jobs, tail) = rest.split_at(end - start);
    let times = 100 / jobs.matches("<JobsDetail>").count();
    [head, &jobs.repeat(times), tail].concat()
}

fn compact(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

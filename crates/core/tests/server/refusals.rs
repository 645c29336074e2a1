//! What a request carries, checked against its table.

use crate::fixture::{AnyJob, AnyTask, CANCEL, CREATE_A, PROCESS, incoming, refused, routed};

#[test]
fn a_request_is_decoded_from_all_its_parts() {
    let body = "<Request><Tag>A</Tag><Level>1</Level></Request>";
    let (request, _) = incoming(&CREATE_A, &[("size", "5")], body)
        .decode::<AnyJob>()
        .unwrap();
    assert_eq!(
        format!("{:?}", request.0),
        "Job { bucket: \"b-1\", size: 5, x-ci-meta-: {\"colour\": \"red\"}, Level: 1 }"
    );
}

#[test]
fn what_the_table_does_not_know_is_refused_by_name() {
    let outcome = |query: &[&str], headers: &[&'static str], body: &'static str| {
        let query: Vec<_> = query.iter().map(|name| (*name, "")).collect();
        let headers: Vec<_> = headers.iter().map(|name| (*name, "x")).collect();
        match routed(&CREATE_A, &query, &headers, body) {
            Ok(incoming) => refused::<AnyJob>(incoming),
            Err(fault) => fault.to_string(),
        }
    };
    for name in [
        "size",
        "q-sign-algorithm",
        "q-signature",
        "sign",
        "x-cos-security-token",
    ] {
        assert_eq!(outcome(&[name], &[], "<Request/>"), "accepted", "{name}");
    }
    for header in [
        "x-cos-meta-a",
        "x-cos-sdk-retry",
        "x-ci-security-token",
        "x-cos-traceid",
        "traceparent",
        "x-amzn-trace-id",
        "x-ci-meta-more",
    ] {
        let outcome = outcome(&[], &[header], "<Request/>");
        assert_eq!(outcome, "accepted", "{header}");
    }
    let says = |part: &str| {
        format!(
            "NotImplemented: CreateAJob has no {part} here, and what that asks for is not \
             implemented. Leave it out only if CreateAJob without it is what you want."
        )
    };
    for name in [
        "cancel",
        "Size",
        "foo",
        "q-other",
        "imageMogr2/thumbnail/5x",
    ] {
        let part = format!("query parameter `{name}`");
        assert_eq!(outcome(&[name], &[], "<Request/>"), says(&part));
    }
    for header in [
        "x-cos-callback",
        "x-amz-copy-source",
        "x-ci-other",
        "pic-operations",
    ] {
        let part = format!("header `{header}`");
        assert_eq!(outcome(&[], &[header], "<Request/>"), says(&part));
    }
    assert_eq!(
        outcome(&[], &[], "<Request><More><Deep/></More></Request>"),
        says("node `Request.More`")
    );
    let long = "p".repeat(5000);
    let told = outcome(&[&long], &[], "<Request/>");
    assert!(told.len() < 400, "{told}");
}

#[test]
fn a_selecting_parameter_is_known_and_a_body_that_has_no_table_is_not() {
    let cancel = |body| {
        let incoming = routed(&CANCEL, &[("cancel", "")], &[], body).unwrap();
        refused::<AnyJob>(incoming)
    };
    assert_eq!(cancel("\n"), "accepted");
    assert_eq!(
        cancel("<Request/>"),
        "NotImplemented: CancelJob has no body here, and what that asks for is not implemented. \
         Leave it out only if CancelJob without it is what you want."
    );
}

#[test]
fn what_violates_the_table_is_refused_in_the_protocols_words() {
    let job = |query: &[(&str, &str)], body| refused::<AnyJob>(incoming(&CREATE_A, query, body));
    assert_eq!(
        job(&[("size", "0")], "<Request/>"),
        "InvalidArgument: size must be from 1 to 100, got 0"
    );
    assert_eq!(
        job(&[("size", "many")], "<Request/>"),
        "InvalidArgument: size: expected a number, got text"
    );
    assert_eq!(
        job(&[], "<Request><Level>x</Level></Request>"),
        "InvalidArgument: Request.Level: expected a number, got text"
    );
    assert!(job(&[], "<Request>").starts_with("InvalidContent: "));

    let task = |body| refused::<AnyTask>(incoming(&PROCESS, &[], body));
    assert_eq!(task("{}"), "MissingParameter: TaskId is required");
    assert_eq!(
        task(r#"{"TaskId":"t","More":1}"#),
        "UnknownParameter: The parameter `More` is not recognized"
    );
    assert_eq!(
        task(r#"{"TaskId":"t","Count":"1"}"#),
        "InvalidParameterValue: Count: expected a number, got text"
    );
    assert!(task("{").starts_with("InvalidRequest: "));
}

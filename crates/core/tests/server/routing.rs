//! Which operation a request is for.

use http::Method;
use tcloud_core::server::{Head, Unroutable, route};

use crate::fixture::{CI_CATALOG, COS_CATALOG, MPS_CATALOG};

fn find(method: &Method, host: &str, path: &str, query: &[&str], body: &str) -> String {
    let query: Vec<_> = query
        .iter()
        .map(|name| ((*name).to_owned(), String::new()))
        .collect();
    let head = Head {
        method,
        host,
        path,
        query: &query,
        action: None,
        version: None,
        body: Some(body.as_bytes()),
    };
    match route(&[&COS_CATALOG, &CI_CATALOG, &MPS_CATALOG], &head) {
        Ok(route) => {
            let labels: Vec<_> = route
                .labels
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            format!("{} {}", route.operation.name, labels.join(" "))
        }
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn requests_find_their_operation() {
    let object = "b-1.cos.ap-x.myqcloud.com";
    let job = "b-1.ci.ap-x.myqcloud.com";
    let get = &Method::GET;
    assert_eq!(
        find(get, object, "/a/b", &[], ""),
        "GetObject bucket=b-1 region=ap-x key=a/b"
    );
    assert_eq!(
        find(get, object, "/a/b", &["acl"], ""),
        "GetObjectAcl bucket=b-1 region=ap-x key=a/b"
    );
    assert_eq!(
        find(get, object, "/", &["prefix"], ""),
        "GetBucket bucket=b-1 region=ap-x"
    );
    assert_eq!(
        find(get, "service.cos.myqcloud.com", "/", &[], ""),
        "GetService "
    );
    assert_eq!(
        find(get, job, "/jobs/j1", &[], ""),
        "DescribeJob bucket=b-1 region=ap-x jobId=j1"
    );
    assert_eq!(find(get, job, "/jobs/a/b", &[], ""), "NoOperation");
    assert_eq!(find(&Method::PUT, job, "/jobs/j1", &[], ""), "NoOperation");
    assert_eq!(
        find(&Method::PUT, job, "/jobs/j1", &["cancel"], ""),
        "CancelJob bucket=b-1 region=ap-x jobId=j1"
    );
    assert_eq!(find(get, "example.com", "/", &[], ""), "NoOperation");
}

#[test]
fn a_fixed_node_of_the_body_selects_among_equals() {
    let host = "b-1.ci.ap-x.myqcloud.com";
    for (body, expected) in [
        (
            "<Request><Tag>A</Tag></Request>",
            "CreateAJob bucket=b-1 region=ap-x",
        ),
        (
            "<Request><Tag>B</Tag></Request>",
            "CreateBJob bucket=b-1 region=ap-x",
        ),
        (
            "<Request><Tag>C</Tag></Request>",
            "NoVariant { node: \"Tag\", found: \"C\" }",
        ),
        (
            "<Request><Operation><Tag>B</Tag></Operation></Request>",
            "CreateJobs bucket=b-1 region=ap-x",
        ),
    ] {
        assert_eq!(find(&Method::POST, host, "/jobs", &[], body), expected);
    }
}

#[test]
fn an_action_of_another_version_is_told_apart() {
    let head = |action, version| Head {
        method: &Method::POST,
        host: "127.0.0.1",
        path: "/",
        query: &[],
        action: Some(action),
        version: Some(version),
        body: None,
    };
    let found =
        |action, version| route(&[&MPS_CATALOG], &head(action, version)).map(|r| r.operation.name);
    assert_eq!(found("ProcessImage", "2019-06-12"), Ok("ProcessImage"));
    assert_eq!(
        found("ProcessImage", "2020-01-01"),
        Err(Unroutable::NoVersion)
    );
    assert_eq!(found("Other", "2019-06-12"), Err(Unroutable::NoOperation));
}

//! Which operation a request is for.

use http::{HeaderMap, HeaderValue, Method};
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
        headers: None,
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
fn what_an_operation_requires_selects_it() {
    let find = |method: &Method, query: &[&str], headers: &[&'static str]| {
        let pair = |name: &&str| ((*name).to_owned(), "1".to_owned());
        let query: Vec<_> = query.iter().map(pair).collect();
        let mut all = HeaderMap::new();
        for name in headers {
            all.insert(*name, HeaderValue::from_static("1"));
        }
        let head = Head {
            method,
            host: "b-1.cos.ap-x.myqcloud.com",
            path: "/a",
            query: &query,
            headers: Some(&all),
            action: None,
            version: None,
            body: None,
        };
        route(&[&COS_CATALOG], &head).map(|route| route.operation.name)
    };
    let (put, source) = (&Method::PUT, "x-cos-copy-source");
    assert_eq!(find(put, &[], &[]), Ok("PutObject"));
    assert_eq!(find(put, &[], &[source]), Ok("PutObjectCopy"));
    assert_eq!(find(put, &["uploadId"], &[]), Ok("UploadPart"));
    assert_eq!(find(put, &["uploadId"], &[source]), Ok("UploadPartCopy"));
    assert_eq!(find(put, &["style"], &["content-md5"]), Ok("PutStyle"));
    assert_eq!(find(put, &["style"], &["x-empty"]), Ok("DeleteStyle"));
    // A request that is of no other operation is a bad one of this.
    assert_eq!(find(&Method::DELETE, &[], &[]), Ok("AbortMultipartUpload"));
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
        headers: None,
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

use http::Request;
use http::request::Parts;
use tcloud_core::operation::Protocol;

use super::{Access, Refusal, Target, resolve};

fn request(line: &str, headers: &[(&str, &str)]) -> Parts {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn target(line: &str, headers: &[(&str, &str)]) -> Target {
    match resolve(&request(line, headers), Some("default-1250000000")) {
        Ok(Access::Service(target)) => target,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn by_host() {
    let host = [("host", "b-1250000000.cos.ap-beijing.localhost:9000")];
    let found = target("GET /a%2Fb/%E4%B8%AD?x", &host);
    assert_eq!(found.protocol, Protocol::Cos);
    assert_eq!(found.path, "/a/b/中");
    assert_eq!(
        found.host("ap-guangzhou"),
        "b-1250000000.cos.ap-beijing.myqcloud.com"
    );
    let service = target("GET /", &[("host", "cos.ap-beijing.myqcloud.com")]);
    assert_eq!(service.host("ap-guangzhou"), "service.cos.myqcloud.com");
    assert_eq!(service.region.as_deref(), Some("ap-beijing"));
    let ci = target("GET /picbucket", &[("host", "ci.ap-beijing.myqcloud.com")]);
    assert_eq!(ci.host("x"), "ci.ap-beijing.myqcloud.com");
}

#[test]
fn by_path() {
    let host = [("host", "127.0.0.1:9000")];
    let find = |line: &str| {
        let Target {
            protocol,
            bucket,
            path,
            ..
        } = target(line, &host);
        (protocol, bucket.unwrap_or_default(), path)
    };
    let given = "b-1250000000".to_owned();
    let default = "default-1250000000".to_owned();
    assert_eq!(
        find("GET /b-1250000000/a/b"),
        (Protocol::Cos, given.clone(), "/a/b".into())
    );
    assert_eq!(
        find("GET /b-1250000000"),
        (Protocol::Cos, given.clone(), "/".into())
    );
    assert_eq!(
        find("GET /b-1250000000/jobs"),
        (Protocol::Cos, given, "/jobs".into())
    );
    assert_eq!(
        find("GET /a/b"),
        (Protocol::Cos, default.clone(), "/a/b".into())
    );
    assert_eq!(
        find("POST /jobs"),
        (Protocol::Ci, default.clone(), "/jobs".into())
    );
    assert_eq!(
        find("PUT /jobs/j1"),
        (Protocol::Ci, default.clone(), "/jobs/j1".into())
    );
    assert_eq!(
        find("POST /picbucket"),
        (Protocol::Ci, default, "/picbucket".into())
    );
    assert_eq!(
        find("GET /picbucket"),
        (Protocol::Ci, String::new(), "/picbucket".into())
    );
}

#[test]
fn by_action() {
    for host in ["http://127.0.0.1:9000", "mps.tencentcloudapi.com", "any"] {
        let found = target("POST /", &[("host", host), ("x-tc-action", "ProcessImage")]);
        assert_eq!(found.protocol, Protocol::Tc3, "{host}");
    }
    let found = target("POST /", &[("host", "cvm.tencentcloudapi.com")]);
    assert_eq!(found.service.as_deref(), Some("cvm"));
}

#[test]
fn through_a_proxy_only_to_the_cloud() {
    let found = target(
        "GET http://b-1250000000.ci.ap-beijing.myqcloud.com/jobs",
        &[],
    );
    assert_eq!(found.protocol, Protocol::Ci);
    assert_eq!(found.path, "/jobs");
    let refused = |line: &str| resolve(&request(line, &[("host", "localhost")]), None);
    assert_eq!(
        refused("GET http://example.com/_local/health"),
        Err(Refusal::Foreign("example.com".into()))
    );
    assert_eq!(
        refused("GET http://b-1.vod.ap-beijing.myqcloud.com/"),
        Err(Refusal::Unserved("b-1.vod.ap-beijing.myqcloud.com".into()))
    );
    assert_eq!(refused("CONNECT example.com:443"), Err(Refusal::Tunnel));
}

#[test]
fn pages_are_for_this_machine() {
    let page = |host: &str| resolve(&request("GET /_local/health", &[("host", host)]), None);
    assert_eq!(page("localhost:9000"), Ok(Access::Page));
    assert_eq!(page("127.0.0.1"), Ok(Access::Page));
    assert!(matches!(page("rebound.example"), Ok(Access::Service(_))));
}

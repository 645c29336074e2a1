use http::Request;
use http::request::Parts;
use tcloud_core::operation::Protocol;

use super::{Access, Refusal, Target, protocol, resolve};
use crate::Settings;

fn request(line: &str, headers: &[(&str, &str)]) -> Parts {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn target(line: &str, headers: &[(&str, &str)]) -> Target {
    let settings = Settings::default().default_bucket("default-1250000000");
    match resolve(&request(line, headers), &settings, None) {
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
    for host in ["http://127.0.0.1:9000", "mps.tencentcloudapi.com"] {
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
    let refused = |line: &str| {
        let request = request(line, &[("host", "localhost")]);
        resolve(&request, &Settings::default(), None)
    };
    assert_eq!(
        refused("GET http://example.com/_local/health"),
        Err(Refusal::Foreign("example.com".into()))
    );
    assert_eq!(
        refused("GET http://b-1.vod.ap-beijing.myqcloud.com/"),
        Err(Refusal::Unserved("b-1.vod.ap-beijing.myqcloud.com".into()))
    );
    assert_eq!(
        refused("GET http://b.cos.r.myqcloud.com:80@example.com/"),
        Err(Refusal::Foreign("example.com".into()))
    );
    assert_eq!(refused("CONNECT example.com:443"), Err(Refusal::Tunnel));
}

#[test]
fn an_action_may_be_among_the_parameters() {
    let host = [("host", "127.0.0.1:9000")];
    let form = [
        host[0],
        (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
    ];
    let query = "GET /?Action=ProcessImage&Version=2019-06-12&SecretId=a";
    assert_eq!(target(query, &host).protocol, Protocol::Tc3);
    assert_eq!(target("POST /", &form).protocol, Protocol::Tc3);
    for (line, headers) in [
        ("GET /?Action=x", &host[..]),
        ("GET /k?Action=x&Version=y", &host),
        ("POST /", &host),
        ("PUT /", &form),
        ("POST /k", &form),
    ] {
        assert_eq!(target(line, headers).protocol, Protocol::Cos, "{line}");
    }
    // At the host of a bucket it is a query like any other.
    let bucket = [("host", "b-1250000000.cos.ap-beijing.localhost")];
    assert_eq!(target(query, &bucket).protocol, Protocol::Cos);
}

#[test]
fn refusals_take_the_form_of_the_service() {
    let of = |line: &str, headers: &[(&str, &str)]| protocol(&request(line, headers));
    let api = of("CONNECT mps.tencentcloudapi.com:443", &[]);
    assert_eq!(api, Protocol::Tc3);
    let action = [("host", "evil.example"), ("x-tc-action", "ProcessImage")];
    assert_eq!(of("POST /", &action), Protocol::Tc3);
    let storage = of("CONNECT b-1250000000.cos.ap-beijing.myqcloud.com:443", &[]);
    assert_eq!(storage, Protocol::Cos);
}

#[test]
fn a_path_that_comes_to_nothing_is_the_bucket() {
    let hosts = [
        ("b-1250000000.cos.ap-beijing.localhost", ""),
        ("127.0.0.1", "/b-1250000000"),
        ("127.0.0.1", ""),
    ];
    for (host, before) in hosts {
        let headers = [("host", host)];
        for path in [
            "//", "/.", "/..", "/./", "/..//./", "/%2F", "/%2e%2E", "/////",
        ] {
            let found = target(&format!("GET {before}{path}"), &headers);
            assert_eq!(
                (found.protocol, found.path.as_str()),
                (Protocol::Cos, "/"),
                "{path}"
            );
            for method in ["PUT", "DELETE", "POST"] {
                let line = format!("{method} {before}{path}");
                let refused = resolve(&request(&line, &headers), &Settings::default(), None);
                assert!(
                    matches!(refused, Err(Refusal::Root(_))),
                    "{line}: {refused:?}"
                );
            }
        }
        for path in ["/...", "/.a", "/a/..", "//a", "/./a"] {
            let found = target(&format!("GET {before}{path}"), &headers);
            assert_eq!(found.path, path);
        }
    }
}

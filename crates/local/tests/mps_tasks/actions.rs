//! Every action of the services of API 3.0: done, or refused by its name.

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request};
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Operation;
use tcloud_core::sign::tc3;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings, implements};
use tcloud_mps::CATALOG;

/// A request to `host` with these headers and a signature, as JSON that names nothing.
fn signed(host: &str, named: &[(&'static str, &str)], method: &Method) -> Request<Body> {
    signed_with(host, named, method, "")
}

fn signed_with(
    host: &str,
    named: &[(&'static str, &str)],
    method: &Method,
    query: &str,
) -> Request<Body> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host).unwrap());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in named {
        headers.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let credentials = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let payload: &[u8] = if *method == Method::POST { b"{}" } else { b"" };
    tc3::Signer::new(&credentials, "mps", now.try_into().unwrap())
        .authorize(method, query, &mut headers, payload)
        .unwrap();
    let mut request = Request::new(Body::from(payload.to_vec()));
    *request.method_mut() = method.clone();
    *request.uri_mut() = format!("/?{query}").parse().unwrap();
    *request.headers_mut() = headers;
    request
}

async fn answer(cloud: &LocalCloud, request: Request<Body>) -> Value {
    let response = cloud.handle(request).await;
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect(1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// Code and message of the error that an action of `version` at `host` ends with.
async fn refused(cloud: &LocalCloud, host: &str, action: &str, version: &str) -> (String, String) {
    let named = [("x-tc-action", action), ("x-tc-version", version)];
    error(&answer(cloud, signed(host, &named, &Method::POST)).await)
}

fn error(answer: &Value) -> (String, String) {
    let error = &answer["Response"]["Error"];
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    assert!(answer["Response"]["RequestId"].is_string());
    (text("Code"), text("Message"))
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let mut implemented = Vec::new();
    let catalogs = [
        &CATALOG,
        &tcloud_sts::CATALOG,
        &tcloud_ims::CATALOG,
        &tcloud_tiia::CATALOG,
    ];
    let operations = catalogs.iter().flat_map(|catalog| catalog.operations);
    for operation in operations {
        let Operation { service, name, .. } = operation;
        // At the service's own host, and at an address, which does not say whose action it is.
        for host in [
            &format!("{}.tencentcloudapi.com", service.name),
            "127.0.0.1:8273",
        ] {
            let named = [("x-tc-action", *name), ("x-tc-version", service.version)];
            let answer = answer(&cloud, signed(host, &named, &Method::POST)).await;
            // Who is calling can be asked without any parameter.
            let (code, message) = match *name {
                "GetCallerIdentity" => (String::new(), answer.to_string()),
                _ => error(&answer),
            };
            let unsupported = code == "UnsupportedOperation";
            assert_eq!(unsupported, !implements(operation), "{name}: {message}");
            if unsupported {
                assert!(message.contains(name), "{message}");
            } else if !implemented.contains(name) {
                implemented.push(name);
            }
        }
    }
    assert_eq!(
        implemented,
        [
            "DescribeImageTaskDetail",
            "ProcessImage",
            "AssumeRole",
            "AssumeRoleWithWebIdentity",
            "GetCallerIdentity",
            "GetFederationToken",
            "GetSessionToken",
        ]
    );
}

#[tokio::test]
async fn an_action_that_nobody_has_is_invalid() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let sts = &tcloud_sts::SERVICE;
    for (host, action, version, expected) in [
        (
            "sts.tencentcloudapi.com",
            "NoSuchAction",
            sts.version,
            "InvalidAction",
        ),
        ("127.0.0.1", "NoSuchAction", sts.version, "InvalidAction"),
        (
            "mps.tencentcloudapi.com",
            "AssumeRole",
            sts.version,
            "InvalidAction",
        ),
        (
            "cvm.tencentcloudapi.com",
            "RunInstances",
            "2017-03-12",
            "InvalidAction",
        ),
        (
            "sts.ap-guangzhou.tencentcloudapi.com",
            "AssumeRole",
            "2000-01-01",
            "NoSuchVersion",
        ),
        ("localhost", "ProcessImage", sts.version, "NoSuchVersion"),
    ] {
        let (code, message) = refused(&cloud, host, action, version).await;
        assert_eq!(code, expected, "{action} at {host}: {message}");
    }
}

#[tokio::test]
async fn an_action_without_a_signature_is_refused_by_name_too() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let action = |name: &str| {
        let mut request = signed(
            "sts.tencentcloudapi.com",
            &[("x-tc-action", name), ("x-tc-version", "2018-08-13")],
            &Method::POST,
        );
        let headers = request.headers_mut();
        headers.insert("authorization", HeaderValue::from_static("SKIP"));
        request
    };
    let (code, message) = error(&answer(&cloud, action("AssumeRoleWithSAML")).await);
    assert_eq!(code, "UnsupportedOperation", "{message}");
    assert!(message.contains("AssumeRoleWithSAML"), "{message}");
    let (code, _) = error(&answer(&cloud, action("NoSuchAction")).await);
    assert_eq!(code, "AuthFailure.InvalidAuthorization");
}

#[tokio::test]
async fn parameters_may_be_in_the_query() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let ask = async |action: &str, query: &str| {
        let named = [("x-tc-action", action), ("x-tc-version", "2019-06-12")];
        let get = signed_with("127.0.0.1:8273", &named, &Method::GET, query);
        answer(&cloud, get).await
    };
    let task = "InputInfo.Type=COS&InputInfo.CosInputInfo.Bucket=b-1250000000\
        &InputInfo.CosInputInfo.Region=ap-guangzhou&InputInfo.CosInputInfo.Object=%2Fa+b.png\
        &ImageTask.EncodeConfig.Format=PNG&ImageTask.EncodeConfig.Quality=80";
    let accepted = ask("ProcessImage", task).await;
    let id = accepted["Response"]["TaskId"].as_str().unwrap();
    let detail = ask("DescribeImageTaskDetail", &format!("TaskId={id}")).await;
    let detail = &detail["Response"];
    let input = &detail["InputInfo"]["CosInputInfo"];
    assert_eq!(input["Object"], "/a b.png");
    assert_eq!(detail["ImageTask"]["EncodeConfig"]["Quality"], 80);
    for (query, code) in [
        ("", "MissingParameter"),
        ("TaskId=x&Nonsense=1", "UnknownParameter"),
        ("TaskId=%FF", "InvalidParameter"),
    ] {
        let refused = ask("DescribeImageTaskDetail", query).await;
        assert_eq!(error(&refused).0, code, "{query}");
    }
    // The query is signed.
    let named = [
        ("x-tc-action", "DescribeImageTaskDetail"),
        ("x-tc-version", "2019-06-12"),
    ];
    let mut altered = signed_with("localhost", &named, &Method::GET, "TaskId=a");
    *altered.uri_mut() = "/?TaskId=b".parse().unwrap();
    let (code, _) = error(&answer(&cloud, altered).await);
    assert_eq!(code, "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn other_ways_to_send_an_action_are_refused_in_its_own_form() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let named = [
        ("x-tc-action", "DescribeImageTaskDetail"),
        ("x-tc-version", "2019-06-12"),
    ];
    let put = signed("127.0.0.1:8273", &named, &Method::PUT);
    let (code, message) = error(&answer(&cloud, put).await);
    assert_eq!(code, "UnsupportedProtocol");
    assert!(message.contains("by POST or GET"), "{message}");

    let parameters = "Action=ProcessImage&Version=2019-06-12&SecretId=AKIDlocalcloud&Nonce=1\
        &Timestamp=1700000000&Signature=c2ln";
    for host in ["127.0.0.1:8273", "mps.tencentcloudapi.com"] {
        for (method, sent) in [
            (
                "HmacSHA256",
                format!("{parameters}&SignatureMethod=HmacSHA256"),
            ),
            ("HmacSHA1", parameters.to_owned()),
        ] {
            let query = Request::get(format!("/?{sent}")).header(HOST, host);
            let form = Request::post("/")
                .header(HOST, host)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            for request in [
                query.body(Body::empty()).unwrap(),
                form.body(Body::from(sent.clone())).unwrap(),
            ] {
                let (code, message) = error(&answer(&cloud, request).await);
                assert_eq!(code, "AuthFailure.InvalidAuthorization");
                let named = format!("signed with {method}, in the older way");
                assert!(message.contains(&named), "{message}");
            }
        }
    }
}

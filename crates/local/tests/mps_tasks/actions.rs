//! Every action of the service: done, or refused by its name.

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request};
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Operation;
use tcloud_core::sign::tc3;
use tcloud_core::transport::Transport;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings, implements};
use tcloud_mps::{CATALOG, SERVICE};

const HOST_NAME: &str = "mps.tencentcloudapi.com";

/// The answer to `operation` with a body that names nothing.
async fn ask(cloud: &LocalCloud, operation: &Operation) -> Value {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static(HOST_NAME));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-tc-action", HeaderValue::from_static(operation.name));
    headers.insert("x-tc-version", HeaderValue::from_static(SERVICE.version));
    let credentials = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    tc3::Signer::new(&credentials, "mps", now.try_into().unwrap())
        .authorize(&Method::POST, "", &mut headers, b"{}")
        .unwrap();
    let mut request = Request::new(Body::from("{}"));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = format!("https://{HOST_NAME}/").parse().unwrap();
    *request.headers_mut() = headers;
    let response = cloud.transport().send(request).await.unwrap();
    let body = response.into_body().collect(1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name() {
    let cloud = LocalCloud::start(Settings::default()).await.unwrap();
    let mut implemented = Vec::new();
    for operation in CATALOG.operations {
        let answer = ask(&cloud, operation).await;
        let error = &answer["Response"]["Error"];
        let unsupported = error["Code"] == "UnsupportedOperation";
        assert_eq!(unsupported, !implements(operation), "{answer}");
        if unsupported {
            let message = error["Message"].as_str().unwrap();
            assert!(message.contains(operation.name), "{message}");
        } else {
            implemented.push(operation.name);
        }
    }
    assert_eq!(implemented, ["DescribeImageTaskDetail", "ProcessImage"]);
}

use std::path::Path;

use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tcloud_core::body::Body;

use super::MockService;
use crate::{AuthMode, LocalCloud, LocalError, Settings};

const NO_EXAMPLES: &str = r#"{"actions": {}}"#;

fn garden() -> MockService {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/tc3");
    MockService::from_package(&from, "garden").unwrap()
}

/// A service whose lists go on by `Offset`, or by `NextToken` as `ListTools` does.
fn shed() -> MockService {
    let list = |own: Value, next: Value| {
        let mut members = vec![
            own,
            json!({"name": "Limit", "type": "int", "member": "uint64"}),
        ];
        members.extend(next.as_array().unwrap().iter().cloned());
        json!({ "members": members })
    };
    let text = |name: &str| json!({"name": name, "type": "string", "member": "string"});
    let number = |name: &str| json!({"name": name, "type": "int", "member": "int64"});
    let tools = json!({"name": "ToolSet", "type": "list", "member": "Tool"});
    let action = |name: &str| json!({"input": format!("{name}Request"), "output": format!("{name}Response"), "status": "online"});
    let metadata = json!({
        "actions": {"DescribeTools": action("DescribeTools"), "ListTools": action("ListTools")},
        "objects": {
            "DescribeToolsRequest": list(number("Offset"), json!([])),
            "DescribeToolsResponse": {"members": [number("TotalCount"), tools, text("RequestId")]},
            "ListToolsRequest": list(text("NextToken"), json!([])),
            "ListToolsResponse": {"members": [tools, text("NextToken"), text("RequestId")]},
            "Tool": {"members": [
                text("ToolId"), text("Name"), text("Zone"), text("PrivateIp"), text("MadeTime"),
                {"name": "Parts", "type": "list", "member": "Tool"},
            ]},
        },
        "metadata": {"serviceShortName": "shed", "apiVersion": "2026-01-01"},
    });
    MockService::parse(&metadata.to_string(), NO_EXAMPLES).unwrap()
}

async fn cloud(auth: AuthMode, service: MockService) -> LocalCloud {
    let settings = Settings::default().auth(auth).mock(service);
    LocalCloud::start(settings).await.unwrap()
}

/// What an action of the newest version answers.
async fn call(cloud: &LocalCloud, target: &str, body: &Value) -> (HeaderMap, Value) {
    let (service, action) = target.split_once('.').unwrap();
    let version = match service {
        "garden" => "2023-06-15",
        _ => "2026-01-01",
    };
    call_version(cloud, (service, version), action, body).await
}

async fn call_version(
    cloud: &LocalCloud,
    (service, version): (&str, &str),
    action: &str,
    body: &Value,
) -> (HeaderMap, Value) {
    let request = Request::post("/")
        .header("host", format!("{service}.tencentcloudapi.com"))
        .header("content-type", "application/json")
        .header("x-tc-action", action)
        .header("x-tc-version", version)
        .header("x-tc-region", "ap-chengdu")
        .body(Body::from(body.to_string()))
        .unwrap();
    let (parts, body) = cloud.handle(request).await.into_parts();
    let text = body.collect(1 << 20).await.unwrap();
    let mut answer: Value = serde_json::from_slice(&text).unwrap();
    let response = answer.get_mut("Response").unwrap().take();
    (parts.headers, response)
}

fn code(answer: &Value) -> &str {
    let code = answer.pointer("/Error/Code").and_then(Value::as_str);
    code.unwrap_or_default()
}

#[tokio::test]
async fn the_example_of_the_document_is_answered() {
    let cloud = cloud(AuthMode::Off, garden()).await;
    let asked = json!({"BedIds": ["bed-1"]});
    let (headers, answer) = call(&cloud, "garden.DescribeBeds", &asked).await;
    assert_eq!(headers["x-tcloud-mock"], "example");
    assert_eq!(answer["BedSet"][0]["BedId"], "bed-1");
    // The id is that of this request.
    assert_eq!(answer["RequestId"].as_str().unwrap().len(), 36);
    // Of several examples, the first that keeps to the table.
    let asked = json!({"BedId": "bed-1", "To": {"Row": 5}});
    let (_, answer) = call(&cloud, "garden.Move", &asked).await;
    assert_eq!(answer["Moved"], true);
}

#[tokio::test]
async fn requests_are_checked_by_their_tables() {
    let cloud = cloud(AuthMode::Off, garden()).await;
    for (action, body, expected) in [
        ("DescribeBeds", json!({}), "MissingParameter"),
        (
            "DescribeBeds",
            json!({"BedIds": ["a"], "Beds": 1}),
            "UnknownParameter",
        ),
        (
            "DescribeBeds",
            json!({"BedIds": ["a"], "Limit": "many"}),
            "InvalidParameter",
        ),
        ("Move", json!({"BedId": "a", "To": {}}), "MissingParameter"),
        ("Dig", json!({}), "InvalidAction"),
    ] {
        let (headers, answer) = call(&cloud, &format!("garden.{action}"), &body).await;
        assert!(
            code(&answer).starts_with(expected),
            "{action} {body}: {answer}"
        );
        assert!(!headers.contains_key("x-tcloud-mock"));
    }
    let asked = json!({"BedIds": ["a"]});
    let (_, answer) = call_version(&cloud, ("garden", "2021-03-01"), "DescribeBeds", &asked).await;
    assert_eq!(code(&answer), "NoSuchVersion");
    let (_, answer) = call(&cloud, "shed.DescribeTools", &json!({})).await;
    assert_eq!(code(&answer), "InvalidAction");
}

#[tokio::test]
async fn requests_have_to_be_signed() {
    let cloud = cloud(AuthMode::Strict, garden()).await;
    let asked = json!({"BedIds": ["a"]});
    let (_, answer) = call(&cloud, "garden.DescribeBeds", &asked).await;
    assert!(code(&answer).starts_with("AuthFailure"), "{answer}");
}

#[tokio::test]
async fn what_has_no_example_is_made_up_and_stays_the_same() {
    let first = cloud(AuthMode::Off, shed()).await;
    let (headers, answer) = call(&first, "shed.DescribeTools", &json!({})).await;
    assert_eq!(headers["x-tcloud-mock"], "generated");
    assert_eq!(answer["TotalCount"], 3);
    let tools = &answer["ToolSet"];
    assert_eq!(tools[1]["Name"], "name-2");
    assert_eq!(tools[1]["Zone"], "ap-chengdu-1");
    // A container that would hold itself is left out.
    assert!(tools[0].get("Parts").is_none(), "{tools}");
    // Another operation, another process, the same ids.
    let again = cloud(AuthMode::Off, shed()).await;
    let (_, other) = call(&again, "shed.ListTools", &json!({})).await;
    assert_eq!(&other["ToolSet"], tools);
    let seeded = cloud(AuthMode::Off, shed().seed(1)).await;
    let (_, other) = call(&seeded, "shed.ListTools", &json!({})).await;
    assert_ne!(other["ToolSet"][0]["ToolId"], tools[0]["ToolId"]);
}

#[tokio::test]
async fn what_is_asked_for_is_answered() {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/tc3/garden/v20230615");
    let metadata = std::fs::read_to_string(from.join("api.json")).unwrap();
    let garden = MockService::parse(&metadata, NO_EXAMPLES).unwrap();
    let cloud = cloud(AuthMode::Off, garden).await;
    let asked = json!({"BedIds": ["bed-7", "bed-9"]});
    let (_, answer) = call(&cloud, "garden.DescribeBeds", &asked).await;
    assert_eq!(answer["TotalCount"], 2);
    assert_eq!(answer["BedSet"][0]["BedId"], "bed-7");
    assert_eq!(answer["BedSet"][1]["BedId"], "bed-9");
}

#[tokio::test]
async fn lists_come_page_by_page() {
    let cloud = cloud(AuthMode::Off, shed()).await;
    let (_, all) = call(&cloud, "shed.DescribeTools", &json!({})).await;
    let all = all["ToolSet"].as_array().unwrap().clone();
    for (offset, expected) in [(0, &all[..2]), (2, &all[2..]), (9, &[])] {
        let asked = json!({"Offset": offset, "Limit": 2});
        let (_, page) = call(&cloud, "shed.DescribeTools", &asked).await;
        assert_eq!(page["TotalCount"], 3);
        assert_eq!(page["ToolSet"].as_array().unwrap(), expected);
    }
    let (_, first) = call(&cloud, "shed.ListTools", &json!({"Limit": 2})).await;
    assert_eq!(first["ToolSet"].as_array().unwrap(), &all[..2]);
    let asked = json!({"Limit": 2, "NextToken": first["NextToken"]});
    let (_, last) = call(&cloud, "shed.ListTools", &asked).await;
    assert_eq!(last["ToolSet"].as_array().unwrap(), &all[2..]);
    assert_eq!(last["NextToken"], "");
    let (_, refused) = call(&cloud, "shed.ListTools", &json!({"NextToken": "x"})).await;
    assert_eq!(code(&refused), "InvalidParameterValue");
}

#[test]
fn what_is_no_metadata_is_refused() {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/tc3");
    for (error, part) in [
        (
            MockService::from_package(&from, "gardn").unwrap_err(),
            "did you mean `garden`?",
        ),
        (
            MockService::from_package(Path::new("/nowhere"), "cvm").unwrap_err(),
            "/nowhere",
        ),
        (
            MockService::parse("{}", NO_EXAMPLES).unwrap_err(),
            "this is not metadata of API 3.0",
        ),
    ] {
        assert!(matches!(error, LocalError::Mock(_)));
        assert!(error.to_string().contains(part), "{error}");
    }
}

//! What a submission is refused for, each with what is wrong.

use tcloud_local::{AuthMode, Settings};

use crate::fixture::Fixture;

async fn fixture() -> Fixture {
    Fixture::ready(Settings::default().auth(AuthMode::Off).workers(0)).await
}

/// A request with `operation` and `rest` in it.
fn request(operation: &str, rest: &str) -> String {
    format!(
        "<Request><Tag>ImageInspect</Tag><Input><Object>a.png</Object></Input>\
         <Operation>{operation}</Operation>{rest}</Request>"
    )
}

#[tokio::test]
async fn a_value_the_table_does_not_allow_is_named() {
    let fixture = fixture().await;
    let long = "x".repeat(1025);
    let action = |name: &str, value: &str| {
        request(
            &format!("<ImageInspect><{name}>{value}</{name}></ImageInspect>"),
            "",
        )
    };
    for (body, node) in [
        (
            request("<JobLevel>3</JobLevel>", ""),
            "Request.Operation.JobLevel",
        ),
        (
            request("<JobLevel>-1</JobLevel>", ""),
            "Request.Operation.JobLevel",
        ),
        (request("<JobLevel>high</JobLevel>", ""), "JobLevel"),
        (
            request(&format!("<UserData>{long}</UserData>"), ""),
            "Request.Operation.UserData",
        ),
        (
            request("<UserData>猫</UserData>", ""),
            "Request.Operation.UserData",
        ),
        (action("AutoProcess", "perhaps"), "AutoProcess"),
        (
            action("ProcessType", "Burn"),
            "Request.Operation.ImageInspect.ProcessType",
        ),
        (
            request("", "<CallBackFormat>YAML</CallBackFormat>"),
            "Request.CallBackFormat",
        ),
        (
            request("", "<CallBackType>Pigeon</CallBackType>"),
            "Request.CallBackType",
        ),
        (
            request("", "<CallBack>ftp://example.com</CallBack>"),
            "Request.CallBack",
        ),
        (
            request("", "<CallBack>example.com/hook</CallBack>"),
            "Request.CallBack",
        ),
        (
            "<Request><Tag>ImageInspect</Tag></Request>".to_owned(),
            "Request.Input",
        ),
        (
            "<Request><Tag>ImageInspect</Tag><Input><Object/></Input></Request>".to_owned(),
            "Request.Input.Object",
        ),
        (
            format!(
                "<Request><Tag>ImageInspect</Tag><Input><Object>{}</Object></Input></Request>",
                "k".repeat(851)
            ),
            "Request.Input.Object",
        ),
    ] {
        let (status, answer) = fixture.raw("POST", "/jobs", &body).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(
            answer.contains("<Code>InvalidArgument</Code>"),
            "{body}: {answer}"
        );
        assert!(answer.contains(node), "{body}: {answer}");
        assert!(
            answer.contains("<Resource>") && answer.contains("<RequestId>"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_message_queue_is_not_supported() {
    let fixture = fixture().await;
    let queue = "<CallBackType>TDMQ</CallBackType><CallBackMqConfig><MqRegion>gz</MqRegion>\
                 <MqMode>Queue</MqMode><MqName>jobs</MqName></CallBackMqConfig>";
    let (status, answer) = fixture.raw("POST", "/jobs", &request("", queue)).await;
    assert_eq!(status, 501, "{answer}");
    assert!(answer.contains("<Code>NotImplemented</Code>"), "{answer}");
    assert!(
        answer.contains("TDMQ is not supported by the local cloud"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_invalid_content() {
    let fixture = fixture().await;
    for body in [
        "<Request><Tag>ImageInspect</Request>",
        "{}",
        "<!DOCTYPE a><Request/>",
    ] {
        let (status, answer) = fixture.raw("POST", "/jobs", body).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(answer.contains("<Code>Invalid"), "{body}: {answer}");
    }
}

#[tokio::test]
async fn another_kind_of_job_is_not_accepted() {
    let fixture = fixture().await;
    let body = request("", "").replace("ImageInspect", "Transcode");
    let (status, answer) = fixture.raw("POST", "/jobs", &body).await;
    assert_eq!(status, 501, "{answer}");
    assert!(
        answer.contains("CreateTranscodeJob is not implemented"),
        "{answer}"
    );
    let unheard = body.replace("Transcode", "Unheard");
    let (status, answer) = fixture.raw("POST", "/jobs", &unheard).await;
    assert!(status >= 400, "{answer}");
    assert!(answer.contains("Unheard"), "{answer}");
}

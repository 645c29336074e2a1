//! Forms that the documents of Cloud Infinite print beside those of their tables: each is read
//! without drift, and what clients send of them breaks no rule.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot continue has failed"
)]

use tcloud_core::codec::{Document, Drift, check, json, violations, xml};
use tcloud_core::operation::{BodyFormat, Operation};

fn operation(name: &str) -> &'static Operation {
    let mut operations = tcloud_ci::CATALOG.operations.iter();
    operations
        .find(|operation| operation.name == name)
        .unwrap_or_else(|| panic!("there is no {name}"))
}

fn answer(name: &str, text: &str) -> (Document, Vec<Drift>) {
    let operation = operation(name);
    let mut document = Document::new(operation.response);
    let drift = match operation.response_body {
        BodyFormat::Xml(root) => xml::decode(text, root, &mut document),
        _ => json::decode(text, "", &mut document),
    };
    (document, drift.unwrap())
}

#[test]
fn answers_hold_what_documents_print() {
    for (name, text) in [
        (
            "DescribeAsrJob",
            "<Response><JobsDetail><Operation><SpeechRecognitionResult><ResultDetail>\
             <Words><Word>a</Word><OffsetStartMs>0</OffsetStartMs><VoiceType>0</VoiceType></Words>\
             </ResultDetail></SpeechRecognitionResult></Operation></JobsDetail></Response>",
        ),
        (
            "DescribeDatasetExportJob",
            r#"{"RequestId":"r","Job":{"JobId":"j","State":"todo"}}"#,
        ),
        (
            "CreateAnimationTemplate",
            "<Response><Template><TransTpl><Video><Codec>gif</Codec></Video></TransTpl></Template>\
             </Response>",
        ),
        (
            "GenerateAvInfo",
            r#"{"streams":[{"index":0,"has_b_frames":"2"}]}"#,
        ),
        (
            "DescribeImageAuditingJob",
            "<Response><JobsDetail><Label>Politics</Label></JobsDetail></Response>",
        ),
        (
            "GetQrCode",
            "<Response><CodeStatus>1</CodeStatus><QRcodeInfo><CodeUrl>u</CodeUrl></QRcodeInfo>\
             </Response>",
        ),
        (
            "GetQrCode",
            "<Response><codeStatus>1</codeStatus><QRcodeInfo><codeUrl>u</codeUrl></QRcodeInfo>\
             </Response>",
        ),
    ] {
        let (_, drift) = answer(name, text);
        assert!(drift.is_empty(), "{name}: {drift:?}");
    }
}

#[test]
fn requests_may_write_what_documents_write_for_no_value() {
    for (name, text, nodes) in [
        (
            "CreateTranscodeJob",
            "<Request><Operation><Transcode><Video><Bufsize>0</Bufsize><Maxrate>0</Maxrate></Video>\
             </Transcode></Operation></Request>",
            ["Bufsize", "Maxrate"],
        ),
        (
            "CreateHighSpeedHdTemplate",
            "<Request><Video><Bufsize>0</Bufsize><Maxrate>0</Maxrate></Video></Request>",
            ["Bufsize", "Maxrate"],
        ),
        (
            "CreateSnapshotJob",
            "<Request><Operation><Snapshot><BlackLevel>0</BlackLevel></Snapshot></Operation>\
             </Request>",
            ["BlackLevel"; 2],
        ),
        (
            "CreateWatermarkTemplate",
            "<Request><Watermark><Text><FontType></FontType></Text></Watermark></Request>",
            ["FontType"; 2],
        ),
    ] {
        let BodyFormat::Xml(root) = operation(name).request_body else {
            panic!("{name} is no document");
        };
        let mut document = Document::new(operation(name).request);
        xml::decode(text, root, &mut document).unwrap();
        // The rest of the request is absent.
        let broken: Vec<_> = check(&document, root, true)
            .out_of_bounds
            .into_iter()
            .chain(violations(&document, root))
            .filter(|it| nodes.iter().any(|node| it.path.ends_with(node)))
            .collect();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
}

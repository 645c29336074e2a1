//! What is looked at before a request is sent, and when one arrives, allocates nothing unless there
//! is something to say.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use allocation_counter::measure;
use tcloud_core::codec::{check, first_violation, json};
use tcloud_mps::operation::process_media::ProcessMediaRequest;

const SOUND: &str = r#"{"InputInfo":{"Type":"COS","CosInputInfo":{"Bucket":"b-1250000000",
    "Region":"ap-guangzhou","Object":"/a.mp4"}},"MediaProcessTask":{"TranscodeTaskSet":[
    {"Definition":100040,"OutputObjectPath":"/o/{inputName}.mp4"},
    {"Definition":100030,"StartTimeOffset":1.5,"EndTimeOffset":9.0}]},
    "TasksPriority":-3,"SessionId":"s"}"#;

fn request(text: &str) -> ProcessMediaRequest {
    let mut request = ProcessMediaRequest::default();
    json::decode(text, "", &mut request).unwrap();
    request
}

#[test]
fn a_sound_request_is_checked_without_an_allocation() {
    let request = request(SOUND);
    let taken = measure(|| {
        let found = check(&request, "", true);
        assert!(found.missing.is_empty() && found.out_of_bounds.is_empty() && found.has_body);
        assert!(first_violation(&request, "").is_none());
    });
    assert_eq!(taken.count_total, 0);
}

#[test]
fn what_is_missing_is_named() {
    let request = request(&SOUND.replace(r#""Type":"COS","#, ""));
    let mut missing = Vec::new();
    let taken = measure(|| missing = check(&request, "", true).missing);
    assert_eq!(missing, ["InputInfo.Type"]);
    assert!(taken.count_total > 0);
}

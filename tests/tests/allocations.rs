//! What is looked at before a request is sent, and when one arrives, allocates nothing unless there
//! is something to say; nor does whoever observes a body, however long it is.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allocation_counter::measure;
use tcloud_core::codec::{check, first_violation, json};
use tcloud_core::testing::Mock;
use tcloud_core::transport::Memory;
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

/// Allocations of an upload of `size` bytes, and how often its progress was reported.
fn upload(size: usize, observed: bool) -> (u64, u64) {
    let config = Mock::new()
        .config_builder()
        .transport(Memory::answering([(200, "")]))
        .build()
        .unwrap();
    let client = tcloud_cos::Client::new(&config);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let content = vec![0; size];
    let reports = Arc::new(AtomicU64::new(0));
    let taken = measure(|| {
        let mut call = client.put_object("examplebucket-1250000000", "a", content);
        if observed {
            let reports = Arc::clone(&reports);
            call = call.on_progress(move |_, _| {
                reports.fetch_add(1, Ordering::Relaxed);
            });
        }
        runtime.block_on(call.send()).unwrap();
    });
    (taken.count_total, reports.load(Ordering::Relaxed))
}

#[test]
fn progress_is_reported_without_an_allocation() {
    const MIB: usize = 1024 * 1024;
    // What is made once for all calls is made.
    upload(1, true);
    let extra = |size| {
        let (observed, reports) = upload(size, true);
        let (alone, none) = upload(size, false);
        assert!(reports > u64::try_from(size / (64 * 1024)).unwrap() && none == 0);
        observed - alone
    };
    let few = extra(MIB);
    assert!(few < 10, "{few}");
    assert_eq!(extra(16 * MIB), few);
}

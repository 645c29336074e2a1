//! Uploads that were begun and never ended.

use std::time::Duration;

use crate::fixture::{BUCKET, transfers};
use crate::service::{Cos, Fault, What};

#[tokio::test]
async fn old_uploads_are_listed_and_removed() {
    let cos = Cos::start().await;
    let client = cos.client();
    for key in ["a/1", "a/2", "b"] {
        client
            .initiate_multipart_upload(BUCKET, key)
            .send()
            .await
            .unwrap();
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let young = now.as_secs() as i64 - 60;
    cos.state()
        .uploads
        .values_mut()
        .find(|upload| upload.key == "a/2")
        .unwrap()
        .begun = young;
    let transfers = transfers(&cos);
    let all = transfers.unfinished((BUCKET, "")).list().await.unwrap();
    let keys: Vec<&str> = all
        .iter()
        .map(|upload| upload.object.key.as_str())
        .collect();
    assert_eq!(keys, ["a/1", "a/2", "b"]);
    assert!(
        all.iter()
            .all(|upload| upload.begun.is_some() && !upload.id.is_empty())
    );
    let day = Duration::from_secs(86_400);
    let removed = transfers
        .unfinished((BUCKET, "a/"))
        .older_than(day)
        .remove()
        .await
        .unwrap();
    assert_eq!(removed.removed.len(), 1);
    assert_eq!(cos.state().uploads.len(), 2);
    cos.fail(Fault::once("DELETE /b", What::Refuse(403, "AccessDenied")));
    let removed = transfers.unfinished((BUCKET, "")).remove().await.unwrap();
    assert_eq!((removed.removed.len(), removed.failed.len()), (1, 1));
    assert!(removed.failed[0].1.call().unwrap().is_access_denied());
}

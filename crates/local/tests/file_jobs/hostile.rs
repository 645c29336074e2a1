//! Archives made to harm, or broken: nothing of them is unpacked.

use tcloud_ci::types::{FileUncompressConfig, JobState};

use crate::fixture::Fixture;

#[tokio::test]
async fn nothing_of_a_hostile_archive_is_unpacked() {
    let fixture = Fixture::ready().await;
    for (name, code, why) in [
        ("parent.zip", "InvalidContent", "`..`"),
        ("parent.tar", "InvalidContent", "`..`"),
        ("absolute.zip", "InvalidContent", "absolute"),
        (
            "link.zip",
            "InvalidContent",
            "neither a plain file nor a folder",
        ),
        (
            "symlink.tar",
            "InvalidContent",
            "neither a plain file nor a folder",
        ),
        (
            "hardlink.tar",
            "InvalidContent",
            "neither a plain file nor a folder",
        ),
        (
            "device.tar",
            "InvalidContent",
            "neither a plain file nor a folder",
        ),
        (
            "fifo.tar",
            "InvalidContent",
            "neither a plain file nor a folder",
        ),
        ("twice.zip", "InvalidContent", "duplicate"),
        ("dot-twice.zip", "InvalidContent", "twice"),
        ("twice.tar", "InvalidContent", "twice"),
        ("deep.zip", "InvalidContent", "too many folders"),
        ("bomb.zip", "InvalidContent", "200 times as large"),
        ("gbk.zip", "InvalidContent", "not UTF-8"),
        (
            "smaller.zip",
            "InvalidContent",
            "declared uncompressed size",
        ),
        ("long-name.tar", "InvalidContent", "more than 65536 bytes"),
        ("cut.zip", "InvalidContent", "broken"),
        ("cut.tar.gz", "InvalidContent", "broken"),
        ("a.txt", "InvalidContent", "no ZIP, tar or tar.gz"),
        ("zip64.zip", "ResourceNotSupported", "ZIP64"),
        ("encrypted.zip", "ResourceNotSupported", "encrypted"),
        ("a.7z", "ResourceNotSupported", "7z"),
        ("a.rar", "ResourceNotSupported", "RAR"),
    ] {
        fixture.put_archive(name).await;
        let config = FileUncompressConfig::new().prefix("out/");
        let job = fixture.uncompressed(name, config).await;
        let message = job.message.unwrap_or_default();
        assert_eq!(job.state, Some(JobState::Failed), "{name}");
        assert_eq!(job.code.as_deref(), Some(code), "{name}: {message}");
        assert!(message.contains(why), "{name}: {message}");
    }
    let keys = fixture.keys().await;
    assert!(keys.iter().all(|key| !key.starts_with("out/")), "{keys:?}");
}

//! Downloads of one object.

use std::path::Path;
use std::sync::Arc;

use tcloud_core::body::crc64;
use tcloud_transfer::{Control, ErrorKind};

use crate::fixture::{BUCKET, MIB, builder, content, names, transfers};
use crate::service::{Cos, Fault, What};

#[tokio::test]
async fn any_size_comes_to_any_target() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    for size in [0, 1, 2 * MIB - 1, 2 * MIB, 13 * MIB + 3] {
        let bytes = content(size, size as u64);
        cos.state().put(BUCKET, "a", bytes.clone());
        let download = || transfers.download((BUCKET, "a"));

        let path = folder.path().join("deep/er/a");
        let downloaded = download().to_path(&path).await.unwrap();
        assert!(std::fs::read(&path).unwrap() == bytes, "{size}");
        assert_eq!(downloaded.crc64, crc64(&bytes));
        assert!(downloaded.is_verified);
        assert_eq!(downloaded.progress.bytes, size as u64);
        let parts = if size < 2 * MIB {
            0
        } else {
            size.div_ceil(MIB)
        };
        assert_eq!(downloaded.parts, parts as u32);
        assert_eq!(names(path.parent().unwrap()), ["a"]);
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_secs(), 1_700_000_000);

        let mut written = Vec::new();
        let downloaded = download().to_writer(&mut written).await.unwrap();
        assert!(written == bytes && downloaded.is_verified);

        let stream = download().stream().await.unwrap();
        assert_eq!(stream.info.size, size as u64);
        assert!(stream.body.collect(size).await.unwrap() == bytes);

        assert!(download().bytes(size as u64).await.unwrap() == bytes);
        if size > 0 {
            let error = download().bytes(size as u64 - 1).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Refused);
        }
    }
}

#[tokio::test]
async fn faults_are_bridged() {
    let faults = [
        ("GET /a", What::Refuse(503, "SlowDown"), 5),
        ("GET /a", What::Refuse(500, "InternalError"), 5),
        // Each answer brings a little, so there may be any number of them.
        ("GET /a", What::DropDownload(100_000), 40),
        ("GET /a", What::DropDownload(0), 3),
        ("GET /a", What::DropAnswer, 5),
    ];
    for (asked, what, times) in faults {
        let cos = Cos::start().await;
        let bytes = content(6 * MIB + 1, 7);
        cos.state().put(BUCKET, "a", bytes.clone());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for to_path in [true, false] {
            cos.fail(Fault {
                asked,
                after: 0,
                times,
                what: what.clone(),
            });
            let download = transfers(&cos).download((BUCKET, "a"));
            let outcome = if to_path {
                download.to_path(&path).await.map(|downloaded| {
                    assert_eq!(downloaded.progress.bytes, bytes.len() as u64);
                    std::fs::read(&path).unwrap().into()
                })
            } else {
                download.bytes(u64::MAX).await
            };
            let read = outcome.unwrap_or_else(|error| panic!("{what:?}: {error}"));
            assert!(read == bytes, "{what:?}");
        }
        assert_eq!(names(folder.path()), ["a"]);
    }
}

/// A target is the old content or the new, and nothing is left beside it.
#[tokio::test]
async fn a_damaged_download_changes_nothing() {
    for size in [100, 5 * MIB] {
        let cos = Cos::start().await;
        cos.state().put(BUCKET, "a", content(size, 1));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "before").unwrap();
        cos.fail(Fault {
            asked: "GET /a",
            after: 0,
            times: 100,
            what: What::Damage,
        });
        let download = || transfers(&cos).download((BUCKET, "a"));
        let error = download().to_path(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        assert_eq!(names(folder.path()), ["a"]);
        // Whoever writes as it comes does not get the last bytes.
        let mut written = Vec::new();
        let error = download().to_writer(&mut written).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
        assert!(written.len() < size);
        let body = download().stream().await.unwrap().body;
        assert!(body.collect(size).await.is_err());
    }
}

#[tokio::test]
async fn an_object_that_changes_is_an_error() {
    let cos = Cos::start().await;
    cos.state().put(BUCKET, "a", content(9 * MIB, 1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let transfers = builder(&cos).concurrency(1).build();
    // It changes after the first answer and a part.
    let after = 10 * MIB as u64;
    cos.state().becomes = Some((after, content(9 * MIB, 2)));
    let first = transfers.download((BUCKET, "a"));
    let error = first.to_path(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert!(error.to_string().ends_with("download it again"), "{error}");
    assert!(names(folder.path()).is_empty());
    // What a list has named is what is read.
    let before = transfers
        .download((BUCKET, "a"))
        .stream()
        .await
        .unwrap()
        .info;
    cos.state().put(BUCKET, "a", content(10, 3));
    let error = transfers
        .download((BUCKET, "a"))
        .expect(before)
        .to_path(&path)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let error = transfers(&cos)
        .download((BUCKET, "none"))
        .to_path(folder.path().join("a"))
        .await;
    let error = error.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(names(folder.path()).is_empty());
    cos.state().put(BUCKET, "a", "a");
    let error = transfers(&cos)
        .download((BUCKET, "a"))
        .to_path(folder.path())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("a folder has this name"),
        "{error}"
    );
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_download_goes_on_where_it_was() {
    let cos = Cos::start().await;
    let bytes = content(8 * MIB + 5, 1);
    cos.state().put(BUCKET, "a", bytes.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    // One part at a time: none is still on its way when the download has failed.
    let transfers = builder(&cos).concurrency(1).build();
    let interrupted = || async {
        // After the first answer, which brings a part, and four more.
        cos.fail(Fault {
            asked: "GET /a",
            after: 5,
            times: 1,
            what: What::Refuse(403, "AccessDenied"),
        });
        transfers
            .download((BUCKET, "a"))
            .to_path(&path)
            .await
            .unwrap_err();
        cos.state().faults.clear();
        cos.state().sent = 0;
    };
    interrupted().await;
    assert_eq!(
        names(folder.path()).len(),
        2,
        "what there is so far and what it is"
    );
    let downloaded = transfers
        .download((BUCKET, "a"))
        .to_path(&path)
        .await
        .unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
    let resumed = downloaded.progress.resumed;
    assert_eq!(resumed, 5 * MIB as u64);
    // The first answer is for all, and given up.
    let asked = cos.state().sent - bytes.len() as u64;
    assert_eq!(asked, bytes.len() as u64 - resumed);
    assert_eq!(names(folder.path()), ["a"]);

    // What the disk has lost is fetched again.
    interrupted().await;
    damage(folder.path());
    let downloaded = transfers
        .download((BUCKET, "a"))
        .to_path(&path)
        .await
        .unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
    assert!(downloaded.progress.resumed < 8 * MIB as u64);

    // Another content begins again.
    interrupted().await;
    let other = content(8 * MIB + 5, 2);
    cos.state().put(BUCKET, "a", other.clone());
    let downloaded = transfers
        .download((BUCKET, "a"))
        .to_path(&path)
        .await
        .unwrap();
    assert_eq!(downloaded.progress.resumed, 0);
    assert!(std::fs::read(&path).unwrap() == other);

    // Nobody wants it to go on.
    cos.state().put(BUCKET, "a", bytes.clone());
    interrupted().await;
    let downloaded = transfers
        .download((BUCKET, "a"))
        .resume(false)
        .to_path(&path)
        .await
        .unwrap();
    assert_eq!(downloaded.progress.resumed, 0);
}

/// Sets the first part of what is there so far to zeros.
fn damage(folder: &Path) {
    use std::io::Write;
    let name = names(folder)
        .into_iter()
        .find(|name| name.ends_with("-part"))
        .unwrap();
    let mut file = std::fs::File::options()
        .write(true)
        .open(folder.join(name))
        .unwrap();
    file.write_all(&vec![0; MIB]).unwrap();
}

#[tokio::test]
async fn a_download_can_be_cancelled_and_dropped() {
    let cos = Cos::start().await;
    cos.state().put(BUCKET, "a", content(30 * MIB, 1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let control = Control::new();
    let canceller = control.clone();
    cos.state().on_send = Some(Arc::new(move |sent| {
        if sent > 33_000_000 {
            canceller.cancel();
        }
    }));
    let transfers = builder(&cos).concurrency(1).build();
    let download = transfers.download((BUCKET, "a")).control(&control);
    assert!(download.to_path(&path).await.unwrap_err().is_cancelled());
    assert!(!path.exists());
    let error = transfers
        .download((BUCKET, "a"))
        .control(&control)
        .bytes(u64::MAX)
        .await;
    assert!(error.unwrap_err().is_cancelled());
    // Whoever drops a download to a path that does not go on leaves nothing.
    let (begun, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    cos.state().on_send = Some(Arc::new(move |_| {
        let _ = begun.send(());
    }));
    let other = tempfile::tempdir().unwrap();
    let dropped = transfers.download((BUCKET, "a")).resume(false);
    let target = other.path().join("b");
    let task = tokio::spawn(async move { dropped.to_path(target).await });
    waiting.recv().await.unwrap();
    waiting.recv().await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    while !names(other.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    // Whoever drops a stream ends it.
    let mut body = transfers
        .download((BUCKET, "a"))
        .stream()
        .await
        .unwrap()
        .body;
    body.chunk().await.unwrap().unwrap();
    drop(body);
    let all = transfers
        .download((BUCKET, "a"))
        .bytes(u64::MAX)
        .await
        .unwrap();
    assert_eq!(all.len(), 30 * MIB);
}

/// Streams that nobody reads do not stop others, whatever memory and requests they hold.
#[tokio::test]
async fn an_unread_stream_stops_nobody() {
    let cos = Cos::start().await;
    let bytes = content(20 * MIB, 1);
    cos.state().put(BUCKET, "a", bytes.clone());
    let transfers = builder(&cos).concurrency(2).memory(8 * MIB as u64).build();
    let mut streams = Vec::new();
    for _ in 0..6 {
        let mut stream = transfers.download((BUCKET, "a")).stream().await.unwrap();
        stream.body.chunk().await.unwrap().unwrap();
        streams.push(stream);
    }
    let read = transfers
        .download((BUCKET, "a"))
        .bytes(u64::MAX)
        .await
        .unwrap();
    assert!(read == bytes);
    for stream in streams {
        assert!(stream.body.collect(20 * MIB).await.is_ok());
    }
}

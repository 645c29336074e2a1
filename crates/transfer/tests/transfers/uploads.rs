//! Uploads of one object.

use std::sync::{Arc, Mutex};

use tcloud_core::body::crc64;
use tcloud_cos::StorageClass;
use tcloud_transfer::{Control, ErrorKind, Progress, Resume, Settings, Source};

use crate::fixture::{BUCKET, MIB, builder, content, file, transfers};
use crate::service::{Cos, Fault, What};

/// One request or parts, whatever the source is.
#[tokio::test]
async fn any_source_of_any_size_arrives() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    for size in [0, 1, 2 * MIB - 1, 2 * MIB, 5 * MIB + 3] {
        let bytes = content(size, size as u64);
        let path = file(folder.path(), "a.jpg", &bytes);
        let sources = [
            ("path", Source::path(path)),
            ("bytes", Source::bytes(bytes.clone())),
            (
                "reader",
                Source::reader(std::io::Cursor::new(bytes.clone())),
            ),
            (
                "known",
                Source::reader(std::io::Cursor::new(bytes.clone())).of_length(size as u64),
            ),
            (
                "stream",
                Source::stream(tcloud_core::body::Body::from(bytes.clone())),
            ),
        ];
        for (name, source) in sources {
            let uploaded = transfers
                .upload(source, (BUCKET, name))
                .run()
                .await
                .unwrap();
            let state = cos.state();
            let stored = state.object(BUCKET, name);
            assert!(stored.bytes == bytes, "{name} of {size}");
            assert_eq!(uploaded.size, size as u64);
            assert_eq!(uploaded.crc64, crc64(&bytes));
            assert!(uploaded.is_verified);
            assert_eq!(uploaded.etag.as_ref(), Some(&stored.etag));
            let parts = if size < 2 * MIB {
                0
            } else {
                size.div_ceil(MIB)
            };
            assert_eq!(uploaded.parts, parts as u32, "{name} of {size}");
            assert_eq!(uploaded.progress.bytes, size as u64);
            assert!(state.uploads.is_empty());
        }
        let stored = cos.state().object(BUCKET, "path").clone();
        assert_eq!(stored.headers["content-type"], "image/jpeg");
    }
}

#[tokio::test]
async fn settings_are_stored_whatever_the_way() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let settings = Settings::new()
        .cache_control("max-age=1")
        .content_disposition("attachment")
        .content_encoding("gzip")
        .content_language("de")
        .content_type("text/x")
        .expires("Wed, 21 Oct 2065 07:28:00 GMT")
        .storage_class(StorageClass::StandardIa)
        .tagging("a=b")
        .metadata("author", "me");
    for size in [1, 3 * MIB] {
        let upload = transfers.upload(content(size, 1), (BUCKET, size.to_string()));
        upload.settings(settings.clone()).run().await.unwrap();
    }
    let state = cos.state();
    let headers = &state.object(BUCKET, "1").headers;
    assert_eq!(
        headers,
        &state.object(BUCKET, &(3 * MIB).to_string()).headers
    );
    assert_eq!(headers.len(), 9);
    assert_eq!(headers["x-cos-meta-author"], "me");
    assert_eq!(headers["x-cos-storage-class"], "STANDARD_IA");
}

#[tokio::test]
async fn the_time_of_a_file_is_kept_if_asked_for() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a", b"a");
    let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_600_000_000, 250_000_000);
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let transfers = transfers(&cos);
    transfers
        .upload(path.clone(), (BUCKET, "a"))
        .keep_time(true)
        .run()
        .await
        .unwrap();
    let kept = cos.state().object(BUCKET, "a").headers["x-cos-meta-mtime"].clone();
    assert_eq!(kept, "1600000000.250000000");
    let to = folder.path().join("b");
    transfers
        .download((BUCKET, "a"))
        .keep_time(true)
        .to_path(&to)
        .await
        .unwrap();
    assert_eq!(std::fs::metadata(&to).unwrap().modified().unwrap(), time);
}

/// Whatever breaks for a while, the object arrives, and nothing is left over.
#[tokio::test]
async fn faults_are_bridged() {
    let faults = [
        ("PUT /a?partNumber=2", What::Refuse(503, "SlowDown"), 5),
        ("PUT /a?partNumber=2", What::Refuse(500, "InternalError"), 5),
        ("PUT /a?partNumber=2", What::DropUpload(100_000), 5),
        ("PUT /a?partNumber=2", What::DropAnswer, 5),
        ("PUT /a?partNumber=2", What::OtherChecksum, 5),
        (
            "POST /a?uploads",
            What::Refuse(503, "ServiceUnavailable"),
            2,
        ),
        ("POST /a?uploadId", What::Refuse(500, "InternalError"), 2),
        // It is done, and nobody hears of it.
        ("POST /a?uploadId", What::DropAnswer, 1),
    ];
    for (asked, what, times) in faults {
        let cos = Cos::start().await;
        let bytes = content(4 * MIB + 1, 7);
        cos.fail(Fault {
            asked,
            after: 0,
            times,
            what: what.clone(),
        });
        let uploaded = transfers(&cos)
            .upload(bytes.clone(), (BUCKET, "a"))
            .run()
            .await;
        let uploaded = uploaded.unwrap_or_else(|error| panic!("{asked} {what:?}: {error}"));
        assert!(uploaded.is_verified, "{asked} {what:?}");
        assert_eq!(
            uploaded.progress.bytes,
            bytes.len() as u64,
            "{asked} {what:?}"
        );
        let state = cos.state();
        assert!(state.object(BUCKET, "a").bytes == bytes, "{asked} {what:?}");
        assert_eq!(state.faults[0].times, 0, "{asked} {what:?}");
    }
}

/// What fails for good says so, and its parts are removed.
#[tokio::test]
async fn an_upload_that_fails_leaves_nothing() {
    let cos = Cos::start().await;
    cos.fail(Fault::once(
        "PUT /a?partNumber=3",
        What::Refuse(403, "AccessDenied"),
    ));
    let upload = transfers(&cos).upload(content(5 * MIB, 1), (BUCKET, "a"));
    let error = upload.run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Call);
    assert!(error.call().unwrap().is_access_denied());
    let text = error.to_string();
    assert!(
        text.starts_with("upload to cos://examplebucket-1250000000/a: UploadPart: AccessDenied"),
        "{text}"
    );
    let state = cos.state();
    assert!(state.uploads.is_empty() && state.objects.is_empty());
}

#[tokio::test]
async fn the_wrong_content_is_an_error() {
    let cos = Cos::start().await;
    cos.fail(Fault::once("POST /a?uploadId", What::OtherChecksum));
    let upload = transfers(&cos).upload(content(3 * MIB, 1), (BUCKET, "a"));
    let error = upload.run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    cos.fail(Fault {
        asked: "PUT /b",
        after: 0,
        times: 100,
        what: What::OtherChecksum,
    });
    let error = transfers(&cos)
        .upload(content(3, 1), (BUCKET, "b"))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
}

#[tokio::test]
async fn a_source_that_changes_is_an_error() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a", &content(4 * MIB, 1));
    let changed = path.clone();
    cos.state().on_receive = Some(Arc::new(move |received| {
        if received > 1_000_000 && std::fs::metadata(&changed).unwrap().len() == 4 * MIB as u64 {
            std::fs::write(&changed, content(4 * MIB + 5, 2)).unwrap();
        }
    }));
    let error = transfers(&cos)
        .upload(path.clone(), (BUCKET, "a"))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert!(
        error.to_string().contains("changed while it was uploaded"),
        "{error}"
    );
    assert!(cos.state().objects.is_empty() && cos.state().uploads.is_empty());
}

#[tokio::test]
async fn a_source_of_another_length_is_an_error() {
    let cos = Cos::start().await;
    for (size, said) in [
        (10, 11),
        (10, 9),
        (3 * MIB, 3 * MIB + 1),
        (3 * MIB, 3 * MIB - 1),
        (3 * MIB, 5 * MIB),
    ] {
        let source = Source::reader(std::io::Cursor::new(content(size, 1))).of_length(said as u64);
        let error = transfers(&cos)
            .upload(source, (BUCKET, "a"))
            .run()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stream, "{size} {said}: {error}");
        assert!(cos.state().objects.is_empty() && cos.state().uploads.is_empty());
    }
    let missing = transfers(&cos).upload(std::path::Path::new("/none/such"), (BUCKET, "a"));
    assert_eq!(missing.run().await.unwrap_err().kind(), ErrorKind::File);
    let folder = transfers(&cos).upload(std::path::Path::new("/"), (BUCKET, "a"));
    let error = folder.run().await.unwrap_err().to_string();
    assert!(error.ends_with("; upload it as a folder"), "{error}");
}

/// Parts that do not fit the memory go through a temporary file, and are sent again from there.
#[tokio::test]
async fn large_parts_of_a_reader_are_spilled() {
    let cos = Cos::start().await;
    cos.fail(Fault {
        asked: "partNumber=1",
        after: 0,
        times: 4,
        what: What::DropUpload(2_000_000),
    });
    let bytes = content(9 * MIB, 3);
    let transfers = builder(&cos).memory(4 * MIB as u64).build();
    let upload = transfers.upload(
        Source::reader(std::io::Cursor::new(bytes.clone())),
        (BUCKET, "a"),
    );
    let uploaded = upload.part_size(3 * MIB as u64).run().await.unwrap();
    assert_eq!(uploaded.parts, 3);
    assert!(cos.state().object(BUCKET, "a").bytes == bytes);
}

/// A cancelled upload ends at once and leaves nothing; one that is dropped is removed, too.
#[tokio::test]
async fn an_upload_can_be_cancelled_and_dropped() {
    let cos = Cos::start().await;
    let control = Control::new();
    let canceller = control.clone();
    cos.state().on_receive = Some(Arc::new(move |received| {
        if received > 2_000_000 {
            canceller.cancel();
        }
    }));
    let upload = builder(&cos)
        .concurrency(1)
        .build()
        .upload(content(8 * MIB, 1), (BUCKET, "a"));
    let error = upload.control(&control).run().await.unwrap_err();
    assert!(error.is_cancelled());
    assert!(cos.state().uploads.is_empty());
    assert!(cos.state().received < 4 * MIB as u64);

    let (begun, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    cos.state().on_receive = Some(Arc::new(move |_| {
        // Nobody listens any more when the upload is dropped.
        let _ = begun.send(());
    }));
    let upload = transfers(&cos).upload(content(8 * MIB, 1), (BUCKET, "b"));
    let task = tokio::spawn(upload.run());
    waiting.recv().await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    while !cos.state().uploads.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_paused_upload_stands_still_and_goes_on() {
    let cos = Cos::start().await;
    let control = Control::new();
    let (noted, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let pauser = control.clone();
    cos.state().on_receive = Some(Arc::new(move |received| {
        if received == MIB as u64 {
            pauser.pause();
            noted.send(()).unwrap();
        }
    }));
    let bytes = content(4 * MIB, 1);
    let upload = builder(&cos)
        .concurrency(1)
        .build()
        .upload(bytes.clone(), (BUCKET, "a"));
    let task = tokio::spawn(upload.control(&control).run());
    waiting.recv().await.unwrap();
    // The part that is under way is finished, and no other is begun.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(cos.state().received, MIB as u64);
    assert!(!task.is_finished());
    control.proceed();
    task.await.unwrap().unwrap();
    assert!(cos.state().object(BUCKET, "a").bytes == bytes);
}

#[tokio::test]
async fn progress_never_goes_beyond_the_whole() {
    let cos = Cos::start().await;
    cos.fail(Fault {
        asked: "partNumber=2",
        after: 0,
        times: 3,
        what: What::DropUpload(500_000),
    });
    let told = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let observer = Arc::clone(&told);
    let upload = transfers(&cos).upload(content(4 * MIB, 1), (BUCKET, "a"));
    let upload =
        upload.on_progress(move |progress| observer.lock().unwrap().push(progress.clone()));
    upload.run().await.unwrap();
    let told = told.lock().unwrap();
    assert!(told.iter().all(|progress| progress.bytes <= 4 * MIB as u64));
    let last = told.last().unwrap();
    assert_eq!(
        (last.bytes, last.total),
        (4 * MIB as u64, Some(4 * MIB as u64))
    );
    assert_eq!((last.parts, last.total_parts), (4, Some(4)));
}

#[tokio::test]
async fn the_bandwidth_is_kept() {
    let cos = Cos::start().await;
    let transfers = builder(&cos).bandwidth(4 * MIB as u64).build();
    let begun = std::time::Instant::now();
    transfers
        .upload(content(4 * MIB, 1), (BUCKET, "a"))
        .run()
        .await
        .unwrap();
    let took = begun.elapsed().as_secs_f64();
    // A tenth of a second is free at the start.
    assert!((0.8..10.0).contains(&took), "{took}");
}

/// What an earlier upload has sent is not sent again, and only that.
#[tokio::test]
async fn an_upload_goes_on_where_it_was() {
    for by_service in [false, true] {
        let cos = Cos::start().await;
        let folder = tempfile::tempdir().unwrap();
        let bytes = content(8 * MIB + 5, 1);
        let path = file(folder.path(), "a", &bytes);
        let resume = || {
            if by_service {
                Resume::Service
            } else {
                Resume::Checkpoint(folder.path().join("state/checkpoint"))
            }
        };
        cos.state().page = Some(3);
        cos.fail(Fault::once(
            "partNumber=6",
            What::Refuse(403, "AccessDenied"),
        ));
        // One part at a time, so that none is on its way when the upload has failed.
        let transfers = builder(&cos).concurrency(1).build();
        let upload = transfers.upload(path.clone(), (BUCKET, "a"));
        upload.resume(resume()).run().await.unwrap_err();
        assert_eq!(cos.state().uploads.len(), 1);
        let before = cos.state().uploads.values().next().unwrap().parts.len() as u64;
        assert_eq!(before, 5);
        cos.state().received = 0;
        let uploaded = transfers
            .upload(path.clone(), (BUCKET, "a"))
            .resume(resume())
            .run()
            .await;
        let uploaded = uploaded.unwrap();
        let state = cos.state();
        assert!(state.object(BUCKET, "a").bytes == bytes);
        assert!(state.uploads.is_empty());
        assert_eq!(uploaded.progress.resumed, before * MIB as u64);
        assert!(uploaded.is_verified);
        // The rest, and the document that names the parts.
        let rest = (8 - before) * MIB as u64 + 5;
        assert!(
            (rest..rest + 2000).contains(&state.received),
            "{}",
            state.received
        );
        assert!(!folder.path().join("state/checkpoint").exists());
    }
}

#[tokio::test]
async fn a_changed_source_begins_again() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a", &content(5 * MIB, 1));
    let transfers = builder(&cos)
        .checkpoints(folder.path().join("state"))
        .build();
    cos.fail(Fault::once(
        "partNumber=4",
        What::Refuse(403, "AccessDenied"),
    ));
    transfers
        .upload(path.clone(), (BUCKET, "a"))
        .run()
        .await
        .unwrap_err();
    assert_eq!(cos.state().uploads.len(), 1);
    // Of the same length, and later.
    let bytes = content(5 * MIB, 2);
    std::fs::write(&path, &bytes).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(later)
        .unwrap();
    let uploaded = transfers
        .upload(path.clone(), (BUCKET, "a"))
        .run()
        .await
        .unwrap();
    assert_eq!(uploaded.progress.resumed, 0);
    let state = cos.state();
    assert!(state.object(BUCKET, "a").bytes == bytes);
    assert!(
        state.uploads.is_empty(),
        "the parts of the old source are removed"
    );
}

/// A checkpoint that was written before a process was killed, after its upload was completed.
#[tokio::test]
async fn what_was_completed_is_not_sent_again() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a", &content(4 * MIB, 1));
    let place = folder.path().join("checkpoint");
    let kept = folder.path().join("kept");
    let (from, to) = (place.clone(), kept.clone());
    cos.state().on_receive = Some(Arc::new(move |_| {
        if from.exists() {
            std::fs::copy(&from, &to).unwrap();
        }
    }));
    let transfers = transfers(&cos);
    let upload = || {
        transfers
            .upload(path.clone(), (BUCKET, "a"))
            .resume(Resume::Checkpoint(place.clone()))
    };
    upload().run().await.unwrap();
    assert!(!place.exists());
    std::fs::copy(&kept, &place).unwrap();
    let received = cos.state().received;
    let uploaded = upload().run().await.unwrap();
    assert_eq!(cos.state().received, received);
    assert_eq!(uploaded.progress.resumed, 4 * MIB as u64);
    assert!(!place.exists());
}

/// A damaged checkpoint, and one of a removed upload, begin again.
#[tokio::test]
async fn a_useless_checkpoint_begins_again() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let bytes = content(4 * MIB, 1);
    let path = file(folder.path(), "a", &bytes);
    let place = folder.path().join("checkpoint");
    let transfers = transfers(&cos);
    let upload = || {
        transfers
            .upload(path.clone(), (BUCKET, "a"))
            .resume(Resume::Checkpoint(place.clone()))
    };
    std::fs::write(&place, "{ no checkpoint").unwrap();
    upload().run().await.unwrap();
    cos.fail(Fault::once(
        "partNumber=3",
        What::Refuse(403, "AccessDenied"),
    ));
    upload().run().await.unwrap_err();
    cos.state().uploads.clear();
    upload().run().await.unwrap();
    assert!(cos.state().object(BUCKET, "a").bytes == bytes);
}

//! Transfers against the local cloud, over a socket.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::path::Path;
use std::time::Duration;

use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_cos::Client;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tcloud_transfer::{Control, Transfers, TransfersBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const BUCKET: &str = "examplebucket-1250000000";
const MIB: usize = 1024 * 1024;

/// A cloud with its state in a folder, and a client of it.
struct Cloud {
    running: LocalCloud,
    serving: JoinHandle<()>,
    client: Client,
}

impl Cloud {
    async fn start(folder: &Path) -> Self {
        let cloud = LocalCloud::start(Settings::default().folder(folder)).await;
        let cloud = cloud.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = cloud.clone();
        let serving = tokio::spawn(async move { server.serve(listener).await.unwrap() });
        let config = Config::builder()
            .region("ap-guangzhou")
            .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
            .endpoint(Endpoint::parse(&address).unwrap())
            .build()
            .unwrap();
        Self {
            running: cloud,
            serving,
            client: Client::new(&config),
        }
    }

    /// Parts of 1 MiB, one after the other, remembered in `folder`.
    fn transfers(&self, folder: &Path) -> TransfersBuilder {
        Transfers::builder(&self.client)
            .part_size(MIB as u64)
            .parts_from(2 * MIB as u64)
            .concurrency(1)
            .checkpoints(folder)
            .rounds(2, Duration::from_millis(1))
    }

    async fn stop(self) {
        self.running.shutdown().await;
        self.serving.await.unwrap();
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn what_is_uploaded_in_parts_is_downloaded_again() {
    let state = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(state.path()).await;
    cloud.client.put_bucket(BUCKET).send().await.unwrap();
    let transfers = cloud.transfers(files.path()).concurrency(4).build();
    let (from, to) = (files.path().join("from"), files.path().join("to"));
    for size in [0, 1, 2 * MIB, 5 * MIB + 7] {
        let bytes = content(size);
        std::fs::write(&from, &bytes).unwrap();
        let uploaded = transfers.upload(from.as_path(), (BUCKET, "a b/ü+%"));
        let uploaded = uploaded.run().await.unwrap();
        assert!(uploaded.is_verified, "{size}");
        let parts = if size < 2 * MIB {
            0
        } else {
            size.div_ceil(MIB)
        };
        assert_eq!(uploaded.parts as usize, parts);
        transfers
            .download((BUCKET, "a b/ü+%"))
            .to_path(&to)
            .await
            .unwrap();
        assert!(std::fs::read(&to).unwrap() == bytes, "{size}");
    }
    let unfinished = transfers.unfinished((BUCKET, "")).list().await.unwrap();
    assert!(unfinished.is_empty());
    cloud.stop().await;
}

/// The client and the cloud both end in the middle: what had come stays.
#[tokio::test]
async fn an_upload_goes_on_after_a_restart_of_the_cloud() {
    let state = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let bytes = content(6 * MIB + 7);
    let from = files.path().join("from");
    std::fs::write(&from, &bytes).unwrap();
    let cloud = Cloud::start(state.path()).await;
    cloud.client.put_bucket(BUCKET).send().await.unwrap();
    let transfers = cloud.transfers(files.path()).build();
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let upload = transfers
        .upload(from.as_path(), (BUCKET, "key"))
        .on_progress(move |progress| {
            if progress.bytes > 3 * MIB as u64 {
                let _ = reached.send(());
            }
        });
    // A process that is killed does not get to clean up; neither does a future that is forgotten
    // with its runtime. Here it stops by losing its service.
    let uploading = tokio::spawn(upload.run());
    waiting.recv().await.unwrap();
    cloud.stop().await;
    let failed = uploading.await.unwrap();

    let cloud = Cloud::start(state.path()).await;
    let transfers = cloud.transfers(files.path()).build();
    let unfinished = transfers.unfinished((BUCKET, "")).list().await.unwrap();
    assert_eq!(unfinished.len(), usize::from(failed.is_err()));
    let uploaded = transfers
        .upload(from.as_path(), (BUCKET, "key"))
        .run()
        .await
        .unwrap();
    assert!(uploaded.is_verified);
    let read = cloud.client.get_object(BUCKET, "key").send().await.unwrap();
    let read = read.into_body().collect(10 * MIB).await.unwrap();
    assert!(read == bytes);
    cloud.stop().await;
}

#[tokio::test]
async fn what_was_cancelled_or_forgotten_leaves_nothing() {
    let state = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(state.path()).await;
    cloud.client.put_bucket(BUCKET).send().await.unwrap();
    // It takes longer than until its progress is reported, so that it is cancelled before its end.
    let transfers = cloud.transfers(files.path()).bandwidth(4 * MIB as u64);
    let transfers = transfers.build();
    let control = Control::new();
    let canceller = control.clone();
    let upload = transfers
        .upload(content(8 * MIB), (BUCKET, "cancelled"))
        .control(&control)
        .on_progress(move |progress| {
            if progress.bytes > MIB as u64 {
                canceller.cancel();
            }
        });
    let error = upload.run().await.unwrap_err();
    assert!(error.is_cancelled());
    assert!(
        transfers
            .unfinished((BUCKET, ""))
            .list()
            .await
            .unwrap()
            .is_empty()
    );

    for key in ["forgotten/1", "forgotten/2", "kept"] {
        let begun = cloud.client.initiate_multipart_upload(BUCKET, key);
        begun.send().await.unwrap();
    }
    let old = transfers.unfinished((BUCKET, "forgotten/"));
    let removed = old.remove().await.unwrap();
    assert_eq!((removed.removed.len(), removed.failed.len()), (2, 0));
    let left = transfers.unfinished((BUCKET, "")).list().await.unwrap();
    assert_eq!(left.len(), 1);
    cloud.stop().await;
}

/// The service copies; no byte of the object passes through the client.
#[tokio::test]
async fn a_large_object_is_copied_in_parts_to_another_bucket() {
    const OTHER: &str = "other-1250000000";
    let state = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let bytes = content(5 * MIB + 7);
    let from = files.path().join("from");
    std::fs::write(&from, &bytes).unwrap();
    let cloud = Cloud::start(state.path()).await;
    for bucket in [BUCKET, OTHER] {
        cloud.client.put_bucket(bucket).send().await.unwrap();
    }
    let transfers = cloud.transfers(files.path()).concurrency(4);
    let transfers = transfers.copy_in_parts_from(2 * MIB as u64).build();
    let key = "a b/ü+%";
    let upload = transfers.upload(from.as_path(), (BUCKET, key));
    upload.run().await.unwrap();
    for to in [(BUCKET, "copy"), (OTHER, key)] {
        let copied = transfers.copy((BUCKET, key), to).run().await.unwrap();
        assert_eq!((copied.parts, copied.is_verified), (6, true));
        let (bucket, key) = to;
        let read = cloud.client.get_object(bucket, key).send().await.unwrap();
        let crc64 = tcloud_core::body::crc64(&bytes).to_string();
        assert_eq!(read.crc64.as_ref(), Some(&crc64));
        let read = read.into_body().collect(10 * MIB).await.unwrap();
        assert!(read == bytes);
    }
    let missing = transfers.copy((BUCKET, "none"), (OTHER, "none"));
    assert!(missing.run().await.is_err());
    let unfinished = transfers.unfinished((OTHER, "")).list().await.unwrap();
    assert!(unfinished.is_empty());
    cloud.stop().await;
}

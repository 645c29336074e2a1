//! Processes that die while they fetch.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, StatusCode};
use tcloud_core::server::{Context, Fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::{Asking, Missing, missing};
use crate::Settings;
use crate::cam::Directory;
use crate::clock::SystemClock;
use crate::state::State;
use crate::store::{Acl, ObjectName, SettingName, Store};

const BUCKET: &str = "examplebucket-1250000000";

async fn open(folder: &Path) -> State {
    let store = Store::in_folder(folder, None, Arc::new(SystemClock), true);
    let settings = Settings::default().allow_private_addresses(true);
    State::new(store.await.unwrap(), Directory::fixture(), settings)
}

/// Sends the first half of an answer, tells of that, and the rest if it is `whole`.
async fn origin(whole: bool) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let sent = Arc::new(Notify::new());
    let tell = Arc::clone(&sent);
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && connection.read_buf(&mut head).await.unwrap() > 0 {}
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf";
        connection.write_all(half).await.unwrap();
        tell.notify_one();
        if whole {
            connection.write_all(b"half").await.unwrap();
        }
        // It goes on when the other side has gone.
        let _ = connection.read_buf(&mut head).await;
    });
    (address, sent)
}

async fn set(state: &State, address: &str) {
    set_kind(state, BUCKET, "Mirror", address).await;
}

async fn set_kind(state: &State, bucket: &str, kind: &str, address: &str) {
    let name = SettingName {
        bucket: bucket.to_owned(),
        kind: super::origin::KIND,
        id: String::new(),
    };
    let document = format!(
        "<OriginConfiguration><OriginRule><OriginType>{kind}</OriginType><OriginCondition>\
         <HTTPStatusCode>404</HTTPStatusCode></OriginCondition><OriginInfo><HostInfo>\
         <HostName>{address}</HostName></HostInfo></OriginInfo></OriginRule></OriginConfiguration>"
    );
    let set = state.store.put_bucket_setting(&name, &document, 1).await;
    assert!(set.unwrap());
}

async fn ask(state: &State, name: &ObjectName) -> Result<Missing, Fault> {
    let mut context = Context::new("id");
    let asking = Asking::new(&[], &HeaderMap::new(), false);
    context.extensions.insert(asking);
    let fault = Fault::new(StatusCode::NOT_FOUND, "NoSuchKey", "it is not there");
    missing(state, &context, name, fault).await
}

#[tokio::test]
async fn what_a_crash_broke_off_is_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let name = ObjectName::new(BUCKET, "k");
    let state = open(folder.path()).await;
    let made = state
        .store
        .create_bucket(BUCKET, "ap-chongqing", Acl::Private);
    made.await.unwrap();
    let (address, sent) = origin(false).await;
    set(&state, &address).await;
    tokio::select! {
        _ = ask(&state, &name) => panic!("the rest never comes"),
        () = sent.notified() => {}
    }
    state.store.settle().await;
    drop(state);

    let state = open(folder.path()).await;
    state.store.head_object(&name).await.unwrap_err();
    let (address, _) = origin(true).await;
    set(&state, &address).await;
    assert!(matches!(ask(&state, &name).await, Ok(Missing::Stored)));
    let got = state.store.get_object(&name, None).await.unwrap();
    assert_eq!(got.bytes().await.unwrap(), "halfhalf");
    // What is there is not fetched again.
    assert!(matches!(ask(&state, &name).await, Ok(Missing::Stored)));
}

#[tokio::test]
async fn a_slow_origin_keeps_its_own_bucket_busy_alone() {
    const OTHER: &str = "other-1250000000";
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    // Connections are made to it, and nobody takes them.
    let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow_address = slow.local_addr().unwrap().to_string();
    let (quick_address, asked) = origin(true).await;
    for (bucket, address) in [(BUCKET, &slow_address), (OTHER, &quick_address)] {
        let made = state
            .store
            .create_bucket(bucket, "ap-chongqing", Acl::Private);
        made.await.unwrap();
        set_kind(&state, bucket, "Proxy", address).await;
    }
    let asking = Asking::new(&[], &HeaderMap::new(), false);
    for number in 0..10 {
        let name = ObjectName::new(BUCKET, number.to_string());
        state.pulls.later(&name, &asking);
    }
    state.pulls.later(&ObjectName::new(OTHER, "k"), &asking);
    tokio::select! {
        _ = super::run(&state) => panic!("the slow one never answers"),
        () = asked.notified() => {}
    }
}

#[tokio::test]
async fn what_there_is_no_time_for_waits_for_the_next_round() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    let waiting = super::Waiting {
        name: ObjectName::new(BUCKET, "k"),
        asking: Asking::new(&[], &HeaderMap::new(), false),
    };
    assert_eq!(
        super::counted(&state, waiting, super::Instant::now()).await,
        0
    );
    state.pulls.told().await;
    assert_eq!(state.pulls.take().await.1.len(), 1);
}

#[tokio::test]
async fn those_who_wait_for_an_answer_share_its_failure() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(folder.path()).await;
    let made = state
        .store
        .create_bucket(BUCKET, "ap-chongqing", Acl::Private);
    made.await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    set(&state, &address).await;
    let (go, times) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
    let (wait, count) = (Arc::clone(&go), Arc::clone(&times));
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && connection.read_buf(&mut head).await.unwrap() > 0
            {
            }
            count.fetch_add(1, Ordering::Relaxed);
            wait.notified().await;
            // The next one is answered at once.
            wait.notify_one();
            let failed = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            connection.write_all(failed).await.unwrap();
        }
    });
    let name = ObjectName::new(BUCKET, "k");
    let all_wait = async {
        let turn = state.pulls.turn(&name);
        while Arc::strong_count(&turn) < 4 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
    };
    let asked = futures_util::future::join_all((0..3).map(|_| ask(&state, &name)));
    let (answers, ()) = tokio::join!(asked, all_wait);
    for answer in answers {
        assert_eq!(answer.err().unwrap().code, "MirrorFailed");
    }
    assert_eq!(times.load(Ordering::Relaxed), 1);
    // Whoever comes later asks anew.
    assert!(ask(&state, &name).await.is_err());
    assert_eq!(times.load(Ordering::Relaxed), 2);
}

//! Processes that die while they fetch.

use std::path::Path;
use std::sync::Arc;

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
    let name = SettingName {
        bucket: BUCKET.to_owned(),
        kind: super::origin::KIND,
        id: String::new(),
    };
    let document = format!(
        "<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition>\
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

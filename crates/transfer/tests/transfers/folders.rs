//! Folders up and down, copies of prefixes, deletions.

use std::sync::{Arc, Mutex};

use tcloud_transfer::{
    Action, Control, ErrorKind, Event, Filter, Links, Object, Plan, Prefix, Settings,
};

use crate::fixture::{BUCKET, MIB, content, file, names, transfers};
use crate::service::{Cos, Fault, What};

/// Files of a folder, by path from there.
fn tree(folder: &std::path::Path) {
    file(folder, "a.txt", b"a");
    file(folder, "b/c.jpg", &content(3 * MIB, 1));
    file(folder, "b/d/e ü+&.txt", b"e");
    std::fs::create_dir_all(folder.join("empty")).unwrap();
}

#[tokio::test]
async fn a_folder_goes_up_and_comes_down() {
    let cos = Cos::start().await;
    cos.state().page = Some(2);
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let settings = Settings::new().cache_control("max-age=1");
    let upload = transfers.upload_folder(folder.path(), (BUCKET, "to"));
    let report = upload.markers(true).settings(settings).run().await.unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.counts.uploaded, report.counts.made), (3, 1));
    assert_eq!(report.progress.bytes, 3 * MIB as u64 + 2);
    let keys = ["to/a.txt", "to/b/c.jpg", "to/b/d/e ü+&.txt", "to/empty/"];
    assert_eq!(cos.state().keys(BUCKET), keys);
    let headers = cos.state().object(BUCKET, "to/b/c.jpg").headers.clone();
    assert_eq!(headers["cache-control"], "max-age=1");
    assert_eq!(headers["content-type"], "image/jpeg");

    let copy = transfers
        .copy_folder((BUCKET, "to/"), (BUCKET, "copy"))
        .run()
        .await
        .unwrap();
    assert_eq!(copy.counts.copied, 4);

    let down = tempfile::tempdir().unwrap();
    let report = transfers
        .download_folder((BUCKET, "copy"), down.path())
        .run()
        .await
        .unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.counts.downloaded, report.counts.made), (3, 1));
    assert_eq!(
        std::fs::read(down.path().join("b/d/e ü+&.txt")).unwrap(),
        b"e"
    );
    assert!(std::fs::read(down.path().join("b/c.jpg")).unwrap() == content(3 * MIB, 1));
    assert_eq!(names(down.path()), ["a.txt", "b", "empty"]);

    let report = transfers.delete((BUCKET, "copy/")).run().await.unwrap();
    assert_eq!(report.counts.deleted, 4);
    assert_eq!(cos.state().keys(BUCKET), keys);
}

#[tokio::test]
async fn a_plan_shows_what_is_to_be_done_and_does_nothing() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let filter = Filter::new().exclude("b/d/*").unwrap();
    let upload = transfers(&cos).upload_folder(folder.path(), (BUCKET, ""));
    let plan = upload.filter(filter).plan().await.unwrap();
    let lines: Vec<String> = plan.items().iter().map(ToString::to_string).collect();
    let root = folder.path().display();
    assert_eq!(
        lines,
        [
            format!("upload {root}/a.txt to cos://{BUCKET}/a.txt"),
            format!("upload {root}/b/c.jpg to cos://{BUCKET}/b/c.jpg"),
        ]
    );
    assert_eq!(plan.bytes(), 3 * MIB as u64 + 1);
    assert!(cos.state().log.is_empty());
}

/// Whoever may write into the bucket chooses the keys, and leaves the folder by none of them.
#[tokio::test]
async fn no_key_leaves_the_target_folder() {
    let cos = Cos::start().await;
    let evil = [
        "p/../../outside",
        "p/..",
        "p//etc/passwd",
        "p/a/../../../outside",
        "p/C:/x",
        "p/c:\\x",
        "p/..\\..\\outside",
        "p/a\u{1}b",
        "p/a//b",
        "p/./a",
        "p/link/inside",
        "p/\\x",
    ];
    for key in evil {
        cos.state().put(BUCKET, key, "evil");
    }
    cos.state().put(BUCKET, "p/good", "good");
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("deep/target");
    std::fs::create_dir_all(&target).unwrap();
    std::fs::create_dir(parent.path().join("elsewhere")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(parent.path().join("elsewhere"), target.join("link")).unwrap();
    let report = transfers(&cos)
        .download_folder((BUCKET, "p/"), &target)
        .run()
        .await
        .unwrap();
    assert_eq!(report.counts.downloaded, 1);
    assert_eq!(report.failed.len(), evil.len(), "{report:?}");
    for failure in &report.failed {
        assert_eq!(failure.error.kind(), ErrorKind::Unsafe, "{failure:?}");
        assert!(failure.name.starts_with("cos://"));
    }
    assert_eq!(names(&target), ["good", "link"]);
    assert_eq!(names(parent.path()), ["deep", "elsewhere"]);
    assert!(names(&parent.path().join("elsewhere")).is_empty());
    // What was refused for its name is refused again, and nothing else is tried.
    let report = Plan::retry(report).run().await;
    assert_eq!(report.failed.len(), evil.len());
}

#[tokio::test]
async fn what_failed_can_be_tried_again_alone() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    cos.fail(Fault::once(
        "PUT /b/c.jpg?partNumber=2",
        What::Refuse(403, "AccessDenied"),
    ));
    cos.fail(Fault::once("PUT /a.txt", What::Refuse(403, "AccessDenied")));
    let events = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&events);
    let upload = transfers(&cos).upload_folder(folder.path(), (BUCKET, ""));
    let upload = upload.on_event(move |event| {
        let line = match event {
            Event::Begun(item) => format!("begun {item}"),
            Event::Done(item) => format!("done {item}"),
            Event::Failed(item, _) => format!("failed {item}"),
            _ => return,
        };
        noted
            .lock()
            .unwrap()
            .push(line.split('/').next_back().unwrap().to_owned());
    });
    let report = upload.run().await.unwrap();
    assert_eq!(report.counts.uploaded, 1);
    assert_eq!(report.failed.len(), 2);
    // What failed is not counted as moved.
    assert_eq!(report.progress.bytes, 1);
    assert_eq!(events.lock().unwrap().len(), 6);
    cos.state().log.clear();
    let report = Plan::retry(report).run().await;
    assert!(report.is_complete());
    assert_eq!(report.counts.uploaded, 2);
    assert_eq!(cos.state().keys(BUCKET).len(), 3);
    assert_eq!(cos.state().asked("e%20"), 0);
}

#[tokio::test]
async fn deletions_go_in_batches_and_name_what_was_refused() {
    let cos = Cos::start().await;
    for number in 0..2500 {
        cos.state().put(BUCKET, &format!("many/{number:04}"), "");
    }
    cos.state().put(BUCKET, "locked/a", "");
    cos.state().put(BUCKET, "locked/b", "");
    cos.state().put(BUCKET, "kept", "");
    let transfers = transfers(&cos);
    let report = transfers.delete((BUCKET, "many/")).run().await.unwrap();
    assert!(report.is_complete());
    assert_eq!(report.counts.deleted, 2500);
    assert_eq!(cos.state().asked("POST /?delete"), 3);
    let filter = Filter::new().exclude("b").unwrap();
    let report = transfers
        .delete((BUCKET, "locked/"))
        .filter(filter)
        .run()
        .await
        .unwrap();
    assert_eq!(report.counts.deleted, 0);
    let error = report.failed[0].error.to_string();
    assert_eq!(
        error,
        format!("delete of cos://{BUCKET}/locked/a: ObjectLocked: It is locked")
    );
    let objects = ["kept", "missing"].map(|key| (BUCKET, key).into());
    let report = transfers.delete_objects(objects).run().await;
    assert_eq!(report.counts.deleted, 2);
    assert_eq!(cos.state().keys(BUCKET), ["locked/a", "locked/b"]);
    cos.fail(Fault::once(
        "POST /?delete",
        What::Refuse(403, "AccessDenied"),
    ));
    let report = transfers.delete((BUCKET, "locked/")).run().await.unwrap();
    assert_eq!(report.failed.len(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn links_follow_their_rule() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "real/a", b"a");
    std::os::unix::fs::symlink(folder.path().join("real"), folder.path().join("link")).unwrap();
    let transfers = transfers(&cos);
    let upload = || transfers.upload_folder(folder.path(), (BUCKET, ""));
    let report = upload().run().await.unwrap();
    assert_eq!(report.skipped.len(), 1);
    assert!(report.skipped[0].why.contains("symbolic link"));
    assert_eq!(cos.state().keys(BUCKET), ["real/a"]);
    upload().links(Links::Follow).run().await.unwrap();
    assert_eq!(cos.state().keys(BUCKET), ["link/a", "real/a"]);
}

#[tokio::test]
async fn what_is_not_there_and_what_lies_within_itself_is_refused() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    let error = transfers
        .download_folder((BUCKET, "none"), folder.path())
        .plan()
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    assert!(
        error.to_string().contains("there is no object in"),
        "{error}"
    );
    let error = transfers
        .upload_folder(folder.path().join("none"), (BUCKET, ""))
        .plan()
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::File);
    for key in ["a/x.jpg", "a/c/y"] {
        let upload = transfers.upload(b"x".to_vec(), (BUCKET, key));
        upload.run().await.unwrap();
    }
    let copy = || transfers.copy_folder((BUCKET, "a/"), Prefix::new(BUCKET, "a/b"));
    let error = copy().plan().await.unwrap_err();
    assert!(error.to_string().contains("lies within"), "{error}");
    // What a filter keeps apart does not meet itself.
    let only = Filter::new().only("*.jpg").unwrap();
    let report = copy().filter(only).run().await.unwrap();
    assert_eq!(report.counts.copied, 1);
    assert_eq!(cos.state().keys(BUCKET), ["a/b/x.jpg", "a/c/y", "a/x.jpg"],);
}

#[tokio::test]
async fn what_is_moved_onto_itself_stays() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let upload = transfers.upload(b"x".to_vec(), (BUCKET, "a"));
    upload.run().await.unwrap();
    assert_eq!(transfers.info((BUCKET, "a")).await.unwrap().size, 1);
    let object = Object::new(BUCKET, "a");
    let action = Action::Copy {
        from: object.clone(),
        to: object,
    };
    let report = transfers
        .plan([(action, 1)])
        .settings(Settings::new().metadata("a", "b"))
        .remove_sources(true)
        .run()
        .await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(cos.state().keys(BUCKET), ["a"]);
    let error = transfers.info((BUCKET, "b")).await.unwrap_err();
    assert!(
        error.is_not_found()
            && error
                .to_string()
                .starts_with(&format!("cos://{BUCKET}/b: ")),
        "{error}"
    );
}

#[tokio::test]
async fn a_cancelled_folder_names_the_rest_as_failed() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    for number in 0..50 {
        file(folder.path(), &number.to_string(), b"a");
    }
    let control = Control::new();
    let canceller = control.clone();
    let transfers = crate::fixture::builder(&cos).concurrency(1).build();
    let upload = transfers
        .upload_folder(folder.path(), (BUCKET, ""))
        .control(&control);
    let upload = upload.on_event(move |event| {
        if matches!(event, Event::Done(_)) {
            canceller.cancel();
        }
    });
    let report = upload.run().await.unwrap();
    assert_eq!(report.counts.uploaded, 1);
    assert_eq!(report.failed.len(), 49);
    assert!(
        report
            .failed
            .iter()
            .all(|failure| failure.error.is_cancelled())
    );
}

#[tokio::test]
async fn a_move_deletes_what_has_arrived() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "a", b"a");
    file(folder.path(), "b", b"b");
    cos.fail(Fault::once("PUT /b", What::Refuse(403, "AccessDenied")));
    let upload = || {
        transfers
            .upload_folder(folder.path(), (BUCKET, ""))
            .remove_sources(true)
    };
    let report = upload().run().await.unwrap();
    assert_eq!((report.counts.uploaded, report.counts.deleted), (1, 0));
    assert_eq!(names(folder.path()), ["b"], "what failed stays");
    let report = Plan::retry(report).run().await;
    assert!(report.is_complete());
    assert!(names(folder.path()).is_empty());
    let copy = transfers.copy_folder((BUCKET, ""), ("otherbucket-1250000000", "to/"));
    copy.remove_sources(true).run().await.unwrap();
    assert!(cos.state().keys(BUCKET).is_empty());
    assert_eq!(cos.state().keys("otherbucket-1250000000"), ["to/a", "to/b"]);
}

#[tokio::test]
async fn a_plan_of_single_actions_is_carried_out() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let from = file(folder.path(), "a", b"a");
    cos.state().put(BUCKET, "old", "o");
    let actions = [
        (
            Action::Upload {
                from,
                to: (BUCKET, "new").into(),
            },
            1,
        ),
        (
            Action::DeleteObject {
                object: (BUCKET, "old").into(),
            },
            0,
        ),
    ];
    let report = transfers(&cos).plan(actions).run().await;
    assert_eq!((report.counts.uploaded, report.counts.deleted), (1, 1));
    assert_eq!(cos.state().keys(BUCKET), ["new"]);
}

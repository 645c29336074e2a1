//! Syncs of folders and prefixes.

use tcloud_transfer::{Compare, ErrorKind, Filter, Place, Plan, Prefix, Reason, Transfers};

use crate::fixture::{BUCKET, builder, file, names};
use crate::service::{Cos, Fault, What};

fn prefix(prefix: &str) -> Place {
    Prefix::new(BUCKET, prefix).into()
}

fn actions(plan: &Plan) -> Vec<(String, Reason)> {
    let name = |line: String| line.split(['/', ' ']).next_back().unwrap().to_owned();
    plan.items()
        .iter()
        .map(|item| (name(item.to_string()), item.reason))
        .collect()
}

fn transfers(cos: &Cos) -> Transfers {
    builder(cos).build()
}

#[tokio::test]
async fn only_what_differs_goes_up() {
    let cos = Cos::start().await;
    cos.state().page = Some(2);
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a", "a"), ("b/c", "c"), ("d", "d"), ("e", "e")] {
        let path = file(folder.path(), name, bytes.as_bytes());
        // Before the model's clock.
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
        std::fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(old)
            .unwrap();
    }
    let sync = || transfers.sync(folder.path(), prefix("to"));
    let report = sync().run().await.unwrap();
    assert_eq!((report.counts.uploaded, report.unchanged), (4, 0));
    cos.state().log.clear();
    let report = sync().run().await.unwrap();
    assert_eq!((report.counts.uploaded, report.unchanged), (0, 4));
    assert_eq!(cos.state().asked("PUT"), 0);

    file(folder.path(), "a", b"aa");
    // Of the same size, and later than the model's clock.
    file(folder.path(), "d", b"D");
    file(folder.path(), "new", b"n");
    std::fs::remove_file(folder.path().join("e")).unwrap();
    cos.state().put(BUCKET, "to/empty/", "");
    let plan = sync().delete(true).plan().await.unwrap();
    assert_eq!(plan.unchanged(), 1);
    assert_eq!(plan.deletions(), 1);
    let expected = [
        ("a", Reason::Size),
        ("d", Reason::Time),
        ("new", Reason::New),
        ("e", Reason::Extra),
    ];
    assert_eq!(
        actions(&plan),
        expected.map(|(name, reason)| (name.to_owned(), reason))
    );
    let report = plan.run().await;
    assert_eq!((report.counts.uploaded, report.counts.deleted), (3, 1));
    assert_eq!(
        cos.state().keys(BUCKET),
        ["to/a", "to/b/c", "to/d", "to/empty/", "to/new"]
    );
    assert_eq!(cos.state().object(BUCKET, "to/d").bytes, "D");
}

#[tokio::test]
async fn only_what_differs_comes_down() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    for key in ["from/a", "from/b/c", "from/d", "from/marker/"] {
        let bytes = if key.ends_with('/') { "" } else { "1" };
        cos.state().put(BUCKET, key, bytes);
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let sync = || transfers.sync(prefix("from/"), target.clone());
    assert_eq!(sync().run().await.unwrap().counts.downloaded, 3);
    let report = sync().run().await.unwrap();
    assert_eq!((report.counts.downloaded, report.unchanged), (0, 3));
    // A download that was interrupted is not the target's.
    file(&target, ".a.0.tcloud-part", b"");
    file(&target, "extra", b"x");
    file(&target, "kept.txt", b"x");
    cos.state().put(BUCKET, "from/a", "22");
    let filter = Filter::new().exclude("*.txt").unwrap();
    let report = sync().delete(true).filter(filter).run().await.unwrap();
    assert_eq!(
        (report.counts.downloaded, report.counts.deleted),
        (1, 1),
        "{report:?}"
    );
    assert_eq!(
        names(&target),
        [".a.0.tcloud-part", "a", "b", "d", "kept.txt"]
    );
    assert_eq!(std::fs::read(target.join("a")).unwrap(), b"22");
}

#[tokio::test]
async fn checksums_find_what_size_and_time_do_not() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "a", b"1");
    file(folder.path(), "b", b"1");
    cos.state().put(BUCKET, "a", "2");
    cos.state().put(BUCKET, "b", "1");
    let by = |compare| transfers.sync(folder.path(), prefix("")).compare(compare);
    assert!(by(Compare::Size).plan().await.unwrap().items().is_empty());
    file(folder.path(), "new", b"n");
    assert_eq!(by(Compare::Name).plan().await.unwrap().items().len(), 1);
    std::fs::remove_file(folder.path().join("new")).unwrap();
    let plan = by(Compare::Checksum).plan().await.unwrap();
    assert_eq!(actions(&plan), [("a".to_owned(), Reason::Checksum)]);
    assert_eq!(plan.unchanged(), 1);
    let down = transfers
        .sync(prefix(""), folder.path())
        .compare(Compare::Checksum);
    assert_eq!(down.plan().await.unwrap().items().len(), 1);
}

#[tokio::test]
async fn prefixes_are_synced_by_copies() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    for (key, bytes) in [
        ("from/a", "1"),
        ("from/b", "1"),
        ("to/b", "2"),
        ("to/c", "3"),
    ] {
        cos.state().put(BUCKET, key, bytes);
    }
    let sync = |compare| {
        transfers
            .sync(prefix("from"), prefix("to"))
            .delete(true)
            .compare(compare)
    };
    let report = sync(Compare::Checksum).run().await.unwrap();
    assert_eq!((report.counts.copied, report.counts.deleted), (2, 1));
    let keys = ["from/a", "from/b", "to/a", "to/b"];
    assert_eq!(cos.state().keys(BUCKET), keys);
    assert_eq!(cos.state().object(BUCKET, "to/b").bytes, "1");
    assert_eq!(sync(Compare::SizeAndTime).run().await.unwrap().unchanged, 2);
}

#[tokio::test]
async fn an_empty_source_empties_nothing_unless_told() {
    let cos = Cos::start().await;
    let transfers = transfers(&cos);
    let folder = tempfile::tempdir().unwrap();
    cos.state().put(BUCKET, "a", "1");
    let sync = || transfers.sync(folder.path(), prefix("")).delete(true);
    let error = sync().run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error
            .to_string()
            .contains("the source is empty, and 1 would be deleted"),
        "{error}"
    );
    assert_eq!(cos.state().keys(BUCKET), ["a"]);
    let report = sync().allow_empty_source(true).run().await.unwrap();
    assert_eq!(report.counts.deleted, 1);
    let both = transfers
        .sync(folder.path(), folder.path().to_owned())
        .plan()
        .await
        .unwrap_err();
    assert!(
        both.to_string().contains("both sides are folders"),
        "{both}"
    );
}

#[tokio::test]
async fn nothing_is_deleted_once_something_failed() {
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "new", b"n");
    cos.state().put(BUCKET, "old", "1");
    cos.fail(Fault::once("PUT /new", What::Refuse(403, "AccessDenied")));
    let report = transfers(&cos)
        .sync(folder.path(), prefix(""))
        .delete(true)
        .run()
        .await
        .unwrap();
    assert_eq!(report.failed.len(), 2, "{report:?}");
    assert_eq!(cos.state().keys(BUCKET), ["old"]);
    let report = Plan::retry(report).run().await;
    assert!(report.is_complete());
    assert_eq!(cos.state().keys(BUCKET), ["new"]);
}

/// What cannot be read is not taken for something that is not there.
#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_read_deletes_nothing() {
    use std::os::unix::ffi::OsStringExt;
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "a", b"a");
    let name = std::ffi::OsString::from_vec(vec![b'b', 0xFF]);
    std::fs::write(folder.path().join(name), "b").unwrap();
    cos.state().put(BUCKET, "old", "1");
    let report = transfers(&cos)
        .sync(folder.path(), prefix(""))
        .delete(true)
        .run()
        .await
        .unwrap();
    assert_eq!(report.counts.uploaded, 1);
    let errors: Vec<String> = report
        .failed
        .iter()
        .map(|it| it.error.to_string())
        .collect();
    assert!(errors[0].contains("is not UTF-8"), "{errors:?}");
    assert_eq!(cos.state().keys(BUCKET), ["a", "old"]);
}

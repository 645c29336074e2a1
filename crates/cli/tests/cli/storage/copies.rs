//! `cp`, `cat` and `presign`.

use std::fs;

use super::cloud::{BUCKET, Cloud};
use crate::support::finish;

fn at(key: &str) -> String {
    format!("{BUCKET}/{key}")
}

#[test]
fn a_file_goes_where_the_target_says() {
    let cloud = Cloud::start();
    cloud.write("a.txt", "hello");
    let line = cloud.done(&["cp", "a.txt", BUCKET]);
    assert_eq!(line, format!("upload a.txt to {BUCKET}/a.txt\n"));
    cloud.done(&["cp", "a.txt", &at("folder/")]);
    cloud.done(&["cp", "a.txt", &at("b.txt"), "--quiet"]);
    cloud.done(&["cp", "./a.txt", &at("ü *+&=?.txt")]);
    assert_eq!(
        cloud.keys(),
        ["a.txt", "b.txt", "folder/a.txt", "ü *+&=?.txt"]
    );

    // To a folder that is there, to one that is written as such, and to a name.
    fs::create_dir(cloud.path("there")).unwrap();
    cloud.done(&["cp", &at("b.txt"), "there"]);
    cloud.done(&["cp", &at("folder/a.txt"), "new/"]);
    let line = cloud.done(&["cp", &at("b.txt"), "deep/er/c.txt"]);
    assert_eq!(line, format!("download {BUCKET}/b.txt to deep/er/c.txt\n"));
    for file in ["there/b.txt", "new/a.txt", "deep/er/c.txt"] {
        assert_eq!(cloud.read(file), "hello", "{file}");
    }
    // Wildcards that are meant as characters.
    cloud.done(&["cp", &at("ü \\*+&=\\?.txt"), "d.txt"]);
    assert_eq!(cloud.read("d.txt"), "hello");
    // Several at a time go into a folder.
    cloud.write("z.txt", "z");
    cloud.done(&["cp", "a.txt", "z.txt", &at("both")]);
    assert!(cloud.keys().contains(&"both/z.txt".to_owned()));
}

#[test]
fn a_folder_goes_up_and_down_by_filters() {
    let cloud = Cloud::start();
    for file in ["site/a.html", "site/b/c.css", "site/b/d.tmp"] {
        cloud.write(file, file);
    }
    fs::create_dir(cloud.path("site/empty")).unwrap();
    let error = cloud.fails(2, &["cp", "site", BUCKET]);
    assert!(
        error.contains("site is a folder; give --recursive"),
        "{error}"
    );
    let up = [
        "cp",
        "-r",
        "site",
        &at("web"),
        "--exclude",
        "*.tmp",
        "--empty-folders",
    ];
    let up = [
        &up[..],
        &["--cache-control=max-age=5", "--meta", "By=me", "--json"],
    ]
    .concat();
    let report = cloud.json(&up);
    assert_eq!(report["items"].as_array().unwrap().len(), 3);
    assert_eq!(report["bytes"], 23);
    assert_eq!(cloud.keys(), ["web/a.html", "web/b/c.css", "web/empty/"]);
    let facts = cloud.json(&["stat", &at("web/b/c.css"), "--json"]);
    assert_eq!(facts["cacheControl"], "max-age=5");
    assert_eq!(facts["contentType"], "text/css");
    assert_eq!(facts["metadata"]["by"], "me");

    let error = cloud.fails(4, &["cp", &at("web"), "down"]);
    assert!(
        error.contains("if it is a folder, give --recursive"),
        "{error}"
    );
    cloud.done(&["cp", "-r", &at("web"), "down"]);
    assert_eq!(cloud.files("down"), ["a.html", "b/c.css"]);
    assert!(cloud.path("down/empty").is_dir());
    // The folders of several sources keep their names.
    cloud.put("other/x", "x");
    cloud.done(&["cp", "-r", &at("web/"), &at("other"), "named"]);
    assert_eq!(
        cloud.files("named"),
        ["other/x", "web/a.html", "web/b/c.css"]
    );
    // Wildcards stop at slashes.
    cloud.done(&["cp", &at("web/*"), "flat"]);
    assert_eq!(cloud.files("flat"), ["a.html"]);
    cloud.done(&["cp", &at("**/*.css"), "css"]);
    assert_eq!(cloud.files("css"), ["web/b/c.css"]);
    let error = cloud.fails(4, &["cp", &at("*.png"), "png"]);
    assert!(error.contains("there is no object in"), "{error}");
}

#[test]
fn a_dry_run_does_nothing() {
    let cloud = Cloud::start();
    cloud.write("site/a", "abc");
    let shown = cloud.run(&["cp", "-r", "site", BUCKET, "--dry-run"]);
    assert_eq!(
        shown.out,
        format!("(dry run) upload site/a to {BUCKET}/a\n")
    );
    assert!(
        shown.err.contains("dry run: 1 to do; 3 B would move"),
        "{}",
        shown.err
    );
    let report = cloud.json(&["cp", "-r", "site", BUCKET, "-n", "--json"]);
    assert_eq!(report["dryRun"], true);
    assert_eq!(report["items"][0]["to"], at("a"));
    assert!(cloud.keys().is_empty());
}

#[test]
fn streams_are_objects() {
    let cloud = Cloud::start();
    let mut up = cloud.command(&["cp", "-", &at("s.txt"), "--content-type", "text/x-own"]);
    let up = finish(up.write_stdin("from a pipe"));
    assert_eq!(up.out, format!("upload - to {BUCKET}/s.txt\n"));
    assert_eq!(cloud.done(&["cp", &at("s.txt"), "-"]), "from a pipe");
    let facts = cloud.json(&["stat", &at("s.txt"), "--json"]);
    assert_eq!(facts["contentType"], "text/x-own");
    cloud.put("t.txt", "; and more");
    assert_eq!(
        cloud.done(&["cat", &at("s.txt"), &at("t.txt")]),
        "from a pipe; and more"
    );
    cloud.fails(4, &["cat", &at("none")]);
    let error = cloud.fails(2, &["cp", &at("*"), "-"]);
    assert!(error.contains("may be many objects"), "{error}");
    cloud.fails(2, &["cp", "-", BUCKET]);
    cloud.fails(2, &["mv", "-", &at("x")]);
}

#[test]
fn no_key_leaves_the_target_folder() {
    let cloud = Cloud::start();
    let hostile = [
        "../out",
        "a/../../out",
        "/out",
        "C:\\out",
        "a\nb",
        "..\\out",
        "a//out",
    ];
    for key in hostile {
        cloud.put(key, "hostile");
    }
    cloud.put("good", "good");
    let before = cloud.files("");
    let failed = cloud.run(&["cp", "-r", BUCKET, "target/inner"]);
    assert_eq!(failed.code, 1, "{}", failed.err);
    let after: Vec<_> = cloud
        .files("")
        .into_iter()
        .filter(|it| !before.contains(it))
        .collect();
    assert_eq!(after, ["target/inner/good"]);
    for why in [
        "`..`",
        "absolute path",
        "drive",
        "control character",
        "empty part",
    ] {
        assert!(failed.err.contains(why), "{why}: {}", failed.err);
    }
    // One by one they get the last part of their keys, if that is a name.
    let failed = cloud.fails(1, &["cp", &at("a\nb"), "target/"]);
    assert!(failed.contains("control character"), "{failed}");
    cloud.done(&["cp", &at("../out"), "target/"]);
    assert_eq!(cloud.read("target/out"), "hostile");
}

#[cfg(unix)]
#[test]
fn links_are_left_out_or_followed_and_never_written_through() {
    let cloud = Cloud::start();
    cloud.write("site/a", "abc");
    std::os::unix::fs::symlink("a", cloud.path("site/link")).unwrap();
    let done = cloud.run(&["cp", "-r", "site", BUCKET]);
    assert_eq!((done.code, cloud.keys()), (0, vec!["a".to_owned()]));
    assert!(
        done.err
            .contains("left out: site/link: it is a symbolic link"),
        "{}",
        done.err
    );
    cloud.done(&["cp", "-r", "site", BUCKET, "--follow-symlinks"]);
    assert_eq!(cloud.keys(), ["a", "link"]);

    cloud.put("way/out", "hostile");
    fs::create_dir(cloud.path("target")).unwrap();
    fs::create_dir(cloud.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(cloud.path("elsewhere"), cloud.path("target/way")).unwrap();
    let error = cloud.fails(1, &["cp", "-r", BUCKET, "target"]);
    assert!(error.contains("outside of the target folder"), "{error}");
    assert!(cloud.files("elsewhere").is_empty());
}

#[test]
fn times_are_kept_if_asked_for() {
    let cloud = Cloud::start();
    cloud.write("a", "abc");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = fs::File::options()
        .write(true)
        .open(cloud.path("a"))
        .unwrap();
    file.set_modified(long_ago).unwrap();
    cloud.done(&["cp", "a", BUCKET, "--keep-times"]);
    cloud.done(&["cp", &at("a"), "kept/", "--keep-times"]);
    let modified = |path: &str| fs::metadata(cloud.path(path)).unwrap().modified().unwrap();
    assert_eq!(modified("kept/a"), long_ago);
    // Otherwise a file has the time of its object.
    cloud.done(&["cp", &at("a"), "usual/"]);
    assert!(modified("usual/a") > long_ago);
}

#[test]
fn what_cannot_be_copied_says_why() {
    let cloud = Cloud::start();
    cloud.write("a", "abc");
    for (code, why, arguments) in [
        (2, "are both on this machine", vec!["cp", "a", "b"]),
        (2, "s3:// is not supported", vec!["cp", "s3://b-1/a", "b"]),
        (
            2,
            "https:// is not supported",
            vec!["cp", "https://example.com/a", "b"],
        ),
        (2, "has no APPID", vec!["cp", "a", "cos://demo/a"]),
        (2, "required arguments", vec!["cp", "a"]),
        (
            2,
            "use STANDARD, ",
            vec!["cp", "a", BUCKET, "--storage-class", "COLD"],
        ),
        (2, "NAME=VALUE", vec!["cp", "a", BUCKET, "--meta", "author"]),
        (4, "cannot read none", vec!["cp", "none", BUCKET]),
        (
            4,
            "NoSuchBucket",
            vec!["cp", "a", "cos://none-1250000000/a"],
        ),
        (
            1,
            "is no pattern",
            vec!["cp", "-r", ".", BUCKET, "--include", "[a"],
        ),
    ] {
        let failed = cloud.run(&arguments);
        let text = format!("{arguments:?}: {}", failed.err);
        assert_eq!(failed.code, code, "{text}");
        let why = if why == "use STANDARD, " {
            "STANDARD_IA"
        } else {
            why
        };
        assert!(failed.err.contains(why), "{text}");
    }
}

#[test]
fn a_presigned_url_is_read_without_a_key() {
    let cloud = Cloud::start();
    cloud.put("a b.txt", "hello");
    let shown = cloud.run(&["presign", &at("a b.txt"), "--expires-in", "60"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.starts_with("http://127.0.0.1:"), "{}", shown.out);
    assert!(
        shown.out.contains("/a%20b.txt?q-sign-algorithm=sha1"),
        "{}",
        shown.out
    );
    assert!(
        shown.err.contains("can send GET with it until"),
        "{}",
        shown.err
    );
    for method in ["put", "head", "delete"] {
        let shown = cloud.run(&["presign", &at("x"), "--method", method, "--expires-in=7d"]);
        let sends = format!("can send {}", method.to_uppercase());
        assert!(shown.err.contains(&sends), "{}", shown.err);
    }
    cloud.fails(2, &["presign", BUCKET]);
    cloud.fails(2, &["presign", &at("a"), "--expires-in", "0"]);
}

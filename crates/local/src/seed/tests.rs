use std::fs;

use tempfile::TempDir;

use super::Seed;

/// A folder with a bucket, an object in it, and this file.
fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bucket = folder.path().join("album-1250000000/cats");
    fs::create_dir_all(&bucket).unwrap();
    fs::write(bucket.join("tom.png"), "picture").unwrap();
    fs::write(folder.path().join("seed.yaml"), file).unwrap();
    folder
}

fn refused(file: &str) -> String {
    let folder = folder(file);
    Seed::read(folder.path()).unwrap_err().to_string()
}

#[test]
fn folders_are_buckets_and_the_file_adds_to_them() {
    let folder = folder(
        "buckets:\n  empty-1250000000:\n  album-1250000000:\n    region: ap-beijing\n    \
         settings:\n      - PutBucketVersioning: {Status: Enabled}\n      - CreatePicBucket:\n    \
         objects:\n      cats/tom.png: {X-Cos-Meta-Author: 7, cache-control: max-age=60}\n\
         calls:\n  - cos.PutBucketTagging:\n      \
         {bucket: empty-1250000000, TagSet: {Tag: [{Key: a, Value: b}]}}\n",
    );
    fs::create_dir_all(folder.path().join(".git/album-1250000000")).unwrap();
    let seed = Seed::read(folder.path()).unwrap();
    let names: Vec<_> = seed.buckets.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["album-1250000000", "empty-1250000000"]);
    let album = &seed.buckets[0];
    assert_eq!(album.region.as_deref(), Some("ap-beijing"));
    let calls: Vec<_> = album.settings.iter().map(|it| it.operation.name).collect();
    assert_eq!(calls, ["PutBucketVersioning", "CreatePicBucket"]);
    assert_eq!(album.settings[0].line, 6);
    assert_eq!(album.objects.len(), 1);
    assert!(album.objects[0].path.ends_with("cats/tom.png"));
    assert_eq!(seed.calls[0].bucket.as_deref(), Some("empty-1250000000"));
}

#[test]
fn a_folder_alone_is_enough_and_an_empty_file_as_well() {
    for file in ["", "# nothing\n", "buckets:\n"] {
        let folder = folder(file);
        assert_eq!(
            Seed::read(folder.path()).unwrap().buckets.len(),
            1,
            "{file}"
        );
    }
    let folder = folder("");
    fs::remove_file(folder.path().join("seed.yaml")).unwrap();
    assert_eq!(Seed::read(folder.path()).unwrap().buckets.len(), 1);
}

#[test]
fn a_slip_is_named_with_its_line() {
    let album = |rest: &str| format!("buckets:\n  album-1250000000:\n    {rest}\n");
    for (file, line, named) in [
        ("bucket:\n".to_owned(), 1, "no key `bucket` here"),
        (album("regio: a"), 3, "no key `regio` here"),
        (
            album("settings:\n      - PutBucketCorss: {}"),
            4,
            "no operation PutBucketCorss",
        ),
        (
            album("settings:\n      - PutBucketCors: {}"),
            4,
            "missing: CORSRule",
        ),
        (
            album("settings:\n      - PutBucketCors: {CORSRules: []}"),
            4,
            "CORSRules",
        ),
        (album("settings:\n      - GetService:"), 4, "below `calls`"),
        (
            album("settings:\n      - PutObject: {key: a}"),
            4,
            "content",
        ),
        (
            album("settings:\n      - {CreatePicBucket: {}, PutBucketCors: {}}"),
            4,
            "one operation",
        ),
        (
            album("objects:\n      cats/tim.png: {}"),
            4,
            "no file album-1250000000/cats/tim.png",
        ),
        (
            album("objects:\n      cats/tom.png: {x-cos-metta-a: b}"),
            4,
            "no header x-cos-metta-a",
        ),
        (
            "calls:\n  - PutBucketCors: {}\n".to_owned(),
            2,
            "write the service as well",
        ),
        ("account:\n  user: []\n".to_owned(), 2, "no key `user` here"),
        (
            "account:\n  keys: hidden\n".to_owned(),
            2,
            "expected sequence",
        ),
        ("a: b: c\n".to_owned(), 1, ""),
    ] {
        let error = refused(&file);
        let place = format!("seed.yaml, line {line}: ");
        assert!(error.contains(&place), "{file}: {error}");
        assert!(error.contains(named), "{file}: {error}");
        assert!(!error.contains("hidden"), "{error}");
    }
}

#[test]
fn what_would_be_overlooked_is_refused() {
    let folder = folder("");
    let other = folder.path().join("seed.yml");
    fs::write(&other, "").unwrap();
    let error = Seed::read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("only seed.yaml is read"), "{error}");
    fs::remove_file(other).unwrap();
    let error = Seed::read(folder.path().join("none")).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    #[cfg(unix)]
    {
        let album = folder.path().join("album-1250000000");
        std::os::unix::fs::symlink(&album, album.join("again")).unwrap();
        let error = Seed::read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("is not followed"), "{error}");
    }
}

//! The job commands, done by the local cloud inside the command's own process.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Finished, finish, tcloud, with_key};
use serde_json::Value;
use tcloud_inspect::demo;

#[test]
fn the_demonstration_names_the_hidden_video_by_its_bytes() {
    let Finished { code, out, err } = finish(tcloud().args(["inspect", "--demo"]));
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("a local cloud in this process does the work"),
        "{err}"
    );
    let begin = demo::clean_png().len();
    let end = demo::png_with_mpeg_ts().len() - 1;
    let line = |name: &str| {
        let line = out
            .lines()
            .find(|line| line.contains(name))
            .unwrap_or_default();
        let cells: Vec<&str> = line.split(['│', '┆']).map(str::trim).collect();
        cells
            .into_iter()
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let size = |bytes: usize| bytes.to_string();
    assert_eq!(
        line("hidden.png"),
        [
            "hidden.png",
            "png",
            &size(end + 1),
            "yes",
            &size(begin),
            &size(end),
            "MPEG-TS"
        ]
    );
    assert_eq!(
        line("clean.png"),
        ["clean.png", "png", &size(begin), "no", "–", "–", "–"]
    );
}

#[test]
fn inspect_reports_json_and_goes_on_after_a_file_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let hidden = folder.path().join("hidden.png");
    fs::write(&hidden, demo::png_with_mpeg_ts()).unwrap();
    let missing = folder.path().join("missing.png");

    let Finished { code, out, err } = finish(
        tcloud()
            .arg("inspect")
            .arg("--json")
            .args([&missing, &hidden]),
    );
    // A find matters more than a file that could not be read.
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("missing.png"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let file = &report["files"][0];
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
    assert_eq!(report["errors"].as_array().unwrap().len(), 1);
    assert_eq!(file["type"], "png");
    assert_eq!(file["suspicious"], true);
    assert_eq!(file["hiddenType"], "MPEG-TS");
    assert_eq!(file["begin"], demo::clean_png().len());
    assert_eq!(file["end"], demo::png_with_mpeg_ts().len() - 1);
    assert_eq!(file["hiddenSize"], demo::mpeg_ts().len());
}

#[test]
fn a_clean_folder_ends_well_and_a_directory_must_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clean.png"), demo::clean_png()).unwrap();

    let recursive = finish(tcloud().args(["inspect", "--recursive"]).arg(folder.path()));
    assert_eq!(recursive.code, 0, "{}", recursive.err);

    let plain = finish(tcloud().arg("inspect").arg(folder.path()));
    assert_eq!(plain.code, 1);
    assert!(
        plain.err.contains("is a directory; name the files in it"),
        "{}",
        plain.err
    );
}

#[test]
fn no_files_is_a_wrong_command_line() {
    for command in ["inspect", "process"] {
        let Finished { code, err, .. } = finish(tcloud().args([command]));
        assert_eq!(code, 2, "{err}");
        assert!(
            err.starts_with(&format!("tcloud: {command}: no files;")),
            "{err}"
        );
    }
}

/// An animation of two frames of one pixel.
const ANIMATION: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\
    ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
    ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";

#[test]
fn what_a_result_cannot_hold_is_refused_unless_it_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let moving = folder.path().join("moving.gif");
    fs::write(&moving, ANIMATION).unwrap();
    let process = |extra: &[&str]| {
        let mut command = tcloud();
        command
            .args(["process", "--format", "png", "-o"])
            .arg(folder.path())
            .arg(&moving);
        finish(command.args(extra))
    };
    let Finished { code, err, .. } = process(&[]);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("moving.gif: it has 2 frames or pages") && err.contains("--first-frame"),
        "{err}"
    );
    assert!(!folder.path().join("moving.png").exists());
    let Finished { code, err, .. } = process(&["--first-frame"]);
    assert_eq!(code, 0, "{err}");
    assert!(folder.path().join("moving.png").exists());
}

#[test]
fn a_format_that_is_not_read_and_a_picture_too_large_for_the_memory_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let phone = folder.path().join("phone.tpg");
    fs::write(&phone, b"TPG\0\0\0\0\0").unwrap();
    let picture = folder.path().join("clean.png");
    fs::write(&picture, demo::clean_png()).unwrap();
    let Finished { code, err, .. } = finish(
        tcloud()
            .args(["process", "--format", "webp", "--picture-memory", "1", "-o"])
            .arg(folder.path())
            .args([&phone, &picture]),
    );
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("phone.tpg") && err.contains("reading TPG"),
        "{err}"
    );
    assert!(
        err.contains("clean.png") && err.contains("at most 1 MiB"),
        "{err}"
    );
}

#[test]
fn pictures_are_converted_and_resized() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("clean.png");
    fs::write(&picture, demo::clean_png()).unwrap();
    let results = folder.path().join("results");
    let process = |extra: &[&str]| {
        finish(
            tcloud()
                .arg("process")
                .arg(&picture)
                .args(["--format", "webp", "--resize", "50%", "--json", "-o"])
                .arg(&results)
                .args(extra),
        )
    };

    let Finished { code, out, err } = process(&["--relative-quality", "75"]);
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let to = &report["files"][0]["to"];
    assert_eq!(
        (&to["width"], &to["height"]),
        (&Value::from(160), &Value::from(100))
    );
    let written = fs::read(results.join("clean.webp")).unwrap();
    assert_eq!(
        (written.get(..4), written.get(8..12)),
        (Some(&b"RIFF"[..]), Some(&b"WEBP"[..]))
    );

    let again = process(&[]);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("exists; name another folder"),
        "{}",
        again.err
    );

    let enlarged = process(&["--super-resolution", "--force"]);
    assert_eq!(enlarged.code, 0, "{}", enlarged.err);
    let report: Value = serde_json::from_str(&enlarged.out).unwrap();
    assert_eq!(report["files"][0]["to"]["width"], 320);
    assert!(report["files"][0]["engine"].is_string(), "{}", enlarged.out);
}

#[test]
fn avif_is_written_without_any_other_wish() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("clean.png");
    fs::write(&picture, demo::clean_png()).unwrap();
    let Finished { code, out, err } = finish(
        tcloud()
            .args(["process", "--format", "avif", "--json", "-o"])
            .arg(folder.path())
            .arg(&picture),
    );
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let (from, to) = (&report["files"][0]["from"], &report["files"][0]["to"]);
    assert_eq!(
        (&to["width"], &to["height"]),
        (&from["width"], &from["height"])
    );
    let written = fs::read(folder.path().join("clean.avif")).unwrap();
    assert_eq!(written.get(4..12), Some(&b"ftypavif"[..]));
    let wrong = finish(
        tcloud()
            .args(["process", "--format", "heif", "--super-resolution"])
            .arg(&picture),
    );
    assert!(
        wrong.code != 0 && wrong.err.contains("AVIF and HEIF"),
        "{}",
        wrong.err
    );
}

#[test]
fn exif_data_is_kept_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    // Made by Acme, turned by a quarter.
    let noted = b"Exif\0\0II*\0\x08\0\0\0\x02\0\
        \x0f\x01\x02\0\x05\0\0\0\x26\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0Acme\0";
    let mut jpeg = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(12, 8, image::Rgb([200, 90, 30]));
    picture
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    let jpeg = jpeg.into_inner();
    let length = u16::try_from(noted.len() + 2).unwrap().to_be_bytes();
    let photo = [&jpeg[..2], b"\xff\xe1", &length, noted, &jpeg[2..]].concat();
    let file = folder.path().join("photo.jpg");
    fs::write(&file, photo).unwrap();
    let results = folder.path().join("results");
    let made = |extra: &[&str], name: &str| {
        let done = finish(
            tcloud()
                .args(["process", "--force", "--resize", "50%", "-o"])
                .arg(&results)
                .args(extra)
                .arg(&file),
        );
        assert_eq!(done.code, 0, "{}", done.err);
        fs::read(results.join(name)).unwrap()
    };
    let has = |file: &[u8], part: &[u8]| file.windows(part.len()).any(|found| found == part);
    assert!(!has(&made(&[], "photo.jpg"), b"Acme"));
    let upright = b"\x12\x01\x03\0\x01\0\0\0\x01\0";
    for (format, name) in [
        ("jpeg", "photo.jpg"),
        ("png", "photo.png"),
        ("webp", "photo.webp"),
    ] {
        let file = made(&["--keep-metadata", "--format", format], name);
        assert!(has(&file, b"Acme") && has(&file, upright), "{name}");
        assert_eq!(
            image::load_from_memory(&file).unwrap().width(),
            4,
            "it is turned: {name}"
        );
    }
    let other = finish(
        tcloud()
            .args(["process", "--keep-metadata", "--format", "bmp", "-o"])
            .arg(&results)
            .arg(&file),
    );
    assert_eq!(other.code, 1);
    assert!(other.err.contains("metadata of BMP"), "{}", other.err);
}

#[test]
fn demo_images_are_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = || finish(tcloud().arg("demo-image").arg(folder.path()));
    assert_eq!(write().code, 0);
    assert_eq!(
        fs::read(folder.path().join("clean.png")).unwrap(),
        demo::clean_png()
    );
    assert_eq!(
        fs::read(folder.path().join("hidden.png")).unwrap(),
        demo::png_with_mpeg_ts()
    );
    let again = write();
    assert_eq!(again.code, 1);
    assert!(again.err.contains("--force"), "{}", again.err);
}

#[test]
fn a_find_wins_over_a_file_that_is_no_picture_and_can_be_shown_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [clean, hidden, text] =
        ["clean.png", "hidden.png", "note.txt"].map(|name| folder.path().join(name));
    fs::write(&clean, demo::clean_png()).unwrap();
    fs::write(&hidden, demo::png_with_mpeg_ts()).unwrap();
    fs::write(&text, "no picture").unwrap();
    let inspect = |arguments: &[&str], files: &[&PathBuf]| {
        finish(tcloud().arg("inspect").args(arguments).args(files))
    };

    let all = inspect(&[], &[&clean, &hidden, &text]);
    assert_eq!(all.code, 3, "{}", all.err);
    assert!(all.err.contains("note.txt"), "{}", all.err);
    assert!(all.out.contains("clean.png"), "{}", all.out);

    let some = inspect(&["--only-suspicious"], &[&clean, &hidden]);
    assert_eq!(some.code, 3, "{}", some.err);
    assert!(!some.out.contains("clean.png"), "{}", some.out);
    assert!(some.out.contains("hidden.png"), "{}", some.out);
    assert!(
        some.out.contains("2 inspected, 1 suspicious"),
        "{}",
        some.out
    );

    let none = inspect(&["--only-suspicious"], &[&clean, &text]);
    assert_eq!(none.code, 1, "{}", none.err);
}

#[test]
fn subfolders_are_kept_and_places_are_looked_at_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| folder.path().join("in").join(name));
    for inner in [&one, &other] {
        fs::create_dir_all(inner).unwrap();
        fs::write(inner.join("a.png"), demo::clean_png()).unwrap();
    }
    let results = folder.path().join("out");
    let process = |paths: &[&Path]| {
        finish(
            tcloud()
                .args(["process", "--recursive", "--format", "bmp", "-o"])
                .arg(&results)
                .args(paths),
        )
    };
    let Finished { code, err, .. } = process(&[&folder.path().join("in")]);
    assert_eq!(code, 0, "{err}");
    for name in ["one/a.bmp", "other/a.bmp"] {
        assert!(
            fs::read(results.join(name)).unwrap().starts_with(b"BM"),
            "{name}"
        );
    }

    // Nothing is started for results that are there: no cloud, no upload.
    let again = process(&[&folder.path().join("in")]);
    assert_eq!(again.code, 1);
    assert_eq!(
        again.err.matches("exists; name another folder").count(),
        2,
        "{}",
        again.err
    );
    assert!(!again.err.contains("local cloud"), "{}", again.err);

    // Named by themselves, both would have the same name.
    fs::remove_dir_all(&results).unwrap();
    let both = process(&[&one.join("a.png"), &other.join("a.png")]);
    assert_eq!(both.code, 1);
    assert!(
        both.err.contains("would both be written to"),
        "{}",
        both.err
    );
    assert!(results.join("a.bmp").exists());
}

#[test]
fn slips_are_named_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.png");
    fs::write(&empty, "").unwrap();
    let picture = folder.path().join("a.png");
    fs::write(&picture, demo::clean_png()).unwrap();

    let Finished { code, err, .. } = finish(tcloud().arg("inspect").arg(&empty));
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("empty.png is empty"), "{err}");
    assert!(!err.contains("local cloud"), "{err}");

    let Finished { code, err, .. } =
        finish(tcloud().args(["process", "--resize", "50"]).arg(&picture));
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("Write 50%, 50x or x50"), "{err}");

    let Finished { code, err, .. } = finish(
        tcloud()
            .args(["inspect", "--bucket", "examplebucket"])
            .arg(&picture),
    );
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("examplebucket-1250000000"), "{err}");

    let Finished { code, err, .. } = finish(
        with_key()
            .args(["inspect", "--endpoint", "127.0.0.1:9"])
            .arg(&picture),
    );
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("write http://127.0.0.1:9"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_name_cannot_command_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\u{1b}]0;owned\u{7}\u{9b}2J.png";
    let missing = folder.path().join(format!("missing{name}"));
    fs::write(folder.path().join(name), demo::clean_png()).unwrap();
    for arguments in [&[][..], &["--json"]] {
        let Finished { out, err, .. } = finish(
            tcloud()
                .arg("inspect")
                .args(arguments)
                .args([&folder.path().join(name), &missing]),
        );
        let is_control = |c: char| c.is_control() && c != '\n';
        assert!(
            out.contains("owned") && err.contains("missinga"),
            "{out}{err}"
        );
        assert!(!out.contains(is_control), "{out:?}");
        assert!(!err.contains(is_control), "{err:?}");
    }
}

#[test]
fn pictures_are_processed_by_a_rule() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("clean.png");
    fs::write(&picture, demo::clean_png()).unwrap();
    let process = |extra: &[&str]| {
        finish(
            tcloud()
                .args(["process", "--json", "--force", "-o"])
                .arg(folder.path().join("out"))
                .arg(&picture)
                .args(extra),
        )
    };
    let rule = "imageMogr2/thumbnail/160x|imageMogr2/rotate/90/format/webp";
    for extra in [
        &["--pipeline", rule][..],
        &["--pipeline", rule, "--quality", "60", "--strip"],
    ] {
        let Finished { code, out, err } = process(extra);
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        let file = &report["files"][0];
        assert_eq!(
            (&file["to"]["width"], &file["to"]["height"]),
            (&Value::from(100), &Value::from(160))
        );
        assert!(file["from"]["size"].is_u64() && file["to"]["size"].is_u64());
        assert!(file.get("taskId").is_none());
        let output = file["output"].as_str().unwrap();
        assert!(output.ends_with("clean.webp"), "{output}");
    }
    // The quality is what was asked for, not a part of the file's own.
    let size = |quality: &str| {
        let extra = ["--format", "jpeg", "--resize", "50%", "--quality", quality];
        let Finished { code, out, err } = process(&extra);
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["files"][0]["to"]["width"], 160);
        report["files"][0]["to"]["size"].as_u64().unwrap()
    };
    assert!(size("20") < size("95"));
    // What is written on it has to be kept.
    let plain = ["--format", "png", "--resize", "50%", "--strip"];
    let picture_of = |extra: &[&str]| {
        let Finished { code, out, err } = process(extra);
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        fs::read(report["files"][0]["output"].as_str().unwrap()).unwrap()
    };
    let written = [&plain[..], &["--watermark-text", "Holiday"]].concat();
    let (before, after) = (picture_of(&plain), picture_of(&written));
    assert!(after.len() > before.len() && picture_of(&written) == after);

    for (extra, part) in [
        (&["--watermark-text", " "][..], "is empty"),
        (&["--pipeline", "imageMogr2/rotate/left"], "rotate"),
        (&["--quality", "60", "--super-resolution"], "by a rule"),
        (&["--quality", "60", "--resize", "12.5%"], "whole number"),
    ] {
        let refused = process(extra);
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.err.contains(part), "{}", refused.err);
    }
}

#[test]
fn jobs_are_held_moved_on_and_ended_by_hand() {
    let cloud = crate::served::Served::start(&["--ephemeral"]);
    let jobs = |arguments: &[&str]| cloud.run(&[&["local", "jobs"], arguments].concat());
    let held = jobs(&["hold", "--service", "ci", "--tag", "ImageInspect"]);
    assert_eq!(held.code, 0, "{}", held.err);
    let named = r#"{"service":"ci","tag":"ImageInspect"}"#;
    assert_eq!(held.out, format!("held: {named}\n"));
    let forced = jobs(&[
        "force",
        "--tag",
        "ImageInspect",
        "--fail",
        "Gone",
        "--count",
        "2",
    ]);
    assert_eq!(forced.code, 0, "{}", forced.err);
    assert!(forced.out.contains("to come: {"), "{}", forced.out);
    assert!(forced.out.contains(r#""code":"Gone""#), "{}", forced.out);
    let none = jobs(&["step", "--id", "none"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("there is no job none"), "{}", none.err);
    let state = jobs(&["force", "--id", "none", "--state", "Pause"]);
    assert!(state.err.contains("there is no job none"), "{}", state.err);
    assert_eq!(jobs(&["force", "--tag", "ImageInspect"]).code, 2);
    assert_eq!(jobs(&["force", "--result", "{", "--tag", "a"]).code, 2);
    assert_eq!(jobs(&["release"]).code, 0);
    let reset = cloud.run(&["local", "reset"]);
    assert_eq!(reset.code, 0, "{}", reset.err);
    assert_eq!(jobs(&["list"]).out, "");
}

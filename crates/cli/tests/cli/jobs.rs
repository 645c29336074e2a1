//! The job commands, done by the local cloud inside the command's own process.

use std::fs;

use crate::support::{Finished, finish, tcloud};
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
    assert_eq!(code, 1, "{err}");
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

    let Finished { code, out, err } = process(&["--quality", "75"]);
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

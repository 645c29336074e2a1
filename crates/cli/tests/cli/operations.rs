//! Operations called by their tables.

use std::collections::BTreeSet;

use crate::support::{Finished, finish, tcloud, with_key};
use serde_json::{Value, json};
use tcloud_core::operation::{Catalog, Protocol};
use tcloud_core::schema::{Field, Kind, Structure};

static CATALOGS: [&Catalog; 6] = [
    &tcloud_ci::CATALOG,
    &tcloud_cos::CATALOG,
    &tcloud_ims::CATALOG,
    &tcloud_mps::CATALOG,
    &tcloud_sts::CATALOG,
    &tcloud_tiia::CATALOG,
];

/// The names of a service's commands, from its help: in one list, or by subject.
fn commands(service: &str) -> BTreeSet<String> {
    let help = finish(tcloud().args([service, "--help"])).out;
    help.lines()
        .take_while(|line| *line != "Options:")
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        // What is too long for a line goes on without a name.
        .filter(|line| line.trim_start().contains("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The nodes that a request must have, filled in somehow. A container in which nothing is required
/// gets its first text or container, since an empty one counts as not filled in.
fn required(structure: &Structure) -> Value {
    let value = |field: &Field| {
        let one = match field.kind {
            Kind::Integer => json!(1),
            Kind::Float => json!(0.5),
            Kind::Boolean => json!(true),
            Kind::Structure(inner) => required(inner),
            Kind::Enumeration(words) => json!(words.first()),
            _ => json!("text"),
        };
        if field.is_list() { json!([one]) } else { one }
    };
    let fields = structure.fields().iter();
    let text = fields.clone().find(|it| matches!(it.kind, Kind::Text));
    let text = text.or(structure.fields().first());
    let required = |it: &&Field| it.is_required() && !matches!(it.kind, Kind::Fixed(_));
    let any = fields.clone().any(|it| required(&it));
    fields
        .filter(required)
        .chain(text.filter(|_| !any))
        .map(|field| (field.name.to_owned(), value(field)))
        .collect()
}

#[test]
fn every_operation_has_help_and_a_form() {
    for catalog in CATALOGS {
        let service = catalog.service;
        let commands = commands(service.name);
        assert_eq!(commands.len(), catalog.operations.len(), "{}", service.name);
        for operation in catalog.operations {
            let name = &operation.function.replace('_', "-");
            assert!(commands.contains(name), "{} {name}", service.name);
            let help = finish(tcloud().args([service.name, name, "--help"]));
            assert_eq!(help.code, 0, "{name}: {}", help.err);
            assert!(help.out.contains(operation.document), "{name}");

            let form = finish(tcloud().args([service.name, name, "--skeleton"]));
            assert_eq!(form.code, 0, "{name}: {}", form.err);
            let form: Value = serde_json::from_str(&form.out).unwrap();
            for field in operation.request.fields() {
                assert!(form.get(field.name).is_some(), "{name}: {}", field.name);
            }
        }
    }
}

#[test]
fn every_action_of_api_3_is_signed_without_being_sent() {
    let api_3 = CATALOGS
        .iter()
        .filter(|it| it.service.protocol == Protocol::Tc3);
    for catalog in api_3 {
        let service = catalog.service;
        for operation in catalog.operations {
            let name = &operation.function.replace('_', "-");
            let body = required(operation.request).to_string();
            let call = [service.name, name, "--body", "-", "--dry-run"];
            let dry = finish(with_key().args(call).write_stdin(body));
            assert_eq!(dry.code, 0, "{name}: {}", dry.err);
            let action = format!("x-tc-action: {}", operation.name);
            assert!(dry.out.contains(&action), "{name}: {}", dry.out);
        }
    }
}

#[test]
fn a_form_that_was_not_filled_in_asks_for_what_is_required() {
    let form = finish(tcloud().args(["ci", "create-image-inspect-job", "--skeleton"])).out;
    let body = ["ci", "create-image-inspect-job", "--body", "-", "--dry-run"];
    let empty = finish(with_key().args(body).write_stdin(form.clone()));
    assert_eq!(empty.code, 2);
    assert!(
        empty
            .err
            .contains("CreateImageInspectJob: required, but not given: --bucket, --input"),
        "{}",
        empty.err
    );

    let given = ["--bucket", "b-1250000000", "--input.object", "a.png"];
    let filled = finish(with_key().args(body).args(given).write_stdin(form));
    assert_eq!(filled.code, 0, "{}", filled.err);
    assert!(
        filled.out.ends_with(
            "<Request><Tag>ImageInspect</Tag><Input><Object>a.png</Object></Input></Request>\n"
        ),
        "{}",
        filled.out
    );
}

#[test]
fn an_xml_form_is_read_back_too() {
    let command = ["ci", "create-image-inspect-job"];
    let form = finish(
        tcloud()
            .args(command)
            .args(["--skeleton", "--output", "xml"]),
    )
    .out;
    let filled = form.replace(
        "<Object>(text, required)</Object>",
        "<Object>a.png</Object>",
    );
    assert_ne!(
        form, filled,
        "the form has no place for the object:\n{form}"
    );
    let flags = ["--bucket", "b-1250000000", "--body", "-", "--dry-run"];
    let sent = finish(with_key().args(command).args(flags).write_stdin(filled));
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert!(
        sent.out
            .contains("<Input><Object>a.png</Object></Input></Request>"),
        "{}",
        sent.out
    );
}

#[test]
fn help_of_an_operation() {
    let help = finish(tcloud().args(["ci", "create-image-inspect-job", "--help"]));
    insta::assert_snapshot!("help", help.out);
}

#[test]
fn form_of_an_operation() {
    let form = finish(tcloud().args(["ci", "create-image-inspect-job", "--skeleton"]));
    insta::assert_snapshot!("form", form.out);
}

#[test]
fn a_dry_run_shows_the_request_and_no_secret() {
    let Finished { code, out, err } =
        finish(with_key().env("TENCENTCLOUD_TOKEN", "TOKENEXAMPLE").args([
            "mps",
            "process-image",
            "--dry-run",
            "--input-info.type",
            "COS",
            "--output-storage.type=AWS-S3",
            "--output-storage.s3-output-storage.s3-bucket=there",
            "--output-storage.s3-output-storage.s3-region=us-east-1",
            "--output-storage.s3-output-storage.s3-secret-key=hunter2",
        ]));
    assert_eq!(code, 0, "{err}");
    assert!(
        out.starts_with("POST https://mps.tencentcloudapi.com/\n"),
        "{out}"
    );
    assert!(out.contains("x-tc-action: ProcessImage"), "{out}");
    assert!(out.contains(r#""S3Bucket":"there""#), "{out}");
    for secret in ["hunter2", "SECRETEXAMPLE", "TOKENEXAMPLE", "Signature="] {
        assert!(
            !out.contains(secret) && !err.contains(secret),
            "{secret} in {out}{err}"
        );
    }
}

#[test]
fn further_items_of_a_list_have_flags() {
    let Finished { code, out, err } = finish(with_key().args([
        "mps",
        "process-image",
        "--dry-run",
        "--input-info.type=COS",
        "--add-on-parameter.image-set.0.type=first",
        "--add-on-parameter.image-set.1.type=second",
    ]));
    assert!(
        code == 0 && out.contains("first") && out.contains("second"),
        "{out}{err}"
    );
}

#[test]
fn numbers_are_checked_and_a_mistyped_flag_is_guessed() {
    let command = ["ci", "create-image-inspect-job", "--bucket", "b-1"];
    let word = finish(tcloud().args(command).arg("--operation.job-level=high"));
    assert_eq!(word.code, 2);
    assert!(
        word.err.contains("it is not a whole number"),
        "{}",
        word.err
    );

    let mistyped = finish(tcloud().args(command).args(["--input.objekt", "a.png"]));
    assert_eq!(mistyped.code, 2);
    assert!(
        mistyped.err.contains("'--input.object'"),
        "{}",
        mistyped.err
    );

    let level = [
        "--input.object=a.png",
        "--operation.job-level=7",
        "--dry-run",
    ];
    let outside = finish(with_key().args(command).args(level));
    assert_eq!(outside.code, 0, "{}", outside.err);
    assert!(
        outside.err.contains("must be from 0 to 2, got 7"),
        "{}",
        outside.err
    );
}

#[test]
fn without_a_key_it_says_what_to_set() {
    let Finished { code, err, .. } = finish(tcloud().args(["cos", "get-service"]));
    assert_eq!(code, 1);
    assert_eq!(err.lines().count(), 1, "{err}");
    for part in [
        "tcloud: GetService: ",
        "TENCENTCLOUD_SECRET_ID",
        "tcloud local",
        "--endpoint",
    ] {
        assert!(err.contains(part), "{part} is not in {err}");
    }
}

#[test]
fn the_known_key_goes_to_this_machine_only() {
    // Nothing listens there: what matters is what was tried.
    let local = finish(tcloud().args([
        "cos",
        "get-service",
        "--endpoint",
        "http://127.0.0.1:1",
        "--dry-run",
    ]));
    assert_eq!(local.code, 0, "{}", local.err);
    assert!(
        local.err.contains("using the local cloud's own"),
        "{}",
        local.err
    );
    let other = finish(tcloud().args([
        "cos",
        "get-service",
        "--endpoint",
        "http://192.0.2.1",
        "--dry-run",
    ]));
    assert_eq!(other.code, 1);
    assert!(
        other.err.contains("no access key for http://192.0.2.1"),
        "{}",
        other.err
    );
}

/// What a shell is told when it completes the last of `words`.
fn completed(words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let Finished { code, out, err } = finish(
        tcloud()
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", index)
            .env("_CLAP_IFS", "\n")
            .arg("--")
            .args(words),
    );
    assert_eq!(code, 0, "{err}");
    out.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn completions_know_services_operations_flags_and_words() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let Finished { code, out, err } = finish(tcloud().args(["completions", shell]));
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("COMPLETE"), "{shell}: {out}");
    }
    assert!(completed(&["tcloud", "m"]).contains(&"mps".to_owned()));
    assert_eq!(
        completed(&["tcloud", "ci", "create-image-in"]),
        ["create-image-inspect-job"]
    );
    let job = ["tcloud", "ci", "create-image-inspect-job"];
    assert!(
        completed(&[&job[..], &["--callback-f"]].concat())
            .contains(&"--callback-format".to_owned())
    );
    assert_eq!(
        completed(&[&job[..], &["--callback-format", "X"]].concat()),
        ["XML"]
    );
}

#[test]
fn a_mistyped_command_is_answered_with_the_nearest_first() {
    for (arguments, nearest) in [
        (&["inspct", "a.png"][..], "inspect"),
        (
            &["ci", "create-image-inspect-jbo"],
            "create-image-inspect-job",
        ),
        (&["cos", "put-objct"], "put-object"),
    ] {
        let Finished { code, err, .. } = finish(tcloud().args(arguments));
        assert_eq!(code, 2, "{err}");
        let names = err
            .split_once("similar subcommand")
            .map_or("", |(_, names)| names);
        let first = names.split('\'').nth(1).unwrap_or_default();
        assert_eq!(first, nearest, "{err}");
        assert!(names.matches(", '").count() < 5, "{err}");
    }
}

//! Official metadata into tables, and again into tables that people have written in.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::import::tc3::{Change, Import, Metadata, import};
use tcloud_codegen::load::{SourceFile, load};

/// A member of an object: name, kind, and what else is said of it.
fn member(name: &str, kind: &str, more: &Value) -> Value {
    let (kind, list) = match kind.strip_suffix("[]") {
        Some(item) => (item, true),
        None => (kind, false),
    };
    let shape = match kind {
        _ if list => "list",
        "int64" | "uint64" => "int",
        "string" | "datetime" => "string",
        "bool" | "float" => kind,
        _ => "object",
    };
    let mut member = json!({ "name": name, "type": shape, "member": kind, "document": "…" });
    if let (Value::Object(member), Value::Object(more)) = (&mut member, more) {
        member.extend(more.clone());
    }
    member
}

fn object(members: &[Value]) -> Value {
    json!({ "members": members, "document": "…" })
}

/// A post office: letters are sent, looked up and listed.
fn post_office() -> Value {
    let none = &json!({});
    let required = &json!({ "required": true });
    let id = member("RequestId", "string", none);
    let action = |name: &str, status: &str| {
        json!({
            "input": format!("{name}Request"), "output": format!("{name}Response"),
            "status": status, "document": "…", "name": "…",
        })
    };
    json!({
        "metadata": { "serviceShortName": "post", "apiVersion": "2020-02-20" },
        "version": "1.0",
        "actions": {
            "SendLetter": action("SendLetter", "online"),
            "DescribeLetter": action("DescribeLetter", "deprecated"),
            "DescribeLetters": action("DescribeLetters", "online"),
            "OpenOffice": {
                "input": "OpenOfficeRequest", "output": "OpenOfficeResponse",
                "status": "online", "skip_sign": true,
            },
        },
        "objects": {
            "SendLetterRequest": object(&[
                member("Letter", "Letter", required),
                member("On", "bool", none),
                member("Stamp", "Stamp[]", none),
            ]),
            "SendLetterResponse": object(std::slice::from_ref(&id)),
            "DescribeLetterRequest": object(&[member("Id", "int64", required)]),
            "DescribeLetterResponse": object(&[member("Letter", "Letter", none), id.clone()]),
            "DescribeLettersRequest": object(&[
                member("Offset", "int64", none),
                member("Limit", "int64", none),
            ]),
            "DescribeLettersResponse": object(&[
                member("LetterSet", "Letter[]", none),
                member("TotalCount", "int64", none),
                id.clone(),
            ]),
            "OpenOfficeRequest": object(&[]),
            "OpenOfficeResponse": object(&[id]),
            "Letter": object(&[
                member("Id", "int64", required),
                member("ID", "string", &json!({ "disabled": true })),
                member("Posted", "datetime", &json!({ "value_allowed_null": true })),
                member("Reply", "Letter", none),
                member("Weights", "float[]", none),
            ]),
            "Stamp": object(&[
                member("Value", "uint64", none),
                member("Colour", "string", &json!({ "required": true, "output_required": false })),
                member("Format", "string", &json!({ "required": true, "output_required": true })),
            ]),
        },
    })
}

fn imported(metadata: &Value, present: Vec<SourceFile>) -> Import {
    import(&Metadata::parse(&metadata.to_string()).unwrap(), present).unwrap()
}

fn shown(files: &[SourceFile]) -> String {
    let mut text = String::new();
    for file in files {
        writeln!(text, "=== {}\n{}", file.path, file.text).unwrap();
    }
    text
}

/// The files with one of their texts changed.
#[track_caller]
fn edited(files: &[SourceFile], old: &str, new: &str) -> Vec<SourceFile> {
    let mut files = files.to_vec();
    let file = files.iter_mut().find(|file| file.text.contains(old));
    let text = &mut file.unwrap().text;
    *text = text.replacen(old, new, 1);
    files
}

/// The object of a service's metadata.
fn members<'m>(metadata: &'m mut Value, object: &str) -> &'m mut Vec<Value> {
    metadata["objects"][object]["members"]
        .as_array_mut()
        .unwrap()
}

#[test]
fn new_tables_hold_facts_and_are_laid_out_by_subject() {
    let import = imported(&post_office(), Vec::new());
    assert_snapshot!(shown(&import.files));
    let spec = load(import.files).unwrap();
    let report: String = check(&spec).iter().map(Diagnostic::render).collect();
    assert!(report.is_empty(), "{report}");
}

#[test]
fn importing_again_changes_nothing() {
    let first = imported(&post_office(), Vec::new());
    let second = imported(&post_office(), first.files.clone());
    assert_eq!(second.files, first.files);
    assert_eq!(second.report.changes, []);
}

/// What the metadata says of a response that may come in pieces, as far as it is of interest.
const STREAMED: &str = "… 流式响应接口 …";

#[test]
fn an_action_that_streams_its_answer_says_so() {
    let mut metadata = post_office();
    let none = &json!({});
    for message in ["SendLetterResponse", "DescribeLetterResponse"] {
        let id = members(&mut metadata, message).last_mut().unwrap();
        id["document"] = json!(STREAMED);
    }
    let request = members(&mut metadata, "SendLetterRequest");
    request.push(member("Stream", "bool", none));
    let response = members(&mut metadata, "SendLetterResponse");
    response.insert(0, member("ErrorMsg", "ErrorMsg", none));
    metadata["objects"]["ErrorMsg"] =
        object(&[member("Msg", "string", none), member("Code", "int64", none)]);
    let files = imported(&metadata, Vec::new()).files;
    let lines = |files: &[SourceFile]| {
        let lines = files.iter().flat_map(|file| file.text.lines());
        let lines = lines.filter(|line| line.starts_with("events"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = [
        "events: {}",
        "events: { asked_by: Stream, error: ErrorMsg }",
    ];
    assert_eq!(lines(&files), expected);
    let found = check(&load(files.clone()).unwrap());
    let errors: Vec<_> = found.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(imported(&metadata, files.clone()).files, files);

    // Files of before learn it; what a person wrote is left alone.
    let before = imported(&post_office(), Vec::new()).files;
    assert_eq!(lines(&before), Vec::<String>::new());
    assert_eq!(lines(&imported(&metadata, before).files), expected);
    let files = edited(&files, "error: ErrorMsg", "error: Fault");
    let again = imported(&metadata, files.clone());
    assert_eq!(lines(&again.files), lines(&files));
    assert_eq!(
        lines(&imported(&post_office(), files.clone()).files),
        lines(&files)
    );
}

/// What the metadata says of a text by which a request is known again, as far as it is of interest.
const IDEMPOTENT: &str = "<p>用于保证请求幂等性的字符串。</p>";

/// The lines of rows that are marked as tokens.
fn tokens(files: &[SourceFile]) -> Vec<&str> {
    let lines = files.iter().flat_map(|file| file.text.lines());
    let tokens = lines.filter(|line| line.contains("idempotency_token"));
    tokens.map(str::trim).collect()
}

#[test]
fn a_text_that_makes_a_request_idempotent_is_a_token() {
    const TOKEN: &str = "- { name: ClientToken, type: String, idempotency_token: true }";
    let with = |name: &str, more: Value| {
        let mut metadata = post_office();
        members(&mut metadata, "SendLetterRequest").push(member(name, "string", &more));
        metadata
    };
    let metadata = with("ClientToken", json!({ "document": IDEMPOTENT }));
    let files = imported(&metadata, Vec::new()).files;
    assert_eq!(tokens(&files), [TOKEN]);
    assert!(
        !check(&load(files.clone()).unwrap())
            .iter()
            .any(Diagnostic::is_error)
    );
    assert_eq!(imported(&metadata, files.clone()).files, files);
    // The international site's metadata is in English.
    let english = json!({ "document": "A string used to ensure the idempotency of the request." });
    assert_eq!(
        tokens(&imported(&with("ClientToken", english), Vec::new()).files),
        [TOKEN]
    );

    // Files of before learn it; one that a person has marked keeps its mark.
    let plain = with("ClientToken", json!({}));
    let before = imported(&plain, Vec::new()).files;
    assert_eq!(tokens(&before), Vec::<&str>::new());
    let learnt = imported(&metadata, before);
    assert_eq!(tokens(&learnt.files), [TOKEN]);
    let change = Change::Changed {
        item: "SendLetter request ClientToken".to_owned(),
        how: "makes its request idempotent".to_owned(),
    };
    assert_eq!(learnt.report.changes, [change]);
    assert_eq!(tokens(&imported(&plain, files.clone()).files), [TOKEN]);
    // A `fix` says why a row is otherwise.
    let fixed = edited(
        &files,
        TOKEN,
        "- { name: ClientToken, type: String, fix: \"Nothing comes of it.\" }",
    );
    assert_eq!(
        tokens(&imported(&metadata, fixed).files),
        Vec::<&str>::new()
    );
}

#[test]
fn what_only_looks_like_a_token_is_none() {
    for (name, more) in [
        // No word of it.
        (
            "ClientToken",
            json!({ "document": "The token of the client." }),
        ),
        // Of a service that does nothing with it so far.
        (
            "ClientToken",
            json!({ "document": format!("{IDEMPOTENT} 目前为保留参数，请勿使用。") }),
        ),
        (
            "ClientToken",
            json!({ "document": IDEMPOTENT, "disabled": true }),
        ),
        // The caller has to choose it.
        (
            "ClientToken",
            json!({ "document": IDEMPOTENT, "required": true }),
        ),
        // The name of what is done may make it idempotent, too.
        ("SourceModel", json!({ "document": IDEMPOTENT })),
        // The second request is refused, not known again.
        (
            "SessionId",
            json!({ "document": "用于去重的识别码，…则本次的请求会返回错误。" }),
        ),
    ] {
        let mut metadata = post_office();
        members(&mut metadata, "SendLetterRequest").push(member(name, "string", &more));
        let files = imported(&metadata, Vec::new()).files;
        assert_eq!(tokens(&files), Vec::<&str>::new(), "{name} {more}");
    }
    // Deep in a request, a call cannot set it; in an answer there is nothing to set.
    let mut metadata = post_office();
    for object in ["Stamp", "SendLetterResponse"] {
        let more = json!({ "document": IDEMPOTENT });
        members(&mut metadata, object).push(member("ClientToken", "string", &more));
    }
    let files = imported(&metadata, Vec::new()).files;
    assert_eq!(tokens(&files), Vec::<&str>::new());
}

#[test]
fn what_people_write_survives() {
    let files = imported(&post_office(), Vec::new()).files;
    let files = edited(
        &files,
        "- { name: Id, type: Int64, required: true }\n",
        "# Numbered by the office.\n    - name: Id\n      type: Int64 # for now\n      required: true\n      doc: Number of the letter.\n",
    );
    let files = edited(
        &files,
        "{ name: Weights, type: Float array }",
        "{ name: Weights, type: Float array, doc: \"In grams, type: any\" }",
    );
    let files = edited(
        &files,
        "operation: SendLetter\n",
        "operation: SendLetter\nsummary: Sends a letter.\n",
    );
    let again = imported(&post_office(), files.clone());
    assert_eq!(shown(&again.files), shown(&files));

    let mut metadata = post_office();
    let id = &mut members(&mut metadata, "DescribeLetterRequest")[0];
    id["member"] = json!("string");
    id["required"] = json!(false);
    let letter = members(&mut metadata, "Letter");
    letter[0]["member"] = json!("string");
    letter[0]["type"] = json!("string");
    letter[0]["required"] = json!(false);
    letter[0]["value_allowed_null"] = json!(true);
    letter[2]["value_allowed_null"] = json!(false);
    letter[4]["member"] = json!("int64");
    letter[4]["disabled"] = json!(true);
    letter.insert(1, member("Sender", "string", &json!({ "required": true })));
    members(&mut metadata, "OpenOfficeRequest").push(member("Key", "string", &json!({})));
    metadata["actions"]["SendLetter"]["status"] = json!("offline");
    metadata["actions"]["DescribeLetter"]["status"] = json!("online");
    let merged = imported(&metadata, files);
    assert_snapshot!(format!("{}\n{}", merged.report, shown(&merged.files)));
    let again = imported(&metadata, merged.files.clone());
    assert_eq!(again.files, merged.files);
    assert_eq!(again.report.written(), 0);
}

#[test]
fn what_is_new_joins_the_files_that_are_there() {
    let files = imported(&post_office(), Vec::new()).files;
    let mut metadata = post_office();
    metadata["objects"]["Ink"] = object(&[member("Colour", "string", &json!({}))]);
    members(&mut metadata, "Stamp").push(member("Ink", "Ink", &json!({})));
    metadata["actions"]["BurnLetter"] = json!({ "input": "BurnRequest", "output": "BurnResponse" });
    metadata["objects"]["BurnRequest"] = object(&[member("Letter", "Letter", &json!({}))]);
    metadata["objects"]["BurnResponse"] = object(&[]);
    let merged = imported(&metadata, files);
    assert_eq!(
        merged.report.changes,
        [
            Change::Added("Stamp Ink".to_owned()),
            Change::Added("operation BurnLetter".to_owned()),
            Change::Added("structure Ink".to_owned()),
        ]
    );
    let send = |file: &&SourceFile| file.path.ends_with("send_letter.yaml");
    assert_snapshot!(merged.files.iter().find(send).unwrap().text);
    load(merged.files).unwrap();
}

#[test]
fn a_fix_holds_until_it_changes_nothing() {
    let files = imported(&post_office(), Vec::new()).files;
    let files = edited(
        &files,
        "{ name: Value, type: Uint64 }",
        "{ name: Value, type: Float, fix: Stamps of half a cent exist. }",
    );
    let kept = imported(&post_office(), files.clone());
    assert_eq!(shown(&kept.files), shown(&files));
    assert_eq!(
        kept.report.to_string().lines().nth(1),
        Some("  kept     Stamp Value: Stamps of half a cent exist.")
    );

    let mut metadata = post_office();
    members(&mut metadata, "Stamp")[0]["member"] = json!("float");
    let useless = imported(&metadata, files);
    assert_eq!(
        useless.report.changes,
        [Change::UselessFix("Stamp Value".to_owned())]
    );
}

#[test]
fn what_the_service_removed_is_told_and_kept() {
    let files = imported(&post_office(), Vec::new()).files;
    let mut metadata = post_office();
    members(&mut metadata, "Letter").pop();
    for (kind, name) in [
        ("actions", "OpenOffice"),
        ("objects", "OpenOfficeRequest"),
        ("objects", "OpenOfficeResponse"),
    ] {
        metadata[kind].as_object_mut().unwrap().remove(name);
    }
    let merged = imported(&metadata, files.clone());
    assert_eq!(shown(&merged.files), shown(&files));
    assert_eq!(
        merged.report.changes,
        [
            Change::Removed("operation OpenOffice".to_owned()),
            Change::Removed("Letter Weights".to_owned()),
        ]
    );
}

/// Makes metadata such as no service has.
type Damage = fn(&mut Value);

#[test]
fn metadata_that_makes_no_spec_is_refused() {
    let refusal = |change: fn(&mut Value)| {
        let mut metadata = post_office();
        change(&mut metadata);
        let metadata = Metadata::parse(&metadata.to_string()).unwrap();
        import(&metadata, Vec::new()).unwrap_err().to_string()
    };
    let cases: [(Damage, &str); 4] = [
        (
            |metadata| members(metadata, "Stamp")[0]["member"] = json!("Nothing"),
            "`Stamp.Value` is of the type `Nothing`",
        ),
        (
            |metadata| members(metadata, "Stamp")[0]["name"] = json!("a: b"),
            "\"a: b\" cannot be the name",
        ),
        (
            |metadata| metadata["metadata"]["serviceShortName"] = json!("../post"),
            "`../post` cannot be the name",
        ),
        (
            |metadata| metadata["actions"]["SendLetter"]["input"] = json!("Gone"),
            "`SendLetter` refers to `Gone`",
        ),
    ];
    for (change, message) in cases {
        let refusal = refusal(change);
        assert!(refusal.contains(message), "{refusal}");
    }
    assert!(Metadata::parse("{}").is_err());

    let files = imported(&post_office(), Vec::new()).files;
    let mut metadata = post_office();
    metadata["metadata"]["apiVersion"] = json!("2021-01-01");
    let metadata = Metadata::parse(&metadata.to_string()).unwrap();
    let refusal = import(&metadata, files).unwrap_err().to_string();
    assert!(
        refusal.contains("the tables are of version 2020-02-20"),
        "{refusal}"
    );
}

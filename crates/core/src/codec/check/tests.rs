use super::super::fixture::{FLOW, JOB};
use super::super::{Document, json, set};
use super::{Violation, check, first_violation, violations};
use crate::schema::{Field, Flags, Kind, Limits, Place, Structure};

fn read(structure: &'static Structure, text: &str) -> Document {
    let mut document = Document::new(structure);
    json::decode(text, "", &mut document).unwrap();
    document
}

fn missing(document: &Document, root: &str) -> Vec<String> {
    check(document, root, false).missing
}

fn out_of_bounds(document: &Document, root: &str) -> Vec<Violation> {
    check(document, root, true).out_of_bounds
}

fn broken(text: &str) -> Vec<String> {
    let job = read(&JOB, text);
    let all = violations(&job, "Job");
    assert_eq!(first_violation(&job, "Job").as_ref(), all.first());
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn all_missing_paths_are_named_at_once() {
    let mut job = Document::new(&JOB);
    json::decode(r#"{"Input":{},"Parts":[{"Object":"o"},{}]}"#, "", &mut job).unwrap();
    assert_eq!(
        missing(&job, "Job"),
        ["Job.Input.Object", "Job.Parts[1].Object"]
    );
    assert_eq!(missing(&Document::new(&JOB), "Job"), Vec::<String>::new());
}

#[test]
fn an_empty_list_is_there_where_the_format_can_say_so() {
    static LISTS: Structure = Structure::new(
        "Lists",
        &[
            Field::new("Names", Kind::Text).with(Flags::LIST.or(Flags::REQUIRED)),
            Field::new("Tags", Kind::Map).with(Flags::REQUIRED),
        ],
    );
    let mut lists = Document::new(&LISTS);
    assert_eq!(missing(&lists, ""), ["Names", "Tags"]);
    json::decode(r#"{"Names":[],"Tags":{}}"#, "", &mut lists).unwrap();
    assert_eq!(missing(&lists, ""), Vec::<String>::new());
    assert_eq!(violations(&lists, ""), []);
    assert_eq!(missing(&lists, "Root"), ["Root.Names", "Root.Tags"]);
}

#[test]
fn a_client_looks_at_bounds_alone() {
    let mut job = Document::new(&JOB);
    let text = r#"{"Level":3,"Note":"fünfe","State":"Lost","Input":{}}"#;
    json::decode(text, "", &mut job).unwrap();
    let found: Vec<_> = out_of_bounds(&job, "Job")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "Job.Level must be from 0 to 2, got 3",
            "Job.Note must have at most 4 characters"
        ]
    );
}

#[test]
fn what_documents_write_for_no_value_breaks_no_rule() {
    static BLACK_LEVEL: Limits = Limits::new().range(30, 100).unset("0");
    static FONT: Limits = Limits::new().unset("");
    static TEXT: Structure = Structure::new(
        "Text",
        &[
            Field::new("BlackLevel", Kind::Integer).limited(&BLACK_LEVEL),
            Field::new("Font", Kind::Enumeration(&["arial.ttf"]))
                .limited(&FONT)
                .with(Flags::REQUIRED),
        ],
    );
    let found = |text: &str| {
        let mut document = Document::new(&TEXT);
        json::decode(text, "", &mut document).unwrap();
        let bounds = out_of_bounds(&document, "").len();
        let rules = violations(&document, "").len();
        (missing(&document, "").len(), bounds, rules)
    };
    assert_eq!(found(r#"{"BlackLevel":0,"Font":""}"#), (0, 0, 0));
    assert_eq!(found(r#"{"BlackLevel":1,"Font":"other"}"#), (0, 1, 2));
    assert_eq!(found(r#"{"BlackLevel":0}"#), (1, 0, 1));
}

#[test]
fn a_rule_repeats_the_start_of_a_long_value() {
    let long = "ü".repeat(1_000_000);
    let found = broken(&format!(r#"{{"State":"{long}"}}"#));
    let start = "ü".repeat(64);
    assert_eq!(
        found,
        [format!(
            "Job.State must be one of Submitted, Success, got \"{start}…\""
        )]
    );
}

#[test]
fn each_rule_of_the_table_is_checked() {
    assert_eq!(broken(r#"{"Level":2,"Note":"four"}"#), Vec::<String>::new());
    assert_eq!(
        broken(r#"{"Level":3}"#),
        ["Job.Level must be from 0 to 2, got 3"]
    );
    assert_eq!(
        broken(r#"{"Level":-1}"#),
        ["Job.Level must be from 0 to 2, got -1"]
    );
    assert_eq!(
        broken(r#"{"Note":"fünfe"}"#),
        ["Job.Note must have at most 4 characters"]
    );
    assert_eq!(
        broken(r#"{"State":"Lost"}"#),
        ["Job.State must be one of Submitted, Success, got \"Lost\""]
    );
    assert_eq!(broken(r#"{"Input":{}}"#), ["Job.Input.Object is required"]);
    assert_eq!(
        broken(r#"{"Input":{"Object":""}}"#),
        ["Job.Input.Object must not be empty"]
    );
}

#[test]
fn bounds_are_left_alone_if_the_client_says_so() {
    let job = read(&JOB, r#"{"Level":3,"Input":{}}"#);
    let found = check(&job, "Job", false);
    assert_eq!(found.missing, ["Job.Input.Object"]);
    assert_eq!(found.out_of_bounds, []);
}

#[test]
fn a_body_is_there_if_any_node_of_it_is() {
    static MIXED: Structure = Structure::new(
        "Mixed",
        &[
            Field::new("bucket", Kind::Text).at(Place::Host),
            Field::new("Tag", Kind::Fixed("x")),
            Field::new("Inner", Kind::Structure(&JOB)),
        ],
    );
    let has_body = |change: &dyn Fn(&mut Document)| {
        let mut document = Document::new(&MIXED);
        change(&mut document);
        check(&document, "Mixed", true).has_body
    };
    assert!(!has_body(&|_| {}));
    assert!(!has_body(&|it| set(it, "bucket", "b")));
    assert!(has_body(&|it| {
        json::decode(r#"{"Inner":{}}"#, "", it).unwrap();
    }));
    assert!(has_body(&|it| {
        json::decode(r#"{"Later":1}"#, "", it).unwrap();
    }));
}

#[test]
fn what_is_in_lists_and_maps_is_found_by_its_path() {
    let flow = read(&FLOW, r#"{"Nodes":{"a":{"Object":"o"},"b":{},"c":{}}}"#);
    assert_eq!(missing(&flow, ""), ["Nodes.b.Object", "Nodes.c.Object"]);
    let first = first_violation(&flow, "").unwrap();
    assert_eq!(first.to_string(), "Nodes.b.Object is required");
    assert!(first.missing);
    let job = read(
        &JOB,
        r#"{"Child":{"Parts":[{"Object":"o"},{"Object":""}]}}"#,
    );
    let first = first_violation(&job, "Job").unwrap();
    assert_eq!(first.path, "Job.Child.Parts[1].Object");
    assert!(!first.missing);
}

#[test]
fn large_numbers_are_compared_exactly() {
    static LARGE: Limits = Limits::new().at_most(i64::MAX - 1);
    static TABLE: Structure = Structure::new(
        "Table",
        &[Field::new("Size", Kind::Integer).limited(&LARGE)],
    );
    let found = |text: &str| out_of_bounds(&read(&TABLE, text), "").len();
    assert_eq!(found(r#"{"Size":9223372036854775806}"#), 0);
    assert_eq!(found(r#"{"Size":9223372036854775807}"#), 1);
}

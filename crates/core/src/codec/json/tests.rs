use super::super::fixture::{FLOW, JOB, QUOTED};
use super::super::{Document, Drift};
use super::{Style, decode, decode_styled, encode, to_value};
use crate::schema::{Field, Flags, Kind, Structure};
use serde_json::{Value, json};

fn read(text: &str) -> (Document, Vec<Drift>) {
    let mut job = Document::new(&JOB);
    let drift = decode(text, "Job", &mut job).unwrap();
    (job, drift)
}

fn drift_of(text: &str) -> Vec<String> {
    read(text).1.iter().map(ToString::to_string).collect()
}

#[test]
fn a_documented_object_survives() {
    let object = json!({
        "Tag": "ImageInspect", "Level": 2, "Ratio": 0.5, "Automatic": true, "State": "Success",
        "Created": "2022-06-27T15:23:10+0800", "Note": "\"\u{4e2d}\n",
        "Input": {"Object": "o", "Secret": "s", "kind": "k"},
        "Names": ["one", "two"], "Sizes": [1, -2],
        "Parts": [{"Object": "p"}, {"Object": "q"}],
        "Child": {"Tag": "ImageInspect", "Note": ""},
        "Free": {"a": [1, null]}, "Tags": {"x": "y"},
    });
    let (job, drift) = read(&object.to_string());
    assert_eq!(drift, []);
    assert_eq!(to_value(&job, Style::Typed).unwrap(), object);
}

#[test]
fn names_and_words_are_read_in_any_case_where_the_table_says_so() {
    const fn any(name: &'static str, kind: Kind) -> Field {
        Field::new(name, kind).with(Flags::ANY_CASE)
    }
    static RULE: Structure = Structure::new(
        "Rule",
        &[
            any("Sid", Kind::Text),
            any("Effect", Kind::Enumeration(&["allow", "deny"])),
            any("Action", Kind::Text).with(Flags::LIST),
            Field::new("Note", Kind::Text),
        ],
    );
    let mut rule = Document::new(&RULE);
    let text = r#"{"action":["a","b"],"effect":"Allow","sid":"s","note":"n"}"#;
    let drift = decode(text, "Rule", &mut rule).unwrap();
    let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["Rule.note: not in the table"]);
    let expected = json!({"Sid": "s", "Effect": "allow", "Action": ["a", "b"], "note": "n"});
    assert_eq!(to_value(&rule, Style::Typed).unwrap(), expected);
    // Of two spellings the second is no other node.
    let mut rule = Document::new(&RULE);
    let drift = decode(r#"{"Sid":"s","sid":"t","Effect":"no"}"#, "Rule", &mut rule).unwrap();
    let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
    let expected = [
        "Rule.sid: came more than once",
        "Rule.Effect: undocumented value \"no\"",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn text_style_writes_every_scalar_as_text() {
    let (job, _) = read(r#"{"Level":2,"Automatic":false,"Sizes":[1,2]}"#);
    let text = encode(&job, Style::Text).unwrap();
    assert_eq!(
        text,
        r#"{"Tag":"ImageInspect","Level":"2","Automatic":"false","Sizes":["1","2"]}"#
    );
}

#[test]
fn what_can_be_understood_is_and_is_reported() {
    let (job, drift) = read(r#"{"Level":"2","Automatic":"true","Note":5,"Ratio":3}"#);
    let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "Job.Level: expected a number, got text",
            "Job.Automatic: expected a truth value, got text",
            "Job.Note: expected text, got a number",
        ]
    );
    assert_eq!(
        to_value(&job, Style::Typed).unwrap(),
        json!({"Tag": "ImageInspect", "Level": 2, "Automatic": true, "Note": "5", "Ratio": 3.0})
    );
}

#[test]
fn one_where_a_list_is_documented_and_the_reverse() {
    let (job, drift) = read(r#"{"Parts":{"Object":"p"},"Names":"n","Input":[{"Object":"o"}]}"#);
    let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "Job.Parts: expected a list, got a container",
            "Job.Names: expected a list, got text",
            "Job.Input: expected a container, got a list",
        ]
    );
    assert_eq!(
        to_value(&job, Style::Typed).unwrap(),
        json!({"Tag": "ImageInspect", "Input": {"Object": "o"}, "Names": ["n"],
               "Parts": [{"Object": "p"}]})
    );
}

#[test]
fn a_list_of_which_no_item_fits_is_kept_as_it_is() {
    let text = r#"{"Note":[{"a":1},{"b":2}],"Level":[{"c":3}]}"#;
    let (job, drift) = read(text);
    assert!(!drift.is_empty());
    let again = encode(&job, Style::Typed).unwrap();
    assert!(again.contains(r#""Note":[{"a":1},{"b":2}]"#), "{again}");
    assert!(again.contains(r#""Level":[{"c":3}]"#), "{again}");
    assert!(read(&again).0 == job);
}

#[test]
fn scalars_may_be_texts_where_the_style_says_so() {
    let text = r#"{"Tag":"ImageInspect","Level":"2","Ratio":"","Automatic":"true"}"#;
    let mut job = Document::new(&JOB);
    assert_eq!(decode_styled(text, "", &mut job, Style::Text), Ok(vec![]));
    assert_eq!(
        encode(&job, Style::Text).as_deref(),
        Ok(r#"{"Tag":"ImageInspect","Level":"2","Automatic":"true","Ratio":""}"#)
    );
    let mut job = Document::new(&JOB);
    let drift = decode_styled(r#"{"Level":"two"}"#, "", &mut job, Style::Text).unwrap();
    assert_eq!(drift.len(), 1);
}

#[test]
fn what_does_not_fit_is_kept() {
    for (member, value) in [
        ("Level", json!("high")),
        ("Level", json!(18_446_744_073_709_551_615_u64)),
        ("Level", json!(2.5)),
        ("Automatic", json!(7)),
        ("Note", json!({"a": 1})),
        ("Strange", json!([1, {"b": null}])),
        ("Input", json!("text")),
    ] {
        let object = json!({ member: value });
        let (job, drift) = read(&object.to_string());
        assert_eq!(drift.len(), 1, "{object}");
        let again = to_value(&job, Style::Typed).unwrap();
        assert_eq!(again.get(member), object.get(member), "{object}");
    }
}

#[test]
fn null_is_absence() {
    let (job, drift) = read(r#"{"Level":null,"Input":null,"Names":null,"Parts":[null]}"#);
    assert_eq!(drift, []);
    assert_eq!(
        to_value(&job, Style::Typed).unwrap(),
        json!({"Tag": "ImageInspect", "Parts": []}),
        "a list without an item is there"
    );
}

#[test]
fn an_empty_list_is_not_an_absent_one() {
    let text = r#"{"Tag":"ImageInspect","Names":[],"Parts":[],"Tags":{}}"#;
    let (job, drift) = read(text);
    assert_eq!(drift, []);
    assert_eq!(encode(&job, Style::Typed).as_deref(), Ok(text));
    assert!(format!("{job:?}").contains("Names: []"), "{job:?}");
    for (text, again) in [
        (
            r#"{"Names":[],"Names":["n"]}"#,
            r#"{"Tag":"ImageInspect","Names":["n"]}"#,
        ),
        (
            r#"{"Names":["n"],"Names":[]}"#,
            r#"{"Tag":"ImageInspect","Names":["n"]}"#,
        ),
        (r#"{"Parts":"p"}"#, r#"{"Tag":"ImageInspect","Parts":"p"}"#),
    ] {
        assert_eq!(encode(&read(text).0, Style::Typed).as_deref(), Ok(again));
    }
}

#[test]
fn what_a_table_excuses_is_not_missing() {
    static ANSWER: Structure = Structure::new(
        "Answer",
        &[
            Field::new("Items", Kind::Text).with(Flags::LIST.or(Flags::REQUIRED)),
            Field::new("Reason", Kind::Text).with(Flags::REQUIRED.or(Flags::NULLABLE)),
            Field::new("State", Kind::Text).with(Flags::REQUIRED),
            Field::new("Tag", Kind::Text).with(Flags::REQUIRED.or(Flags::OMITTABLE)),
        ],
    );
    let missing = |text: &str| {
        let drift = decode(text, "", &mut Document::new(&ANSWER)).unwrap();
        drift.into_iter().map(|it| it.path).collect::<Vec<_>>()
    };
    let all = r#"{"Items":[],"Reason":null,"State":"s"}"#;
    assert_eq!(missing(all), Vec::<String>::new());
    assert_eq!(missing(r#"{"State":null}"#), ["Items", "Reason", "State"]);
}

#[test]
fn paths_name_items() {
    assert_eq!(
        drift_of(r#"{"Parts":[{"Object":"p"},{"Object":"q","More":1},{}]}"#),
        [
            "Job.Parts[1].More: not in the table",
            "Job.Parts[2].Object: required, but missing",
        ]
    );
}

#[test]
fn broken_objects_are_errors() {
    for text in ["{", "[]", "{\"Level\":}", "{} {}", "nul", "{\"Names\":[1,}"] {
        let mut job = Document::new(&JOB);
        assert!(decode(text, "Job", &mut job).is_err(), "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = "{\"Child\":".repeat(100) + "{}" + &"}".repeat(100);
    let mut job = Document::new(&JOB);
    let error = decode(&deep, "", &mut job).unwrap_err();
    assert!(error.reason().contains("64 containers"), "{error}");
    for (depth, ends) in [(64, true), (65, false), (100_000, false)] {
        let strange = format!("{{\"X\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        let outcome = decode(&strange, "", &mut Document::new(&JOB));
        assert_eq!(outcome.is_ok(), ends, "{depth}");
    }
}

#[test]
fn an_empty_text_is_an_empty_object() {
    let (job, drift) = read(" ");
    assert_eq!(drift, []);
    assert_eq!(
        to_value(&job, Style::Typed).unwrap(),
        Value::from_iter([("Tag", "ImageInspect")])
    );
}

#[test]
fn structures_stand_under_names_of_their_own() {
    let text = r#"{"Nodes":{"End_1":{"Object":"b"},"Start":{"Object":"a"}},"Name":"n"}"#;
    let mut flow = Document::new(&FLOW);
    assert_eq!(decode(text, "", &mut flow).unwrap(), []);
    assert_eq!(encode(&flow, Style::Typed).unwrap(), text);

    let text = r#"{"Nodes":{"A":{"Object":"a"},"A":{"Object":"b"},"B":[1],"C":null,"D":5}}"#;
    let mut flow = Document::new(&FLOW);
    let drift = decode(text, "Flow", &mut flow).unwrap();
    let paths: Vec<_> = drift.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["Flow.Nodes.A", "Flow.Nodes.B", "Flow.Nodes.D"]);
}

#[test]
fn numbers_in_quotes_are_no_drift_where_the_table_has_them_so() {
    let text = r#"{"Size":"300","Moving":"false","Count":1}"#;
    let mut node = Document::new(&QUOTED);
    assert_eq!(decode(text, "Quoted", &mut node).unwrap(), []);
    assert_eq!(encode(&node, Style::Typed).unwrap(), text);
    let mut node = Document::new(&QUOTED);
    let drift = decode(r#"{"Size":300,"Count":"1"}"#, "Quoted", &mut node).unwrap();
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert_eq!(
        encode(&node, Style::Typed).unwrap(),
        r#"{"Size":"300","Count":1}"#
    );
}

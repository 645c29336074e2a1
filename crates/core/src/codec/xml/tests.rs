use super::super::fixture::{FLOW, JOB, STATUS};
use super::super::{Document, Drift, DriftKind, debug, equal, fill, json};
use super::{decode, decode_any, encode};
use crate::schema::{Field, Flags, Kind, Structure};

fn read(text: &str) -> (Document, Vec<Drift>) {
    let mut job = Document::new(&JOB);
    let drift = decode(text, "Job", &mut job).unwrap();
    (job, drift)
}

fn drift_of(text: &str) -> Vec<String> {
    read(text).1.iter().map(ToString::to_string).collect()
}

#[test]
fn a_documented_document_survives_to_the_letter() {
    let text = "<Job><Tag>ImageInspect</Tag><Level>2</Level><Ratio>0.5</Ratio>\
        <Automatic>true</Automatic><State>Success</State>\
        <Created>2022-06-27T15:23:10+0800</Created><Note>a &amp; b</Note>\
        <Input kind=\"&quot;x&quot;\"><Object>in/图.png</Object></Input>\
        <Names>one</Names><Names>two</Names><Sizes>1</Sizes><Sizes>-2</Sizes>\
        <Parts><Object>p</Object></Parts><Parts><Object>q</Object></Parts>\
        <Child><Tag>ImageInspect</Tag><Note/></Child></Job>";
    let (job, drift) = read(text);
    assert_eq!(drift, []);
    assert_eq!(encode("Job", &job).unwrap(), text);
}

#[test]
fn white_space_comments_declarations_and_cdata_are_read() {
    let (job, drift) = read(
        "\u{feff}<?xml version='1.0' encoding='utf-8' ?>\n<!-- c -->\n<Job>\n \
         <Note><![CDATA[<&>]]></Note>\n <Level> 1 </Level></Job>\n",
    );
    assert_eq!(drift, []);
    assert_eq!(
        encode("Job", &job).unwrap(),
        "<Job><Tag>ImageInspect</Tag><Level>1</Level><Note>&lt;&amp;&gt;</Note></Job>"
    );
}

#[test]
fn references_are_resolved_and_unknown_entities_refused() {
    let (job, _) = read("<Job><Note>a&#13;b&lt;&#x4e2d;</Note></Job>");
    assert_eq!(
        encode("Job", &job).unwrap(),
        "<Job><Tag>ImageInspect</Tag><Note>a&#13;b&lt;中</Note></Job>"
    );
    let mut job = Document::new(&JOB);
    let error = decode("<Job><Note>&nope;</Note></Job>", "Job", &mut job).unwrap_err();
    assert_eq!(error.path(), "Job.Note");
}

#[test]
fn unknown_nodes_survive() {
    let text = "<Job><Tag>ImageInspect</Tag><Strange a=\"1\"><X>1</X><X>2</X></Strange></Job>";
    let (job, drift) = read(text);
    assert_eq!(drift.len(), 1);
    assert_eq!(drift[0].to_string(), "Job.Strange: not in the table");
    assert_eq!(encode("Job", &job).unwrap(), text);
}

#[test]
fn loose_text_survives() {
    let text = "<Job>loose<Tag>ImageInspect</Tag></Job>";
    let (job, drift) = read(text);
    assert_eq!(drift.len(), 1);
    assert_eq!(encode("Job", &job).unwrap(), text);
}

#[test]
fn the_text_of_an_element_is_read_where_the_table_has_a_field_for_it() {
    let read = |text: &str| {
        let mut status = Document::new(&STATUS);
        let drift = decode(text, "Status", &mut status).unwrap();
        let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
        (shown, encode("Status", &status).unwrap())
    };
    for text in [
        "<Status>on</Status>",
        "<Status Since=\"2022-06-27T15:23:10+0800\">off</Status>",
    ] {
        assert_eq!(read(text), (vec![], text.to_owned()));
    }
    let (drift, text) = read("<Status>\n half <Value>on</Value></Status>");
    assert_eq!(
        drift,
        [
            "Status.Value: not in the table",
            "Status.Value: undocumented value \"\\n half \"",
        ]
    );
    assert_eq!(text, "<Status>\n half <Value>on</Value></Status>");
    assert_eq!(read("<Status/>").0, ["Status.Value: required, but missing"]);
}

#[test]
fn values_that_do_not_fit_drift_and_survive() {
    let (job, drift) =
        read("<Job><Level>high</Level><State>Lost</State><Created>x</Created></Job>");
    let shown: Vec<_> = drift.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "Job.Level: expected a number, got text",
            "Job.State: undocumented value \"Lost\"",
            "Job.Created: undocumented value \"x\"",
        ]
    );
    let again = encode("Job", &job).unwrap();
    for kept in [
        "<Level>high</Level>",
        "<State>Lost</State>",
        "<Created>x</Created>",
    ] {
        assert!(again.contains(kept), "{again}");
    }
}

#[test]
fn each_kind_of_drift_names_its_node() {
    assert_eq!(
        drift_of("<Job><Input/></Job>"),
        ["Job.Input.Object: required, but missing"]
    );
    assert_eq!(
        drift_of("<Job><Level>1</Level><Level>2</Level></Job>"),
        ["Job.Level: came more than once"]
    );
    assert_eq!(
        drift_of("<Job><Note><X>1</X></Note></Job>"),
        ["Job.Note: expected text, got a container"]
    );
    assert_eq!(
        drift_of("<Job><Input>stray<Object>o</Object></Input></Job>"),
        ["Job.Input: expected a container, got text"]
    );
    assert_eq!(
        drift_of("<Job><Parts><Object>o</Object></Parts><Parts/></Job>"),
        ["Job.Parts[1].Object: required, but missing"]
    );
    assert_eq!(
        drift_of("<Job><Tag>Other</Tag></Job>"),
        ["Job.Tag: must be \"ImageInspect\", got \"Other\""]
    );
    assert!(matches!(
        read("<Work/>").1.as_slice(),
        [Drift { kind: DriftKind::Root { found }, .. }] if found == "Work"
    ));
}

#[test]
fn broken_documents_are_errors() {
    for text in [
        "<Job>",
        "<Job></Work>",
        "<Job/><Job/>",
        "x<Job/>",
        "<Job/>x",
        "<!DOCTYPE Job [<!ENTITY a \"b\">]><Job/>",
        "<Job a=1/>",
    ] {
        let mut job = Document::new(&JOB);
        assert!(decode(text, "Job", &mut job).is_err(), "{text}");
    }
}

#[test]
fn depth_is_bounded_with_and_without_a_table() {
    let deep = "<Child>".repeat(100) + &"</Child>".repeat(100);
    let mut job = Document::new(&JOB);
    let error = decode(&format!("<Job>{deep}</Job>"), "Job", &mut job).unwrap_err();
    assert!(error.reason().contains("64 containers"), "{error}");
    let deep = "<x>".repeat(100) + &"</x>".repeat(100);
    assert!(decode_any(&deep).is_err());
}

#[test]
fn characters_that_xml_lacks_are_refused() {
    let mut job = Document::new(&JOB);
    super::super::set(&mut job, "Note", "a\u{0}b");
    let error = encode("Job", &job).unwrap_err();
    assert_eq!(error.path(), "Job.Note");
}

#[test]
fn secrets_are_not_shown() {
    struct Shown<'a>(&'a Document);
    impl std::fmt::Debug for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            debug(self.0, f)
        }
    }
    let (job, _) =
        read("<Job><Input><Object>o</Object><Secret>hush</Secret><Key>hush</Key></Input></Job>");
    let shown = format!("{:?}", Shown(&job));
    assert_eq!(
        shown,
        "Job { Input: Input { Object: \"o\", Secret: (secret), Key: (not in the table) } }"
    );
}

#[test]
fn structures_stand_under_names_of_their_own() {
    let text = "<Flow><Nodes><End_1><Object>b</Object></End_1><Start kind=\"k\"><Object>a</Object>\
                <Secret>s</Secret></Start></Nodes><Name>n</Name></Flow>";
    let mut flow = Document::new(&FLOW);
    assert_eq!(decode(text, "Flow", &mut flow).unwrap(), []);
    assert_eq!(encode("Flow", &flow).unwrap(), text);
    let mut copy = Document::new(&FLOW);
    fill(&mut copy, &flow);
    assert!(equal(&copy, &flow));
    assert!(!format!("{flow:?}").contains("\"s\""), "{flow:?}");
}

#[test]
fn what_is_no_structure_under_a_name_is_kept() {
    let text =
        "<Flow><Nodes>loose<A><Object>a</Object></A><A><Object>b</Object></A></Nodes></Flow>";
    let mut flow = Document::new(&FLOW);
    let drift = decode(text, "Flow", &mut flow).unwrap();
    let paths: Vec<_> = drift.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["Flow.Nodes.A", "Flow.Nodes"]);
    assert!(encode("Flow", &flow).unwrap().contains("loose"));

    let mut flow = Document::new(&FLOW);
    let drift = decode("<Flow><Nodes><A/></Nodes></Flow>", "Flow", &mut flow).unwrap();
    let paths: Vec<_> = drift.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["Flow.Nodes.A.Object"]);
}

#[test]
fn a_name_that_no_element_can_have_is_refused() {
    let mut flow = Document::new(&FLOW);
    json::decode(r#"{"Nodes":{"a b":{"Object":"o"}}}"#, "", &mut flow).unwrap();
    let error = encode("Flow", &flow).unwrap_err();
    assert!(error.to_string().contains("a b"), "{error}");
}

#[test]
fn an_empty_element_says_nothing_of_a_number_or_a_word() {
    let text = "<Job><State/><Level/><Automatic></Automatic></Job>";
    let (job, drift) = read(text);
    let told: Vec<_> = drift.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(told, Vec::<&str>::new(), "the Tag has no slot to look at");
    let again = encode("Job", &job).unwrap();
    for name in ["State", "Level", "Automatic"] {
        assert!(again.contains(&format!("<{name}/>")), "{again}");
    }
}

#[test]
fn an_empty_element_of_a_required_number_is_there() {
    static COUNTED: Structure = Structure::new(
        "Counted",
        &[Field::new("Count", Kind::Integer).with(Flags::REQUIRED)],
    );
    let mut node = Document::new(&COUNTED);
    let text = "<Counted><Count/></Counted>";
    assert_eq!(decode(text, "Counted", &mut node).unwrap(), []);
    assert_eq!(encode("Counted", &node).unwrap(), text);
}

#[test]
fn no_table_and_no_map_makes_a_tag_without_a_name() {
    static NAMELESS: Structure = Structure::new("Nameless", &[Field::new("", Kind::Text)]);
    static AROUND: Structure = Structure::new(
        "Around",
        &[Field::new("", Kind::Structure(&NAMELESS)).with(Flags::LIST)],
    );
    let mut leaf = Document::new(&NAMELESS);
    json::decode(r#"{"":"x"}"#, "", &mut leaf).unwrap();
    let mut container = Document::new(&AROUND);
    json::decode(r#"{"":[{}]}"#, "", &mut container).unwrap();
    let mut map = Document::new(&JOB);
    json::decode(r#"{"Tags":{"":"x"}}"#, "", &mut map).unwrap();
    for (root, node) in [
        ("A", &leaf),
        ("A", &container),
        ("A", &map),
        ("", &Document::new(&JOB)),
    ] {
        let error = encode(root, node).unwrap_err();
        assert!(
            error.reason().contains("\"\" cannot be the name"),
            "{error}"
        );
    }
    let mut map = Document::new(&JOB);
    json::decode(r#"{"Tags":{"a><b":"x"}}"#, "", &mut map).unwrap();
    assert!(
        encode("Job", &map).is_err(),
        "a key of the caller is not markup"
    );
}

#[test]
fn an_attribute_comes_once() {
    for text in [
        r#"<Job><Input kind="a" kind="b"><Object>o</Object></Input></Job>"#,
        r#"<Job><Input a="" a=""/></Job>"#,
        r#"<Job><Strange a="" a=""/></Job>"#,
        r#"<Job><Tags a="" a=""/></Job>"#,
    ] {
        let error = decode(text, "Job", &mut Document::new(&JOB)).unwrap_err();
        assert!(error.reason().contains("comes twice"), "{text}: {error}");
    }
}

#[test]
fn names_that_a_server_made_long_are_cut_in_reports() {
    let long = "x".repeat(100_000);
    let text = format!("<Job><{long}/><{long}><{long}/></{long}><Parts><{long}/></Parts></Job>");
    let drift = decode(&text, "Job", &mut Document::new(&JOB)).unwrap();
    assert!(drift.iter().all(|it| it.path.len() < 200), "{drift:?}");
    for broken in [
        format!("<Job><{long}></Job>"),
        format!("<Job>&{long};</Job>"),
        format!("<Job {long}=1/>"),
        format!("<Job {long}='' {long}=''/>"),
    ] {
        let error = decode(&broken, "Job", &mut Document::new(&JOB)).unwrap_err();
        assert!(error.to_string().len() < 500, "{error}");
    }
}

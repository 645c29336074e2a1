//! What a hostile server can make a decoder take: memory is bounded by the size of the document.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

use allocation_counter::measure;
use proptest::prelude::*;
use tcloud_ci::operation::list_jobs::ListJobsResponse;
use tcloud_core::codec::{Document, Drift, MOST_MEMORY, SPARE_MEMORY, json, xml};
use tcloud_core::node::Node;
use tcloud_core::schema::{Field, Flags, Kind, Structure};
use tcloud_mps::operation::describe_task_detail::DescribeTaskDetailResponse;

/// Long enough for a multiple to show, short enough for a test.
const SIZE: usize = 300_000;

/// Two hundred and one rows of which most are required, in lists of its own kind.
static WIDE: std::sync::LazyLock<&'static Structure> = std::sync::LazyLock::new(|| {
    let wide: &'static Structure = Box::leak(Box::new(Structure::open("Wide")));
    let mut fields = vec![
        Field::new("Wides", Kind::Structure(wide)).with(Flags::LIST),
        Field::new("Wide", Kind::Structure(wide)),
        Field::new("Texts", Kind::Text).with(Flags::LIST),
        Field::new("Words", Kind::Enumeration(&["a", "b"])).with(Flags::LIST),
        Field::new("Times", Kind::Timestamp).with(Flags::LIST),
        Field::new("Integers", Kind::Integer).with(Flags::LIST),
        Field::new("Floats", Kind::Float).with(Flags::LIST),
        Field::new("Booleans", Kind::Boolean).with(Flags::LIST),
        Field::new("Anys", Kind::Any).with(Flags::LIST),
        Field::new("Any", Kind::Any),
        Field::new("Map", Kind::Map),
        Field::new("MapOf", Kind::MapOf(wide)),
        Field::new("Text", Kind::Text),
        Field::new("Word", Kind::Enumeration(&["a", "b"])),
        Field::new("Integer", Kind::Integer),
        Field::new("Mark", Kind::Text).with(Flags::ATTRIBUTE),
    ];
    fields.extend((fields.len()..201).map(|index| {
        let name: &'static str = format!("RequiredRowNumber{index}").leak();
        Field::new(name, Kind::Text).with(Flags::REQUIRED)
    }));
    wide.complete(fields.leak()).unwrap();
    wide
});

/// What of `unit` fits into a document of [`SIZE`], numbered where it says `#`.
fn many(unit: &str, separator: &str) -> String {
    let mut text = String::with_capacity(SIZE + unit.len());
    let mut index = 0;
    while text.len() < SIZE {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(&unit.replace('#', &format!("{index:x}")));
        index += 1;
    }
    text
}

/// Documents that are small and ask for much: each with the name of its family.
#[expect(clippy::too_many_lines, reason = "a list of families")]
fn hostile_json() -> Vec<(&'static str, String)> {
    let list = |name: &str, unit: &str| format!(r#"{{"{name}":[{}]}}"#, many(unit, ","));
    let inside = |name: &str, unit: &str| format!(r#"{{"{name}":{{{}}}}}"#, many(unit, ","));
    let long = "n".repeat(SIZE / 4);
    let deep = |open: &str, close: &str, depth| open.repeat(depth) + "{}" + &close.repeat(depth);
    let mut found = vec![
        ("structures in lists", list("Wides", "{}")),
        (
            "one structure in each of many lists",
            list("Wides", r#"{"Wides":[{}]}"#),
        ),
        (
            "structures in each other",
            list("Wides", r#"{"Wide":{"Wide":{"Wide":{}}}}"#),
        ),
        ("empty lists", list("Wides", r#"{"Texts":[]}"#)),
        ("structures by name", inside("MapOf", r##""#":{}"##)),
        (
            "one structure by name in each of many",
            list("Wides", r#"{"MapOf":{"a":{}}}"#),
        ),
        ("structures of one name", inside("MapOf", r#""a":{}"#)),
        ("texts by name", inside("Map", r##""#":"""##)),
        (
            "one text by name in each of many",
            list("Wides", r#"{"Map":{"a":""}}"#),
        ),
        (
            "unknown members",
            format!("{{{}}}", many(r##""#":1"##, ",")),
        ),
        (
            "unknown members of one name",
            format!("{{{}}}", many(r#""x":1"#, ",")),
        ),
        (
            "one unknown member in each of many",
            list("Wides", r#"{"x":1}"#),
        ),
        ("an unknown list of numbers", list("x", "1")),
        ("an unknown list of objects", list("x", r#"{"a":1}"#)),
        ("an unknown list of lists", list("x", "[]")),
        ("an unknown list of nested lists", list("x", "[[[[1]]]]")),
        (
            "repeated lists",
            format!("{{{}}}", many(r#""Texts":[""]"#, ",")),
        ),
        (
            "repeated texts",
            format!("{{{}}}", many(r#""Text":"""#, ",")),
        ),
        (
            "repeated structures",
            format!("{{{}}}", many(r#""Wide":{}"#, ",")),
        ),
        ("lists in lists", list("Texts", "[[]]")),
        ("objects where texts belong", list("Texts", r#"{"a":1}"#)),
        ("numbers where structures belong", list("Wides", "1")),
        ("nulls", list("Wides", "null")),
        ("huge numbers", list("Integers", &"9".repeat(5_000))),
        (
            "huge fractions",
            list("Floats", &format!("0.{}", "7".repeat(5_000))),
        ),
        ("a huge number", format!(r#"{{"x":{}}}"#, "1".repeat(SIZE))),
        (
            "escapes",
            format!(r#"{{"Text":"{}"}}"#, many(r"\u0041", "")),
        ),
        (
            "an unknown text of escapes",
            format!(r#"{{"x":"{}"}}"#, many(r"\n", "")),
        ),
        ("unknown words", list("Words", r#""q""#)),
        ("times that are none", list("Times", r#""q""#)),
        ("deep structures", deep(r#"{"Wide":"#, "}", 60)),
        ("too deep structures", deep(r#"{"Wide":"#, "}", SIZE / 8)),
        (
            "deep unknown lists",
            format!(r#"{{"x":{}}}"#, deep("[", "]", SIZE / 2)),
        ),
        (
            "deep unknown objects",
            format!(r#"{{"x":{}}}"#, deep(r#"{"a":"#, "}", 60)),
        ),
        (
            "deep objects in an unknown list",
            list("x", &deep(r#"{"a":"#, "}", 60)),
        ),
        (
            "a list without an end",
            list("Wides", "{}").replace("]}", ""),
        ),
        (
            "a long name",
            format!(r#"{{"{long}":{{"a":[1,2]}},"Wides":[{{}}]}}"#),
        ),
        (
            "a long name around many departures",
            format!(
                r#"{{"MapOf":{{"{long}":{{"Wides":[{}]}}}}}}"#,
                many("{}", ",")
            ),
        ),
        ("long names in each other", {
            let name = "n".repeat(SIZE / 100);
            deep(&format!(r#"{{"MapOf":{{"{name}":"#), "}}", 30)
        }),
    ];
    for (name, unit) in [
        ("Texts", r#""""#),
        ("Words", r#""a""#),
        ("Integers", "1"),
        ("Floats", "1"),
        ("Booleans", "true"),
        ("Anys", "1"),
        ("Any", "1"),
    ] {
        found.push((name, list(name, unit)));
    }
    found
}

fn hostile_xml() -> Vec<(&'static str, String)> {
    let root = |inside: String| format!("<Wide>{inside}</Wide>");
    let long = "n".repeat(SIZE / 4);
    let deep =
        |name: &str, depth| format!("<{name}>").repeat(depth) + &format!("</{name}>").repeat(depth);
    vec![
        ("structures in lists", root(many("<Wides/>", ""))),
        (
            "one structure in each of many lists",
            root(many("<Wides><Wides/></Wides>", "")),
        ),
        (
            "structures by name",
            format!("<Wide><MapOf>{}</MapOf></Wide>", many("<n#/>", "")),
        ),
        (
            "texts by name",
            format!("<Wide><Map>{}</Map></Wide>", many("<n#/>", "")),
        ),
        ("maps", root(many("<Wides><Map><a/></Map></Wides>", ""))),
        ("unknown elements", root(many("<n#/>", ""))),
        ("unknown elements of one name", root(many("<x/>", ""))),
        (
            "one unknown element in each of many",
            root(many("<Wides><x/></Wides>", "")),
        ),
        (
            "unknown elements in each other",
            root(many("<x><x><x><x/></x></x></x>", "")),
        ),
        ("texts", root(many("<Texts/>", ""))),
        ("numbers", root(many("<Integers>1</Integers>", ""))),
        ("any values", root(many("<Anys/>", ""))),
        ("any values with attributes", root(many("<Anys a=''/>", ""))),
        ("repeated elements", root(many("<Text/>", ""))),
        ("attributes", format!("<Wide {}/>", many("a#=''", " "))),
        (
            "attributes of an unknown element",
            format!("<Wide><x {}/></Wide>", many("a#=''", " ")),
        ),
        (
            "attributes of one name",
            format!("<Wide {}/>", many("a=''", " ")),
        ),
        ("one attribute in each of many", root(many("<x a=''/>", ""))),
        (
            "references",
            root(format!("<Text>{}</Text>", many("&lt;", ""))),
        ),
        (
            "references in an attribute",
            format!("<Wide Mark='{}'/>", many("&lt;", "")),
        ),
        ("unknown references", root(format!("<Text>&{long};</Text>"))),
        ("comments", root(many("<!---->", ""))),
        (
            "sections",
            root(format!("<Text>{}</Text>", many("<![CDATA[x]]>", ""))),
        ),
        ("sections in a container", root(many("<![CDATA[x]]>", ""))),
        ("instructions", root(many("<?a?>", ""))),
        (
            "huge numbers",
            root(format!("<Integer>{}</Integer>", "9".repeat(SIZE))),
        ),
        ("deep structures", deep("Wide", 60)),
        ("too deep structures", deep("Wide", SIZE / 13)),
        ("deep unknown elements", root(deep("x", SIZE / 7))),
        ("a long name", root(format!("<{long}><a/></{long}>"))),
        (
            "a long name around many departures",
            root(format!(
                "<MapOf><{long}>{}</{long}></MapOf>",
                many("<Wides/>", "")
            )),
        ),
        (
            "a long root",
            format!("<{long}>{}</{long}>", many("<Wides/>", "")),
        ),
        (
            "a list without an end",
            format!("<Wide>{}", many("<Wides/>", "")),
        ),
    ]
}

/// Decodes and renders what came of it, as a program that logs everything does, and gives the most
/// bytes that the decoder took and the most that rendering took on top.
fn peaks(text: &str, decode: impl FnOnce(&str) -> Result<Vec<Drift>, String>) -> (u64, usize) {
    let mut shown = 0;
    let taken = measure(|| {
        let outcome = decode(text);
        shown = match &outcome {
            Ok(drift) => drift.iter().map(|it| it.to_string().len()).sum(),
            Err(error) => error.len(),
        };
    });
    (taken.bytes_max, shown)
}

/// Most bytes that a decoder may take; what it charges are estimates, good to a twentieth.
fn bound(text: &str) -> u64 {
    let most = text.len() * MOST_MEMORY + SPARE_MEMORY;
    u64::try_from(most + most / 20).unwrap()
}

#[track_caller]
fn assert_bounded(
    family: &str,
    text: &str,
    decode: impl FnOnce(&str) -> Result<Vec<Drift>, String>,
) {
    let (peak, shown) = peaks(text, decode);
    let most = bound(text);
    println!(
        "{family}: {} bytes took {peak} ({:.1} times), {shown} bytes of report",
        text.len(),
        f64::from(u32::try_from(peak).unwrap()) / f64::from(u32::try_from(text.len()).unwrap())
    );
    assert!(
        peak <= most,
        "{family}: {} bytes took {peak}, more than {most}",
        text.len()
    );
    assert!(shown < 200_000, "{family}: a report of {shown} bytes");
}

fn by_table(
    decode: impl Fn(&str, &mut dyn Node) -> Result<Vec<Drift>, String>,
) -> impl Fn(&str) -> Result<Vec<Drift>, String> {
    move |text| decode(text, &mut Document::new(&WIDE))
}

fn read_json(text: &str, node: &mut dyn Node) -> Result<Vec<Drift>, String> {
    json::decode(text, "Response", node).map_err(|error| error.to_string())
}

fn read_xml(text: &str, node: &mut dyn Node) -> Result<Vec<Drift>, String> {
    xml::decode(text, "Wide", node).map_err(|error| error.to_string())
}

#[test]
fn hostile_objects_take_a_small_multiple_of_their_size() {
    for (family, text) in hostile_json() {
        assert_bounded(family, &text, by_table(read_json));
    }
}

#[test]
fn hostile_documents_take_a_small_multiple_of_their_size() {
    for (family, text) in hostile_xml() {
        assert_bounded(family, &text, by_table(read_xml));
        assert_bounded(family, &text, |text| {
            let outcome = xml::decode_any(text);
            outcome
                .map(|_| Vec::new())
                .map_err(|error| error.to_string())
        });
    }
}

/// Compiled types, some of which are kilobytes large.
#[test]
fn hostile_answers_to_typed_calls_take_a_small_multiple_of_their_size() {
    for unit in ["{}", r#"{"x":[]}"#, r#"{"TranscodeTask":{"Output":{}}}"#] {
        let text = format!(
            r#"{{"WorkflowTask":{{"MediaProcessResultSet":[{}]}}}}"#,
            many(unit, ",")
        );
        assert_bounded(unit, &text, |text| {
            read_json(text, &mut DescribeTaskDetailResponse::default())
        });
    }
    for unit in [
        "<JobsDetail/>",
        "<JobsDetail><Operation/></JobsDetail>",
        "<x/>",
    ] {
        let text = format!("<Wide>{}</Wide>", many(unit, ""));
        assert_bounded(unit, &text, |text| {
            read_xml(text, &mut ListJobsResponse::default())
        });
    }
}

/// What services send, and what they may add one day, is far from the bounds.
#[test]
fn long_answers_of_honest_services_are_read() {
    let result = r#"{"Type":"Transcode","TranscodeTask":{"Status":"SUCCESS","ErrCodeExt":"","ErrCode":0,
        "Message":"SUCCESS","Input":{"Definition":100010},"Output":{"Path":"/a/b.mp4","Size":1255400,
        "Container":"mp4","Height":720,"Width":1280,"Bitrate":1100,"Md5":"b3ae6ed07d9bf4efeeb94ed2d37ff3e3",
        "Duration":12.5,"VideoStreamSet":[{"Bitrate":1000,"Height":720,"Width":1280,"Codec":"h264","Fps":24}],
        "AudioStreamSet":[{"Bitrate":100,"SamplingRate":44100,"Codec":"aac"}]},"Progress":100}}"#;
    let whole = format!(
        r#"{{"TaskType":"WorkflowTask","WorkflowTask":{{"TaskId":"t","MediaProcessResultSet":[{}]}}}}"#,
        many(result, ",")
    );
    let mut typed = DescribeTaskDetailResponse::default();
    assert_bounded("whole", &whole, |text| read_json(text, &mut typed));
    let mut document = Document::new(typed.structure());
    assert_bounded("whole doc", &whole, |text| read_json(text, &mut document));

    let point = r#"{"Time":"2024-05-01T08:00:00Z","Value":12.5}"#;
    let points = format!(
        r#"{{"TaskType":"WorkflowTask","Points":[{}]}}"#,
        many(point, ",")
    );
    let mut typed = DescribeTaskDetailResponse::default();
    assert_bounded("points", &points, |text| read_json(text, &mut typed));
    let mut typed = DescribeTaskDetailResponse::default();
    let drift = json::decode(&points, "", &mut typed).unwrap();
    assert_eq!(drift.len(), 1, "{drift:?}");
}

/// What is printed of an answer that was accepted is no larger than the answer by much.
#[test]
fn what_is_printed_of_hostile_answers_is_in_proportion() {
    for (family, text) in hostile_json() {
        let mut document = Document::new(&WIDE);
        if json::decode(&text, "Response", &mut document).is_ok() {
            let printed = format!("{document:?}").len();
            assert!(printed < 16 * text.len(), "{family}: {printed} bytes");
        }
    }
}

/// A hostile value: what is in a row of the table, what is not, or many of one.
fn value(random: &mut fastrand::Rng, depth: u32) -> String {
    let deeper = |random: &mut fastrand::Rng| value(random, depth + 1);
    match random.u32(0..if depth > 6 { 5 } else { 10 }) {
        0 => "null".to_owned(),
        1 => random.i64(-5..5).to_string(),
        2 => format!("\"{}\"", "\\n".repeat(random.usize(0..3))),
        3 => "{}".to_owned(),
        4 => "[]".to_owned(),
        5 | 6 => {
            let item = deeper(random);
            let count = 1 << random.u32(0..5);
            format!("[{}]", vec![item; count].join(","))
        }
        _ => {
            let members = (0..random.u32(1..4)).map(|_| {
                let fields = WIDE.fields();
                let name = match random.u32(0..4) {
                    0 => "x".repeat(random.usize(1..200)),
                    1 => format!("n{}", random.u32(0..100)),
                    _ => fields[random.usize(0..20)].name.to_owned(),
                };
                format!("\"{name}\":{}", value(random, depth + 1))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_server_repeats_takes_a_small_multiple_of_its_size(seed in any::<u64>()) {
        let mut random = fastrand::Rng::with_seed(seed);
        let unit = value(&mut random, 0);
        let name = ["Wides", "Anys", "x", "Texts"][random.usize(0..4)];
        let text = format!(r#"{{"{name}":[{}]}}"#, many(&unit.replace('#', ""), ","));
        let (peak, shown) = peaks(&text, by_table(read_json));
        let most = bound(&text);
        prop_assert!(peak <= most, "{} bytes took {peak}: {unit}", text.len());
        prop_assert!(shown < 200_000, "a report of {shown} bytes: {unit}");
    }
}

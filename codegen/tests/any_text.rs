//! No text makes the import of documents panic, and none makes it slow.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tcloud_codegen::import::doc::{Form, Given, Reading, Settings, form, import};

/// What a text of each form begins with.
const FORMS: [(Form, &str); 3] = [
    (Form::Plain, ""),
    (Form::Markdown, "## Lamps\n\n"),
    (Form::Html, "<!DOCTYPE html>\n<html><body>\n"),
];

fn read(text: &str) {
    let given = Given {
        service: None,
        name: None,
    };
    let reading = Reading::of("text", text.as_bytes(), &given);
    if reading.operations.is_ok() {
        // What is made of it can be read again, or the refusal says why not.
        let made = import(vec![reading], Vec::new(), None, &Settings::default()).unwrap();
        let _ = tcloud_codegen::load::load(made.files);
    }
}

/// A page of each form and kind.
const PAGES: [&str; 8] = [
    include_str!("fixtures/documents/oddities.md"),
    include_str!("fixtures/documents/chinese.md"),
    include_str!("fixtures/documents/slips.md"),
    include_str!("fixtures/documents/address.md"),
    include_str!("fixtures/documents/merged.html"),
    include_str!("fixtures/documents/stacked.txt"),
    include_str!("fixtures/documents/copied_action.txt"),
    include_str!("fixtures/documents/tabs.txt"),
];

/// Parts of documents, in any order.
fn parts() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "## Request\n",
        "#### 请求体\n",
        "Request\n\n",
        "## Response\n",
        "```\n",
        "```shell\n",
        "| Node Name (Keyword) | Parent Node | Type |\n",
        "|---|---|---|\n",
        "| A | None | Container |\n",
        "| B | A.`b|c` | String | x |\n",
        "|节点名称（关键字）|父节点|类型|\n",
        "<table>\n",
        "<tr><td rowspan=\"9\">A</td>",
        "</table>\n",
        "<ul><li>x",
        "<br>",
        "Node Name (Keyword)\nParent Node\nDescription\nType\n",
        "A\nNone.\nWords\nContainer\n",
        "B\nA\nWords\n",
        "POST /a/<b>?c&d=<e> HTTP/1.1\nHost: <BucketName-APPID>.ci.<Region>.myqcloud.com\n\n",
        "HTTP/1.1 200 OK\n\n",
        "<A><B>x<B></A>\n",
        "<A>\n<B>1</C>\n",
        "{\"a\": [1,]}\n",
        "{",
        "默认值：1，取值范围：[1，",
        "Valid values: `A`, ",
        "Action | Yes | String | x: Do |\n",
        "X-TC-Action: Do\n",
        "\u{200b}",
        "\t",
        "`",
        "|",
        "<",
        "&",
        "\n",
        "\r\n",
        " or ",
        "*Info",
        "<h2>Request</h2>\n",
        "<pre>POST /a HTTP/1.1\n\n<A>",
        "<tr><td colspan=\"3\">",
        "https://a.tencentcloudapi.com/?Action=Do\n",
        "&A.0.B=1\n",
        "HTTP/1.1 200 OK\nx-ci-a: 1\n\n",
        "| Type | Node Name | Parent Node | Description |\n|---|---|---|---|\n",
    ];
    let parts = prop::collection::vec(prop::sample::select(PARTS), 0..40);
    (prop::sample::select(&FORMS[..]), parts)
        .prop_map(|((_, start), parts)| start.to_owned() + &parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read(text in "\\PC{0,400}") {
        read(&text);
    }

    #[test]
    fn any_order_of_parts_is_read(text in parts()) {
        read(&text);
    }

    /// Pages that end anywhere: in a table, in a tag, in a body.
    #[test]
    fn any_part_of_a_page_is_read(
        page in prop::sample::select(&PAGES[..]),
        ends in prop::array::uniform2(any::<prop::sample::Index>()),
    ) {
        let mut ends = ends.map(|end| page.floor_char_boundary(end.index(page.len() + 1)));
        ends.sort_unstable();
        read(page.get(ends[0]..ends[1]).unwrap());
        read(page.get(..ends[1]).unwrap());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let given = Given { service: None, name: None };
        let _ = Reading::of("bytes", &bytes, &given);
    }
}

/// What each form begins with is read as that form, so that the tests here reach every reader.
#[test]
fn every_form_is_reached() {
    for (wanted, start) in FORMS {
        assert_eq!(form(&format!("{start}POST /a HTTP/1.1\n")), wanted);
    }
}

/// The processor time of this thread, where the system says it: that of others does not count.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = told.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// The shorter of two runs.
fn time(text: &str) -> Duration {
    let run = || {
        let start = clock();
        read(text);
        clock().saturating_sub(start)
    };
    (0..2).map(|_| run()).min().unwrap_or_default()
}

/// Texts of one part again and again take no more than in proportion to their length, in every form.
#[test]
fn no_text_is_slow() {
    const HEAD: &str = "POST /a HTTP/1.1\nHost: <BucketName-APPID>.ci.<Region>.myqcloud.com\n\n";
    const TABLE: &str =
        "| Node Name (Keyword) | Parent Node | Description | Type |\n|---|---|---|---|\n";
    const ACTION: &str = "https://a.tencentcloudapi.com/?Action=Do&Version=2024-05-06\n";
    let table = format!("## Request\n```\n{HEAD}```\n{TABLE}");
    for (head, part) in [
        ("", "{\n"),
        ("", "<a>\n"),
        ("", "<a>"),
        ("", "[a]("),
        ("", "`"),
        ("", "> "),
        ("", "<table><tr><td>"),
        ("", "<tr><td rowspan=9 colspan=9>"),
        ("", "<!--"),
        ("", "<pre>"),
        ("", "|a|b\n|-|-\n"),
        ("", "* a\n"),
        ("", "&amp"),
        ("", "POST /a HTTP/1.1\n"),
        ("", "Node Name\nType\n"),
        ("", "Node Name\nDescription\nx\n"),
        ("", "a\tb\n"),
        ("", "```\n"),
        ("", "</b><b>"),
        ("", "<b><p>"),
        ("", "(()"),
        (HEAD, "<A><B>x<B></A>\n"),
        (HEAD, "```\n<A><A><A>\n```\n"),
        (&table, "| A | B.C | x | Container |\n"),
        (&table, "| A | b c | x |\n"),
        (&table, "| A | None | Valid values: a, b, c | String |\n"),
        (HEAD, "Name\nDescription\nType\nA\nx\n"),
        (HEAD, "Pic-Operations:\n{}\n"),
        (ACTION, "&A.0.B=1\n"),
        ("", ACTION),
    ] {
        for (_, start) in FORMS {
            let text = |length: usize| start.to_owned() + head + &part.repeat(length / part.len());
            let (short, long) = (time(&text(4_000)), time(&text(32_000)));
            // Eight times the length; quadratic would be sixty-four.
            assert!(
                long < short * 30 + Duration::from_millis(50),
                "{start:?} {part:?}: {short:?}, {long:?}"
            );
        }
    }
}

//! No text makes the import of documents panic, and none makes it slow.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tcloud_codegen::import::doc::{Given, Reading, Settings, import};

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
    ];
    prop::collection::vec(prop::sample::select(PARTS), 0..40).prop_map(|parts| parts.concat())
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

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let given = Given { service: None, name: None };
        let _ = Reading::of("bytes", &bytes, &given);
    }
}

/// The shortest of a few runs.
fn time(text: &str) -> Duration {
    let run = || {
        let start = Instant::now();
        read(text);
        start.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap_or_default()
}

/// Texts of one part again and again take no more than in proportion to their length.
#[test]
fn no_text_is_slow() {
    const HEAD: &str = "POST /a HTTP/1.1\nHost: <BucketName-APPID>.ci.<Region>.myqcloud.com\n\n";
    const TABLE: &str =
        "| Node Name (Keyword) | Parent Node | Description | Type |\n|---|---|---|---|\n";
    for (head, part) in [
        ("", "{\n"),
        ("", "<a>\n"),
        ("", "<a>"),
        ("", "[a]("),
        ("", "`"),
        ("", "> "),
        ("", "<table><tr><td>"),
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
        (TABLE, "| A | B.C | x | Container |\n"),
        (TABLE, "| A | None | Valid values: a, b, c | String |\n"),
        (HEAD, "Name\nDescription\nType\nA\nx\n"),
        (HEAD, "Pic-Operations:\n{}\n"),
    ] {
        let text = |length: usize| {
            let head = if head == TABLE {
                format!("## Request\n```\n{HEAD}```\n{TABLE}")
            } else {
                head.to_owned()
            };
            head + &part.repeat(length / part.len())
        };
        let (short, long) = (time(&text(8_000)), time(&text(64_000)));
        // Eight times the length; quadratic would be sixty-four.
        assert!(
            long < short * 30 + Duration::from_millis(200),
            "{part:?}: {short:?}, {long:?}"
        );
    }
}

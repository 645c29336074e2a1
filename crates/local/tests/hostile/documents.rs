//! Bodies that readers of XML and JSON stumble over.

use crate::served::{Served, statuses};

/// A refusal names what is wrong, and does not repeat all that was sent.
const LONGEST_ANSWER: usize = 10_000;

/// Around the object of a job, as XML.
fn job(inside: &str) -> String {
    format!("<Request><Tag>ImageInspect</Tag>{inside}<Operation/></Request>")
}

/// What is no document of the service, however it is read.
fn of_jobs() -> Vec<String> {
    let deep = |pair: [&str; 2], depth: usize| {
        format!("{}{}", pair[0].repeat(depth), pair[1].repeat(depth))
    };
    let entity = |declaration: &str, body: &str| {
        format!("<?xml version=\"1.0\"?><!DOCTYPE Request [{declaration}]>{body}")
    };
    let laughs: String = std::iter::once("<!ENTITY a0 \"ha\">".to_owned())
        .chain((1..12).map(|level| {
            let below = format!("&a{};", level - 1).repeat(10);
            format!("<!ENTITY a{level} \"{below}\">")
        }))
        .collect();
    let file = "<!ENTITY f SYSTEM \"file:///etc/passwd\">";
    let object = |text: &str| job(&format!("<Input><Object>{text}</Object></Input>"));
    vec![
        entity(&laughs, &object("&a11;")),
        entity(file, &object("&f;")),
        entity(
            "<!ENTITY % p SYSTEM \"http://127.0.0.1:9/x.dtd\"> %p;",
            &object("a"),
        ),
        "<!DOCTYPE Request><Request/>".to_owned(),
        "<!DOCTYPE Request SYSTEM \"file:///etc/passwd\"><Request/>".to_owned(),
        object("&undefined;"),
        object("&#0;"),
        object("&#xFFFFFFFF;"),
        object("&#x110000;"),
        object("&#xD800;"),
        object("&amp"),
        object("<![CDATA[a"),
        object("a\u{0}b"),
        object("<!-- -- -->"),
        object(&deep(["<a>", "</a>"], 100_000)),
        deep(["<Request>", "</Request>"], 50_000),
        "<Request>".repeat(100_000),
        "</Request>".repeat(10),
        object("a").replace("</Request>", ""),
        object("a").replace("</Object>", "</object>"),
        object("a").replace("<Request>", "<Request a=\"1\" a=\"2\">"),
        object("a").replace("<Request>", "<Request a=1>"),
        object("a").replace("<Request>", "<Request a>"),
        object("a")
            .replace("<Request>", "<Response>")
            .replace("</Request>", "</Response>"),
        object("a").repeat(2),
        format!("{}trailing", object("a")),
        format!("leading{}", object("a")),
        "<?xml version=\"9.9\" encoding=\"UTF-7\"?>+ADw-Request+AD4-".to_owned(),
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Request><Tag>".to_owned(),
        "<?xml".to_owned(),
        "<?xml-stylesheet href=\"file:///etc/passwd\"?>".to_owned(),
        "<".to_owned(),
        "<>".to_owned(),
        "< Request/>".to_owned(),
        "<1/>".to_owned(),
        "<Request/".to_owned(),
        "&".to_owned(),
        "]]>".to_owned(),
        "\u{feff}".to_owned(),
        " \t\r\n".to_owned(),
        "null".to_owned(),
        "{\"Request\": {}}".to_owned(),
        "\u{1f600}".repeat(1000),
        job("<Input><Object/></Input>"),
        job("<Input/>"),
        job(""),
        job("<Input>text</Input>"),
        job("<Input><Object>a</Object></Input><JobLevel>1e400</JobLevel>").replace(
            "<Operation/>",
            "<Operation><JobLevel>1e400</JobLevel></Operation>",
        ),
        object("a").replace(
            "<Operation/>",
            "<Operation><JobLevel>99999999999999999999</JobLevel></Operation>",
        ),
        object("a").replace(
            "<Operation/>",
            "<Operation><UserData>\u{1b}[31m</UserData></Operation>",
        ),
        object("a").replace("ImageInspect", "../ImageInspect"),
        object("a").replace("ImageInspect", ""),
        object("a").replace("<Tag>ImageInspect</Tag>", ""),
        object(&"k".repeat(1_000_000)),
        object("a").replace("</Tag>", &format!("</Tag>{}", "<x/>".repeat(300_000))),
    ]
}

/// The same of API 3.0.
fn of_tasks() -> Vec<String> {
    let task = "{\"InputInfo\": {\"Type\": \"COS\"}, \"ImageTask\": {}}";
    vec![
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        "[[[[[[[[[[]]]]]]]]]]".to_owned(),
        "\"text\"".to_owned(),
        "null".to_owned(),
        "NaN".to_owned(),
        "{".to_owned(),
        "{\"a\": \"\\ud800\"}".to_owned(),
        "{\"a\": 1e400}".to_owned(),
        "{\"a\": \"\u{0}\"}".to_owned(),
        "{'a': 1}".to_owned(),
        "{\"a\": 1,}".to_owned(),
        format!("{task}{task}"),
        "<Request/>".to_owned(),
        task.replace("\"COS\"", "[]"),
        task.replace("\"COS\"", "{\"a\": []}"),
        task.replace("\"COS\"", "true"),
        task.replace("{\"Type\": \"COS\"}", "[]"),
        task.replace("\"Type\"", "\"__proto__\": {}, \"Type\""),
        task.replace("\"COS\"", &format!("\"{}\"", "x".repeat(1_000_000))),
    ]
}

#[tokio::test]
async fn documents_of_jobs_are_refused() {
    let served = Served::new().await;
    let documents = of_jobs();
    let mut faults = Vec::new();
    for document in &documents {
        let answer = served.ask("POST /jobs", "ci", document).await;
        let is_refused = match statuses(&answer)[..] {
            [status] => status.starts_with('4') || status == "501",
            _ => false,
        };
        if !is_refused || answer.contains("root:") || answer.len() > LONGEST_ANSWER {
            faults.push(fault(document, &answer));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    served.assert_holds(&[]).await;
    println!(
        "figure: {} hostile documents of jobs refused",
        documents.len()
    );
}

#[tokio::test]
async fn documents_of_tasks_are_refused() {
    let served = Served::new().await;
    let documents = of_tasks();
    let mut faults = Vec::new();
    for document in &documents {
        let length = document.len();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: mps.tencentcloudapi.com\r\nX-TC-Action: ProcessImage\r\n\
             X-TC-Version: 2019-06-12\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{document}"
        );
        let answer = served.exchange_whole(request.as_bytes()).await;
        let is_refused = statuses(&answer) == ["200"] && answer.contains("\"Error\"");
        if !is_refused || answer.len() > LONGEST_ANSWER {
            faults.push(fault(document, &answer));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    served.assert_holds(&[]).await;
    println!(
        "figure: {} hostile documents of tasks refused",
        documents.len()
    );
}

fn fault(document: &str, answer: &str) -> String {
    let shown: String = document.chars().take(200).collect();
    let answered: String = answer.chars().take(400).collect();
    format!("{shown:?}: {} bytes, {answered:?}", answer.len())
}

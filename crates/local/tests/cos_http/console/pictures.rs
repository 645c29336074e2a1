//! Pictures in the console: pipelines in all their forms.

use serde_json::{Value, json};

use super::Console;
use crate::fixture::BUCKET;
use crate::pictures::quarters;

#[tokio::test]
async fn a_pipeline_is_written_in_every_form_and_done() {
    let console = Console::new().await;
    let put = console.cos.put_object(BUCKET, "cat.png", quarters());
    put.send().await.unwrap();
    let wish = json!({
        "rule": "imageMogr2/thumbnail/30x/format/webp", "bucket": BUCKET, "key": "cat.png",
        "file_id": "small.webp",
    });
    let made = console
        .json("POST /_local/console/pictures", &wish.to_string())
        .await;
    assert_eq!(made["query"], "imageMogr2/thumbnail/30x/format/webp");
    let header: Value = serde_json::from_str(made["pic_operations"].as_str().unwrap()).unwrap();
    let rule = json!({ "fileid": "small.webp", "rule": "imageMogr2/thumbnail/30x/format/webp" });
    assert_eq!(header["rules"], json!([rule]));
    assert_eq!(made["refused"], Value::Null);
    let rust = made["rust"].as_str().unwrap();
    assert!(
        rust.contains(".get_object(\"album-1250000000\", \"cat.png\")"),
        "{rust}"
    );
    syntax(rust);
    let line = format!(
        "HEAD /_local/console/call/cos/{BUCKET}/cat.png?{}",
        made["query"].as_str().unwrap()
    );
    let answer = console.exchange(&line, &[], "").await;
    assert!(
        super::head(&answer).contains("content-type: image/webp"),
        "{answer}"
    );

    let wish = json!({ "rule": "imageMogr2/rotate/400", "bucket": BUCKET, "key": "k" });
    let (status, text) = console
        .ask("POST /_local/console/pictures", &wish.to_string())
        .await;
    assert_eq!(status, "400");
    assert!(text.contains("Degrees must be from 0 to 360"), "{text}");
    let wish = json!({ "rule": "imageMogr2/format/tpg", "bucket": BUCKET, "key": "k" });
    let made = console
        .json("POST /_local/console/pictures", &wish.to_string())
        .await;
    assert!(
        made["refused"]
            .as_str()
            .unwrap()
            .contains("imageMogr2/format/tpg"),
        "{made}"
    );
}

/// The code has the brackets and quotes of a whole program's part.
fn syntax(code: &str) {
    for (open, close) in [('(', ')'), ('{', '}')] {
        assert_eq!(
            code.matches(open).count(),
            code.matches(close).count(),
            "{code}"
        );
    }
    assert!(code.ends_with(";\n"), "{code}");
}

#[tokio::test]
async fn the_grammar_is_there_for_controls() {
    let console = Console::new().await;
    let grammar = console.json("GET /_local/console/pictures", "").await;
    let operations = grammar["operations"].as_array().unwrap();
    let mogr2 = operations
        .iter()
        .find(|it| it["name"] == "ImageMogr2")
        .unwrap();
    assert_eq!(mogr2["head"], json!([{ "text": "imageMogr2" }]));
    let parameters = mogr2["parameters"].as_array().unwrap();
    let rotate = parameters.iter().find(|it| it["name"] == "rotate").unwrap();
    assert_eq!(
        rotate["forms"][0]["pieces"],
        json!([{ "slot": "Degrees", "kind": "integer", "words": [], "min": 0, "max": 360 }])
    );
}

//! `--query`: what an expression of JMESPath takes of an answer.

use serde_json::Value;
use tcloud_core::node::Node;

use crate::error::Error;

/// `text`, if it is an expression.
#[cfg(feature = "query")]
pub(super) fn checked(text: &str) -> Result<String, String> {
    match jmespath::compile(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// What `expression` takes of `answer`.
#[cfg(feature = "query")]
pub(super) fn run(expression: &str, answer: &dyn Node) -> Result<Value, Error> {
    let wrong = |error: jmespath::JmespathError| Error::Usage(format!("--query: {error}"));
    let taken = jmespath::compile(expression)
        .and_then(|compiled| compiled.search(super::view::View(answer)))
        .map_err(wrong)?;
    serde_json::to_value(&*taken)
        .map_err(|error| Error::Failed(format!("the result cannot be shown: {error}")))
}

#[cfg(not(feature = "query"))]
const ABSENT: &str = "this tcloud was built without queries; build it with its default features";

#[cfg(not(feature = "query"))]
pub(super) fn checked(_: &str) -> Result<String, String> {
    Err(ABSENT.to_owned())
}

#[cfg(not(feature = "query"))]
pub(super) fn run(_: &str, _: &dyn Node) -> Result<Value, Error> {
    Err(Error::Failed(ABSENT.to_owned()))
}

#[cfg(all(test, feature = "query"))]
mod tests {
    use serde_json::json;
    use tcloud_core::codec::{Document, xml};

    use super::{checked, run};

    #[test]
    fn an_expression_takes_values() {
        let operation = tcloud_ci::CATALOG.operation("DescribePicBuckets").unwrap();
        let mut answer = Document::new(operation.response);
        let text = "<Response><TotalCount>12345678901234567</TotalCount>\
                    <PicBucketList><BucketId>a-1</BucketId><Region>r</Region></PicBucketList>\
                    <PicBucketList><BucketId>b-1</BucketId></PicBucketList></Response>";
        xml::decode(text, "Response", &mut answer).unwrap();
        let taken = |expression| run(expression, &answer).unwrap();
        assert_eq!(taken("PicBucketList[].BucketId"), json!(["a-1", "b-1"]));
        assert_eq!(taken("TotalCount"), json!(12_345_678_901_234_567_i64));
        assert_eq!(
            taken("PicBucketList[?Region=='r'] | [0].BucketId"),
            json!("a-1")
        );
        assert_eq!(taken("None"), json!(null));
        assert!(run("abs(PicBucketList)", &answer).is_err());
        assert!(checked("a[").is_err() && checked("a[0].b").is_ok());
    }
}

//! The parameters of an action as a query has them: `Filters.0.Name=a&Filters.0.Values.0=b`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tcloud_core::schema::{Kind, Structure};

/// The deepest parameter that is read, in parts.
const DEPTH: usize = 32;

/// Parameters below one point: the rest of the name and the value.
type Items<'a> = Vec<(&'a str, &'a str)>;

/// The document that says the same as `query` according to `table`. What fits no table stays text,
/// which is refused where the document is read; nothing if a name has too many parts.
pub(super) fn document(table: &Structure, query: &[(String, String)]) -> Option<Value> {
    let is_shallow = |name: &str| name.split('.').count() <= DEPTH;
    query.iter().all(|(name, _)| is_shallow(name)).then(|| {
        let items = query.iter().map(|(name, text)| (&**name, &**text));
        structure(table, items.collect())
    })
}

fn structure(table: &Structure, items: Items<'_>) -> Value {
    let members = grouped(items).into_iter().map(|(name, items)| {
        let field = table.position(name).and_then(|at| table.fields().get(at));
        let value = match field {
            Some(field) if field.is_list() => list(field.kind, items),
            Some(field) => one(field.kind, items),
            None => one(Kind::Text, items),
        };
        (name.to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// The elements in the order of their numbers, whatever order they come in.
fn list(kind: Kind, items: Items<'_>) -> Value {
    let mut elements: Vec<_> = grouped(items).into_iter().collect();
    elements.sort_by_key(|(number, _)| number.parse::<u32>().unwrap_or(u32::MAX));
    let elements = elements.into_iter().map(|(_, items)| one(kind, items));
    Value::Array(elements.collect())
}

fn one(kind: Kind, items: Items<'_>) -> Value {
    let text = items.last().map_or("", |(_, text)| *text);
    let typed = match kind {
        Kind::Structure(table) => Some(structure(table, items)),
        Kind::Integer => text.parse::<i64>().ok().map(Value::from),
        Kind::Float => text.parse::<f64>().ok().map(Value::from),
        Kind::Boolean => text
            .to_ascii_lowercase()
            .parse::<bool>()
            .ok()
            .map(Value::from),
        _ => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

/// The items by the first part of their names.
fn grouped(items: Items<'_>) -> BTreeMap<&str, Items<'_>> {
    let mut groups: BTreeMap<_, Items<'_>> = BTreeMap::new();
    for (name, text) in items {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        groups.entry(first).or_default().push((rest, text));
    }
    groups
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tcloud_core::node::Node;
    use tcloud_core::sign::encode;
    use tcloud_mps::operation::describe_image_task_detail::DescribeImageTaskDetailRequest;
    use tcloud_mps::operation::process_image::ProcessImageRequest;

    use super::document;

    #[test]
    fn parameters_become_a_document() {
        let query = "InputInfo.Type=COS&InputInfo.CosInputInfo.Bucket=b&OutputDir=%2Fa+b%2F\
            &ImageTask.EncodeConfig.Quality=80&ImageTask.EncodeConfig.Format=JPEG&Unknown.X=1";
        let query = encode::decode_query(query).unwrap();
        let table = ProcessImageRequest::default().structure();
        assert_eq!(
            document(table, &query).unwrap(),
            json!({
                "InputInfo": { "Type": "COS", "CosInputInfo": { "Bucket": "b" } },
                "OutputDir": "/a b/",
                "ImageTask": { "EncodeConfig": { "Quality": 80, "Format": "JPEG" } },
                "Unknown": "1",
            })
        );
    }

    #[test]
    fn numbers_order_a_list() {
        let query = encode::decode_query("Names.10=c&Names.2=b&Names.0=a&Limit=x").unwrap();
        let table = tcloud_mps::CATALOG
            .operations
            .iter()
            .find(|operation| operation.name == "DescribePersonSamples")
            .unwrap()
            .request;
        assert_eq!(
            document(table, &query).unwrap(),
            json!({ "Names": ["a", "b", "c"], "Limit": "x" })
        );
    }

    #[test]
    fn a_name_of_too_many_parts_is_no_parameter() {
        let name = vec!["A"; 100_000].join(".");
        let table = DescribeImageTaskDetailRequest::default().structure();
        assert_eq!(document(table, &[(name, String::new())]), None);
    }
}

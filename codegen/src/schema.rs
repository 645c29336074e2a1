//! The JSON Schemas of the spec files, by which editors complete and check them.

use schemars::{JsonSchema, schema_for};

use crate::spec::{
    IndexFile, OperationFile, PictureFile, PictureWordsFile, ServiceFile, StructuresFile,
};

/// The schema files: path under `api-spec` and JSON text, the same bytes at every call.
pub fn schemas() -> Vec<(String, String)> {
    vec![
        file::<IndexFile>("index"),
        file::<OperationFile>("operation"),
        file::<PictureFile>("picture"),
        file::<PictureWordsFile>("picture_words"),
        file::<ServiceFile>("service"),
        file::<StructuresFile>("structures"),
    ]
}

fn file<T: JsonSchema>(name: &str) -> (String, String) {
    let text = format!("{:#}\n", schema_for!(T).to_value());
    (format!("schema/{name}.schema.json"), text)
}

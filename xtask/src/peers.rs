//! The types that the benches of the codecs compare the generated ones with.

use std::collections::BTreeMap;

use tcloud_codegen::load::Spec;
use tcloud_codegen::lower::lower;
use tcloud_codegen::{Error, peer};

/// The services with the operations whose messages the benches read and write.
const MEASURED: [(&str, &[&str]); 2] = [
    ("ci", &["ListJobs"]),
    ("mps", &["DescribeTaskDetail", "ProcessImage"]),
];

/// The files of the benches, by name.
pub(crate) fn files(spec: &Spec) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    for service in &spec.services {
        let wanted = MEASURED
            .iter()
            .find(|(name, _)| *name == service.service.service);
        if let Some((name, operations)) = wanted {
            let text = peer::serde_types(&lower(&spec.sources, service)?, Some(operations))?;
            files.insert(format!("{name}.rs"), text);
        }
    }
    Ok(files)
}

//! Names of what made a picture, beside the picture that is stored.

use std::collections::BTreeMap;

/// The `x-cos-meta-` header of a result that names the engines that made it.
const HEADER: &str = "engine";

/// The metadata that names `engines`; none if there are none.
pub(crate) fn metadata(engines: &[String]) -> BTreeMap<String, String> {
    let named = (!engines.is_empty()).then(|| (HEADER.to_owned(), engines.join(", ")));
    named.into_iter().collect()
}

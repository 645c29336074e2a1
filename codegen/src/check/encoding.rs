//! URL-encoded texts: the rows that ask for them and declare them exist, and there are some.

use super::service::{Names, Operation, Service};
use crate::diagnostic::Diagnostic;
use crate::load::nearest;
use crate::spec::Encoding;
use crate::words::Type;

const CODE: &str = "tcloud::encoding";
/// What asks for the encoding, and what declares it.
const WORD: &str = "url";

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    for site in service.rows().filter(|site| site.row().url_encoded) {
        if site.row().typed() != (Type::Text, false) {
            found.push(site.error(
                "url_encoded",
                CODE,
                format!("`{}` is no text", site.row().name),
                "remove `url_encoded`",
            ));
        }
    }
    for operation in &service.operations {
        let mut nodes = operation.response.nodes.iter();
        let marked = nodes.find(|node| node.site.row().url_encoded);
        match (&operation.spec.encoding, marked) {
            (Some(encoding), Some(_)) => keys(operation, known, encoding, found),
            (Some(_), None) => found.push(operation.error(
                &["encoding"],
                CODE,
                "no row of the response is URL-encoded",
                "write `url_encoded: true` where one is, or remove the key",
            )),
            (None, Some(node)) => found.push(node.site.error(
                "url_encoded",
                CODE,
                "the operation does not say how its texts are encoded",
                "add `encoding: { asked_by: …, marked_by: […] }` to the operation",
            )),
            (None, None) => {}
        }
    }
}

fn keys(
    operation: &Operation<'_>,
    known: &Names<'_, '_>,
    encoding: &Encoding,
    found: &mut Vec<Diagnostic>,
) {
    let Encoding {
        asked_by,
        marked_by,
    } = encoding;
    let query = operation.spec.request.query.iter();
    let names = query.map(|row| row.value.name.as_str());
    if !names.clone().any(|name| name == asked_by) {
        let help = match nearest(asked_by, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("name the parameter that asks for them by `{WORD}`"),
        };
        let message = format!("the request has no parameter `{asked_by}`");
        found.push(operation.error(&["encoding", "asked_by"], CODE, message, help));
    }
    for name in marked_by {
        let node = known.follow(&operation.response, name);
        if !node.is_ok_and(|node| node.parent.is_empty()) {
            found.push(operation.error(
                &["encoding", "marked_by"],
                CODE,
                format!("the response has no node `{name}` in its root"),
                format!("name the node that declares them by `{WORD}`"),
            ));
        }
    }
}

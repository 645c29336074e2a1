//! The services whose operations the command knows.

use tcloud_core::documentation::StructureDocumentation;
use tcloud_core::operation::Catalog;

/// What there is to call: operations and what is said of their structures.
pub(crate) static CATALOGS: [(&Catalog, &[StructureDocumentation]); 6] = [
    (&tcloud_ci::CATALOG, tcloud_ci::documentation::DOCUMENTATION),
    (
        &tcloud_cos::CATALOG,
        tcloud_cos::documentation::DOCUMENTATION,
    ),
    (
        &tcloud_ims::CATALOG,
        tcloud_ims::documentation::DOCUMENTATION,
    ),
    (
        &tcloud_mps::CATALOG,
        tcloud_mps::documentation::DOCUMENTATION,
    ),
    (
        &tcloud_sts::CATALOG,
        tcloud_sts::documentation::DOCUMENTATION,
    ),
    (
        &tcloud_tiia::CATALOG,
        tcloud_tiia::documentation::DOCUMENTATION,
    ),
];

//! `types/<family>.rs`: structures and enumerations that operations share.

use quote::quote;

use super::file::File;
use super::{enumeration, structure};
use crate::model::Family;

pub(super) fn emit(name: &str, family: &Family) -> File {
    let structures = family.structures.iter().map(structure::emit);
    let enumerations = family.enumerations.iter().map(enumeration::emit);
    File {
        path: format!("types/{name}.rs"),
        sources: family.sources.clone(),
        doc: String::new(),
        module: vec!["types".to_owned()],
        items: quote!(#(#structures)* #(#enumerations)*),
    }
}

//! Tables from elsewhere into spec files: official metadata, and documents.

pub mod doc;
mod edit;
mod merge;
mod report;
pub mod tc3;

//! Snapshots, vectors, conformance and end-to-end tests of the tcloud workspace.

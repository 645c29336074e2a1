//! What the conformance tests share: the samples that documents print, a reader of XML and JSON
//! that owes nothing to the codec under test, the entry points of fuzzing, and what is needed of
//! other programs.

pub mod api;
pub mod fuzz;
pub mod generated;
pub mod programs;
pub mod reading;
pub mod samples;
pub mod socket;

/// The programs of the workspace's README, which are compiled and run as tests of documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// Why a sample could not be had.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

//! What is measured.

use serde::Deserialize;

/// Whose figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The committed `tcloud-mps`.
    Tcloud,
    /// The committed `tcloud-ci`: as large, with every row documented.
    Ci,
    /// The committed `tcloud-cos`, which programs have most often.
    Cos,
    /// The same types with serde's derived codec.
    Serde,
    /// A crate of like size from the registry.
    Aws,
}

/// A figure, called in `budget.toml` by its name in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Figure {
    /// Bytes of generated source of MPS by its operations.
    BytesPerOperation,
    /// Bytes of generated source of MPS by its rows.
    BytesPerMember,
    /// The same over all services.
    AllBytesPerOperation,
    /// The same over all services.
    AllBytesPerMember,
    /// Seconds of `cargo check`.
    Check,
    /// Seconds of `cargo build`.
    DevBuild,
    /// Seconds of `cargo build --release`.
    ReleaseBuild,
    /// Memory of the dev build.
    DevMemory,
    /// Memory of the release build.
    ReleaseMemory,
    /// Size of what the dev build leaves.
    DevLibrary,
    /// Size of what the release build leaves.
    ReleaseLibrary,
    /// Crates of a client without transport.
    LeanCrates,
    /// Crates of a client with its transport.
    FullCrates,
    /// Seconds to build all of these from nothing, compilers of C included.
    ClientBuild,
    /// Crates that the first command of the README builds.
    FirstCrates,
    /// Seconds that this takes, compilers of C included.
    FirstBuild,
    /// Seconds of the dev build of a program that calls an operation of some sixty structures: what
    /// it calls is compiled with it.
    ProgramDevBuild,
    /// Seconds of its release build.
    ProgramReleaseBuild,
    /// Seconds of the dev build of a program that calls the operation of most structures.
    DeepProgramDevBuild,
    /// Seconds of its release build.
    DeepProgramReleaseBuild,
    /// Size of a program without transport.
    LeanProgram,
    /// Size of a program with the transport.
    FullProgram,
    /// What operations that nobody calls add to a program.
    UnusedOperations,
    /// Seconds to regenerate all services.
    Regenerate,
    /// Memory it takes.
    RegenerateMemory,
    /// Seconds to import and generate all services of the official metadata.
    Import,
    /// Memory it takes.
    ImportMemory,
}

/// How a figure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Bytes,
    /// Kilobytes of a thousand bytes.
    Kilobytes,
    /// Megabytes of a million bytes.
    Megabytes,
    /// Seconds of the processor in user mode.
    Seconds,
    /// Crates.
    Crates,
}

impl Subject {
    /// What it is, in words.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Tcloud => "tcloud",
            Self::Ci => "tcloud-ci",
            Self::Cos => "tcloud-cos",
            Self::Serde => "serde derive",
            Self::Aws => "AWS",
        }
    }
}

impl Figure {
    /// What it is, in words.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::BytesPerOperation => "generated source an operation, MPS",
            Self::BytesPerMember => "generated source a member, MPS",
            Self::AllBytesPerOperation => "generated source an operation, all services",
            Self::AllBytesPerMember => "generated source a member, all services",
            Self::Check => "check",
            Self::DevBuild => "dev build",
            Self::ReleaseBuild => "release build",
            Self::DevMemory => "memory of the dev build",
            Self::ReleaseMemory => "memory of the release build",
            Self::DevLibrary => "rlib, dev",
            Self::ReleaseLibrary => "rlib, release",
            Self::LeanCrates => "crates of a client without transport",
            Self::FullCrates => "crates of a client with transport",
            Self::ClientBuild => "build of a client with transport, all its crates",
            Self::FirstCrates => "crates of the README's first command",
            Self::FirstBuild => "build of the README's first command",
            Self::ProgramDevBuild => "dev build of a program of one call",
            Self::ProgramReleaseBuild => "release build of a program of one call",
            Self::DeepProgramDevBuild => "dev build of one that reads a task's details",
            Self::DeepProgramReleaseBuild => "release build of one that reads a task's details",
            Self::LeanProgram => "program of one call without transport",
            Self::FullProgram => "program of one call with transport",
            Self::UnusedOperations => "operations it does not call add",
            Self::Regenerate => "regenerating all services",
            Self::RegenerateMemory => "memory of regenerating",
            Self::Import => "importing and generating the metadata",
            Self::ImportMemory => "memory of importing",
        }
    }

    /// How it is counted.
    pub(crate) const fn unit(self) -> Unit {
        match self {
            Self::BytesPerOperation
            | Self::BytesPerMember
            | Self::AllBytesPerOperation
            | Self::AllBytesPerMember
            | Self::UnusedOperations => Unit::Bytes,
            Self::LeanProgram | Self::FullProgram => Unit::Kilobytes,
            Self::DevMemory
            | Self::ReleaseMemory
            | Self::DevLibrary
            | Self::ReleaseLibrary
            | Self::RegenerateMemory
            | Self::ImportMemory => Unit::Megabytes,
            Self::Check
            | Self::DevBuild
            | Self::ClientBuild
            | Self::FirstBuild
            | Self::ProgramDevBuild
            | Self::ProgramReleaseBuild
            | Self::DeepProgramDevBuild
            | Self::DeepProgramReleaseBuild
            | Self::ReleaseBuild
            | Self::Regenerate
            | Self::Import => Unit::Seconds,
            Self::LeanCrates | Self::FullCrates | Self::FirstCrates => Unit::Crates,
        }
    }
}

impl Unit {
    /// A value of this unit as it is shown.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Bytes => format!("{value:.0} B"),
            Self::Kilobytes => format!("{value:.0} kB"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Seconds => format!("{value:.1} s"),
            Self::Crates => format!("{value:.0}"),
        }
    }

    /// As many bytes, in this unit.
    #[expect(
        clippy::cast_precision_loss,
        reason = "sizes of files and memory are far below 2^52"
    )]
    pub(crate) fn of(self, bytes: u64) -> f64 {
        let bytes = bytes as f64;
        match self {
            Self::Kilobytes => bytes / 1e3,
            Self::Megabytes => bytes / 1e6,
            Self::Bytes | Self::Seconds | Self::Crates => bytes,
        }
    }
}

//! A small table that the tests of the formats share.

use crate::schema::{Field, Flags, Kind, Limits, Structure};

pub(super) static LEVEL: Limits = Limits::new().range(0, 2);
pub(super) static DATA: Limits = Limits::new().max_length(4);

pub(super) static INPUT: Structure = Structure::new(
    "Input",
    &[
        Field::new("Object", Kind::Text).with(Flags::REQUIRED),
        Field::new("Secret", Kind::Text).with(Flags::SENSITIVE),
        Field::new("kind", Kind::Text).with(Flags::ATTRIBUTE),
    ],
);

pub(super) static JOB: Structure = Structure::new(
    "Job",
    &[
        Field::new("Tag", Kind::Fixed("ImageInspect")).with(Flags::REQUIRED),
        Field::new("Level", Kind::Integer).limited(&LEVEL),
        Field::new("Ratio", Kind::Float),
        Field::new("Automatic", Kind::Boolean),
        Field::new("State", Kind::Enumeration(&["Submitted", "Success"])),
        Field::new("Created", Kind::Timestamp),
        Field::new("Note", Kind::Text).limited(&DATA),
        Field::new("Input", Kind::Structure(&INPUT)),
        Field::new("Names", Kind::Text).with(Flags::LIST),
        Field::new("Sizes", Kind::Integer).with(Flags::LIST),
        Field::new("Parts", Kind::Structure(&INPUT)).with(Flags::LIST),
        Field::new("Child", Kind::Structure(&JOB)),
        Field::new("Free", Kind::Any),
        Field::new("Tags", Kind::Map),
    ],
);

pub(super) static FLOW: Structure = Structure::new(
    "Flow",
    &[
        Field::new("Nodes", Kind::MapOf(&INPUT)),
        Field::new("Name", Kind::Text),
    ],
);

pub(super) static STATUS: Structure = Structure::new(
    "Status",
    &[
        Field::new("Since", Kind::Timestamp).with(Flags::ATTRIBUTE),
        Field::new("Value", Kind::Enumeration(&["on", "off"]))
            .with(Flags::CONTENT.or(Flags::REQUIRED)),
    ],
);

pub(super) static QUOTED: Structure = Structure::new(
    "Quoted",
    &[
        Field::new("Size", Kind::Integer).with(Flags::QUOTED),
        Field::new("Moving", Kind::Boolean).with(Flags::QUOTED),
        Field::new("Count", Kind::Integer),
    ],
);

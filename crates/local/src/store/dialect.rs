//! What the databases say differently within statements that are else the same.

/// The language of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Dialect {
    /// What follows a text to ask whether it is among those of the value `number`, a
    /// [`Value::texts`](super::value::Value::texts).
    pub(super) fn among(self, number: u32) -> String {
        match self {
            Self::Sqlite => format!("IN (SELECT value FROM json_each(${number}))"),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("IN (SELECT jsonb_array_elements_text(${number}::jsonb))"),
        }
    }

    /// What follows a number to ask whether it is among those of the value `number`, a
    /// [`Value::numbers`](super::value::Value::numbers).
    pub(super) fn among_numbers(self, number: u32) -> String {
        match self {
            Self::Sqlite => self.among(number),
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                format!("IN (SELECT jsonb_array_elements_text(${number}::jsonb)::bigint)")
            }
        }
    }

    /// The time that leases are measured by: the value `number`, or the database's own if that is
    /// none.
    pub(super) fn lease_time(self, number: u32) -> String {
        match self {
            // The process that has the folder is the only one.
            Self::Sqlite => format!("${number}"),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!(
                "coalesce(${number}, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
            ),
        }
    }

    /// What follows a selection of rows that are to stay as they are until the transaction ends.
    pub(super) const fn for_share(self) -> &'static str {
        match self {
            // There is one writer.
            Self::Sqlite => "",
            #[cfg(feature = "postgres")]
            Self::Postgres => "FOR SHARE",
        }
    }

    /// What follows a selection of rows that the transaction is going to change.
    pub(super) const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            #[cfg(feature = "postgres")]
            Self::Postgres => "FOR UPDATE",
        }
    }
}

//! Which database several processes share.

use std::fmt;
use std::str::FromStr;

/// The address of a PostgreSQL database, `postgres://user@host/database`.
///
/// A password is better given by `PGPASSWORD` or in a file named by `PGPASSFILE` than in the
/// address. `?sslmode=verify-full` and `sslrootcert=FILE` are understood, and so is
/// `options=-csearch_path=NAME`, which chooses a schema.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address, with the password that may be in it.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "without PostgreSQL nobody connects")
    )]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The text is not shown: it may hold a password.
        if ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            Ok(Self(text.to_owned()))
        } else {
            Err("write it as postgres://user@host/database".to_owned())
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// Host and database, without the user and what may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let shown = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        write!(f, "postgres://{shown}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn nothing_secret_is_shown() {
        for (url, shown) in [
            (
                "postgres://u:hunter2@h:5433/d?sslmode=require",
                "postgres://h:5433/d",
            ),
            (
                "postgresql:///d?host=/run/postgresql&password=hunter2",
                "postgres:///d",
            ),
            ("postgres://u:hun@ter2@h/d", "postgres://h/d"),
        ] {
            let url: DatabaseUrl = url.parse().unwrap();
            assert_eq!(format!("{url} {url:?}"), format!("{shown} {shown}"));
        }
        let wrong = "mysql://u:hunter2@h/d".parse::<DatabaseUrl>().unwrap_err();
        assert!(!wrong.contains("hunter2"));
    }
}

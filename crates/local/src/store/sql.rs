//! A statement and its values, for whichever database.
//!
//! Both databases take `$1` and `RETURNING`, so most statements are written once. What one of them
//! says differently is a fragment of [`Dialect`](super::dialect::Dialect) or lies in the folder of
//! that database.

use std::borrow::Cow;
use std::fmt::Write;

#[cfg(feature = "postgres")]
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{Arguments, AssertSqlSafe, FromRow, Sqlite};

use super::connection::{Connection, On};
use super::dialect::Dialect;
use super::error::Result;
#[cfg(feature = "postgres")]
use super::error::StoreError;
use super::value::Value;

/// What a row becomes.
#[cfg(not(feature = "postgres"))]
pub(super) trait Row: for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}

#[cfg(not(feature = "postgres"))]
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}

/// What a row becomes.
#[cfg(feature = "postgres")]
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

#[cfg(feature = "postgres")]
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A statement with its values.
#[derive(Debug, Clone)]
pub(super) struct Sql {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// The statement `text`. What comes from outside is never a part of it: it is bound.
pub(super) fn sql(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql {
        text: text.into(),
        values: Vec::new(),
    }
}

impl Sql {
    /// Gives the next number its value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds `text` to the statement.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds the next number to the statement, and its value.
    pub(super) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        // Writing to a text never fails.
        let _ = write!(self.text.to_mut(), "${}", self.values.len());
        self
    }

    /// Runs the statement and returns how many rows it has changed.
    pub(super) async fn execute(self, on: &mut Connection) -> Result<u64> {
        let on = on.get(&self.text)?;
        let text = AssertSqlSafe(self.text);
        Ok(match on {
            On::Sqlite(connection) => {
                let arguments = sqlite(self.values)?;
                let query = sqlx::query_with::<Sqlite, _>(text, arguments);
                query.execute(connection).await?.rows_affected()
            }
            #[cfg(feature = "postgres")]
            On::Postgres(connection) => {
                let arguments = postgres(self.values)?;
                let query = sqlx::query_with::<Postgres, _>(text, arguments);
                query.execute(connection).await?.rows_affected()
            }
        })
    }

    /// The first row, if there is one.
    pub(super) async fn optional<T: Row>(self, on: &mut Connection) -> Result<Option<T>> {
        let on = on.get(&self.text)?;
        let text = AssertSqlSafe(self.text);
        Ok(match on {
            On::Sqlite(connection) => {
                let arguments = sqlite(self.values)?;
                let query = sqlx::query_as_with::<Sqlite, T, _>(text, arguments);
                query.fetch_optional(connection).await?
            }
            #[cfg(feature = "postgres")]
            On::Postgres(connection) => {
                let arguments = postgres(self.values)?;
                let query = sqlx::query_as_with::<Postgres, T, _>(text, arguments);
                query.fetch_optional(connection).await?
            }
        })
    }

    /// All rows.
    pub(super) async fn all<T: Row>(self, on: &mut Connection) -> Result<Vec<T>> {
        let on = on.get(&self.text)?;
        let text = AssertSqlSafe(self.text);
        Ok(match on {
            On::Sqlite(connection) => {
                let arguments = sqlite(self.values)?;
                let query = sqlx::query_as_with::<Sqlite, T, _>(text, arguments);
                query.fetch_all(connection).await?
            }
            #[cfg(feature = "postgres")]
            On::Postgres(connection) => {
                let arguments = postgres(self.values)?;
                let query = sqlx::query_as_with::<Postgres, T, _>(text, arguments);
                query.fetch_all(connection).await?
            }
        })
    }

    /// The first row, which must be there.
    pub(super) async fn one<T: Row>(self, on: &mut Connection) -> Result<T> {
        let row = self.optional(on).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// The only column of the first row, which must be there.
    pub(super) async fn scalar<T>(self, on: &mut Connection) -> Result<T>
    where
        (T,): Row,
    {
        let (value,) = self.one::<(T,)>(on).await?;
        Ok(value)
    }

    /// The only column of the first row, if there is one.
    pub(super) async fn scalar_optional<T>(self, on: &mut Connection) -> Result<Option<T>>
    where
        (T,): Row,
    {
        let row = self.optional::<(T,)>(on).await?;
        Ok(row.map(|(value,)| value))
    }

    /// The only column of all rows.
    pub(super) async fn scalars<T>(self, on: &mut Connection) -> Result<Vec<T>>
    where
        (T,): Row,
    {
        let rows = self.all::<(T,)>(on).await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }
}

/// Statements that run one after the other and answer nothing.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<Sql>);

impl Script {
    /// Adds a statement.
    pub(super) fn push(&mut self, statement: Sql) {
        self.0.push(statement);
    }

    /// Runs the statements: as one, where the database takes that, since each question to the thread of a
    /// connection takes its time.
    pub(super) async fn execute(self, on: &mut Connection) -> Result<()> {
        match on.dialect() {
            Dialect::Sqlite => self.joined().execute(on).await.map(drop),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                for statement in self.0 {
                    statement.execute(on).await?;
                }
                Ok(())
            }
        }
    }

    /// All of them, with one count for their values.
    fn joined(self) -> Sql {
        let mut all = sql("");
        for Sql { text, values } in self.0 {
            let before = all.values.len();
            let mut pieces = text.split('$');
            all.push(pieces.next().unwrap_or_default());
            for piece in pieces {
                let end = piece.find(|it: char| !it.is_ascii_digit());
                let (number, rest) = piece.split_at(end.unwrap_or(piece.len()));
                let number = number.parse::<usize>().unwrap_or_default();
                all.push(&format!("${}{rest}", number.saturating_add(before)));
            }
            all.push("; ");
            all.values.extend(values);
        }
        all
    }
}

fn sqlite(values: Vec<Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Value::Text(text) => arguments.add(text),
            Value::Number(number) => arguments.add(number),
            Value::Bool(bool) => arguments.add(bool),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::Json(json) => arguments.add(Json(json)),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

#[cfg(feature = "postgres")]
fn postgres(values: Vec<Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Text(Some(text)) if text.contains('\0') => return Err(StoreError::NulCharacter),
            Value::Text(text) => arguments.add(text),
            Value::Number(number) => arguments.add(number),
            Value::Bool(bool) => arguments.add(bool),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::Json(json) => arguments.add(Json(json)),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::{Script, sql};

    #[test]
    fn values_of_joined_statements_are_counted_on() {
        let mut script = Script::default();
        script.push(sql("INSERT INTO a VALUES ($1, $2)").bind(1_i64).bind(2_i64));
        script.push(sql("DELETE FROM b WHERE c = $1 AND NOT d = $1").bind(3_i64));
        let joined = script.joined();
        assert_eq!(
            joined.text,
            "INSERT INTO a VALUES ($1, $2); DELETE FROM b WHERE c = $3 AND NOT d = $3; "
        );
        assert_eq!(joined.values.len(), 3);
    }
}

//! Passes: what a setting of a bucket asks for from time to time, done by one process at a time.
//!
//! A pass belongs to a process for as long as that lives, so a crash gives it back. How far it is,
//! it notes now and then; whoever takes it over goes on from there. What a pass does is fenced by
//! itself, so that nothing happens twice where a process was only taken for dead.

use sqlx::FromRow;

use super::bucket_settings::SettingName;
use super::buckets;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::sql::{Sql, sql};

/// A pass that this process is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The setting that asks for it.
    pub(crate) setting: SettingName,
    /// The time for which it was begun.
    pub(crate) due: i64,
    /// Where it goes on, in words of its own; empty at its beginning.
    pub(crate) place: String,
}

/// What asking for a pass comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begun {
    /// This process is at it from now on.
    Mine(Pass),
    /// Another process is at it.
    Busy,
    /// It has been done already, or there is no such bucket any more.
    Done,
}

#[derive(FromRow)]
struct Row {
    owner: Option<String>,
    due: i64,
    place: String,
    done: i64,
}

impl Row {
    /// Whether the last pass that was begun has not ended.
    const fn is_open(&self) -> bool {
        self.due > self.done
    }
}

impl Store {
    /// Takes on the pass that `setting` asks for at the time `due`; one that was begun before and has
    /// not ended comes first. One that has been done for that time is done again only if `again`.
    ///
    /// A process asks for one pass at a time: one that it has is taken for one that it gave up.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub(crate) async fn begin_pass(
        &self,
        setting: &SettingName,
        due: i64,
        again: bool,
    ) -> Result<Begun> {
        let mut tx = self.write().await?;
        let begun = begin(&mut tx, self, setting, due, again).await;
        tx.end(begun).await
    }

    /// Notes that `pass` goes on at `place`. Returns whether it is still this process's.
    pub(crate) async fn note_pass(&self, pass: &Pass, place: &str) -> Result<bool> {
        let set = "UPDATE passes SET place = $6";
        let mut tx = self.write().await?;
        let noted = mine(set, pass, self).bind(place).execute(&mut tx).await;
        // Should the machine fail, a part is done again, and finds nothing to do.
        Ok(tx.end_early(noted).await? > 0)
    }

    /// Notes that `pass` has ended. Returns whether it was still this process's.
    pub(crate) async fn end_pass(&self, pass: &Pass) -> Result<bool> {
        let set = "UPDATE passes SET owner = NULL, place = '', done = due";
        let mut tx = self.write().await?;
        let ended = mine(set, pass, self).execute(&mut tx).await;
        Ok(tx.end(ended).await? > 0)
    }

    /// Gives `pass` up, for another try.
    pub(crate) async fn leave_pass(&self, pass: &Pass) -> Result<()> {
        let set = "UPDATE passes SET owner = NULL";
        let mut tx = self.write().await?;
        let left = mine(set, pass, self).execute(&mut tx).await;
        tx.end(left).await.map(drop)
    }
}

/// The statement `set` for `pass`, as long as it is the pass of the process of `store`.
fn mine(set: &str, pass: &Pass, store: &Store) -> Sql {
    sql(format!(
        "{set} WHERE bucket = $1 AND kind = $2 AND id = $3 AND owner = $4 AND due = $5"
    ))
    .bind(&pass.setting.bucket)
    .bind(pass.setting.kind)
    .bind(&pass.setting.id)
    .bind(&store.inner.process)
    .bind(pass.due)
}

async fn begin(
    tx: &mut Connection,
    store: &Store,
    setting: &SettingName,
    due: i64,
    again: bool,
) -> Result<Begun> {
    match buckets::keep(tx, &setting.bucket).await {
        Err(StoreError::NoSuchBucket(_)) => return Ok(Begun::Done),
        found => found?,
    };
    let this = |text: String| {
        sql(text)
            .bind(&setting.bucket)
            .bind(setting.kind)
            .bind(&setting.id)
    };
    this(
        "INSERT INTO passes (bucket, kind, id, due, place, done) VALUES ($1, $2, $3, $4, '', $4) \
         ON CONFLICT DO NOTHING"
            .to_owned(),
    )
    .bind(i64::MIN)
    .execute(tx)
    .await?;
    let for_update = tx.dialect().for_update();
    let row: Row = this(format!(
        "SELECT owner, due, place, done FROM passes WHERE bucket = $1 AND kind = $2 AND id = $3 \
         {for_update}"
    ))
    .one(tx)
    .await?;
    if let Some(owner) = row.owner.as_ref().filter(|it| **it != store.inner.process) {
        let time = tx.dialect().lease_time(2);
        let alive = sql(format!(
            "SELECT EXISTS (SELECT 1 FROM processes WHERE id = $1 AND lease_until > {time})"
        ));
        let alive = alive.bind(owner).bind(store.lease_time());
        if alive.scalar(tx).await? {
            return Ok(Begun::Busy);
        }
    }
    let pass = if row.is_open() {
        Pass {
            setting: setting.clone(),
            due: row.due,
            place: row.place,
        }
    } else if row.done >= due && !again {
        return Ok(Begun::Done);
    } else {
        Pass {
            setting: setting.clone(),
            due,
            place: String::new(),
        }
    };
    this(
        "UPDATE passes SET owner = $4, due = $5, done = $6 \
         WHERE bucket = $1 AND kind = $2 AND id = $3"
            .to_owned(),
    )
    .bind(&store.inner.process)
    .bind(pass.due)
    // It has not ended.
    .bind(row.done.min(pass.due.saturating_sub(1)))
    .execute(tx)
    .await?;
    Ok(Begun::Mine(pass))
}

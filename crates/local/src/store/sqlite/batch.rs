//! One commit for many: transactions that come at the same time share one fsync.
//!
//! There is one connection that writes, and who wants to write takes turns on it, in the order of
//! asking. A turn is a savepoint in a transaction that stays open; whoever has ended a turn waits
//! until the transaction is committed. Who is alone commits at once: a single client waits for the
//! disk and for nothing else. Those who come while the disk is at work are the next batch. A task of
//! its own commits it: it asks for the connection after the first turn that somebody waits for, so it
//! comes behind all who wait by then, and one fsync is for all of them. The slower the disk, the
//! larger the batches.
//!
//! Some turns are waited for by nobody. Those that are urgent, such as the rows of uploads, are committed
//! like the others; the rest, such as claims of jobs, go along with the next one that
//! is, since an fsync for them alone would only keep the others waiting; after [`LINGER`] they are
//! committed anyway, to be seen by those who read.
//!
//! Nothing is acknowledged before the commit, refusals neither: what a turn has seen of an earlier
//! one of its batch holds only if the batch does. A commit that fails fails for the whole batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, query};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::recent::Commits;
use crate::metrics::Histogram;

/// How long a batch waits for company that nobody waits for.
const LINGER: Duration = Duration::from_millis(10);

/// Undoes a turn and ends it.
const UNDO: &str = "ROLLBACK TO turn; RELEASE turn";

/// What became of a batch. An error is shared by all who are in it.
type Outcome = Result<(), Arc<sqlx::Error>>;

/// The way to write.
pub(in crate::store) struct Writer {
    shared: Arc<Shared>,
    committer: Option<AbortHandle>,
}

struct Shared {
    line: Arc<Mutex<Line>>,
    /// How many wait for a turn.
    waiting: AtomicUsize,
    /// There is a batch to commit.
    begun: Arc<Notify>,
    /// Somebody waits for that.
    urgent: Arc<Notify>,
    /// Whether turns share a commit, or each has its own.
    grouped: bool,
}

/// The connection, and how far it is in a batch.
#[cfg_attr(
    test,
    expect(
        clippy::struct_excessive_bools,
        reason = "one of them is for tests that break a commit"
    )
)]
struct Line {
    /// `None` once it is closed.
    connection: Option<SqliteConnection>,
    state: State,
    batch: Option<watch::Sender<Option<Outcome>>>,
    /// How many turns the batch has had.
    turns: u32,
    /// Whether somebody waits for one of them.
    is_awaited: bool,
    /// Whether it must not wait for company although nobody waits for it.
    is_urgent: bool,
    /// How many turns the batches had that were committed.
    batches: Histogram,
    commits: Commits,
    /// Whether the batch may change buckets or settings of them.
    changes_buckets: bool,
    #[cfg(test)]
    fail_next_commit: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no transaction.
    Idle,
    /// There is a transaction, between two turns.
    Open,
    /// There is one, with the savepoint of the next turn.
    Prepared,
    /// A turn has not come to its end. If nobody has it, it was dropped.
    Unfinished,
}

/// One's turn on the connection. Dropping it undoes what was done.
pub(in crate::store) struct Turn {
    line: OwnedMutexGuard<Line>,
    shared: Arc<Shared>,
}

impl Writer {
    /// Writes through `connection`, counting `commits`. Turns share them if `grouped`.
    pub(super) fn new(connection: SqliteConnection, grouped: bool, commits: Commits) -> Self {
        let line = Arc::new(Mutex::new(Line {
            connection: Some(connection),
            state: State::Idle,
            batch: None,
            turns: 0,
            is_awaited: false,
            is_urgent: false,
            batches: Histogram::of_batches(),
            commits,
            changes_buckets: false,
            #[cfg(test)]
            fail_next_commit: false,
        }));
        let (begun, urgent) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let committer = grouped.then(|| {
            let (begun, urgent) = (Arc::clone(&begun), Arc::clone(&urgent));
            tokio::spawn(commit_batches(Arc::clone(&line), begun, urgent)).abort_handle()
        });
        let shared = Arc::new(Shared {
            line,
            waiting: AtomicUsize::new(0),
            begun,
            urgent,
            grouped,
        });
        Self { shared, committer }
    }

    /// Waits for a turn to write.
    pub(in crate::store) async fn turn(&self) -> sqlx::Result<Turn> {
        let mut turn = self.look().await?;
        let line = &mut *turn.line;
        match std::mem::replace(&mut line.state, State::Unfinished) {
            State::Idle => {
                line.batch = Some(watch::Sender::new(None));
                line.execute("BEGIN IMMEDIATE; SAVEPOINT turn").await?;
            }
            State::Prepared => {}
            State::Open | State::Unfinished => line.execute("SAVEPOINT turn").await?,
        }
        Ok(turn)
    }

    /// Waits for a turn in which nothing is written.
    pub(in crate::store) async fn look(&self) -> sqlx::Result<Turn> {
        let mut line = self.shared.wait().await;
        line.settle().await?;
        let shared = Arc::clone(&self.shared);
        Ok(Turn { line, shared })
    }

    /// Waits for a turn between two batches, in no transaction: all that was written is durable, and
    /// nobody writes until it ends.
    pub(in crate::store) async fn quiet(&self) -> Result<Turn, Arc<sqlx::Error>> {
        let mut turn = self.look().await?;
        turn.line.commit().await?;
        Ok(turn)
    }

    /// How many transactions have shared a commit.
    pub(in crate::store) async fn batches(&self) -> Histogram {
        self.shared.line.lock().await.batches.clone()
    }

    /// Commits what is under way and closes the connection.
    pub(super) async fn close(&self) {
        let mut line = self.shared.line.lock().await;
        if line.settle().await.is_ok() {
            // Whoever waits for it is informed.
            let _ = line.commit().await;
        }
        if let Some(connection) = line.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed in order");
        }
    }

    /// How many wait for their turn.
    #[cfg(test)]
    pub(in crate::store) fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Lets the next commit fail, as on a broken disk.
    #[cfg(test)]
    pub(in crate::store) async fn fail_next_commit(&self) {
        self.shared.line.lock().await.fail_next_commit = true;
    }
}

impl Shared {
    /// Waits for the connection, as one of those who are waited for.
    async fn wait(&self) -> OwnedMutexGuard<Line> {
        let _waiting = Waiting::new(&self.waiting);
        Arc::clone(&self.line).lock_owned().await
    }

    /// Whether the next turn will be somebody's soon.
    fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// One of those who wait, until this is dropped.
struct Waiting<'c>(&'c AtomicUsize);

impl<'c> Waiting<'c> {
    fn new(count: &'c AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(committer) = &self.committer {
            committer.abort();
        }
    }
}

/// Commits one batch after the other.
async fn commit_batches(line: Arc<Mutex<Line>>, begun: Arc<Notify>, urgent: Arc<Notify>) {
    loop {
        begun.notified().await;
        // Also by one that was committed meanwhile, which costs the next one its company and no more.
        let _ = timeout(LINGER, urgent.notified()).await;
        let mut line = line.lock().await;
        if line.settle().await.is_ok() {
            // Whoever waits for it is informed.
            let _ = line.commit().await;
        }
    }
}

impl Turn {
    /// The connection, for the statements of this turn.
    pub(in crate::store) fn connection(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        self.line.connection.as_mut().ok_or_else(closed)
    }

    /// Notes that buckets or settings of them may change.
    pub(in crate::store) fn changes_buckets(&mut self) {
        self.line.changes_buckets = true;
    }

    /// Ends the turn, keeping what was done or not, and waits until the batch is durable.
    pub(in crate::store) async fn end(self, keep: bool) -> Outcome {
        let Some(mut outcome) = self.leave(keep, true).await? else {
            return Ok(());
        };
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            // The writer is gone.
            Err(_) => Err(closed().into()),
        }
    }

    /// Ends the turn without waiting, and has the batch committed at once: should it fail, the turn
    /// was never made.
    pub(in crate::store) async fn end_early(mut self, keep: bool) -> Outcome {
        self.line.is_urgent = true;
        self.leave(keep, false).await.map(drop)
    }

    /// As [`Self::end_early`], and lets the batch wait for company.
    pub(in crate::store) async fn end_lazily(self, keep: bool) -> Outcome {
        self.leave(keep, false).await.map(drop)
    }

    async fn leave(
        mut self,
        keep: bool,
        awaited: bool,
    ) -> Result<Option<watch::Receiver<Option<Outcome>>>, Arc<sqlx::Error>> {
        let line = &mut *self.line;
        line.state = State::Unfinished;
        let is_wanted = self.shared.is_wanted();
        // Only where nobody else waits for the batch: this may be dropped, and then nobody knows how
        // far it came.
        let is_alone = awaited && !line.is_awaited && !is_wanted;
        let commits = is_alone || !self.shared.grouped;
        // All at once, since each question to the thread of the database takes its time.
        let (statement, state) = match (commits, is_wanted, keep) {
            // The commit releases the savepoint.
            (true, _, true) => (None, State::Open),
            (true, _, false) => (Some("ROLLBACK TO turn"), State::Open),
            (false, true, true) => (Some("RELEASE turn; SAVEPOINT turn"), State::Prepared),
            (false, true, false) => (Some("ROLLBACK TO turn"), State::Prepared),
            (false, false, true) => (Some("RELEASE turn"), State::Open),
            (false, false, false) => (Some(UNDO), State::Open),
        };
        if let Some(statement) = statement
            && let Err(error) = line.execute(statement).await
        {
            return Err(line.poison(error).await);
        }
        line.state = state;
        line.turns += 1;
        line.is_awaited |= awaited;
        if commits {
            line.commit().await?;
        }
        Ok(line.batch.as_ref().map(watch::Sender::subscribe))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Also after a turn that was dropped: it leaves a transaction open.
        if self.line.state != State::Idle {
            self.shared.begun.notify_one();
        }
        if self.line.is_awaited || self.line.is_urgent {
            self.shared.urgent.notify_one();
        }
    }
}

impl Line {
    async fn execute(&mut self, statement: &'static str) -> sqlx::Result<()> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        query(statement).execute(connection).await.map(drop)
    }

    /// Undoes a turn that was dropped. Its batch continues.
    async fn settle(&mut self) -> sqlx::Result<()> {
        if self.state != State::Unfinished {
            return Ok(());
        }
        let undone = self.execute(UNDO).await;
        // A commit that was dropped has come to its end by now.
        self.commits.end();
        if undone.is_err() {
            // It was dropped while it began or ended, so there is no savepoint; or the database has
            // given up the whole transaction. Only within one, a second cannot be begun.
            match self.execute("BEGIN IMMEDIATE").await {
                Err(error) if error.to_string().contains("within a transaction") => {}
                begun => {
                    let error = begun.err().unwrap_or_else(|| {
                        sqlx::Error::Protocol("the database gave up the transaction".to_owned())
                    });
                    self.poison(error).await;
                    return Ok(());
                }
            }
        }
        self.state = State::Open;
        Ok(())
    }

    /// Commits the batch, if there is one.
    async fn commit(&mut self) -> Outcome {
        if self.state == State::Idle {
            return Ok(());
        }
        // Should this be dropped, nobody knows how far it came.
        self.state = State::Unfinished;
        self.commits.begin(self.changes_buckets);
        if let Err(error) = self.try_commit().await {
            tracing::error!(%error, "what was written was not made durable, and is undone");
            return Err(self.poison(error).await);
        }
        self.commits.end();
        self.state = State::Idle;
        (self.is_awaited, self.is_urgent, self.changes_buckets) = (false, false, false);
        self.batches.observe(std::mem::take(&mut self.turns).into());
        if let Some(batch) = self.batch.take() {
            batch.send_replace(Some(Ok(())));
        }
        Ok(())
    }

    async fn try_commit(&mut self) -> sqlx::Result<()> {
        #[cfg(test)]
        if std::mem::take(&mut self.fail_next_commit) {
            return Err(sqlx::Error::Protocol("the disk is broken".to_owned()));
        }
        self.execute("COMMIT").await
    }

    /// Undoes the batch and informs all who are in it. The log is written again from where the batch
    /// began, so what a failed fsync has left of it never becomes a part of the database.
    async fn poison(&mut self, error: sqlx::Error) -> Arc<sqlx::Error> {
        // Fails where the database has done it itself.
        let _ = self.execute("ROLLBACK").await;
        self.commits.end();
        self.state = State::Idle;
        (self.turns, self.is_awaited, self.is_urgent) = (0, false, false);
        self.changes_buckets = false;
        let error = Arc::new(error);
        if let Some(batch) = self.batch.take() {
            batch.send_replace(Some(Err(Arc::clone(&error))));
        }
        error
    }
}

fn closed() -> sqlx::Error {
    sqlx::Error::PoolClosed
}

//! A PostgreSQL cluster for tests.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use crate::database_url::DatabaseUrl;
use crate::store::id::new_id;
use crate::store::postgres::Database;

/// A running cluster. Dropping it ends it.
pub(crate) struct Cluster {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    url: String,
}

/// The cluster that tests share. It ends with the process, which closes its input.
static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);

impl Cluster {
    /// A cluster of one's own, which may be stopped.
    pub(crate) fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres/cluster.sh");
        let mut child = Command::new(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        let mut cluster = Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            url: String::new(),
        };
        cluster.url = cluster.line();
        assert!(
            cluster.url.starts_with("postgres://"),
            "these tests need PostgreSQL (apt-get install postgresql), or leave out the feature"
        );
        cluster
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Ends it without a warning, or starts it again: `stop`, `start`.
    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.input.as_mut().unwrap(), "{command}").unwrap();
        assert_eq!(self.line(), command);
    }

    /// A new schema in it.
    pub(crate) async fn schema(&self) -> DatabaseUrl {
        let name = new_id("s");
        let pool = sqlx::PgPool::connect(&self.url).await.unwrap();
        let create = format!("CREATE SCHEMA {name}");
        sqlx::query(sqlx::AssertSqlSafe(create))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let url = format!("{}&options=-csearch_path%3D{name}", self.url);
        url.parse().unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A new schema in the cluster that all tests share.
pub(crate) async fn schema() -> DatabaseUrl {
    SHARED.schema().await
}

/// The database at `url`, whose leases are measured by the clocks of the processes.
pub(crate) async fn connect(url: &DatabaseUrl) -> Database {
    let mut database = Database::connect(url.expose()).await.unwrap();
    database.has_clock = false;
    database
}

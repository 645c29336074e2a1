-- Batch jobs of Object Storage: what each was asked for, and how far it is.
CREATE TABLE batch_jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    -- The client's word for its request: the same one again asks for the same job.
    token TEXT NOT NULL,
    request TEXT NOT NULL,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    -- Why the status was changed by hand.
    reason TEXT,
    -- Why it failed, as a code and as a sentence.
    code TEXT,
    message TEXT,
    total INTEGER NOT NULL DEFAULT 0,
    succeeded INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    suspended_at INTEGER,
    ended_at INTEGER,
    -- The process that is at it. It has the job for as long as it lives.
    owner TEXT
) STRICT;

CREATE UNIQUE INDEX batch_jobs_by_token ON batch_jobs (region, token);
CREATE INDEX batch_jobs_to_run ON batch_jobs (priority DESC, seq) WHERE ended_at IS NULL;

-- What each of them does to one object, for as long as the job has not ended.
CREATE TABLE batch_tasks (
    job TEXT NOT NULL REFERENCES batch_jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    -- What came of it, as the status of an answer; none if it is still to be done.
    status INTEGER,
    code TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_tasks_left ON batch_tasks (job, number) WHERE status IS NULL;

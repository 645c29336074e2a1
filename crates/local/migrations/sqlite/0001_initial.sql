-- Times are Unix milliseconds. TEXT compares by UTF-8 bytes, which is the order of a COS listing.

CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    acl TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (
    bucket TEXT NOT NULL REFERENCES buckets (name),
    key TEXT NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    crc64 TEXT NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    acl TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

-- Answers "does anything still point at this blob?" for copies, overwrites and the sweep.
CREATE INDEX objects_by_blob ON objects (blob);

CREATE TABLE ci_buckets (
    bucket TEXT PRIMARY KEY REFERENCES buckets (name) ON DELETE CASCADE,
    region TEXT NOT NULL,
    bound_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    notify TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX queues_by_bucket ON queues (bucket, created_at, queue_id);

CREATE TABLE pic_buckets (
    bucket TEXT PRIMARY KEY REFERENCES ci_buckets (bucket) ON DELETE CASCADE,
    region TEXT NOT NULL,
    queue_id TEXT NOT NULL REFERENCES queues (queue_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The job row is the queue: there is no second place that says what runs next.
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    tag TEXT NOT NULL,
    bucket TEXT,
    region TEXT NOT NULL,
    queue_id TEXT,
    level INTEGER NOT NULL,
    session_id TEXT,
    request TEXT NOT NULL,
    callback_url TEXT,
    callback_format TEXT,
    state TEXT NOT NULL,
    result TEXT,
    code TEXT,
    message TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    run_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    lease_until INTEGER
) STRICT;

CREATE INDEX jobs_to_claim ON jobs (level DESC, seq) WHERE state = 'Submitted';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'Running';
CREATE INDEX jobs_by_queue ON jobs (queue_id, seq);
CREATE INDEX jobs_by_bucket ON jobs (bucket, seq);
CREATE INDEX jobs_by_session ON jobs (service, session_id, created_at) WHERE session_id IS NOT NULL;

CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_attempt_at INTEGER,
    last_status INTEGER,
    last_error TEXT
) STRICT;

CREATE INDEX callbacks_due ON callbacks (next_attempt_at, id) WHERE state = 'Pending';
CREATE INDEX callbacks_by_job ON callbacks (job_id, id);

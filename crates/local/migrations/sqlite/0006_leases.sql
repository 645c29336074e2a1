-- Who uses the store, and until when it counts as alive without saying so again. On SQLite, the lock
-- of the folder says it: there the lease has no end.
CREATE TABLE processes (
    id TEXT PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Blobs that a process is writing or holds, and no object names yet.
CREATE TABLE uploads (
    blob TEXT PRIMARY KEY,
    process TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Blobs that nothing names any more, until they are deleted.
CREATE TABLE garbage (
    blob TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Content that is short enough to be committed with the rows.
CREATE TABLE contents (
    id TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;

ALTER TABLE objects ADD COLUMN inline INTEGER NOT NULL DEFAULT 0;

-- The process that delivers a callback at the moment, and for how long.
ALTER TABLE callbacks ADD COLUMN owner TEXT;
ALTER TABLE callbacks ADD COLUMN lease_until INTEGER;

-- By how much the cloud's clock is ahead: one row.
CREATE TABLE clock (
    ahead INTEGER NOT NULL
) STRICT;
INSERT INTO clock (ahead) VALUES (0);

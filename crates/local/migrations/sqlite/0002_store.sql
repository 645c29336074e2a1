-- Which content folder belongs to this database: one row.
CREATE TABLE store (
    id TEXT NOT NULL,
    -- Whether the content folder carries the id as well. Not yet, if a crash came in between.
    attached INTEGER NOT NULL DEFAULT 0,
    -- How often the folder was opened. Every opening writes, so that the log of an open database
    -- is on the disk before the folder is marked as in use.
    opened INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Host and port that a callback goes to: each has its own limit of attempts at the same time.
ALTER TABLE callbacks ADD COLUMN destination TEXT NOT NULL DEFAULT '';

CREATE INDEX jobs_ended ON jobs (ended_at, seq) WHERE ended_at IS NOT NULL;

-- What a setting of a bucket asks for from time to time is done in passes. A row says how far that is.
CREATE TABLE passes (
    bucket TEXT NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- The process that is at it. It has the pass for as long as it lives.
    owner TEXT,
    -- The time for which the last pass was begun.
    due INTEGER NOT NULL,
    -- Where that one goes on, in words of its own; empty at its beginning.
    place TEXT NOT NULL,
    -- The time for which the last pass has ended.
    done INTEGER NOT NULL,
    PRIMARY KEY (bucket, kind, id)
) STRICT, WITHOUT ROWID;

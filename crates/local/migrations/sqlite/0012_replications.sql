-- Versions and delete markers that are still to be copied to other buckets, as the rules of theirs say.
CREATE TABLE replications (
    bucket TEXT NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (bucket, key, version)
) STRICT, WITHOUT ROWID;

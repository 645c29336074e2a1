-- Versions of objects

-- Whether the bucket keeps versions: empty if it never did.
ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

-- Settings of buckets

-- What is set for a bucket besides what the row of the bucket says: one document of each kind, or one of
-- each id where a kind has several.
CREATE TABLE bucket_settings (
    bucket TEXT NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (bucket, kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_settings_by_kind ON bucket_settings (kind);

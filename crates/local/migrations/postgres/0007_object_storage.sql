-- The same as in SQLite's migration of this number; see there for what it means.

-- Versions of objects

ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

-- Settings of buckets

CREATE TABLE bucket_settings (
    bucket TEXT COLLATE "C" NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (bucket, kind, id)
);

CREATE INDEX bucket_settings_by_kind ON bucket_settings (kind);

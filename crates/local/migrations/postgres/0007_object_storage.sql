-- The same as in SQLite's migration of this number; see there for what it means.

-- Versions of objects

ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

ALTER TABLE objects ADD COLUMN shown BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE objects ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE objects ADD COLUMN is_null BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE objects ADD COLUMN is_marker BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE objects ADD COLUMN restoration TEXT;
UPDATE objects SET version = -1000 * last_modified;
ALTER TABLE objects ALTER COLUMN version DROP DEFAULT;
ALTER TABLE objects DROP CONSTRAINT objects_pkey;
ALTER TABLE objects ADD PRIMARY KEY (bucket, shown, key, version);
-- Where several write at the same time, the database sees to it that one row is shown.
CREATE UNIQUE INDEX objects_shown ON objects (bucket, key) WHERE shown;

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

-- Content of several pieces, and uploads in parts

CREATE TABLE segments (
    content TEXT NOT NULL,
    start BIGINT NOT NULL,
    size BIGINT NOT NULL,
    blob TEXT NOT NULL,
    inline BOOLEAN NOT NULL,
    PRIMARY KEY (content, start)
);

CREATE INDEX segments_by_blob ON segments (blob);

CREATE TABLE multipart_uploads (
    id TEXT COLLATE "C" PRIMARY KEY,
    bucket TEXT COLLATE "C" NOT NULL REFERENCES buckets (name),
    key TEXT COLLATE "C" NOT NULL,
    attributes JSONB NOT NULL,
    initiator TEXT NOT NULL,
    initiated BIGINT NOT NULL
);

CREATE INDEX multipart_uploads_by_key ON multipart_uploads (bucket, key, id);

CREATE TABLE parts (
    upload TEXT COLLATE "C" NOT NULL REFERENCES multipart_uploads (id),
    number BIGINT NOT NULL,
    size BIGINT NOT NULL,
    etag TEXT NOT NULL,
    crc64 TEXT NOT NULL,
    blob TEXT NOT NULL,
    inline BOOLEAN NOT NULL,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (upload, number)
);

CREATE INDEX parts_by_blob ON parts (blob);

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

-- Content of several pieces, and uploads in parts

-- What content is made of that has more than one piece: its blobs, or rows of contents, each from
-- where it starts. An object names the content, and shows as much of it as the object is long.
CREATE TABLE segments (
    content TEXT NOT NULL,
    start INTEGER NOT NULL,
    size INTEGER NOT NULL,
    blob TEXT NOT NULL,
    inline INTEGER NOT NULL,
    PRIMARY KEY (content, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX segments_by_blob ON segments (blob);

-- Uploads in parts that have begun and not ended. One that has ended has no row.
CREATE TABLE multipart_uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets (name),
    key TEXT NOT NULL,
    -- What the object will have beside its content.
    attributes TEXT NOT NULL,
    initiator TEXT NOT NULL,
    initiated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX multipart_uploads_by_key ON multipart_uploads (bucket, key, id);

CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES multipart_uploads (id),
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    crc64 TEXT NOT NULL,
    blob TEXT NOT NULL,
    inline INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX parts_by_blob ON parts (blob);

-- Versions of objects

-- Whether the bucket keeps versions: empty if it never did.
ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

-- A row for each version of an object. A key has one row at most that is shown: what a request finds
-- that names no version. These come first in the key of the table, so that neither a listing nor a
-- read meets any others.
CREATE TABLE objects_of_7 (
    bucket TEXT NOT NULL REFERENCES buckets (name),
    shown INTEGER NOT NULL DEFAULT 1,
    key TEXT NOT NULL,
    -- Orders the versions of a key, the newest first: the time in microseconds before 1970, as it
    -- were, or a little more where two come at the same time.
    version INTEGER NOT NULL,
    -- Whether it was stored while the bucket kept no versions. A key has one such row at most.
    is_null INTEGER NOT NULL DEFAULT 1,
    -- Whether it says that the object was deleted, and has no content.
    is_marker INTEGER NOT NULL DEFAULT 0,
    blob TEXT NOT NULL,
    inline INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    crc64 TEXT NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    acl TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    -- The last restoration of an archived object, as JSON.
    restoration TEXT,
    PRIMARY KEY (bucket, shown, key, version)
) STRICT, WITHOUT ROWID;

INSERT INTO objects_of_7 (bucket, key, version, blob, inline, size, etag, crc64, content_type,
    headers, metadata, acl, last_modified)
SELECT bucket, key, -1000 * last_modified, blob, inline, size, etag, crc64, content_type, headers,
    metadata, acl, last_modified
FROM objects;

DROP TABLE objects;
ALTER TABLE objects_of_7 RENAME TO objects;

CREATE INDEX objects_by_blob ON objects (blob);

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

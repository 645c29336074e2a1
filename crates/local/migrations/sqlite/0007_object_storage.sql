-- Versions of objects

-- Whether the bucket keeps versions: empty if it never did.
ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

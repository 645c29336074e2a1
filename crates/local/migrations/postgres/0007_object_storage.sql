-- The same as in SQLite's migration of this number; see there for what it means.

-- Versions of objects

ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';

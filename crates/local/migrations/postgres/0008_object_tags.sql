-- The same as in SQLite's migration of this number; see there for what it means.
ALTER TABLE objects ADD COLUMN tags JSONB NOT NULL DEFAULT '{}';

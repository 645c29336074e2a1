-- The same as in SQLite's migration of this number; see there for what it means.
ALTER TABLE objects ADD COLUMN sealed TEXT;
ALTER TABLE parts ADD COLUMN sealed TEXT;

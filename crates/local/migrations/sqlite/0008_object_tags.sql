-- The tags of an object, or of a version of it, as a JSON object.
ALTER TABLE objects ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';

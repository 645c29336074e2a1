-- The CRC-64 of content as it is kept, if that is encrypted with a key of the client's.
ALTER TABLE objects ADD COLUMN sealed TEXT;
ALTER TABLE parts ADD COLUMN sealed TEXT;

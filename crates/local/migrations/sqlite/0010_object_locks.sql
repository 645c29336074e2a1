-- Until when a version of an object can be neither replaced nor deleted.
ALTER TABLE objects ADD COLUMN locked_until INTEGER;
-- Whether objects of the bucket can be locked: for how many days new ones are, and 0 if each says it
-- itself.
ALTER TABLE buckets ADD COLUMN retention INTEGER;
UPDATE buckets SET retention = (
    SELECT CASE instr(document, '<Days>')
        WHEN 0 THEN 0
        ELSE CAST(substr(document, instr(document, '<Days>') + 6) AS INTEGER)
    END
    FROM bucket_settings WHERE bucket = buckets.name AND kind = 'object-lock'
);

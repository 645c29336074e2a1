-- The same as in SQLite's migration of this number; see there for what it means.
ALTER TABLE objects ADD COLUMN locked_until BIGINT;
ALTER TABLE buckets ADD COLUMN retention BIGINT;
UPDATE buckets SET retention = (
    SELECT coalesce(CAST(substring(document FROM '<Days>([0-9]+)') AS BIGINT), 0)
    FROM bucket_settings WHERE bucket = buckets.name AND kind = 'object-lock'
);

-- Which buckets have file processing, as pic_buckets has it for pictures.
CREATE TABLE file_buckets (
    bucket TEXT PRIMARY KEY REFERENCES ci_buckets (bucket) ON DELETE CASCADE,
    region TEXT NOT NULL,
    queue_id TEXT NOT NULL REFERENCES queues (queue_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

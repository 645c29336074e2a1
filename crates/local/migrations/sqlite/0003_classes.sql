-- Each class of work has its own workers. What was kept so far are pictures.
ALTER TABLE jobs ADD COLUMN class TEXT NOT NULL DEFAULT 'Picture';

DROP INDEX jobs_to_claim;
CREATE INDEX jobs_to_claim ON jobs (class, level DESC, seq) WHERE state = 'Submitted';

-- How many jobs of a queue run at the same time.
ALTER TABLE queues ADD COLUMN max_concurrent INTEGER NOT NULL DEFAULT 10;
CREATE INDEX jobs_running_by_queue ON jobs (queue_id) WHERE state = 'Running' AND queue_id IS NOT NULL;

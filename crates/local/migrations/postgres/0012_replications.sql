-- The same as in SQLite's migration of this number; see there for what it means.
CREATE TABLE replications (
    bucket TEXT COLLATE "C" NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (bucket, key, version)
);

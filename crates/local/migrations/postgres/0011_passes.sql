-- The same as in SQLite's migration of this number; see there for what it means.
CREATE TABLE passes (
    bucket TEXT COLLATE "C" NOT NULL REFERENCES buckets (name) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    owner TEXT,
    due BIGINT NOT NULL,
    place TEXT NOT NULL,
    done BIGINT NOT NULL,
    PRIMARY KEY (bucket, kind, id)
);

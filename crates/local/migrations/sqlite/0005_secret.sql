-- What temporary keys are sealed with: one row, written at the first start.
CREATE TABLE secret (
    key BLOB NOT NULL
) STRICT;

-- The audit log as a Merkle tree (RFC 9162): what is kept of it, so that its head and proofs take a few reads, and
-- outlive old records. Leaf n is the record with seq n + 1.

-- Whole subtrees of 256, 65,536, ... records. They never change.
CREATE TABLE audit_nodes (
  level INTEGER NOT NULL,               -- 8, 16, 24, ...: it stands for 2^level records
  number INTEGER NOT NULL,              -- from 0: those from leaf number * 2^level on
  hash TEXT NOT NULL,                   -- base64
  PRIMARY KEY (level, number)
) WITHOUT ROWID;

-- Signed heads.
CREATE TABLE audit_checkpoints (
  size INTEGER PRIMARY KEY,             -- records in the tree
  root TEXT NOT NULL,                   -- base64
  note TEXT NOT NULL,                   -- C2SP tlog-checkpoint
  at INTEGER NOT NULL
);

CREATE VIEW v_audit_checkpoints AS
SELECT size, root, datetime(at / 1000, 'unixepoch') AS made FROM audit_checkpoints ORDER BY size DESC LIMIT 100;

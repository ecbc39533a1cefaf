-- The walk through the audit log finds nothing more until it goes on: rows are coming that it must not fold. One row.
UPDATE sharing_walk SET audit_seq = 9007199254740991, revision = revision + 1 WHERE id = 1

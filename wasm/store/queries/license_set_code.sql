-- A new code for the same licence; KV has yet to hear of the old one. Index: licenses primary key.
-- ?1 id, ?2 version presumed, ?3 code hash, ?4 code hint, ?5 kind, ?6 now
UPDATE licenses SET code_hash = ?3, code_hint = ?4, kind = ?5, version = version + 1,
  replaced_codes = json_insert(ifnull(replaced_codes, '[]'), '$[#]', code_hash),
  updated_at = CAST(?6 AS INTEGER)
WHERE id = ?1 AND version = ?2 AND NOT EXISTS (SELECT 1 FROM licenses WHERE code_hash = ?3)
RETURNING version

-- When each provider's key was checked, and what came of it. A handful of rows.
SELECT provider, key_tag, verdict, detail, checked_at, due_at FROM key_checks

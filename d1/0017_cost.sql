-- What a licence is sold for, and what KV knows of its budget.

ALTER TABLE plans ADD COLUMN monthly_price INTEGER;       -- nano-dollars that a licence brings in a month; NULL: not said

-- Until when the copy in KV says that the licence is blocked; NULL: it does not.
ALTER TABLE licenses ADD COLUMN kv_blocked_until INTEGER;

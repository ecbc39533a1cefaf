-- When the next of a licence's seats that cool down is free; NULL: none does. Index: machines primary key.
-- ?1 licence id, ?2 now
SELECT min(seat_held_until) AS free_at FROM machines
WHERE license_id = ?1 AND released_at IS NOT NULL AND seat_held_until > ?2

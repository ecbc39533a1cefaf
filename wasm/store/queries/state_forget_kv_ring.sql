-- KV holds the ring as it was sealed before: it is written again. One row, no index.
UPDATE state SET kv_ring_version = 0

-- What KV now holds. It never goes back: two runs at once may end in either order. One row, no index.
-- ?1 ring version, ?2 epoch
UPDATE state SET kv_ring_version = max(kv_ring_version, CAST(?1 AS INTEGER)),
  kv_epoch = max(kv_epoch, CAST(?2 AS INTEGER))

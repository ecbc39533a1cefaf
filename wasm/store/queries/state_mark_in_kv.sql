-- What KV now holds of the ring and the epoch. Where one has moved on since it was read, two runs may
-- have written in either order: the epoch moves, so that both are written again. One row, no index.
-- ?1 ring version, ?2 epoch
UPDATE state SET kv_ring_version = iif(ring_version = ?1 AND epoch = ?2, ring_version, kv_ring_version),
  kv_epoch = iif(ring_version = ?1 AND epoch = ?2, epoch, kv_epoch),
  epoch = epoch + NOT (ring_version = ?1 AND epoch = ?2)

-- Says that a provider key changed. One row, no index.
UPDATE state SET ring_version = ring_version + 1

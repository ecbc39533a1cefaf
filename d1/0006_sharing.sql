-- A licence that is shared may be held to fewer requests an hour than the service's limit.

ALTER TABLE licenses ADD COLUMN requests_per_hour INTEGER;               -- NULL: the service's limit

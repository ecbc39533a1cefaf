-- How far the sums are behind the events. Cron. Index: usage_events primary key.
SELECT usage_rolled_seq, ifnull((SELECT max(seq) FROM usage_events), 0) AS newest_seq FROM state

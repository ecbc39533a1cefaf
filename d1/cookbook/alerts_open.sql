-- What is wrong now, worst first.
-- Index: alerts_by_state, once for each state.
-- @columns severity, kind, subject, count integer, details, since time, snoozed_until time, acted_by, id
SELECT severity, kind, subject, count, details, datetime(first_at / 1000, 'unixepoch') AS since,
  datetime(snoozed_until / 1000, 'unixepoch') AS snoozed_until, acted_by, id
FROM alerts WHERE state IN ('open', 'acknowledged')
ORDER BY instr('critical warning info', severity), id DESC LIMIT 200

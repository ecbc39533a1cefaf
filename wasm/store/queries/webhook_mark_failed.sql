-- A webhook did not take a message; one that is gone gets no more. Index: webhooks primary key.
-- ?1 id, ?2 1: it is gone
UPDATE webhooks SET failures = failures + 1, revision = revision + iif(?2 = 1, 1, 0),
  state = iif(?2 = 1, 'disabled', state) WHERE id = ?1

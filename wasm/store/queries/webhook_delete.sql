-- Deletes a webhook, where it is as it was read. Index: webhooks primary key.
-- ?1 id, ?2 revision presumed
DELETE FROM webhooks WHERE id = ?1 AND revision = ?2 RETURNING id

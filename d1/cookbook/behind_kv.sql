-- How far KV is behind: licences that wait to be carried there. More than a few for more than a minute: look at cron.
-- @columns licenses integer
SELECT count(*) AS licenses FROM licenses INDEXED BY licenses_behind_kv WHERE version > kv_version

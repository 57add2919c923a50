-- One row per request of a client for an answer: no counts, no lists, nothing of our own.
SELECT * FROM requests
WHERE endpoint = 'generate' AND coalesce(kind, 'request') = 'request'
